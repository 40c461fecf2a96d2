"""`netrunner export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from netrunner.commands.options import (
    PATH,
    network_argument,
    plugins_option,
    weights_option,
)
from netrunner.commands.terminal import plugins_at_work

if TYPE_CHECKING:
    from netrunner.exchange.save import Weights


@click.command()
@network_argument
@click.option(
    "--output",
    type=PATH,
    metavar="FILE",
    required=True,
    help="An .onnx, .safetensors, .npz, .yaml or .py file.",
)
@plugins_option
@weights_option
def export(network: str, output: str, plugins: tuple[str, ...], weights: Weights) -> None:
    """Write the network for other tools, or as a script.

    \b
    Example:
      netrunner export networks/three_layer.yaml --output three_layer.py
    """
    from netrunner.assembly import read_network
    from netrunner.exchange.export import export
    from netrunner.exchange.save import check_sources_stay
    from netrunner.plugins import load_registry

    with plugins_at_work(network):
        file = read_network(network, load_registry(plugins))
        sources = [Path(network), *map(Path, file.stored)]
        check_sources_stay(sources, file.network, output, weights)
        for written in export(file.network, output, weights=weights):
            click.echo(f"wrote {click.format_filename(written)}", err=True)
