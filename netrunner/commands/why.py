"""`netrunner why`."""

from __future__ import annotations

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    RunOptions,
    format_option,
    output_option,
    precision_option,
    run_options,
)
from netrunner.commands.terminal import bold, colored, destination


@click.command()
@click.option("--neuron", metavar="K", required=True, help="The output, by its number or name.")
@run_options
@click.option(
    "--top",
    type=click.IntRange(min=1),
    metavar="N",
    default=5,
    show_default=True,
    help="How many terms of each sum; the others are added up.",
)
@precision_option
@format_option("text", "json", help="The format of the result.")
@output_option
def why(
    options: RunOptions,
    neuron: str,
    top: int,
    precision: int,
    format_: str,
    output: str | None,
) -> None:
    """Walk back from an output along its largest terms.

    \b
    Example:
      netrunner new iris.yaml --from iris
      netrunner why iris.yaml --neuron setosa
    """
    from netrunner.views.render import why_json, why_text

    with plugins_at_work(options.network):
        _, trace = options.load_and_run()
        walk = trace.why(neuron, top=top)
    with destination(output) as stream:
        if format_ == "json":
            why_json.write(walk, stream)
        else:
            why_text.write(walk, stream, precision, bold if colored(stream) else str)
