"""What is done around every request: who may ask, which headers it carries, what is counted."""
