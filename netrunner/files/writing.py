"""Writes files completely or not at all, and never over a file that the command reads."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from errno import EACCES
from pathlib import Path
from typing import IO, Any

from netrunner.files.opening import resolved
from netrunner.problems.problem import Fault
from netrunner.problems.words import printable, quote
from netrunner.process import session
from netrunner.process.interrupt import unfinished

MAX_LINKS = 40  # links in a chain, Linux's limit


@contextlib.contextmanager
def writing(path: Path, binary: bool = False, anew: bool = False) -> Iterator[IO[Any]]:
    """A stream into `path`: at the end, the whole file appears there, or nothing.

    The bytes go to a file beside it, are flushed to the disk, and take the name in one step, so
    that an earlier file is unchanged until then. If the name `takes_no_file`, it is written to
    directly. Raises Fault, also for a file that the command reads, unless `anew` is true.
    """
    try:
        if path.is_dir():
            raise Fault("unwritable-output", "cannot be written: it is a folder")
        if takes_no_file(path):
            descriptor = open_descriptor(path)
            # Opening it by name would truncate the file and write from its beginning.
            through = path if descriptor is None else os.dup(descriptor)
            with _stream(through, binary) as stream:
                yield stream
            return
        if not anew:
            check_not_read(path)
        target = resolved(path)  # so that a symbolic link stays a link
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
        partial = target.with_name(f".netrunner-{os.urandom(4).hex()}.part")
        unfinished.add(partial)
        try:
            with _stream(partial, binary, new=True) as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                partial.chmod(stat.S_IMODE(target.stat().st_mode))
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        finally:
            unfinished.discard(partial)
    except FileNotFoundError:
        raise no_folder(path) from None
    except OSError as error:
        raise unwritable(error) from error


def unwritable(error: OSError) -> Fault:
    """The system's reason why a file cannot be written."""
    reason = printable(error.strerror or str(error))
    return Fault("unwritable-output", f"cannot be written: {reason}")


def no_folder(path: Path) -> Fault:
    """The fault of a file whose folder does not exist."""
    reason = f"there is no folder {quote(str(path.parent), 200)}"
    return Fault("unwritable-output", f"cannot be written: {reason}")


def takes_no_file(path: Path) -> bool:
    """Whether no new file may take this name: it is a pipe, a device or an open descriptor."""
    if open_descriptor(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:  # it does not exist, or writing will report what is wrong
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def open_descriptor(path: Path) -> int | None:
    """The descriptor of this process that a path names, such as 1 for `/dev/stdout`."""
    for _ in range(MAX_LINKS):
        number = path.name
        could_be = number.isascii() and number.isdecimal() and len(number) < 10  # a C int
        if could_be and os.path.realpath(path.parent) == os.path.realpath("/dev/fd"):
            return int(number)
        try:
            path = path.parent / path.readlink()
        except OSError:  # it is not a link
            break
    return None


def check_not_read(path: Path) -> None:
    """Raises Fault if the path is a file that the command reads, under any name."""
    try:
        status = path.stat()
    except OSError:  # it does not or cannot exist: writing will report that
        return
    if session.is_read(status):
        message = "is an input of this command, and is left unchanged"
        raise Fault("file-exists", f"{message}: choose another name for the output")


def _stream(file: Path | int, binary: bool, new: bool = False) -> IO[Any]:
    mode = "x" if new else "w"
    # Bytes of a file name that are not UTF-8 are escaped.
    form: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": "\n"}
    if binary:
        mode, form = mode + "b", {}
    return open(file, mode, **form)  # noqa: PTH123 - a descriptor has no Path
