"""`netrunner slides`."""

from __future__ import annotations

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    RunOptions,
    output_to,
    page_by_name,
    precision_option,
    row_option,
    run_options,
)
from netrunner.commands.pictures import new_name, stem_of, written
from netrunner.commands.terminal import destination


@click.command()
@run_options
@row_option("The row of a batch that the slides show.")
@precision_option
@output_to(
    "An .html file, or - for standard output; without it, a file with a new name.",
    named=page_by_name,
)
def slides(
    options: RunOptions,
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

    file = output or new_name(stem_of(options.network), ".html")
    with plugins_at_work(options.network):
        loaded, trace = options.load_and_run()
        text = deck(loaded, trace, row=row, precision=precision)
    with destination(file) as stream:
        stream.write(text)
    written(output, file)
