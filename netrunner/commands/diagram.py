"""`netrunner diagram`."""

from __future__ import annotations

from pathlib import Path

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    input_options,
    load_network,
    network_argument,
    plugins_option,
    read_input,
    row_option,
)
from netrunner.commands.pictures import file_for, picture_option, written
from netrunner.commands.terminal import about


@click.command()
@network_argument
@input_options
@plugins_option
@row_option("The row of a batch that is shown.")
@click.option(
    "--style",
    type=click.Choice(["network", "matrix"]),
    default="network",
    show_default=True,
    help="Circles and lines, or the arithmetic X·W + B of a run.",
)
@picture_option
def diagram(
    network: str,
    inputs: tuple[str, ...],
    input_file: str | None,
    plugins: tuple[str, ...],
    row: int,
    style: str,
    output: str | None,
) -> None:
    """Draw the network, with the values of a run in it.

    \b
    Example:
      netrunner new first.yaml
      netrunner diagram first.yaml --output first.svg
    """
    from netrunner.views.pictures import diagram as diagrams
    from netrunner.views.pictures import matrix
    from netrunner.views.pictures.axes import import_matplotlib
    from netrunner.views.pictures.saving import save_drawing

    file = file_for(output, Path(network).stem if network != "-" else "network")
    with plugins_at_work(network):
        loaded = load_network(network, plugins)
        trace = None
        if inputs or input_file is not None or loaded.examples or style == "matrix":
            trace = loaded.trace(read_input(loaded, network, inputs, input_file))
        with about("--row"):
            if style == "matrix" and trace is not None:
                drawing = matrix.draw(loaded, trace, row=row)
            else:
                drawing = diagrams.draw(loaded, trace, row=row)
        if not file.lower().endswith(".svg"):
            import_matplotlib()
        with about(file):
            save_drawing(drawing, file)
    written(output, file)
