"""`netrunner activations`."""

from __future__ import annotations

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import format_option, plugins_option
from netrunner.commands.terminal import bold, colored, destination


@click.command()
@plugins_option
@format_option("text", "json", help="The format of the list.")
def activations(plugins: tuple[str, ...], format_: str) -> None:
    """List the activations, and where each comes from.

    \b
    Example:
      netrunner activations
    """
    from netrunner.activations.plugins import load_registry
    from netrunner.views.render import activations as listing

    with plugins_at_work():
        registry = load_registry(plugins)
    with destination(None) as stream:
        if format_ == "json":
            listing.write_json(registry, stream)
        else:
            listing.write_text(registry, stream, bold if colored(stream) else str)
