"""`netrunner run --scheduler`: a run on a Dask cluster."""

from __future__ import annotations

import sys

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import RunOptions
from netrunner.commands.terminal import is_terminal, say, warn


def run_on_scheduler(scheduler: str, options: RunOptions, output: str | None) -> None:
    """Run the network on the rows in a file, into `output`."""
    context = click.get_current_context()
    if options.inputs or options.input_file in (None, "-"):
        raise click.UsageError("--scheduler takes its rows from --input-file PATH.")
    if output in (None, "-"):
        raise click.UsageError("--scheduler writes into a folder: give --output PATH.")
    for name in ("format_", "precision"):
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            option = f"--{name.rstrip('_')}"
            raise click.UsageError(f"{option} and --scheduler cannot both be given.")
    assert options.input_file is not None
    assert output is not None
    import logging

    from netrunner.dask.cluster import run

    # What Dask logs in many lines becomes one error here, or a retry repairs it. The logging stays
    # off: Dask logs more when the process ends.
    logging.disable()
    with plugins_at_work(options.network):
        show_progress = is_terminal(sys.stderr)
        rows, not_finite = run(scheduler, options.load(), options.input_file, output, show_progress)
    if not_finite is not None:
        warn(options.network, not_finite, "not-finite")
    say(f"wrote {output}: {rows:,} row{'s' * (rows != 1)}")
