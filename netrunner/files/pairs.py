"""Writes a text, and the file beside it that it names, so that the two always match."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from netrunner.files.opening import MAX_TEXT_BYTES, resolved
from netrunner.files.writing import check_not_read, unwritable, writing
from netrunner.problems.problem import Fault, about
from netrunner.problems.words import quote
from netrunner.process.interrupt import unfinished


def write_pair(
    path: Path,
    text: Callable[[str], str],
    beside: Path,
    write: Callable[[Any], None],
    has_the_same: Callable[[Path], bool],
) -> None:
    """Write a text to `path`, and by `write` the file `beside`, which the text names.

    Whatever happens, either the two old files are there or the two new ones: an earlier `beside` is
    replaced only while the text names another file. If the earlier text does not name `beside`, and
    its content differs, it belongs to something else: Raises Fault.
    """
    with _alone(path.parent):
        other = _name_to_begin_with(path, beside, has_the_same)
        first = text(other.name).encode(errors="backslashreplace")
        complete = False

        def tidy() -> None:
            """Remove `other` if the text does not name it."""
            named = complete and other == beside
            if other.is_file() and not named and _content(path) != first:
                with suppress(OSError):
                    other.unlink()

        unfinished.add(tidy)
        try:
            with writing(other, binary=True) as stream:
                write(stream)
            with writing(path) as stream:
                stream.write(first.decode())
            if other != beside:
                _take_name(other, beside)
                with writing(path) as stream:
                    stream.write(text(beside.name))
            complete = True
        finally:
            tidy()
            unfinished.discard(tidy)


def _name_to_begin_with(path: Path, beside: Path, has_the_same: Callable[[Path], bool]) -> Path:
    """The name `beside`, or another one while that is taken. Raises Fault if it is not ours."""
    with about(str(beside)):
        check_not_read(beside)
        if beside.is_file():
            named = _names(path, beside.name) or _was_interrupted(path, beside)
            if not named and not has_the_same(beside):
                message = f"already exists, and {quote(path.name)} does not name it"
                raise Fault("file-exists", f"{message}: choose another name for the output")
            return beside.with_name(f"{beside.stem}-{os.urandom(4).hex()}{beside.suffix}")
    return beside


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Until the context ends, no other netrunner writes a pair into this folder."""
    with ExitStack() as after:
        # Windows has no fcntl, some file systems no locks; a folder that is wrong is told later.
        with suppress(ImportError, OSError):
            import fcntl

            descriptor = os.open(folder, os.O_RDONLY)
            after.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _names(path: Path, name: str) -> bool:
    """Whether a file exists and contains this name."""
    return re.search(_in_text(name), _content(path)) is not None


def _was_interrupted(path: Path, beside: Path) -> bool:
    """Whether a file names what stands in for `beside` while both are replaced."""
    pattern = _in_text(beside.stem) + b"-[0-9a-f]{8}" + _in_text(beside.suffix)
    return re.search(pattern, _content(path)) is not None


# As Python and YAML have them: \x1b, \u3000, \U0010ffff, \".
ESCAPE = rb"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^xuU])"


def _in_text(name: str) -> bytes:
    """An expression for a name, as texts have it: with escapes for what could not be seen."""
    signs = []
    for char in name:
        sign = re.escape(char.encode(errors="backslashreplace"))
        shown = char.isprintable() and char not in '"\\'
        signs.append(sign if shown else rb"(?:%s|%s)" % (sign, ESCAPE))
    return b"".join(signs)


def _content(path: Path) -> bytes:
    """What is in a file; nothing if it cannot be read."""
    if path.is_file():  # a pipe would never answer
        with suppress(OSError), path.open("rb") as file:
            return file.read(MAX_TEXT_BYTES)
    return b""


def _take_name(file: Path, name: Path) -> None:
    """Give a file a second name, replacing the file of that name, in one step."""
    try:
        target = resolved(name)  # so that a symbolic link stays a link
        link = target.with_name(f".netrunner-{os.urandom(4).hex()}.part")
        unfinished.add(link)
        try:
            try:
                os.link(file, link)
            except OSError:  # the file system does not support links
                shutil.copy2(file, link)
            link.replace(target)
        except BaseException:
            link.unlink(missing_ok=True)
            raise
        finally:
            unfinished.discard(link)
    except OSError as error:
        raise unwritable(error) from error
