"""The command line as a whole: finds the command, and turns its end into an exit code.

A command's module is imported when the command is asked for: `netrunner --help` needs click alone.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from errno import EBADF
from importlib import import_module
from typing import Any

import click

from netrunner import __version__
from netrunner.commands.terminal import EXIT_WRONG, IN_ASCII, report, say
from netrunner.process import session
from netrunner.process.interrupt import EXIT_INTERRUPTED

MAX_COLUMNS = 79  # of a page of help

# In the order in which a newcomer needs them. A test compares them with the commands' own help.
COMMANDS = {
    "run": "Run NETWORK and show every A and Z on the way.",
    "check": "Check the format, shapes and examples of each NETWORK.",
    "watch": "Run NETWORK at each save, and show the numbers that changed.",
    "new": "Write an example network to NAME, ready to edit.",
    "explain": "Write out each neuron's sum, with its numbers.",
    "why": "Walk back from an output along its largest terms.",
    "plot": "Draw curves of activations, or the run of a network.",
    "diagram": "Draw the network, with the values of a run in it.",
    "report": "Write a run as a page for the browser.",
    "serve": "Show the page of a network file beside an editor.",
    "slides": "Write a run as slides, one neuron after the other.",
    "exercise": "Make a sheet from a network and an input, with blanks.",
    "grade": "Compare students' answers, or their networks, with a key.",
    "compare": "Find the first neuron that differs between A and B.",
    "import": "Make a network file from another tool's file.",
    "export": "Write the network for other tools, or as a script.",
    "activations": "List the activations, and where each comes from.",
    "plugins": "List the plugins, or review some.",
    "help": "Explain an error code, such as shape-mismatch.",
    "lsp": "Serve an editor: problems, fixes and numbers as you type.",
    "schema": "Print the JSON Schema of network files, for editors.",
}


class _Commands(Mapping[str, click.Command]):
    """The commands by name. The module of one is imported when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        if name not in COMMANDS:
            raise KeyError(name)
        module = "import_" if name == "import" else name
        command: click.Command = getattr(import_module(f"netrunner.commands.{module}"), module)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Group(click.Group):
    """Lists the commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


class _Formatter(click.HelpFormatter):
    """In a narrow terminal, what an option means begins below a long option."""

    def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl(rows, min(col_max, self.width * 2 // 5), col_spacing)


click.Context.formatter_class = _Formatter


@click.group(
    cls=_Group,
    commands=_Commands(),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="netrunner")
def cli() -> None:
    """Run neural networks that a person can read.

    \b
    Example:
      netrunner new first.yaml
      netrunner run first.yaml --input 1.0,0.5
    """


class _Closed:
    """Stands in for a standard output that is closed: writing to it fails."""

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
    """Run the command `netrunner`; returns its exit code.

    `at_the_end` is called when all data has been written.
    """
    if sys.stdout is None:
        sys.stdout = _Closed()
    elif isinstance(getattr(sys.stdout, "buffer", None), io.RawIOBase):
        # With PYTHONUNBUFFERED, output that does not fit is lost without an error.
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(sys.stdout.buffer), sys.stdout.encoding, sys.stdout.errors
        )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=IN_ASCII)
    try:
        with session.command():
            code = _main()
        sys.stdout.flush()
        at_the_end()
    except BrokenPipeError:
        code = 0
        _close_quietly()
    except OSError as error:  # standard output leads to a full disk
        code = EXIT_WRONG
        _close_quietly()
        reason = error.strerror or str(error)
        with suppress(OSError):
            say(f"{_place_of(error)}: {reason} [unwritable-output]")
    return code


def _place_of(error: OSError) -> str:
    """What an error that nothing else has reported is about: a file, or standard output."""
    if isinstance(error.filename, str):
        return f"{error.filename}: error: cannot be opened"
    return "standard output: error: cannot be written"


def _main() -> int:
    stdout = sys.stdout
    try:
        # Else click asks shutil, which takes as long to import as netrunner.
        width = max(min(MAX_COLUMNS, session.columns()) - 2, 1)
        code = cli.main(prog_name="netrunner", standalone_mode=False, terminal_width=width)
        return code if isinstance(code, int) else 0  # click's Exit gives a code
    except click.ClickException as error:
        if isinstance(error, click.UsageError):
            if row := _row_in_pieces(sys.argv):
                message = f"separate the numbers of one --input with commas: --input {row}"
                error = click.UsageError(message, error.ctx)
            elif row := _row_too_many(error):
                error = click.UsageError(f"give the input as an option: --input {row}", error.ctx)
        error.show(sys.stderr)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say(session.interrupted())
        return EXIT_INTERRUPTED
    except SystemExit as error:  # click's: after a completion for the shell, or at a closed pipe
        if sys.stdout is not stdout:  # click replaces it if the pipe is closed
            sys.stdout = stdout
            raise BrokenPipeError from None
        return error.code if isinstance(error.code, int) else EXIT_WRONG
    except MemoryError:
        say("netrunner: error: there is not enough memory [out-of-memory]")
        return EXIT_WRONG
    except Exception as error:
        from netrunner.problems.problem import NetrunnerError

        if not isinstance(error, NetrunnerError):
            raise
        report(error.problems, "text")
        return EXIT_WRONG


def _row_in_pieces(arguments: list[str]) -> str | None:
    """1,0.5 if the command line has --input 1 0.5, which is two arguments."""
    if "--input" not in arguments:
        return None
    from netrunner.files.slips import row_meant

    pieces: list[str] = []
    for piece in arguments[arguments.index("--input") + 1 :]:
        if row_meant(piece) is None or re.search("[0-9],[-+0-9]", piece):
            break
        pieces.append(piece)
    row = row_meant(" ".join(pieces)) if len(pieces) > 1 else None
    return row and row.replace(" ", "")


def _row_too_many(error: click.UsageError) -> str | None:
    """1,0.5 if that is an argument too many of a command that has --input."""
    extra = re.search(r"extra arguments? \((.*)\)", error.message)
    options = error.ctx.command.params if error.ctx else ()
    takes_input = any(option.name == "inputs" for option in options)
    if extra is None or not takes_input or "--input" in sys.argv:
        return None
    from netrunner.files.slips import row_meant

    row = row_meant(extra[1])
    return row and row.replace(" ", "")


def _close_quietly() -> None:
    """Point streams that cannot be written to elsewhere: the interpreter flushes them at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(null, stream.fileno())
