"""Films on the server: kept on disk, looked at and colored by processes of their own."""
