"""Archives: the folders of `colornet colorize` for any number of pictures, machines and places.

A process plans, or reads the plan, looks up which units have a part, and colors the others. No
process needs to know of another: the same unit made twice gives the same results.
"""
