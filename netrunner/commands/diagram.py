"""`netrunner diagram`."""

from __future__ import annotations

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    input_options,
    load_network,
    network_argument,
    picture_option,
    plugins_option,
    read_input,
)
from netrunner.commands.terminal import about


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
    help="Which row of a batch the neurons show.",
)
@picture_option
def diagram(
    network: str,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
    row: int,
    output: str,
) -> None:
    """Draw the network, with the values of a run in it.

    \b
    Example:
      netrunner new first.yaml
      netrunner diagram first.yaml --output first.svg
    """
    from netrunner.views.pictures import saving
    from netrunner.views.pictures.diagram import draw

    with about(output):
        saving.check_name(output)
    with plugins_at_work(network):
        loaded = load_network(network, plugins)
        trace = None
        if inputs or input_file is not None or loaded.examples:
            trace = loaded.trace(read_input(loaded, network, inputs, input_file))
        with about("--row"):
            ax = draw(loaded, trace, row=row)
        with about(output):
            saving.save(ax.figure, output)
