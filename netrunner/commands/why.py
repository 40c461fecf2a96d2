"""`netrunner why`."""

from __future__ import annotations

import click

from netrunner.commands.hosting import plugins_at_work
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
from netrunner.commands.terminal import bold, colored, destination


@click.command()
@network_argument
@click.option("--neuron", metavar="K", required=True, help="The output, by its number or name.")
@input_options
@plugins_option
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
    network: str,
    neuron: str,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
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

    with plugins_at_work(network):
        loaded = load_network(network, plugins)
        trace = loaded.trace(read_input(loaded, network, inputs, input_file))
        walk = trace.why(neuron, top=top)
    with destination(output) as stream:
        if format_ == "json":
            why_json.write(walk, stream)
        else:
            why_text.write(walk, stream, precision, bold if colored(stream) else str)
