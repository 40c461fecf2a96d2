"""`netrunner check`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import INPUT, format_option, network_from_stream, plugins_option
from netrunner.commands.terminal import EXIT_WRONG, destination, report, say

if TYPE_CHECKING:
    from netrunner.activations.registry import Registry
    from netrunner.format.checks import Checker
    from netrunner.network.network import Network
    from netrunner.problems.problem import Problem


@click.command()
@click.argument("networks", type=INPUT, nargs=-1, required=True, metavar="NETWORK...")
@plugins_option
@format_option(
    "text",
    "json",
    "github",
    help="The format of the problems; github marks them in a pull request.",
)
@click.option("--fix", is_flag=True, help="Write what the help lines offer into the files.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and write nothing.")
@click.option(
    "--update-examples",
    is_flag=True,
    help="Write the outputs that the network gives into the file's examples.",
)
def check(
    networks: tuple[str, ...],
    plugins: tuple[str, ...],
    format_: str,
    fix: bool,
    diff: bool,
    update_examples: bool,
) -> None:
    """Check the format, shapes and examples of each NETWORK.

    \b
    Example:
      netrunner new first.yaml
      netrunner check first.yaml
    """
    from netrunner.activations.plugins import load_registry, unused
    from netrunner.problems.problem import NetrunnerError

    if fix and diff:
        raise click.UsageError("--fix and --diff cannot both be given.")
    if diff and format_ != "text":
        raise click.UsageError(f"--diff and --format {format_} cannot both be given.")
    if "-" in networks and (fix or (update_examples and not diff)):
        raise click.UsageError("Standard input cannot be changed: give a file, or --diff.")
    problems: list[Problem] = []
    read: list[Network] = []
    try:
        with plugins_at_work():
            registry = load_registry(plugins)
    except NetrunnerError as error:
        problems.extend(error.problems)
        report(error.problems, format_)
        networks = ()
    for path in networks:
        try:
            with plugins_at_work(path):
                checker, text = _opened(path, registry)
                changed = _changed(checker, text, fix or diff, update_examples)
            if diff:
                _print_difference(path, text, changed)
            elif changed != text:
                _write(path, text, changed)
                text = changed
            with plugins_at_work(path):
                checked = checker.check(text)
                if format_ == "json":
                    checked = checker.with_fixes(checked)
        except NetrunnerError as error:
            problems.extend(error.problems)
            report(error.problems, format_)
            if format_ == "text":
                say(f"{path}: 1 error")
            continue
        if checked.file is not None:
            read.append(checked.file.network)
        problems.extend(checked.problems)
        report(checked.problems, format_)
        if checker.gave_up and checked.problems:
            say(f"{checker.name}: too many problems to try all the fixes: some are left out")
        if format_ == "text":
            say(f"{checker.name}: {checked.summary}")
    if networks and len(read) == len(networks):  # a network that could not be read may use it
        used = {layer.activation.name for network in read for layer in network.layers}
        doubtful = unused(plugins, registry, used)
        problems.extend(doubtful)
        report(doubtful, format_)
    if format_ == "json":
        from netrunner.views.render.json import dump

        with destination(None) as stream:
            dump([problem.as_dict() for problem in problems], stream)
    if any(problem.severity == "error" for problem in problems):
        sys.exit(EXIT_WRONG)


def _opened(path: str, registry: Registry) -> tuple[Checker, str]:
    from netrunner.format.checks import Checker
    from netrunner.format.network_text import read_source

    if path == "-":
        name, text = network_from_stream()
        return Checker(name, Path(), registry), text
    return Checker(path, Path(path).parent, registry), read_source(path).text


def _changed(checker: Checker, text: str, fix: bool, update_examples: bool) -> str:
    """The text after the changes that were asked for."""
    if fix:
        text = checker.fixed(text)
    if update_examples:
        from netrunner.format.updating import with_outputs

        text = with_outputs(checker, text)
    return text


def _print_difference(path: str, before: str, after: str) -> None:
    """Print what changes as `patch` takes it: with byte order marks, in lines that end with \\n."""
    from difflib import unified_diff
    from io import StringIO

    from netrunner.problems.words import printable

    name = printable(path)
    mark = "" if path == "-" else _marks(path)
    old, new = (list(StringIO(mark + text)) for text in (before, after))
    with destination(None) as stream:
        for line in unified_diff(old, new, name, name):
            stream.write(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")


def _marks(path: str) -> str:
    """The byte order marks with which a file begins, which its text is without."""
    from netrunner.problems.problem import about

    with about(path):
        marks = re.match(rb"(?:\xef\xbb\xbf)*", Path(path).read_bytes())
    assert marks
    return marks.group().decode()


def _write(path: str, before: str, after: str) -> None:
    """Replace the text of a file; its byte order mark, if any, stays."""
    from netrunner.files.writing import writing
    from netrunner.problems.problem import Fault, about

    with about(path):
        mark = Path(path).read_bytes().removesuffix(before.encode())
        if mark.strip(b"\xef\xbb\xbf"):
            raise Fault("unwritable-output", "cannot be written: it was changed meanwhile")
        with writing(Path(path), binary=True, anew=True) as stream:
            stream.write(mark + after.encode())
    say(f"wrote {path}")
