"""`netrunner new`."""

from __future__ import annotations

import click

from netrunner.commands.options import PATH
from netrunner.commands.terminal import destination, say


def _list_examples(context: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from netrunner.format.examples import descriptions

        formatter = context.make_formatter()
        formatter.write_dl([(name, what.rstrip(".")) for name, what in descriptions().items()])
        with destination(None) as stream:
            stream.write(formatter.getvalue())
        context.exit()


def _complete(context: click.Context, option: click.Parameter, begun: str) -> list[str]:
    from netrunner.format.examples import example_names

    return [name for name in example_names() if name.startswith(begun)]


@click.command()
@click.argument("path", type=PATH, metavar="NAME")
@click.option(
    "--from",
    "example",
    metavar="EXAMPLE",
    default="three_layer",
    show_default=True,
    shell_complete=_complete,
    help="The network to copy, by its name in --list.",
)
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_examples,
    help="List the networks that come with netrunner, and write nothing.",
)
@click.option(
    "--plugin", is_flag=True, help="A plugin instead: NAME.py, and test_NAME.py beside it."
)
@click.pass_context
def new(context: click.Context, path: str, example: str, plugin: bool) -> None:
    """Write an example network to NAME, ready to edit.

    With --plugin, write a plugin with one activation and its test.

    \b
    Example:
      netrunner new first.yaml
    """
    if not path.strip("-"):  # - is standard input for all other commands
        raise click.UsageError(f"'{path}' cannot be the name of a file: give another.")
    if plugin:
        if context.get_parameter_source("example") is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError("--plugin and --from cannot both be given.")
        _new_plugin(path)
        return
    from netrunner.format.examples import write_example

    files = write_example(path, example)
    for file in files:
        say(f"wrote {file}")
    say(f"Try: netrunner run {files[0]}")


def _new_plugin(path: str) -> None:
    from netrunner.format.new_plugin import write_plugin

    files = write_plugin(path)
    for file in files:
        say(f"wrote {file}")
    say(f"Try: netrunner plugins check {files[0]}")
    say(f"     pytest {files[1]}")
