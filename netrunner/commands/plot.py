"""`netrunner plot`."""

from __future__ import annotations

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    PATH,
    input_options,
    load_network,
    picture_option,
    plugins_option,
    read_input,
)
from netrunner.commands.terminal import about

BOOK_RANGE = "-5,5"


@click.command()
@click.argument("activations", nargs=-1, metavar="[ACTIVATION]...")
@click.option(
    "--network",
    type=PATH,
    metavar="NETWORK",
    help="Instead: the curve of each layer, with the values of a run on it.",
)
@input_options
@plugins_option
@click.option(
    "--range",
    "range_",
    metavar="A,B",
    default=BOOK_RANGE,
    show_default=True,
    help="The range of a to draw.",
)
@picture_option
def plot(
    activations: tuple[str, ...],
    network: str | None,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
    range_: str,
    output: str,
) -> None:
    """Draw curves of activations, or a run on its curves.

    \b
    Example:
      netrunner plot step sigmoid --output curves.png
    """
    if bool(activations) == (network is not None):
        raise click.UsageError("give the names of activations, or --network NETWORK.")
    if network is None and (inputs or input_file is not None):
        raise click.UsageError("--input and --input-file go with --network.")
    if network is not None and range_ != BOOK_RANGE:
        raise click.UsageError("--range goes with the names of activations.")

    from netrunner.activations.plugins import load_registry
    from netrunner.views.pictures import curves, dots, saving

    with about(output):
        saving.check_name(output)
    with plugins_at_work(network or "netrunner"):
        if network is None:
            low_high = _range(range_)
            ax = curves.draw(activations, low_high, registry=load_registry(plugins))
        else:
            loaded = load_network(network, plugins)
            ax = dots.plot_trace(loaded.trace(read_input(loaded, network, inputs, input_file)))
        with about(output):
            saving.save(ax.figure, output)


def _range(text: str) -> tuple[float, float]:
    from netrunner.files.inputs import rows_from_options

    low_high = rows_from_options([text], "--range").rows.tolist()
    if len(low_high) != 2:
        raise click.UsageError("--range takes two numbers with a comma between, such as -5,5.")
    return low_high[0], low_high[1]
