"""What the command line keeps in mind while a command is at work. In Python, none is.

This module imports no other of netrunner's, and next to nothing else: every start pays for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path


def working_directory() -> str | None:
    """The process's, unless it has been removed."""
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib is not here yet
    except OSError:
        return None


@contextmanager
def folder_kept() -> Iterator[None]:
    """The working directory is in the end what it was; for where no other thread is at work."""
    before = working_directory()
    try:
        yield
    finally:
        if before is not None and working_directory() != before:
            with suppress(OSError):  # it has been removed
                os.chdir(before)


File = tuple[int, int]  # of which there is one, whatever it is called: device and inode


class Session:
    """A command's memory: the files that it reads, and its work."""

    def __init__(self) -> None:
        self.read: set[File] = set()
        self.files: set[Path] = set()
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


def note_file(path: Path) -> None:
    """The command reads the file of this name, if there is one."""
    if _current is not None:
        _current.files.add(path)


def files() -> set[Path]:
    """The names of the files that the command has read, or tried to, since they were last taken."""
    return set() if _current is None else set(_current.files)


def take_files() -> set[Path]:
    taken = files()
    if _current is not None:
        _current.files.clear()
    return taken


def is_read(status: os.stat_result) -> bool:
    """Whether the command reads this file."""
    return _current is not None and (status.st_dev, status.st_ino) in _current.read


@contextmanager
def at_work(what: str) -> Iterator[None]:
    """While the context lasts, the command does what may take for ever."""
    session = _current
    if session is None:
        yield
        return
    before, session.work = session.work, what
    try:
        yield
    except Exception:  # an interrupt is no Exception: its message says what was at work
        session.work = before
        raise
    session.work = before


def interrupted() -> str:
    """What an interrupt says."""
    during = _current.work if _current is not None else ""
    return f"interrupted during {during}" if during else "interrupted"
