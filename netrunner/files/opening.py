"""Files, opened once as regular files, and written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from errno import EACCES, ELOOP
from pathlib import Path
from typing import IO, Any, BinaryIO

from netrunner.problems.problem import Fault, Problem
from netrunner.problems.source import Place, Source
from netrunner.problems.words import nearest, printable, quote
from netrunner.process import session
from netrunner.process.interrupt import unfinished

ARRAY_SUFFIXES = (".npy", ".npz", ".csv", ".safetensors")
MAX_TEXT_BYTES = 64 * 2**20
MAX_SHOWN_BYTES = 1000  # behind what is no UTF-8
REPLACEMENT = "\ufffd"  # which Python puts for it
MAX_LINKS = 40  # one after the other, as Linux has it

_NONBLOCK = getattr(os, "O_NONBLOCK", 0)  # a FIFO must not make us wait; Windows has neither
_BINARY = getattr(os, "O_BINARY", 0)


def open_regular(path: Path) -> BinaryIO:
    """`path` for reading, if it is a regular file. Raises Fault."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NONBLOCK | _BINARY)
    except FileNotFoundError:
        raise Fault("file-not-found", "no such file", _near_file(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Fault("unreadable-file", f"cannot be read: {reason}") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
        raise Fault("unreadable-file", f"cannot be read: it is {kind}")
    session.note_read(status)
    return os.fdopen(descriptor, "rb")


def size_of(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def contents(file: BinaryIO) -> bytes:
    """All that a file holds, or held when its size was asked; it grows no further in memory."""
    return file.read(size_of(file))


def _near_file(path: Path) -> str | None:
    with contextlib.suppress(OSError):
        siblings = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
        if near := nearest(path.name, sorted(siblings)):
            return f"did you mean {quote(str(path.parent / near), 200)}?"
    return None


def read_text(path: Path, name: str, max_bytes: int = MAX_TEXT_BYTES, instead: str = "") -> Source:
    """The UTF-8 text of a file, as the Source that messages call `name`. Raises Fault.

    Where it is too large, the message ends with what to do `instead`.
    """
    with open_regular(path) as file:
        if size_of(file) > max_bytes:
            raise Fault("too-large", f"larger than {max_bytes // 2**20} MiB{instead}")
        return decode(contents(file), name)


def decode(data: bytes, name: str, first_line: int = 1) -> Source:
    """UTF-8 bytes as a Source. Raises Fault with the place of the first byte that is not."""
    if first_line == 1:
        # Byte order marks. There may be two, and the YAML parser does not count the second.
        data = re.sub(rb"\A(?:\xef\xbb\xbf)+", b"", data)
    _check_width(data)
    try:
        return Source(name, data.decode(), first_line)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        shown = data[: error.start + MAX_SHOWN_BYTES].decode(errors="replace")
        place = Source(name, shown, first_line).place(len(before))
        binary = b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff"))  # as UTF-16 does
        hint = None if binary else "save the file as UTF-8"
        raise Fault("not-utf-8", "this is not UTF-8 text", hint, place) from None


def _check_width(data: bytes) -> None:
    """Raises Fault for a text that is too large as Python keeps it: all characters equally wide."""
    if len(data) <= MAX_TEXT_BYTES // 4 or data.isascii():
        return
    for begin, width in ((0xF0, 4), (0xC4, 2)):  # of a character in UTF-8
        if len(data) * width > MAX_TEXT_BYTES and (
            wide := data.translate(None, bytes(range(begin)))
        ):
            start = data.index(wide[:1])
            char = data[start : start + 4].decode(errors="replace")[0]
            most = f"{MAX_TEXT_BYTES // width // 2**20} MiB"
            is_text = char != REPLACEMENT or data.startswith(REPLACEMENT.encode(), start)
            if is_text:  # or it never gets so wide, as it is no UTF-8
                message = f"larger than {most}, the most for a text with {quote(char)}"
                raise Fault("too-large", message)


def problem_with_file(fault: Fault, name: str) -> Problem:
    """The problem with a file as a whole, at its name."""
    return fault.at(Place(name))


@contextlib.contextmanager
def writing(path: Path, binary: bool = False) -> Iterator[IO[Any]]:
    """A stream into `path` that appears there whole, at the end, or not at all.

    The bytes go to a file beside it, are flushed to the disk, and take the name in one step, so
    that an earlier file stays as it was until then. What `takes_no_file` is written to directly.
    Raises Fault, also for a file that the command reads.
    """
    try:
        if path.is_dir():
            raise Fault("unwritable-output", "cannot be written: it is a folder")
        if takes_no_file(path):
            descriptor = open_descriptor(path)
            # Opened by its name, a file would be cut, and written from its beginning.
            through = path if descriptor is None else os.dup(descriptor)
            with _stream(through, binary) as stream:
                yield stream
            return
        check_not_read(path)
        target = resolved(path)  # so that a symbolic link stays one
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
        reason = f"there is no folder {quote(str(path.parent), 200)}"
        raise Fault("unwritable-output", f"cannot be written: {reason}") from None
    except OSError as error:
        reason = printable(error.strerror or str(error))
        raise Fault("unwritable-output", f"cannot be written: {reason}") from error


def takes_no_file(path: Path) -> bool:
    """Whether no new file may take this name: that of a pipe, a device or an open descriptor."""
    if open_descriptor(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:  # it is not there, or writing tells what is wrong
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def open_descriptor(path: Path) -> int | None:
    """The descriptor of this process that a path is a name of, as `/dev/stdout` is of 1."""
    for _ in range(MAX_LINKS):
        number = path.name
        could_be = number.isascii() and number.isdecimal() and len(number) < 10  # a C int
        if could_be and os.path.realpath(path.parent) == os.path.realpath("/dev/fd"):
            return int(number)
        try:
            path = path.parent / path.readlink()
        except OSError:  # it is no link
            break
    return None


def check_not_read(path: Path) -> None:
    """Raises Fault where a file is there that the command reads, under whatever name."""
    try:
        status = path.stat()
    except OSError:  # it is not there, or cannot be: writing says so
        return
    if session.is_read(status):
        message = "is read here, and is left as it is: choose another name for the output"
        raise Fault("file-exists", message)


def resolved(path: Path) -> Path:
    """The path without symbolic links, where a loop of them is an OSError in every Python."""
    target = Path(os.path.realpath(path))  # Path.resolve differs there, before and since 3.13
    if target.is_symlink():
        raise OSError(ELOOP, os.strerror(ELOOP))
    return target


def _stream(file: Path | int, binary: bool, new: bool = False) -> IO[Any]:
    mode = "x" if new else "w"
    # What UTF-8 cannot say, the strange bytes of a file name, is escaped.
    form: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": "\n"}
    if binary:
        mode, form = mode + "b", {}
    return open(file, mode, **form)  # noqa: PTH123 - a descriptor has no Path
