"""`netrunner report`."""

from __future__ import annotations

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    RunOptions,
    output_to,
    page_by_name,
    row_option,
    run_options,
)
from netrunner.commands.terminal import called, destination


@click.command()
@run_options
@row_option("The row of a batch that the page shows.")
@output_to("The .html file; - is standard output.", required=True, named=page_by_name)
def report(
    options: RunOptions,
    row: int,
    output: str,
) -> None:
    """Write a run as a page for the browser.

    Change an input, a weight or a bias there, and every other number follows.

    \b
    Example:
      netrunner new first.yaml
      netrunner report first.yaml --output first.html
    """
    from netrunner import __version__
    from netrunner.views.page.page import page

    with plugins_at_work(options.network):
        loaded, trace = options.load_and_run()
        made_by = f"Made from {called(options.network)} by netrunner report, version {__version__}."
        text = page(loaded, trace, row=row, made_by=(made_by,))
    with destination(output) as stream:
        stream.write(text)
