"""The command line: gathers the commands, and is the only place that exits.

Only click is imported at the top, here and in the commands: `--help` needs nothing else, and is
quick because of it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from errno import EBADF

import click

from netrunner import __version__
from netrunner.commands.activations import activations
from netrunner.commands.check import check
from netrunner.commands.compare import compare
from netrunner.commands.diagram import diagram
from netrunner.commands.explain import explain
from netrunner.commands.export import export
from netrunner.commands.import_ import import_
from netrunner.commands.new import new
from netrunner.commands.plot import plot
from netrunner.commands.plugins import plugins
from netrunner.commands.report import report as report_
from netrunner.commands.run import run
from netrunner.commands.schema import schema
from netrunner.commands.terminal import EXIT_WRONG, report
from netrunner.commands.why import why
from netrunner.process import session
from netrunner.process.interrupt import EXIT_INTERRUPTED


class _InOrder(click.Group):
    """Lists the commands in the order in which a newcomer needs them, that of the list below."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 79},
)
@click.version_option(__version__, prog_name="netrunner")
def cli() -> None:
    """Run neural networks that a person can read.

    \b
    Example:
      netrunner new first.yaml
      netrunner run first.yaml --input 1.0,0.5
    """


_SEEING = (explain, why, plot, diagram, report_)
_EXCHANGING = (compare, import_, export)
for command in (run, check, new, *_SEEING, *_EXCHANGING, activations, plugins, schema):
    cli.add_command(command)


class _Closed:
    """Stands for a standard output that is closed, so that writing to it fails."""

    encoding = None

    def write(self, data: object) -> int:
        raise OSError(EBADF, "it is closed")

    writelines = write

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    @property
    def buffer(self) -> _Closed:
        return self


def main(at_the_end: Callable[[], None] = lambda: None) -> int:
    """The command `netrunner`; its exit code. `at_the_end` is called once all data are out."""
    if sys.stdout is None:
        sys.stdout = _Closed()
    elif isinstance(getattr(sys.stdout, "buffer", None), io.RawIOBase):
        # With PYTHONUNBUFFERED, what does not fit is lost, and nobody is told.
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(sys.stdout.buffer), sys.stdout.encoding, sys.stdout.errors
        )
    try:
        with session.command():
            code = _main()
        sys.stdout.flush()
        at_the_end()
    except BrokenPipeError:
        code = 0
        _close_quietly()
    except OSError as error:  # a full disk behind standard output
        code = EXIT_WRONG
        _close_quietly()
        reason = error.strerror or str(error)
        with suppress(OSError):
            click.echo(f"{_place_of(error)}: {reason} [unwritable-output]", err=True)
    return code


def _place_of(error: OSError) -> str:
    """What an error that nobody has told of is about: a file, or else standard output."""
    from netrunner.problems.words import printable

    if isinstance(error.filename, str):
        return f"{printable(error.filename)}: error: cannot be opened"
    return "standard output: error: cannot be written"


def _main() -> int:
    stdout = sys.stdout
    try:
        code = cli.main(prog_name="netrunner", standalone_mode=False)
        return code if isinstance(code, int) else 0  # what a command returns, or click's Exit
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(session.interrupted(), err=True)
        return EXIT_INTERRUPTED
    except SystemExit as error:  # click's: the shell's completion is served, or the pipe is closed
        if sys.stdout is not stdout:  # click puts another in the place of a closed pipe
            sys.stdout = stdout
            raise BrokenPipeError from None
        return error.code if isinstance(error.code, int) else EXIT_WRONG
    except MemoryError:
        click.echo("netrunner: error: there is not enough memory [out-of-memory]", err=True)
        return EXIT_WRONG
    except Exception as error:
        from netrunner.problems.problem import NetrunnerError

        if not isinstance(error, NetrunnerError):
            raise
        report(error.problems, "text")
        return EXIT_WRONG


def _close_quietly() -> None:
    """Point the streams away, so that the interpreter's last flush does not fail again."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(null, stream.fileno())
