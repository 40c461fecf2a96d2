"""`netrunner check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import PATH, format_option, plugins_option
from netrunner.commands.terminal import EXIT_WRONG, destination, report, say

if TYPE_CHECKING:
    from netrunner.problems.problem import Problem


@click.command()
@click.argument("networks", type=PATH, nargs=-1, required=True, metavar="NETWORK...")
@plugins_option
@format_option(
    "text",
    "json",
    "github",
    help="How the problems are written; github marks them in a pull request.",
)
def check(networks: tuple[str, ...], plugins: tuple[str, ...], format_: str) -> None:
    """Check the format, shapes and examples of each NETWORK.

    \b
    Example:
      netrunner new first.yaml
      netrunner check first.yaml
    """
    from netrunner.activations.plugins import load_registry
    from netrunner.format.checks import check_file
    from netrunner.problems.problem import NetrunnerError

    problems: list[Problem] = []
    try:
        with plugins_at_work():
            registry = load_registry(plugins)
        for path in networks:
            with plugins_at_work(path):
                found, summary = check_file(path, registry)
            problems.extend(found)
            report(found, format_)
            if format_ == "text":
                say(f"{path}: {summary}")
    except NetrunnerError as error:
        problems.extend(error.problems)
        report(error.problems, format_)
    if format_ == "json":
        from netrunner.views.render.json import dump

        with destination(None) as stream:
            dump([problem.as_dict() for problem in problems], stream)
    if any(problem.severity == "error" for problem in problems):
        sys.exit(EXIT_WRONG)
