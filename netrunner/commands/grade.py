"""`netrunner grade`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    INPUT,
    chosen_format,
    format_by_suffix_option,
    network_from_stream,
    output_option,
    plugins_option,
    text_formats,
)
from netrunner.commands.terminal import EXIT_WRONG, bold, colored, destination, report, warn

_FORMATS = text_formats(text=".txt", json=".json", csv=".csv", html=".html")


@click.command()
@click.argument("key", type=INPUT)
@click.argument("answers", type=INPUT, nargs=-1, required=True)
@plugins_option
@click.option(
    "--network",
    "networks",
    is_flag=True,
    help="ANSWERS are networks: each must do what the key's does, whatever its layers are.",
)
@format_by_suffix_option(_FORMATS, help="The format of the result.")
@output_option
def grade(
    key: str,
    answers: tuple[str, ...],
    plugins: tuple[str, ...],
    networks: bool,
    format_: str | None,
    output: str | None,
) -> None:
    """Compare students' answers, or their networks, with a key.

    KEY and ANSWERS are files, or a folder that stands for the .yaml files in it; of several keys,
    the name in a student's file chooses its own. Each blank is one point.
    A number that is right for the student's own earlier numbers earns its point. One of the files
    may be -, standard input.

    \b
    Example:
      netrunner new first.yaml
      netrunner exercise first.yaml --output sheet.md --key key.yaml
      netrunner grade key.yaml key.yaml
    """
    written_as = chosen_format(_FORMATS, format_, output).name

    from netrunner.problems.problem import NetrunnerError
    from netrunner.views.render import grades as render

    files: list[str] = []
    problems: list[Any] = []
    for name in answers:
        try:
            files += _files(name)
        except NetrunnerError as error:
            problems += error.problems
    with plugins_at_work(key):
        grades = (_graded_networks if networks else _graded)(key, files, plugins)
    problems += [problem for each in grades for problem in each.problems]
    report(problems, "text")
    if not grades:
        sys.exit(EXIT_WRONG)
    with destination(output) as stream:
        if written_as == "text":
            render.write_text(grades, stream, bold if colored(stream) else str)
        else:
            render.WRITERS[written_as](grades, stream)
    if any(each.severity == "error" for each in problems):
        sys.exit(EXIT_WRONG)


def _graded(key: str, files: list[str], plugins: tuple[str, ...]) -> list[Any]:
    from netrunner.lesson.grading import Grade, grade
    from netrunner.lesson.keys import load_keys
    from netrunner.problems.problem import NetrunnerError

    loaded, grades = load_keys(map(_opened, _files(key)), plugins), []
    for file in files:
        try:
            grades.append(grade(loaded, _opened(file)))
        except NetrunnerError as error:  # standard input is not text
            grades.append(Grade(file, len(loaded[0].blanks), problems=error.problems))
    return grades


def _opened(path: str) -> Any:
    """The path, or the text on standard input."""
    from netrunner.problems.source import Source

    return Source(*network_from_stream()) if path == "-" else path


def _graded_networks(key: str, files: list[str], plugins: tuple[str, ...]) -> list[Any]:
    from netrunner.activations.plugins import load_registry
    from netrunner.lesson.grading import Grade
    from netrunner.lesson.keys import read_checked, read_given
    from netrunner.lesson.same_function import Task, graded_network
    from netrunner.problems.problem import NetrunnerError, about

    registry = load_registry(plugins)
    task, grades = Task.of(read_checked(_opened(key), registry), key), []
    for file in files:
        try:
            with about(file):
                answer = graded_network(task, read_given(_opened(file), registry, True).network)
        except NetrunnerError as error:
            grades.append(Grade(file, 1, problems=error.problems))
        else:
            grades.append(Grade(file, 1, (answer,)))
    return grades


def _files(name: str) -> list[str]:
    """A file, or the .yaml files in a folder. Raises NetrunnerError if there are none."""
    from netrunner.files.opening import NETWORK_SUFFIXES
    from netrunner.problems.problem import NetrunnerError, Problem
    from netrunner.problems.source import Place
    from netrunner.problems.words import listed, quote

    if name == "-" or not os.path.isdir(name):  # noqa: PTH112 - False for a name that is too long
        return [name]
    inside = [each for each in sorted(Path(name).iterdir()) if each.name[0] != "."]
    found = [
        each for each in inside if each.suffix.lower() in NETWORK_SUFFIXES and not each.is_dir()
    ]
    if not found:
        message = "a folder without .yaml files: nothing in it can be graded"
        raise NetrunnerError(Problem("file-not-found", Place(name), message))
    if others := [quote(each.name + "/" * each.is_dir()) for each in inside if each not in found]:
        message = f"left out, since they are not .yaml files: {listed(others)}"
        warn(name, message, "unknown-file-type")
    return [str(each) for each in found]
