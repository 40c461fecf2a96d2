"""`netrunner new`."""

from __future__ import annotations

import click

from netrunner.commands.options import PATH
from netrunner.commands.terminal import destination


def _list_examples(context: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from netrunner.examples import example_names

        with destination(None) as stream:
            stream.writelines(f"{name}\n" for name in example_names())
        context.exit()


@click.command()
@click.argument("path", type=PATH, metavar="NAME.yaml")
@click.option(
    "--from",
    "example",
    metavar="EXAMPLE",
    default="three_layer",
    show_default=True,
    help="Which of the networks that come with netrunner.",
)
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_examples,
    help="List these networks, and write none.",
)
def new(path: str, example: str) -> None:
    """Write an example network to NAME.yaml, ready to edit.

    \b
    Example:
      netrunner new first.yaml
    """
    from netrunner.examples import write_example

    for file in write_example(path, example):
        click.echo(f"wrote {click.format_filename(file)}", err=True)
    click.echo(f"Try: netrunner run {click.format_filename(path)}", err=True)
