"""`netrunner export`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    PATH,
    load_network,
    network_argument,
    plugins_option,
    weights_option,
)
from netrunner.commands.terminal import say
from netrunner.exchange.formats import WRITTEN, one_of

if TYPE_CHECKING:
    from netrunner.format.save import Weights


@click.command()
@network_argument
@click.option(
    "--output",
    type=PATH,
    metavar="FILE",
    required=True,
    help=f"The file to write; its name ends in {one_of(WRITTEN)}.",
)
@plugins_option
@weights_option
def export(network: str, output: str, plugins: tuple[str, ...], weights: Weights) -> None:
    """Write the network for other tools, or as a script.

    \b
    Example:
      netrunner new first.yaml
      netrunner export first.yaml --output first.py
    """
    from netrunner.exchange.exporting import export

    with plugins_at_work(network):
        for file in export(load_network(network, plugins), output, weights=weights):
            say(f"wrote {file}")
