"""TIFF: its directories, images, samples, and the strips or tiles that hold its pixels."""
