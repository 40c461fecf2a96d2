"""What commands print and write: standard output, standard error, files, colours."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import click

EXIT_WRONG = 1

_COLORS = {"error": "red", "warning": "yellow", "note": "cyan", "help": "green"}


IN_ASCII = "netrunner-ascii"  # how the streams write a character that their encoding lacks
_IN_ASCII = dict(zip("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾", "01234567890123456789()", strict=True)) | {
    "·": "*", "×": "x", "−": "-", "±": "+-", "→": "->", "←": "<-", "↓": "v", "≤": "<=", "≥": ">=",
    "…": "...", "⋯": "...", "Σ": "sum", "∞": "inf", "√": "sqrt", "Φ": "Phi", "ᵀ": "^T",
    "“": '"', "”": '"', "‘": "'", "’": "'", "\xa0": " ",
}  # fmt: skip


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    escaped = (sign.encode("ascii", "backslashreplace").decode() for sign in signs)
    return "".join(map(_IN_ASCII.get, signs, escaped)), error.end


codecs.register_error(IN_ASCII, _in_ascii)


def report(problems: Any, format_: str) -> None:
    """Problems as text on standard error, or as GitHub's annotations on standard output."""
    from netrunner.problems.problem import problems_text
    from netrunner.views.render.github import annotation

    if format_ == "github":
        with destination(None) as stream:
            for problem in problems:
                stream.write(annotation(problem) + "\n")
    elif format_ == "text" and problems:
        style = _style if colored(sys.stderr) else _plain
        click.echo(problems_text(problems, style), sys.stderr, err=True, color=True)


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


def say(text: str) -> None:
    """Print one line on standard error; control characters in a file name have no effect there."""
    from netrunner.problems.words import printable

    click.echo(printable(text), sys.stderr, err=True)


def called(path: str) -> str:
    """What messages call a file: - is standard input."""
    return "standard input" if path == "-" else path


def warn(where: str, message: str, code: str) -> None:
    say(f"{called(where)}: warning: {' '.join(message.split())} [{code}]")


@contextmanager
def about(name: str) -> Iterator[None]:
    """Like `problem.about`, but `--help` need not import that."""
    from netrunner.problems import problem

    with problem.about(name):
        yield


@contextmanager
def destination(output: str | None, binary: bool = False) -> Iterator[Any]:
    """The stream for a command's data: standard output, or a file that appears whole."""
    if output is not None and output != "-":
        from pathlib import Path

        from netrunner.files.writing import writing

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
            yield sys.stdout
    except BrokenPipeError:  # the reader, such as head, has read enough
        raise click.exceptions.Exit(0) from None


@contextmanager
def spooled(output: str | None, binary: bool = False) -> Iterator[Any]:
    """Like `destination`, for data written piece by piece, while the work may still fail.

    Data for standard output, a pipe or a device waits in a temporary file until it is complete.
    """
    import shutil
    import tempfile
    from pathlib import Path

    from netrunner.files.writing import takes_no_file

    if output is not None and output != "-" and not takes_no_file(Path(output)):
        with destination(output, binary) as stream:
            yield stream
        return
    encoding = "utf-8" if binary or output else sys.stdout.encoding or "utf-8"
    form: dict[str, Any] = {} if binary else {"encoding": encoding, "errors": IN_ASCII}
    with ExitStack() as stack:
        with _temporary_files():
            spool: Any = tempfile.TemporaryFile("w+b" if binary else "w+", **form)  # noqa: SIM115
            stack.callback(_close, spool)
            yield spool
            spool.seek(0)
        with destination(output, binary) as stream:
            shutil.copyfileobj(spool, stream)


@contextmanager
def _temporary_files() -> Iterator[None]:
    """Reports a temporary file that cannot be written, with its folder."""
    import tempfile

    from netrunner.problems.problem import Fault

    with about(tempfile.gettempdir()):
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            reason = f"a temporary file cannot be written: {error.strerror or error}"
            raise Fault("unwritable-output", reason) from None


def _close(file: Any) -> None:
    """Close a file that is no longer needed, whether or not it can be flushed."""
    with suppress(OSError):
        file.close()
