"""`netrunner run`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Any

import click

from netrunner.commands.hosting import plugins_at_work, standard_input
from netrunner.commands.options import (
    RunOptions,
    chosen_format,
    format_by_suffix_option,
    output_option,
    precision_option,
    run_options,
)
from netrunner.commands.terminal import (
    bold,
    colored,
    destination,
    is_terminal,
    spooled,
    warn,
)
from netrunner.views.render.formats import FORMATS, TraceFormat


@click.command()
@run_options
@format_by_suffix_option(FORMATS, help="The format of the trace; npy has Y alone.")
@output_option
@precision_option
@click.option("--output-only", is_flag=True, help="Only the output Y, not every A and Z.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Run on a Dask cluster: its scheduler's address, or local. Output only.",
)
def run(
    options: RunOptions,
    format_: str | None,
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

        run_on_scheduler(scheduler, options, output)
        return
    written_as = chosen_format(FORMATS, format_, output)
    if written_as.binary and output in (None, "-") and is_terminal(sys.stdout):
        name = written_as.name
        raise click.UsageError(f"--format {name} is not for a terminal: give --output FILE.")
    output_only = output_only or not written_as.whole
    if options.input_file is not None and (output_only or written_as.in_blocks):
        _run_in_blocks(options, written_as, output, precision, output_only)
        return
    with plugins_at_work():
        loaded = options.load()
        x = options.input(loaded)
        if output_only:
            y, not_finite = loaded.silent_output(x)
        else:
            trace = loaded.silent_trace(x)
            not_finite = trace.not_finite
    if not_finite is not None:
        warn(options.network, str(not_finite), "not-finite")
    with destination(output, binary=written_as.binary) as stream:
        look: dict[str, Any] = {}
        if written_as is FORMATS["text"]:
            look = {"precision": precision}
        if output_only:
            written_as.write_output(loaded.name, loaded.output_names, [y], stream, **look)
        else:
            if look and colored(stream):
                look["bold"] = bold
            written_as.write([trace], stream, **look)


def _run_in_blocks(
    options: RunOptions,
    written_as: TraceFormat,
    output: str | None,
    precision: int,
    output_only: bool,
) -> None:
    """A run over an input that may be larger than memory."""
    with plugins_at_work():
        loaded = options.load()

    from netrunner.commands.progress import progress
    from netrunner.files.inputs import inputs_from_file, inputs_from_stream
    from netrunner.network.streaming import Run

    name = options.input_file
    assert name is not None
    source = (
        nullcontext(inputs_from_stream(standard_input()))
        if name == "-"
        else inputs_from_file(name, loaded.input_size)
    )
    # Open the input first: the output must not replace a file that is being read.
    with (
        source as given,
        spooled(output, binary=written_as.binary) as stream,
        plugins_at_work(),
    ):
        with progress(given.count) as tell:
            is_text = written_as is FORMATS["text"]
            part = 0.5 if is_text else 1.0  # printing is half of the work

            def ran(rows: int) -> None:
                share = given.read(rows)
                tell(part * rows, share and part * share)

            def printed(rows: int, of: int) -> None:
                tell((of + rows) / 2, (of + rows) / (2 * of))

            run = Run(loaded, given, ran)
            if output_only:
                look = {"precision": precision, "printed": printed} if is_text else {}
                names, outputs = loaded.output_names, run.outputs()
                written_as.write_output(loaded.name, names, outputs, stream, **look)
            else:
                written_as.write(run.traces(), stream)
        if run.not_finite is not None:
            warn(options.network, str(run.not_finite), "not-finite")
