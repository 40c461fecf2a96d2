"""The command line: the only place that prints, opens for writing, and exits.

Only click is imported at the top: `--help` needs nothing else, and is quick because of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from errno import EBADF
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import click

from netrunner import __version__

if TYPE_CHECKING:
    from netrunner.errors import Problem
    from netrunner.network import Network
    from netrunner.trace import Trace

EXIT_WRONG = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

_COLORS = {"error": "red", "warning": "yellow", "note": "cyan", "help": "green"}

PATH = click.Path()  # which the shell completes; nothing is checked before it is opened

network_argument = click.argument("network", type=PATH)
plugins_option = click.option(
    "--plugins",
    "plugins",
    type=PATH,
    multiple=True,
    metavar="PATH",
    help="A file or folder with activations; may be repeated.",
)


def input_options(command: Any) -> Any:
    """The two ways to give a run its input."""
    for option in (
        click.option(
            "--input-file",
            type=PATH,
            metavar="FILE",
            help="Inputs from a .csv, .npy, .npz or .json file; - reads CSV from standard input.",
        ),
        click.option(
            "--input",
            "inputs",
            multiple=True,
            metavar="1.0,0.5",
            help="One row of inputs; repeated, a batch. Without any, the file's first example.",
        ),
    ):
        command = option(command)
    return command


class _InOrder(click.Group):
    """Lists the commands in the order in which a newcomer needs them, that of this file."""

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


@cli.command()
@network_argument
@input_options
@plugins_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "csv", "npz"]),
    default="text",
    show_default=True,
    help="How the trace is written.",
)
@click.option(
    "--output", type=PATH, metavar="FILE", help="Write to FILE instead of standard output."
)
@click.option(
    "--precision",
    type=click.IntRange(0, 17),
    metavar="N",
    default=8,
    show_default=True,
    help="Digits after the point in text; the other formats are always exact.",
)
@click.option("--output-only", is_flag=True, help="Only the output Y, not every A and Z.")
def run(
    network: str,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
    format_: str,
    output: str | None,
    precision: int,
    output_only: bool,
) -> None:
    """Run NETWORK and show every A and Z on the way.

    \b
    Example:
      netrunner run networks/three_layer.yaml --input 1.0,0.5
    """
    if inputs and input_file is not None:
        raise click.UsageError("--input and --input-file cannot both be given.")
    if output == "-":
        output = None
    if format_ == "npz" and output is None and _is_terminal(sys.stdout):
        raise click.UsageError("--format npz is not for a terminal: give --output FILE.")
    with _plugins_at_work():
        loaded = _load(network, plugins)
        x = _input(loaded, network, inputs, input_file)
        if output_only:
            y, not_finite = loaded.output(x)
        else:
            trace = loaded.silent_trace(x)
            not_finite = trace.not_finite
    if not_finite is not None:
        click.echo(_warning(network, not_finite, "not-finite"), err=True)
    with _destination(output, binary=format_ == "npz") as stream:
        if output_only:
            _write_output(loaded, y, stream, format_, precision)
        else:
            _write_trace(trace, stream, format_, precision)


def _load(path: str, plugins: tuple[str, ...]) -> Network:
    from netrunner.api import load

    return load(path, plugins)


def _input(network: Network, path: str, inputs: tuple[str, ...], input_file: str | None) -> Any:
    from netrunner.errors import NetrunnerError, Problem
    from netrunner.network import as_input
    from netrunner.source import Place

    if not inputs and input_file is None:
        if network.examples:
            return network.examples[0].input
        message = "there is nothing to run: the file has no example, and no --input was given"
        raise NetrunnerError(Problem("no-input", Place(path), message))

    from netrunner.inputs import rows_from_file, rows_from_options, rows_from_stream

    if input_file == "-":
        name, x = "standard input", rows_from_stream(_standard_input())
    elif input_file is not None:
        name, x = input_file, rows_from_file(input_file)
    else:
        name, x = "--input", rows_from_options(inputs)
    return _named(name, as_input, x, network.input_size, network.dtype, network.input_names)


def _named(name: str, function: Any, *arguments: Any) -> Any:
    """The function's result; what is wrong is reported under `name`."""
    from netrunner.errors import Fault, NetrunnerError
    from netrunner.source import Place

    try:
        return function(*arguments)
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(name))) from None


