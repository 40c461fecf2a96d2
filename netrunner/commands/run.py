"""`netrunner run`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from netrunner.commands.options import (
    format_option,
    input_options,
    load_network,
    network_argument,
    output_option,
    plugins_option,
    precision_option,
    read_input,
)
from netrunner.commands.terminal import (
    bold,
    colored,
    destination,
    is_terminal,
    plugins_at_work,
    warning_line,
)

if TYPE_CHECKING:
    from netrunner.trace import Trace


@click.command()
@network_argument
@input_options
@plugins_option
@format_option("text", "json", "csv", "npz", help="How the trace is written.")
@output_option
@precision_option
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
    if format_ == "npz" and output in (None, "-") and is_terminal(sys.stdout):
        raise click.UsageError("--format npz is not for a terminal: give --output FILE.")
    with plugins_at_work():
        loaded = load_network(network, plugins)
        x = read_input(loaded, network, inputs, input_file)
        if output_only:
            y, not_finite = loaded.silent_output(x)
        else:
            trace = loaded.silent_trace(x)
            not_finite = trace.not_finite
    if not_finite is not None:
        click.echo(warning_line(network, not_finite, "not-finite"), err=True)
    with destination(output, binary=format_ == "npz") as stream:
        if output_only:
            _write_output(loaded.name, y, stream, format_, precision)
        else:
            _write_trace(trace, stream, format_, precision)


def _write_trace(trace: Trace, stream: Any, format_: str, precision: int) -> None:
    if format_ == "text":
        from netrunner.render import text

        text.write(trace, stream, precision, bold if colored(stream) else str)
    else:
        import_module(f"netrunner.render.{format_}").write(trace, stream)


def _write_output(network: str, Y: Any, stream: Any, format_: str, precision: int) -> None:
    if format_ == "text":
        from netrunner.render import text

        text.write_output(Y, stream, precision)
    else:
        import_module(f"netrunner.render.{format_}").write_output(network, Y, stream)
