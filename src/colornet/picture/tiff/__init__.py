"""TIFF: directories, images, channels, samples, and the strips or tiles of pixels."""
