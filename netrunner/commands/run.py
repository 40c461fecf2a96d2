"""`netrunner run`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from netrunner.commands.hosting import plugins_at_work, standard_input
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
    spooled,
    warn,
)

if TYPE_CHECKING:
    from netrunner.activations.activation import Array
    from netrunner.network.trace import Trace


@click.command()
@network_argument
@input_options
@plugins_option
@format_option("text", "json", "jsonl", "csv", "npz", help="How the trace is written.")
@output_option
@precision_option
@click.option("--output-only", is_flag=True, help="Only the output Y, not every A and Z.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Run on a Dask cluster: its scheduler's address, or local. Output only.",
)
def run(
    network: str,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
    format_: str,
    output: str | None,
    precision: int,
    output_only: bool,
    scheduler: str | None,
) -> None:
    """Run NETWORK and show every A and Z on the way.

    \b
    Example:
      netrunner new first.yaml
      netrunner run first.yaml --input 1.0,0.5
    """
    if scheduler is not None:
        from netrunner.commands.scheduler import run_on_scheduler

        run_on_scheduler(scheduler, network, inputs, input_file, plugins, output)
        return
    if format_ == "npz" and output in (None, "-") and is_terminal(sys.stdout):
        raise click.UsageError("--format npz is not for a terminal: give --output FILE.")
    if input_file is not None and (output_only or format_ not in ("text", "json")):
        _run_in_blocks(network, input_file, plugins, format_, output, precision, output_only)
        return
    with plugins_at_work():
        loaded = load_network(network, plugins)
        x = read_input(loaded, network, inputs, input_file)
        if output_only:
            y, not_finite = loaded.silent_output(x)
        else:
            trace = loaded.silent_trace(x)
            not_finite = trace.not_finite
    if not_finite is not None:
        warn(network, str(not_finite), "not-finite")
    with destination(output, binary=format_ == "npz") as stream:
        if output_only:
            _write_output(loaded.name, [y], stream, format_, precision)
        else:
            _write_trace(trace, stream, format_, precision)


def _run_in_blocks(
    network: str,
    input_file: str,
    plugins: tuple[str, ...],
    format_: str,
    output: str | None,
    precision: int,
    output_only: bool,
) -> None:
    """A run over an input that may be larger than memory."""
    with plugins_at_work():
        loaded = load_network(network, plugins)

    from netrunner.commands.progress import progress
    from netrunner.files.inputs import inputs_from_file, inputs_from_stream
    from netrunner.network.streaming import Run

    source = (
        nullcontext(inputs_from_stream(standard_input()))
        if input_file == "-"
        else inputs_from_file(input_file, loaded.input_size)
    )
    # The input first: an output must not take the place of what is read.
    with (
        source as given,
        spooled(output, binary=format_ == "npz") as stream,
        plugins_at_work(),
    ):
        with progress(given.count) as tell:
            part = 0.5 if output_only and format_ == "text" else 1.0  # to print is as much again

            def ran(rows: int) -> None:
                share = given.read(rows)
                tell(part * rows, share and part * share)

            def printed(rows: int, of: int) -> None:
                tell((of + rows) / 2, (of + rows) / (2 * of))

            run = Run(loaded, given, ran)
            if output_only:
                _write_output(loaded.name, run.outputs(), stream, format_, precision, printed)
            else:
                import_module(f"netrunner.views.render.{format_}").write_blocks(
                    run.traces(), stream
                )
        if run.not_finite is not None:
            warn(network, str(run.not_finite), "not-finite")


def _write_trace(trace: Trace, stream: Any, format_: str, precision: int) -> None:
    if format_ == "text":
        from netrunner.views.render import text

        text.write(trace, stream, precision, bold if colored(stream) else str)
    else:
        import_module(f"netrunner.views.render.{format_}").write(trace, stream)


def _write_output(
    network: str,
    outputs: Iterable[Array],
    stream: Any,
    format_: str,
    precision: int,
    printed: Callable[[int, int], None] = lambda rows, of: None,
) -> None:
    if format_ == "text":
        from netrunner.views.render import text

        text.write_output(outputs, stream, precision, printed)
    else:
        import_module(f"netrunner.views.render.{format_}").write_output(network, outputs, stream)
