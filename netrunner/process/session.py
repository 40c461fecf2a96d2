"""What the command line keeps in mind while a command is at work. In Python, none is.

This module imports no other of netrunner's, and next to nothing else: every start pays for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def working_directory() -> str | None:
    """The process's, unless it has been removed."""
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib is not here yet
    except OSError:
        return None


class FolderKept:
    """The working directory is in the end what it was; `changed` says whether it was another.

    For where no other thread is at work.
    """

    def __enter__(self) -> FolderKept:
        self._before, self.changed = working_directory(), False
        return self

    def __exit__(self, *error: object) -> None:
        if self._before is not None and working_directory() != self._before:
            self.changed = True
            _go_to(self._before)


def _go_to(folder: str) -> None:
    with suppress(OSError):  # it has been removed
        os.chdir(folder)


File = tuple[int, int]  # of which there is one, whatever it is called: device and inode


class Session:
    """A command's memory: the folder that it was started in, the files that it reads, its work."""

    def __init__(self) -> None:
        self.folder = working_directory()
        self.read: set[File] = set()
        self.work = ""


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


def end_unless(process: int) -> None:
    """End a copy of the process that a plugin has forked: it would write all outputs again."""
    if os.getpid() != process:
        os._exit(1)


def go_back() -> None:
    """To the folder that the command was started in, which its relative paths mean.

    It is the same for all threads, so that those of a run do not lead each other astray.
    """
    if _current is not None and _current.folder is not None:
        _go_to(_current.folder)


@contextmanager
def at_work(what: str) -> Iterator[None]:
    """While the context lasts, the command does what may take for ever."""
    session = _current
    if session is None:
        yield
        return
    before, session.work = session.work, what
    yield
    session.work = before  # not after an interrupt, which tells of it


def interrupted() -> str:
    """What an interrupt says."""
    during = _current.work if _current is not None else ""
    return f"interrupted during {during}" if during else "interrupted"
