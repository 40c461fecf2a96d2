"""Where commands write to: standard output, files, the terminal and its colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from io import TextIOWrapper
from typing import Any

import click

EXIT_WRONG = 1

_COLORS = {"error": "red", "warning": "yellow", "note": "cyan", "help": "green"}


def report(problems: Any, format_: str) -> None:
    """Problems as text on standard error, or as GitHub's annotations on standard output."""
    from netrunner.errors import problems_text
    from netrunner.render.github import annotation

    if format_ == "github":
        with destination(None) as stream:
            for problem in problems:
                stream.write(annotation(problem) + "\n")
    elif format_ == "text" and problems:
        style = _style if colored(sys.stderr) else _plain
        click.echo(problems_text(problems, style), err=True, color=True)


def _style(text: str, role: str) -> str:
    return click.style(text, fg=_COLORS[role], bold=True)


def _plain(text: str, role: str) -> str:
    return text


def bold(text: str) -> str:
    return click.style(text, bold=True)


def is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()


def colored(stream: Any) -> bool:
    if os.environ.get("NO_COLOR") or stream not in (sys.stdout, sys.stderr):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


@contextmanager
def plugins_at_work(network: str = "netrunner") -> Iterator[None]:
    """While plugins may run: standard output is ours, and a warning becomes one line."""
    import warnings

    with warnings.catch_warnings(record=True) as caught, _standard_output_kept():
        for category in (UserWarning, RuntimeWarning):  # not what Python hides by default
            warnings.simplefilter("always", category)
        try:
            yield
        finally:
            for line in dict.fromkeys(_caught_line(warning, network) for warning in caught):
                click.echo(line, err=True)


@contextmanager
def _standard_output_kept() -> Iterator[None]:
    """What is printed goes to standard error, from Python, from C and from other programs."""
    with redirect_stdout(sys.stderr):
        try:
            kept = os.dup(1)
        except OSError:  # standard output is closed
            yield
            return
        try:
            with suppress(OSError):  # standard error may be closed
                os.dup2(2, 1)
            yield
        finally:
            if sys.__stdout__ is not None:
                sys.__stdout__.flush()
            os.dup2(kept, 1)
            os.close(kept)


def _caught_line(warning: Any, network: str) -> str:
    from netrunner.errors import NetrunnerWarning

    if issubclass(warning.category, NetrunnerWarning):
        where, code = network, warning.category.code
    else:
        where, code = f"{warning.filename}:{warning.lineno}", warning.category.__name__
    return warning_line(where, str(warning.message), code)


def warning_line(where: str, message: str, code: str) -> str:
    from netrunner.source import visible

    words = " ".join(message.split())
    return visible(f"{where}: warning: {words} [{code}]")


def standard_input() -> Any:
    if sys.stdin is None:
        from netrunner.errors import NetrunnerError, Problem
        from netrunner.source import Place

        message = "cannot be read: it is closed"
        raise NetrunnerError(Problem("unreadable-file", Place("standard input"), message))
    return sys.stdin.buffer


@contextmanager
def about(name: str) -> Iterator[None]:
    """What is found wrong, without a place of its own, is reported under `name`."""
    from netrunner.errors import Fault, NetrunnerError
    from netrunner.source import Place

    try:
        yield
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(name))) from None


@contextmanager
def destination(output: str | None, binary: bool = False) -> Iterator[Any]:
    """The stream that a command's data goes to: a file that appears whole, or standard output."""
    if output is not None and output != "-":
        from pathlib import Path

        from netrunner.files import writing

        with about(output), writing(Path(output), binary) as stream:
            yield stream
        return
    try:
        if binary:
            import io

            buffer = io.BytesIO()
            yield buffer
            sys.stdout.buffer.write(buffer.getbuffer())
        else:
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(errors="backslashreplace")
            yield sys.stdout
    except BrokenPipeError:  # whoever reads has read enough
        raise click.exceptions.Exit(0) from None
