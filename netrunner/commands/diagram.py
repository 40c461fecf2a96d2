"""`netrunner diagram`."""

from __future__ import annotations

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    RunOptions,
    row_option,
    run_options,
)
from netrunner.commands.pictures import file_for, picture_option, stem_of, written
from netrunner.commands.terminal import about


@click.command()
@run_options
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
    options: RunOptions,
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

    file = file_for(output, stem_of(options.network))
    with plugins_at_work(options.network):
        loaded = options.load()
        trace = None
        if options.has_input or loaded.examples or style == "matrix":
            trace = loaded.trace(options.input(loaded))
        if style == "matrix" and trace is not None:
            drawing = matrix.draw(loaded, trace, row=row)
        else:
            drawing = diagrams.draw(loaded, trace, row=row)
        if not file.lower().endswith(".svg"):
            import_matplotlib()
        with about(file):
            save_drawing(drawing, file)
    written(output, file)
