"""`netrunner import`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import PATH, plugins_option, weights_option
from netrunner.commands.terminal import say

if TYPE_CHECKING:
    from netrunner.format.save import Weights


@click.command("import")
@click.argument("source", type=PATH)
@click.option(
    "--output", type=PATH, metavar="NETWORK.yaml", required=True, help="The network file to write."
)
@click.option(
    "--activations",
    metavar="A,B,C",
    help="One for each layer, if the file has only weights: sigmoid,sigmoid,softmax.",
)
@plugins_option
@weights_option
@click.option(
    "--transpose/--no-transpose",
    default=None,
    help="Whether weights are stored as (size, inputs), if their shapes do not show it.",
)
@click.option(
    "--separate-normalisation",
    is_flag=True,
    help="Keep a normalisation as layers of its own, not folded into its neighbours.",
)
def import_(
    source: str,
    output: str,
    activations: str | None,
    plugins: tuple[str, ...],
    weights: Weights,
    transpose: bool | None,
    separate_normalisation: bool,
) -> None:
    """Make a network file from another tool's file.

    SOURCE is an .onnx, .safetensors, .npz, .pkl or .nnet file. Nothing in it is executed.

    \b
    Example:
      netrunner new and.yaml --from and
      netrunner export and.yaml --output and.npz
      netrunner import and.npz --activations step --output again.yaml
    """
    from netrunner.exchange.importing import import_network
    from netrunner.format.save import save

    with plugins_at_work(source):
        network = import_network(
            source,
            activations=activations,
            plugins=plugins,
            separate_normalisation=separate_normalisation,
            transpose=transpose,
        )
        for file in save(network, output, weights=weights):
            say(f"wrote {file}")
