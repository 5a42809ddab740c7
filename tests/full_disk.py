"""A limit on the size of files, which is a full disk to whoever writes."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

NOTHING_COMPILED = {"PYTHONDONTWRITEBYTECODE": "1"}
"""For the environment of a process under such a limit: Python may keep a half of what it compiled,
with which no process can start from then on."""


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Files of this process, and of those that it starts meanwhile, end at `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    environment = dict(os.environ)
    compiles_nothing, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    os.environ.update(NOTHING_COMPILED)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        os.environ.clear()
        os.environ.update(environment)
        sys.dont_write_bytecode = compiles_nothing
