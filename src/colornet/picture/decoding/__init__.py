"""From files to pixels that are known to be sound."""
