"""`netrunner slides`."""

from __future__ import annotations

from pathlib import Path

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    input_options,
    load_network,
    network_argument,
    output_to,
    page_by_name,
    plugins_option,
    precision_option,
    read_input,
)
from netrunner.commands.pictures import new_name, written
from netrunner.commands.terminal import about, destination


@click.command()
@network_argument
@input_options
@plugins_option
@click.option(
    "--row",
    type=click.IntRange(min=1),
    metavar="R",
    default=1,
    show_default=True,
    help="The row of a batch that the slides show.",
)
@precision_option
@output_to(
    "An .html file, or - for standard output; without it, a file with a new name.",
    named=page_by_name,
)
def slides(
    network: str,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
    row: int,
    precision: int,
    output: str | None,
) -> None:
    """Write a run as slides, one neuron after the other.

    For a projector: arrow keys, space or a click turn the slides. Printed, each is a page.

    \b
    Example:
      netrunner new first.yaml
      netrunner slides first.yaml --output slides.html
    """
    from netrunner.views.slides.deck import deck

    file = output or new_name(Path(network).stem if network != "-" else "network", ".html")
    with plugins_at_work(network):
        loaded = load_network(network, plugins)
        trace = loaded.trace(read_input(loaded, network, inputs, input_file))
        with about("--row"):
            text = deck(loaded, trace, row=row, precision=precision)
    with destination(file) as stream:
        stream.write(text)
    written(output, file)
