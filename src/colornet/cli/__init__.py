"""The command line: one file per command, joined in `app`."""

import os

# numpy's threads spin on after a product of matrices, on cores that graphs and pictures need
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
