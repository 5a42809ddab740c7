"""Archives: the folders of `colornet colorize` for any number of pictures, machines and places.

    places.py    a folder on disk or behind a URL: files written whole or not at all, with retries
    listing.py   what there is on disk or behind a URL; what cannot be listed is an error
    inside.py    the members of tar files and the rows of Parquet files: found, and read
    lists.py     lists of names
    sources.py   the pictures that a source names, and where their results go
    units.py     pictures, 256 at a time: the plan, which all processes share
    planning.py  how a plan is made of what the sources hold
    manifest.py  what became of each picture: parts, marks of what was begun, the merged table
    results.py   results as files of a tree, in tar files or in Parquet files
    work.py      color one unit: the only thing here that colors
    careful.py   a unit whose process died twice, in a process of its own
    running.py   the units of a shard, one after another
    cluster.py   the same units on a Ray cluster

A process plans, or reads the plan, looks up which units have a part, and colors the others. No
process needs to know of another: the same unit made twice gives the same files.
"""
