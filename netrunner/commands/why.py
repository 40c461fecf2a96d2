"""`netrunner why`."""

from __future__ import annotations

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    RunOptions,
    chosen_format,
    format_by_suffix_option,
    output_option,
    precision_option,
    run_options,
    text_formats,
)
from netrunner.commands.terminal import bold, colored, destination

_FORMATS = text_formats(text=".txt", json=".json")


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
@format_by_suffix_option(_FORMATS, help="The format of the result.")
@output_option
def why(
    options: RunOptions,
    neuron: str,
    top: int,
    precision: int,
    format_: str | None,
    output: str | None,
) -> None:
    """Walk back from an output along its largest terms.

    \b
    Example:
      netrunner new iris.yaml --from iris
      netrunner why iris.yaml --neuron setosa
    """
    from netrunner.views.render import why_json, why_text

    written_as = chosen_format(_FORMATS, format_, output).name
    with plugins_at_work(options.network):
        _, trace = options.load_and_run()
        walk = trace.why(neuron, top=top)
    with destination(output) as stream:
        if written_as == "json":
            why_json.write(walk, stream)
        else:
            why_text.write(walk, stream, precision, bold if colored(stream) else str)
