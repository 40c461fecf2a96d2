"""Opens files for reading: once, only if regular, and text only as UTF-8 of limited size."""

from __future__ import annotations

import os
import re
import stat
from errno import ELOOP
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from netrunner.problems.problem import Fault
from netrunner.problems.source import Source
from netrunner.problems.suggestions import did_you_mean, nearest
from netrunner.problems.words import quote
from netrunner.process import session

ARRAY_SUFFIXES = (".npy", ".npz", ".csv", ".safetensors")
NETWORK_SUFFIXES = (".yaml", ".yml")
MAX_TEXT_BYTES = 64 * 2**20
MAX_SHOWN_BYTES = 1000  # shown after bytes that are not UTF-8
REPLACEMENT = "\ufffd"  # Python's replacement for them

# Opening a FIFO must not block; Windows has neither flag.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path) -> BinaryIO:
    """Open `path` for reading, if it is a regular file. Raises Fault."""
    session.note_file(path)
    try:
        return _regular(path)
    except FileNotFoundError:
        near = near_file(path)
        hint = did_you_mean(str(near) if near else None, 200)
        raise Fault("file-not-found", "no such file", hint) from None


def open_inside(folder: Path, name: str, whose: str) -> BinaryIO:
    """The file that `whose` text in `folder` names; it must be there or below. Raises Fault.

    A link that changes meanwhile is no way out: the opened file is checked again afterwards.
    """
    target = path_inside(folder, name, whose)
    session.note_file(target)
    try:
        file = _regular(target)
        now = path_inside(folder, name, whose).lstat()
    except FileNotFoundError:
        raise Fault("file-not-found", "no such file") from None
    if not os.path.samestat(os.fstat(file.fileno()), now):
        file.close()
        raise Fault("unreadable-file", "cannot be read: it was changed while it was opened")
    return file


def path_inside(folder: Path, name: str, whose: str) -> Path:
    """The path, without links, of a file that `whose` text in `folder` names. Raises Fault."""
    outside = Fault("outside-folder", f"the file must be in the {whose}'s folder or below it")
    parts = PurePosixPath(name)
    if not name or "\0" in name:
        raise Fault("file-not-found", "no such file")
    if "\\" in name:
        outside.hint = "write / between folders"
        raise outside
    if parts.is_absolute() or ".." in parts.parts or Path(name).is_absolute():
        raise outside
    try:
        target = resolved(folder / parts)
        if not target.is_relative_to(folder.resolve()):
            raise outside
    except OSError as error:
        raise unreadable(error) from None
    return target


def _regular(path: Path) -> BinaryIO:
    """Open a file for reading, if it is a regular one. Raises Fault and FileNotFoundError."""
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise unreadable(error) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise Fault("unreadable-file", f"cannot be read: it is {kind}")
    session.note_read(status)
    return os.fdopen(descriptor, "rb")


def unreadable(error: OSError | ValueError) -> Fault:
    """The system's reason why a file cannot be read."""
    return Fault("unreadable-file", f"cannot be read: {getattr(error, 'strerror', None) or error}")


def near_file(path: Path) -> Path | None:
    """The file of the same kind beside `path` with the most similar name, if there is one."""
    kinds = (ARRAY_SUFFIXES, NETWORK_SUFFIXES)
    suffix = path.suffix.lower() or NETWORK_SUFFIXES[0]
    suffixes = next((kind for kind in kinds if suffix in kind), (suffix,))
    try:
        names = sorted(each.name for each in path.parent.iterdir() if each.is_file())
    except OSError:
        return None
    stems = {Path(name).stem.lower(): name for name in names if name.lower().endswith(suffixes)}
    # First the same name in other case or with another suffix, then a similar one.
    same = {name.lower(): name for name in names}.get(path.name.lower())
    near = (
        same or stems.get(path.stem.lower()) or stems.get(nearest(path.stem.lower(), stems) or "")
    )
    return path.parent / near if near else None


def size_of(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def contents(file: BinaryIO, most: int, advice: str = "") -> bytes:
    """All the bytes of a file, up to its size when opened, even if it grows meanwhile.

    Raises Fault if it has more than `most`.
    """
    if (size := size_of(file)) > most:
        raise Fault("too-large", f"larger than {most // 2**20} MiB{advice}")
    return file.read(size)


def read_text(path: Path, name: str, max_bytes: int = MAX_TEXT_BYTES) -> Source:
    """The UTF-8 text of a file, as a Source with this `name` in messages. Raises Fault."""
    with open_regular(path) as file:
        return decode(contents(file, max_bytes), name)


def decode(data: bytes, name: str, first_line: int = 1) -> Source:
    """UTF-8 bytes as a Source. Raises Fault with the place of the first invalid byte."""
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
        binary = b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16
        hint = None if binary else "save the file as UTF-8"
        raise Fault("not-utf-8", "this is not UTF-8 text", hint, place) from None


def _check_width(data: bytes) -> None:
    """Raises Fault if Python would need too much memory: it gives all characters the same width."""
    if len(data) <= MAX_TEXT_BYTES // 4 or data.isascii():
        return
    for begin, width in ((0xF0, 4), (0xC4, 2)):  # bytes of a character in UTF-8
        if len(data) * width > MAX_TEXT_BYTES and (
            wide := data.translate(None, bytes(range(begin)))
        ):
            start = data.index(wide[:1])
            char = data[start : start + 4].decode(errors="replace")[0]
            most = f"{MAX_TEXT_BYTES // width // 2**20} MiB"
            is_text = char != REPLACEMENT or data.startswith(REPLACEMENT.encode(), start)
            if is_text:  # else it is not UTF-8, so it never becomes text
                message = f"larger than {most}, the most for a text with {quote(char)}"
                raise Fault("too-large", message)


def resolved(path: Path) -> Path:
    """The path without symbolic links; a loop of links is an OSError in every Python version."""
    target = Path(os.path.realpath(path))  # Path.resolve treats loops differently since 3.13
    if target.is_symlink():
        raise OSError(ELOOP, os.strerror(ELOOP))
    return target
