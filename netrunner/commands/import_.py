"""`netrunner import`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import PATH, plugins_option, weights_option
from netrunner.commands.terminal import say
from netrunner.exchange.formats import READ, one_of

if TYPE_CHECKING:
    from netrunner.format.save import Weights

HELP = f"""Make a network file from another tool's file.

The name of SOURCE ends in {one_of(READ)}. Nothing in it is executed.

\b
Example:
  netrunner new and.yaml --from and
  netrunner export and.yaml --output and.npz
  netrunner import and.npz --activations step --output again.yaml
"""


@click.command("import", help=HELP)
@click.argument("source", type=PATH)
@click.option(
    "--output", type=PATH, metavar="NETWORK.yaml", required=True, help="The network file to write."
)
@click.option(
    "--activations",
    metavar="A,B,C",
    help="One for each layer, if the file has only weights: relu,leaky_relu(alpha=0.1).",
)
@plugins_option
@weights_option
@click.option(
    "--transpose/--no-transpose",
    default=None,
    help="Whether weights are stored as (size, inputs), if their shapes do not show it.",
)
@click.option(
    "--order",
    metavar="A,B,C",
    help="The layers from the input on, if neither names nor shapes of the weights show it.",
)
@click.option("--output-name", metavar="NAME", help="Which output, if the model has several.")
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
    order: str | None,
    output_name: str | None,
    separate_normalisation: bool,
) -> None:
    from netrunner.exchange.importing import import_network
    from netrunner.format.save import save

    with plugins_at_work(source):
        network = import_network(
            source,
            activations=activations,
            plugins=plugins,
            separate_normalisation=separate_normalisation,
            transpose=transpose,
            order=order,
            output_name=output_name,
        )
        for file in save(network, output, weights=weights):
            say(f"wrote {file}")
