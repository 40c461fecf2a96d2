"""`netrunner schema`."""

from __future__ import annotations

import click

from netrunner.commands.terminal import destination


@click.command()
def schema() -> None:
    """Print the JSON Schema of network files, for editors.

    \b
    Example:
      netrunner schema > network.schema.json
    """
    from netrunner.format.network_file import schema_text

    with destination(None) as stream:
        stream.write(schema_text())
