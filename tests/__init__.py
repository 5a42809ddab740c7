"""The tests. Several run at once, so that each library gets one thread."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
