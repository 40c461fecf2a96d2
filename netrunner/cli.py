"""The command line: the only place that prints, opens for writing, and exits.

Only click is imported at the top: `--help` needs nothing else, and is quick because of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
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

network_argument = click.argument("network")
plugins_option = click.option(
    "--plugins",
    "plugins",
    multiple=True,
    metavar="PATH",
    help="A file or folder with activations; may be repeated.",
)


def input_options(command: Any) -> Any:
    """The two ways to give a run its input."""
    for option in (
        click.option(
            "--input-file",
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


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 79})
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
@click.option("--output", metavar="FILE", help="Write to FILE instead of standard output.")
@click.option(
    "--precision",
    type=click.IntRange(0, 17),
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
    if format_ == "npz" and output is None and _is_terminal(sys.stdout):
        raise click.UsageError("--format npz is not for a terminal: give --output FILE.")
    with _plugins_at_work(network):
        loaded = _load(network, plugins)
        x = _input(loaded, network, inputs, input_file)
        result: Any = loaded(x) if output_only else loaded.trace(x)
    with _destination(output, binary=format_ == "npz") as stream:
        if output_only:
            _write_output(loaded, result, stream, format_, precision)
        else:
            _write_trace(result, stream, format_, precision)


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
@click.argument("networks", nargs=-1, required=True, metavar="NETWORK...")
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
    """Check each NETWORK: its format, its shapes, its examples, and its sense.

    \b
    Example:
      netrunner check networks/*.yaml
    """
    from netrunner.checks import check_file
    from netrunner.errors import NetrunnerError
    from netrunner.plugins import load_registry

    problems: list[Problem] = []
    with _plugins_at_work():
        try:
            registry = load_registry(plugins)
            for path in networks:
                found, summary = check_file(path, registry)
                problems.extend(found)
                _report(found, format_)
                if format_ == "text":
                    click.echo(f"{click.format_filename(path)}: {summary}", err=True)
        except NetrunnerError as error:
            problems.extend(error.problems)
            _report(error.problems, format_)
    if format_ == "json":
        import json

        with _destination(None) as stream:
            json.dump([problem.as_dict() for problem in problems], stream, ensure_ascii=False)
            stream.write("\n")
    if any(problem.severity == "error" for problem in problems):
        sys.exit(EXIT_WRONG)


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
    """List the activations that are known, and where each comes from.

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
    """Print the JSON Schema of network files, for editors and other tools.

    \b
    Example:
      netrunner schema > network.schema.json
    """
    from netrunner.network_file import schema_text

    with _destination(None) as stream:
        stream.write(schema_text())


@cli.command()
@click.argument("path", metavar="NAME.yaml")
@click.option(
    "--from",
    "example",
    metavar="EXAMPLE",
    default="three_layer",
    show_default=True,
    help="Which of the networks that come with netrunner; `--from list` names them.",
)
def new(path: str, example: str) -> None:
    """Write a network to NAME.yaml, with comments, ready to run and to edit.

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
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return stream in (sys.stdout, sys.stderr)
    return stream in (sys.stdout, sys.stderr) and _is_terminal(stream)


@contextmanager
def _plugins_at_work(network: str | None = None) -> Iterator[None]:
    """While plugins may run: standard output is ours, and a warning becomes one line."""
    import warnings

    with warnings.catch_warnings(record=True) as caught, redirect_stdout(sys.stderr):
        warnings.simplefilter("always")
        try:
            yield
        finally:
            for line in dict.fromkeys(_warning_line(warning, network) for warning in caught):
                click.echo(line, err=True)


def _warning_line(warning: Any, network: str | None) -> str:
    from netrunner.errors import NetrunnerWarning
    from netrunner.source import visible

    words = " ".join(str(warning.message).split())
    if isinstance(warning.message, NetrunnerWarning):
        where, code = network or "netrunner", "not-finite"
    else:
        where, code = f"{warning.filename}:{warning.lineno}", warning.category.__name__
    return visible(f"{where}: warning: {words} [{code}]")


def _standard_input() -> Any:
    if sys.stdin is None:
        raise click.UsageError("standard input is closed.")
    return sys.stdin.buffer


@contextmanager
def _destination(output: str | None, binary: bool = False) -> Iterator[Any]:
    """The stream that a command's data goes to: a file that appears whole, or standard output."""
    from pathlib import Path

    from netrunner.errors import Fault, NetrunnerError, Problem
    from netrunner.files import writing
    from netrunner.source import Place

    if output is not None:
        try:
            with writing(Path(output), binary) as stream:
                yield stream
        except Fault as fault:
            raise NetrunnerError(fault.at(Place(output))) from None
        return
    if sys.stdout is None:
        message = "cannot be written: it is closed"
        raise NetrunnerError(Problem("unwritable-output", Place("standard output"), message))
    if binary:
        import io

        buffer = io.BytesIO()
        yield buffer
        sys.stdout.buffer.write(buffer.getbuffer())
    else:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        yield sys.stdout


def main() -> None:
    """The command `netrunner`."""
    try:
        code = _main()
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        code = _close_quietly()
    except OSError as error:  # a full disk behind standard output
        code = _close_quietly()
        reason = error.strerror or str(error)
        click.echo(
            f"standard output: error: cannot be written: {reason} [unwritable-output]", err=True
        )
        code = EXIT_WRONG
    sys.exit(code)


def _main() -> int:
    try:
        cli.main(prog_name="netrunner", standalone_mode=False)
        return 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except click.exceptions.Exit as error:
        return error.exit_code
    except SystemExit as error:
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


def _close_quietly() -> int:
    """Point standard output away, so that the interpreter's last flush does not fail again."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    return 0
