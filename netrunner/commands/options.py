"""The options that several commands share, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from netrunner.commands.hosting import standard_input
from netrunner.commands.terminal import called

if TYPE_CHECKING:
    from typing import Protocol

    from netrunner.network.network import Network
    from netrunner.network.trace import Trace

    class _Format(Protocol):
        @property
        def name(self) -> str: ...
        @property
        def suffix(self) -> str: ...


_SomeFormat = TypeVar("_SomeFormat", bound="_Format")
_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Input(click.Path):
    """A file that a command reads, or -, standard input, which only one of them can be."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "-" and ctx is not None:
            if "standard input" in ctx.meta:
                raise click.UsageError("Standard input can be read only once: write - only once.")
            ctx.meta["standard input"] = True
        return super().convert(value, param, ctx)


# The shell completes these; nothing is checked before a file is opened.
PATH = click.Path(readable=False)
INPUT = _Input(readable=False)
STANDARD_OUTPUT = 1  # its descriptor

network_argument = click.argument("network", type=INPUT)
plugins_option = click.option(
    "--plugins",
    "plugins",
    type=PATH,
    multiple=True,
    metavar="PATH",
    help="A file or folder with activations, or a name such as tanh; may be repeated.",
)


def standard_output_by_name(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """Replaces any other name of standard output, such as /dev/stdout, by -."""
    if value is None or value == "-":
        return value
    from pathlib import Path

    from netrunner.files.writing import open_descriptor

    return "-" if open_descriptor(Path(value)) == STANDARD_OUTPUT else value


def number(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    """The number given to an option, read as in files, where 1_0 is not a number."""
    from netrunner.files.numerals import parse_number
    from netrunner.problems.problem import Fault

    if value is None:
        return None
    try:
        return parse_number(value)
    except Fault as fault:
        help_ = f": {fault.hint}" if fault.hint else ""
        raise click.BadParameter(fault.message + help_) from None


def page_by_name(context: click.Context, option: click.Parameter, value: Any) -> Any:
    """The name of an HTML file, or of standard output. Raises UsageError for another suffix."""
    value = standard_output_by_name(context, option, value)
    suffix = re.search(r"[^/\\](\.\w+)$", value or "")
    if suffix and suffix[1].lower() not in (".html", ".htm"):
        message = f"--output {value} does not end in .html, but the file is a page for a browser:"
        raise click.UsageError(f"{message} change the name.")
    return value


def output_to(
    help: str, required: bool = False, named: Callable[..., Any] = standard_output_by_name
) -> Callable[[_Command], _Command]:
    """Where a command writes: a file, or standard output."""
    return click.option(
        "--output",
        type=PATH,
        callback=named,
        metavar="FILE",
        required=required,
        help=help,
    )


output_option = output_to("Write to FILE instead of standard output.")
weights_option = click.option(
    "--weights",
    type=click.Choice(["auto", "inline", "file"]),
    default="auto",
    show_default=True,
    help="Where weights go: into the text or a file beside it; auto decides by their number.",
)
precision_option = click.option(
    "--precision",
    type=click.IntRange(0, 17),
    metavar="N",
    default=8,
    show_default=True,
    help="Digits after the point.",
)


class TextFormat(NamedTuple):
    """A format that one command alone writes."""

    name: str
    suffix: str


def text_formats(**suffixes: str) -> dict[str, TextFormat]:
    """Formats by name, each with its suffix."""
    return {name: TextFormat(name, suffix) for name, suffix in suffixes.items()}


def format_option(*formats: str, help: str) -> Callable[[_Command], _Command]:
    """How a command writes: in one of the formats, the first unless the user says otherwise."""
    choice = click.Choice(formats)
    return click.option(
        "--format", "format_", type=choice, default=formats[0], show_default=True, help=help
    )


def format_by_suffix_option(
    formats: Mapping[str, _SomeFormat], help: str
) -> Callable[[_Command], _Command]:
    """How a command writes FILE, where its suffix says it unless the user does."""
    help += f"  [default: by the suffix of FILE, else {next(iter(formats))}]"
    return click.option("--format", "format_", type=click.Choice(list(formats)), help=help)


def chosen_format(
    formats: Mapping[str, _SomeFormat], name: str | None, output: str | None
) -> _SomeFormat:
    """The format that is asked for, or else that of the output's suffix, or else the first.

    Raises UsageError if the two differ, or no format has the suffix.
    """
    path = (output or "").lower()
    of_file = next((each for each in formats.values() if path.endswith(each.suffix)), None)
    if name is None:
        if of_file is None and re.search(r"[^/\\]\.\w+$", path):
            known = ", ".join(each.suffix for each in formats.values())
            message = f"--output {output} does not end in one of {known}: add --format, or"
            raise click.UsageError(f"{message} change the name.")
        return of_file or next(iter(formats.values()))
    if of_file is not None and of_file.name != name:
        message = f"--format {name} and --output {output} name two formats: leave one out."
        raise click.UsageError(message)
    return formats[name]


def row_option(help: str) -> Callable[[_Command], _Command]:
    """Which row of a batch a command is about, counted from 1."""
    rows = click.IntRange(min=1)
    return click.option("--row", type=rows, metavar="R", default=1, show_default=True, help=help)


def _one_kind_of_input(context: click.Context, option: click.Parameter, value: Any) -> Any:
    if value and any(context.params.get(name) for name in ("inputs", "input_file")):
        raise click.UsageError("--input and --input-file cannot both be given.")
    return value


def input_options(command: Any) -> Any:
    """The two ways to give a run its input."""
    for option in (
        click.option(
            "--input-file",
            type=INPUT,
            callback=_one_kind_of_input,
            metavar="FILE",
            help="Inputs from a .csv, .npy, .npz or .json file; - reads CSV from standard input.",
        ),
        click.option(
            "--input",
            "inputs",
            multiple=True,
            callback=_one_kind_of_input,
            metavar="1.0,0.5",
            help="One row of inputs; repeated, a batch. Without any, the file's first example.",
        ),
    ):
        command = option(command)
    return command


class RunOptions(NamedTuple):
    """What a command runs: a network, its input, and the plugins that they may need."""

    network: str
    inputs: tuple[str, ...]
    input_file: str | None
    plugins: tuple[str, ...]

    @property
    def has_input(self) -> bool:
        return bool(self.inputs) or self.input_file is not None

    def load(self) -> Network:
        return load_network(self.network, self.plugins)

    def input(self, network: Network) -> Any:
        """The input for the loaded network. Raises NetrunnerError."""
        return read_input(network, self.network, self.inputs, self.input_file)

    def load_and_run(self) -> tuple[Network, Trace]:
        """The network, and its run, which warns of a value that is not finite."""
        network = self.load()
        return network, network.trace(self.input(network))


def run_options(command: Callable[..., Any]) -> Any:
    """The argument and the options of a command that runs a network; it gets them as one."""

    @network_argument
    @input_options
    @plugins_option
    @wraps(command)
    def with_options(
        network: str,
        inputs: tuple[str, ...],
        input_file: str | None,
        plugins: tuple[str, ...],
        **others: Any,
    ) -> Any:
        return command(RunOptions(network, inputs, input_file, plugins), **others)

    return with_options


def load_network(path: str, plugins: tuple[str, ...]) -> Network:
    # Python keeps its frames in chunks of 16 KiB. Imported below many calls, numpy crosses the end
    # of a chunk about 2,000 times, and each time Python takes a chunk from the system and gives it
    # back. That took a quarter of the start.
    import numpy  # noqa: F401

    from netrunner.format.loading import load, loads

    if path != "-":
        return load(path, plugins)
    name, text = network_from_stream()
    return loads(text, name, ".", plugins)


def network_from_stream() -> tuple[str, str]:
    """The name and the text of the network on standard input. Raises NetrunnerError."""
    from netrunner.files.inputs import STANDARD_INPUT
    from netrunner.files.opening import MAX_TEXT_BYTES, decode
    from netrunner.problems.problem import Fault, about

    with about(STANDARD_INPUT):
        data = standard_input().read(MAX_TEXT_BYTES + 1)
        if len(data) > MAX_TEXT_BYTES:
            raise Fault("too-large", f"larger than {MAX_TEXT_BYTES // 2**20} MiB")
        return STANDARD_INPUT, decode(data, STANDARD_INPUT).text


def read_input(network: Network, path: str, inputs: tuple[str, ...], input_file: str | None) -> Any:
    from netrunner.problems.problem import NetrunnerError, Problem
    from netrunner.problems.source import Place

    if not inputs and input_file is None:
        if network.examples:
            return network.examples[0].input
        message = "there is nothing to run: the file has no example, and no --input was given"
        row = ",".join(["1"] * network.input_size)
        hint = f"add --input {row}" if len(row) < 40 else "add --input-file FILE"
        raise NetrunnerError(Problem("no-input", Place(called(path)), message, hint=hint))

    from netrunner.files.inputs import inputs_from_file, inputs_from_stream, rows_from_options
    from netrunner.network.streaming import checked, whole_input

    if input_file is None:
        return checked(network, rows_from_options(inputs))
    if input_file == "-":
        return whole_input(network, inputs_from_stream(standard_input(), whole=True))
    with inputs_from_file(input_file, network.input_size, whole=True) as given:
        return whole_input(network, given)
