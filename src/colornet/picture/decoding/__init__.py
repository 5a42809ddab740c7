"""Decoding of files into pixels that are checked for damage."""