def _write_trace(trace: Trace, stream: Any, format_: str, precision: int) -> None:
    if format_ == "json":
        from netrunner.render import json

        json.write(trace, stream)
    elif format_ == "csv":
        from netrunner.render import csv

        csv.write(trace, stream)
    elif format_ == "npz":
        from netrunner.render import npz

        npz.write(trace, stream)
    else:
        from netrunner.render import text

        bold = _bold if _colored(stream) else str
        text.write(trace, stream, precision, bold)


def _write_output(network: Network, output: Any, stream: Any, format_: str, precision: int) -> None:
    if format_ == "json":
        from netrunner.render import json

        json.write_output(network.name, output, stream)
    elif format_ == "csv":
        from netrunner.render import csv

        csv.write_output(output, stream)
    elif format_ == "npz":
        from netrunner.render import npz

        npz.write_output(output, stream)
    else:
        from netrunner.render import text

        text.write_output(output, stream, precision)


@cli.command()
@click.argument("networks", type=PATH, nargs=-1, required=True, metavar="NETWORK...")
@plugins_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How the problems are written; github marks them in a pull request.",
)
def check(networks: tuple[str, ...], plugins: tuple[str, ...], format_: str) -> None:
    """Check the format, shapes and examples of each NETWORK.

    \b
    Example:
      netrunner check networks/*.yaml
    """
    from netrunner.checks import check_file
    from netrunner.errors import NetrunnerError
    from netrunner.plugins import load_registry

    problems: list[Problem] = []
    try:
        with _plugins_at_work():
            registry = load_registry(plugins)
        for path in networks:
            with _plugins_at_work(path):
                found, summary = check_file(path, registry)
            problems.extend(found)
            _report(found, format_)
            if format_ == "text":
                click.echo(f"{click.format_filename(path)}: {summary}", err=True)
    except NetrunnerError as error:
        problems.extend(error.problems)
        _report(error.problems, format_)
    if format_ == "json":
        from netrunner.render.json import dump

        with _destination(None) as stream:
            dump([problem.as_dict() for problem in problems], stream)
    if any(problem.severity == "error" for problem in problems):
        sys.exit(EXIT_WRONG)


@cli.command()
@click.argument("path", type=PATH, metavar="NAME.yaml")
@click.option(
    "--from",
    "example",
    metavar="EXAMPLE",
    default="three_layer",
    show_default=True,
    help="Which of the networks that come with netrunner; `--from list` names them.",
)
def new(path: str, example: str) -> None:
    """Write an example network to NAME.yaml, ready to edit.

    \b
    Example:
      netrunner new first.yaml
    """
    from netrunner.examples import example_names, write_example

    if example == "list":
        raise click.UsageError(f"the examples are {', '.join(example_names())}.")
    written = write_example(path, example)
    for file in written:
        click.echo(f"wrote {click.format_filename(file)}", err=True)
    click.echo(f"Try: netrunner run {click.format_filename(path)}", err=True)


@cli.command()
@plugins_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the list is written.",
)
def activations(plugins: tuple[str, ...], format_: str) -> None:
    """List the activations, and where each comes from.

    \b
    Example:
      netrunner activations --plugins plugins
    """
    from netrunner.plugins import load_registry
    from netrunner.render import activations as listing

    with _plugins_at_work():
        registry = load_registry(plugins)
    with _destination(None) as stream:
        if format_ == "json":
            listing.write_json(registry, stream)
        else:
            listing.write_text(registry, stream, _bold if _colored(stream) else str)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of network files, for editors.

    \b
    Example:
      netrunner schema > network.schema.json
    """
    from netrunner.network_file import schema_text

    with _destination(None) as stream:
        stream.write(schema_text())


def _report(problems: Any, format_: str) -> None:
    """Problems as text on standard error, or as GitHub's annotations on standard output."""
    from netrunner.errors import problems_text
    from netrunner.render.github import annotation

    if format_ == "github":
        with _destination(None) as stream:
            for problem in problems:
                stream.write(annotation(problem) + "\n")
    elif format_ == "text" and problems:
        style = _style if _colored(sys.stderr) else _plain
        click.echo(problems_text(problems, style), err=True, color=True)


