"""What the command line keeps in mind while a command is at work. In Python, none is.

This module imports no other of netrunner's, and next to nothing else: every start pays for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

File = tuple[int, int]  # of which there is one, whatever it is called: device and inode


class Session:
    """A command's memory: the files that it reads."""

    def __init__(self) -> None:
        self.read: set[File] = set()


_current: Session | None = None  # of the process, as the working directory is


@contextmanager
def command() -> Iterator[None]:
    """While the context lasts, a command is at work."""
    global _current
    _current = Session()
    try:
        yield
    finally:
        _current = None


def note_read(status: os.stat_result) -> None:
    """The command reads this file, and must not write over it."""
    if _current is not None:
        _current.read.add((status.st_dev, status.st_ino))


def is_read(status: os.stat_result) -> bool:
    """Whether the command reads this file."""
    return _current is not None and (status.st_dev, status.st_ino) in _current.read
