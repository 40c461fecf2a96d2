"""`netrunner plugins`."""

from __future__ import annotations

import sys
from typing import Any

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import PATH, format_option, plugins_option
from netrunner.commands.terminal import EXIT_WRONG, bold, colored, destination, report


@click.group()
def plugins() -> None:
    """List the plugins, or review some.

    \b
    Example:
      netrunner plugins list
      netrunner new swish.py --plugin
      netrunner plugins check swish.py
    """


@plugins.command("list")
@plugins_option
@format_option("text", "json", help="The format of the list.")
def list_(plugins: tuple[str, ...], format_: str) -> None:
    """List every plugin: its state, what it adds, and its file.

    \b
    Example:
      netrunner plugins list
    """
    from netrunner.activations.plugins import list_plugins
    from netrunner.views.render import plugins as listing

    with plugins_at_work():
        listed = list_plugins(plugins)
    with destination(None) as stream:
        if format_ == "json":
            listing.write_json(listed, stream)
        else:
            listing.write_text(listed, stream, bold if colored(stream) else str)
    if any(each.state == "broken" and each.source == "file" for each in listed):
        sys.exit(EXIT_WRONG)


@plugins.command()
@click.argument("paths", type=PATH, nargs=-1, required=True, metavar="PATH...")
@format_option(
    "text",
    "json",
    "github",
    help="The format of the review; github marks what is broken in a pull request.",
)
def check(paths: tuple[str, ...], format_: str) -> None:
    """Review the activations of plugin files and folders.

    Each is called with many inputs, to test what a network relies on.

    \b
    Example:
      netrunner new swish.py --plugin
      netrunner plugins check swish.py
    """
    from contextlib import redirect_stdout
    from dataclasses import replace
    from functools import partial
    from io import StringIO

    from netrunner.activations.plugins import load_files, loaded_again
    from netrunner.testing.review import review
    from netrunner.views.render import review as written

    with plugins_at_work():
        added, problems = load_files(paths)
    reviews = []
    for entry in added:
        # A function that prints would do so hundreds of times.
        with plugins_at_work(), redirect_stdout(StringIO()):
            again = partial(loaded_again, entry)
            reviews.append(review(entry.activation, entry.origin, again=again))
    broken = [problem for each in reviews for problem in each.problems]
    if format_ == "text":
        with destination(None) as stream:
            for position, each in enumerate(reviews):
                stream.write("\n" if position else "")
                written.write(each, stream, bold if colored(stream) else str)
            stream.write("\n" if broken else "")
            stream.flush()  # before the problems, if both go to one place
        report([*problems, *(replace(each, context=None, hint=None) for each in broken)], format_)
    elif format_ == "json":
        from netrunner.views.render.json import dump

        found: list[Any] = [each.as_dict() for each in problems]
        for each in reviews:
            found.extend(written.as_dicts(each))
        with destination(None) as stream:
            dump(found, stream)
    else:
        report([*problems, *broken], format_)
    if problems or broken:
        sys.exit(EXIT_WRONG)
