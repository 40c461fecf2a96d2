"""What the command line remembers while a command runs. In Python code, no command runs.

This module imports nothing else of netrunner and almost nothing of Python: every start pays for it.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def working_directory() -> str | None:
    """The working directory of the process; None if it has been removed."""
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib is not here yet
    except OSError:
        return None


@contextmanager
def folder_kept() -> Iterator[None]:
    """Restore the working directory at the end; only for use while no other thread is running."""
    before = working_directory()
    try:
        yield
    finally:
        if before is not None and working_directory() != before:
            with suppress(OSError):  # the folder has been removed
                os.chdir(before)


COLUMNS = 80  # of a line, where nothing says how wide the terminal is


def terminal() -> int | None:
    """The columns of the command's terminal, as `shutil.get_terminal_size` finds them, if it can.

    In Python code, no command has a terminal.
    """
    if _current is None:
        return None
    with suppress(KeyError, ValueError):
        if (columns := int(os.environ["COLUMNS"])) > 0:
            return columns
    with suppress(ValueError, OSError):  # there is none
        if sys.__stdout__ is not None:
            return os.get_terminal_size(sys.__stdout__.fileno()).columns or None
    return None


def columns() -> int:
    return terminal() or COLUMNS


OFTEN = 20_000  # new objects, after which Python looks for garbage

File = tuple[int, int]  # device and inode, which identify a file under any name


class Session:
    """A command's memory: the files that it reads, and its current work."""

    def __init__(self) -> None:
        self.read: set[File] = set()
        self.files: set[Path] = set()
        self.work = ""


_current: Session | None = None  # global, as the working directory is


@contextmanager
def command() -> Iterator[None]:
    """Until the context ends, a command is running."""
    global _current
    _current = Session()
    before = gc.get_threshold()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        _current = None


def stays() -> None:
    """The command may go on for hours, so that garbage must not pile up."""
    gc.set_threshold(OFTEN)


@contextmanager
def memory_limited(more: int) -> Iterator[None]:
    """Until the context ends, a command gets at most so many bytes more; this works on Linux.

    In Python code the process belongs to somebody else, and has no such limit.
    """
    before = None
    try:
        if _current is not None:
            with suppress(ImportError, OSError):
                import resource

                with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - no pathlib here
                    limit = int(file.read().split()[0]) * resource.getpagesize() + more
                soft, hard = before = resource.getrlimit(resource.RLIMIT_AS)
                if soft == resource.RLIM_INFINITY or limit < soft:
                    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
        yield
    finally:
        if before is not None:
            resource.setrlimit(resource.RLIMIT_AS, before)


def note_read(status: os.stat_result) -> None:
    """Note that the command reads this file, and must not overwrite it."""
    if _current is not None:
        _current.read.add((status.st_dev, status.st_ino))


def note_file(path: Path) -> None:
    """Note that the command reads the file of this name, if there is one."""
    if _current is not None:
        _current.files.add(path)


def files() -> set[Path]:
    """The names of the files that the command has tried to read since the last `take_files`."""
    return set() if _current is None else set(_current.files)


def take_files() -> set[Path]:
    """These names; what has been read is forgotten, since a file may get the inode of another."""
    taken = files()
    if _current is not None:
        _current.files.clear()
        _current.read.clear()
    return taken


def is_read(status: os.stat_result) -> bool:
    """Whether the command reads this file."""
    return _current is not None and (status.st_dev, status.st_ino) in _current.read


@contextmanager
def at_work(what: str) -> Iterator[None]:
    """Until the context ends, the command does work that may never end."""
    session = _current
    if session is None:
        yield
        return
    before, session.work = session.work, what
    try:
        yield
    except Exception:  # not KeyboardInterrupt: its message still needs the current work
        session.work = before
        raise
    session.work = before


def interrupted() -> str:
    """The message after an interrupt."""
    during = _current.work if _current is not None else ""
    return f"interrupted during {during}" if during else "interrupted"
