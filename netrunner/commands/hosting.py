"""What a command keeps for itself while plugins run: the standard streams."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from netrunner.commands.terminal import warn
from netrunner.process import session

_set_aside: list[Any] = []  # the command's standard input, while plugins have another


@contextmanager
def plugins_at_work(network: str = "netrunner") -> Iterator[None]:
    """While plugins may run, the standard streams are ours.

    Each warning becomes one line; all warnings of one kind from one line of a plugin share a line.
    """
    import warnings

    said: dict[tuple[str, str, str], list[str]] = {}

    def note(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        place = _place_of_warning(category, filename, lineno)
        if place is None:  # netrunner's own warnings have a line each
            key = (network, getattr(category, "code", category.__name__), str(message))
        else:
            key = (place, category.__name__, "")
        messages = said.setdefault(key, [])
        if str(message) not in messages:
            messages.append(str(message))

    try:
        with warnings.catch_warnings(), _streams_kept():
            for kind in (UserWarning, RuntimeWarning):  # not what Python hides by default
                warnings.simplefilter("always", kind)
            warnings.showwarning = note
            yield
    finally:
        for (place, code, _), messages in said.items():
            more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
            warn(place, messages[0] + more, code)


def _place_of_warning(category: type[Warning], file: str, line: int) -> str | None:
    """Where a plugin warned; None for a warning of netrunner's own."""
    from netrunner.activations.guard import at_work
    from netrunner.problems.problem import NetrunnerWarning

    if issubclass(category, NetrunnerWarning):
        return None
    plugin = at_work.get()
    if plugin is not None and plugin[0] != file:  # it warned by way of a library
        file, line = plugin[0], plugin[1] or 1
    return f"{file}:{line}"


@contextmanager
def _streams_kept() -> Iterator[None]:
    """Standard input is empty, and what is printed goes to standard error."""
    stdin, stdout, stderr = sys.stdin, sys.stdout, sys.stderr
    try:
        with open(os.devnull) as empty, _output_to_error():  # noqa: PTH123 - no pathlib yet
            _set_aside.append(stdin)
            sys.stdin, sys.stdout = empty, stderr
            try:
                yield
            finally:
                for printed in (sys.__stdout__, stderr):
                    with suppress(OSError, ValueError, AttributeError):  # closed, or not a stream
                        printed.flush()  # type: ignore[union-attr]
    finally:
        _set_aside.clear()
        sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr


@contextmanager
def _output_to_error() -> Iterator[None]:
    """The same below Python, for other programs and libraries in C."""
    try:
        output = os.dup(1)
    except OSError:  # standard output is closed
        yield
        return
    with suppress(OSError):  # standard error may be closed
        os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(output, 1)
        os.close(output)


def standard_input() -> Any:
    """The bytes of standard input. Raises NetrunnerError if it is closed."""
    stdin = _set_aside[0] if _set_aside else sys.stdin
    if stdin is None:
        from netrunner.problems.problem import NetrunnerError, Problem
        from netrunner.problems.source import Place

        message = "cannot be read: it is closed"
        raise NetrunnerError(Problem("unreadable-file", Place("standard input"), message))
    with suppress(OSError):  # what replaces it in a test need not be a file
        session.note_read(os.fstat(stdin.fileno()))
        os.set_blocking(stdin.fileno(), True)  # another program may have set it otherwise
    return stdin.buffer
