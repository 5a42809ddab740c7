"""What networks are trained on: samples, cache, batches, and how pictures are changed."""