def _style(text: str, role: str) -> str:
    return click.style(text, fg=_COLORS[role], bold=True)


def _plain(text: str, role: str) -> str:
    return text


def _bold(text: str) -> str:
    return click.style(text, bold=True)


def _is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()


def _colored(stream: Any) -> bool:
    if os.environ.get("NO_COLOR") or stream not in (sys.stdout, sys.stderr):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return _is_terminal(stream) and os.environ.get("TERM") != "dumb"


@contextmanager
def _plugins_at_work(network: str = "netrunner") -> Iterator[None]:
    """While plugins may run: standard output is ours, and a warning becomes one line."""
    import warnings

    with warnings.catch_warnings(record=True) as caught, _standard_output_kept():
        warnings.simplefilter("always")
        try:
            yield
        finally:
            for line in dict.fromkeys(_warning_line(warning, network) for warning in caught):
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


def _warning_line(warning: Any, network: str) -> str:
    from netrunner.errors import NetrunnerWarning

    if issubclass(warning.category, NetrunnerWarning):
        where, code = network, "not-finite"
    else:
        where, code = f"{warning.filename}:{warning.lineno}", warning.category.__name__
    return _warning(where, str(warning.message), code)


def _warning(where: str, message: str, code: str) -> str:
    from netrunner.source import visible

    words = " ".join(message.split())
    return visible(f"{where}: warning: {words} [{code}]")


def _standard_input() -> Any:
    if sys.stdin is None:
        from netrunner.errors import NetrunnerError, Problem
        from netrunner.source import Place

        message = "cannot be read: it is closed"
        raise NetrunnerError(Problem("unreadable-file", Place("standard input"), message))
    return sys.stdin.buffer


@contextmanager
def _destination(output: str | None, binary: bool = False) -> Iterator[Any]:
    """The stream that a command's data goes to: a file that appears whole, or standard output."""
    if output is not None:
        from pathlib import Path

        from netrunner.errors import Fault, NetrunnerError
        from netrunner.files import writing
        from netrunner.source import Place

        try:
            with writing(Path(output), binary) as stream:
                yield stream
        except Fault as fault:
            raise NetrunnerError(fault.at(Place(output))) from None
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


class _Closed:
    """Stands for a standard output that is closed, so that writing to it fails."""

    encoding = None

    def write(self, data: object) -> int:
        raise OSError(EBADF, "it is closed")

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    @property
    def buffer(self) -> _Closed:
        return self


def main() -> None:
    """The command `netrunner`."""
    if sys.stdout is None:
        sys.stdout = _Closed()
    try:
        code = _main()
        sys.stdout.flush()
    except BrokenPipeError:
        code = 0
        _close_quietly()
    except OSError as error:  # a full disk behind standard output
        code = EXIT_WRONG
        _close_quietly()
        reason = error.strerror or str(error)
        with suppress(OSError):
            click.echo(
                f"standard output: error: cannot be written: {reason} [unwritable-output]",
                err=True,
            )
    sys.exit(code)


def _main() -> int:
    try:
        code = cli.main(prog_name="netrunner", standalone_mode=False)
        return code if isinstance(code, int) else 0  # what a command returns, or click's Exit
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except SystemExit as error:  # click's, after it has served the shell's completion
        return error.code if isinstance(error.code, int) else EXIT_WRONG
    except MemoryError:
        click.echo("netrunner: error: there is not enough memory [out-of-memory]", err=True)
        return EXIT_WRONG
    except Exception as error:
        from netrunner.errors import NetrunnerError

        if not isinstance(error, NetrunnerError):
            raise
        _report(error.problems, "text")
        return EXIT_WRONG


def _close_quietly() -> None:
    """Point the streams away, so that the interpreter's last flush does not fail again."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(null, stream.fileno())
