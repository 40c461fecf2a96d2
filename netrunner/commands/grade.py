"""`netrunner grade`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    INPUT,
    chosen_format,
    format_by_suffix_option,
    load_network,
    network_from_stream,
    output_option,
    plugins_option,
)
from netrunner.commands.terminal import EXIT_WRONG, bold, colored, destination, report, warn


class _Format(NamedTuple):
    name: str
    suffix: str


_FORMATS = {
    name: _Format(name, suffix)
    for name, suffix in (("text", ".txt"), ("json", ".json"), ("csv", ".csv"), ("html", ".html"))
}


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

    ANSWERS are files, or a folder that stands for the .yaml files in it. Each blank is one point.
    A number that is right for the student's own earlier numbers earns its point. One of the files
    may be -, standard input.

    \b
    Example:
      netrunner new first.yaml
      netrunner exercise first.yaml --output sheet.md --key key.yaml
      netrunner grade key.yaml key.yaml
    """
    written_as = chosen_format(_FORMATS, format_, output).name

    from netrunner.views.render import grades as render

    files, problems = _files(answers)
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
    if problems:
        sys.exit(EXIT_WRONG)


def _graded(key: str, files: list[str], plugins: tuple[str, ...]) -> list[Any]:
    from netrunner.lesson.grading import Grade, grade, load_key
    from netrunner.problems.problem import NetrunnerError

    loaded, grades = load_key(_opened(key), plugins), []
    for file in files:
        try:
            grades.append(grade(loaded, _opened(file)))
        except NetrunnerError as error:  # standard input is no text
            grades.append(Grade(file, len(loaded.blanks), problems=error.problems))
    return grades


def _opened(path: str) -> Any:
    """The path, or the text on standard input."""
    from netrunner.problems.source import Source

    return Source(*network_from_stream()) if path == "-" else path


def _graded_networks(key: str, files: list[str], plugins: tuple[str, ...]) -> list[Any]:
    from netrunner.lesson.grading import Grade
    from netrunner.lesson.same_function import Task, graded_network
    from netrunner.problems.problem import NetrunnerError, about

    task, grades = Task.of(load_network(key, plugins), key), []
    for file in files:
        try:
            with about(file):
                answer = graded_network(task, load_network(file, plugins))
        except NetrunnerError as error:
            grades.append(Grade(file, 1, problems=error.problems))
        else:
            grades.append(Grade(file, 1, (answer,)))
    return grades


def _files(answers: tuple[str, ...]) -> tuple[list[str], list[Any]]:
    """The named files, and those in the named folders; and what is wrong with the folders."""
    from netrunner.files.opening import NETWORK_SUFFIXES
    from netrunner.problems.problem import Problem
    from netrunner.problems.source import Place
    from netrunner.problems.words import listed, quote

    files: list[str] = []
    problems: list[Any] = []

    def not_found(where: str, message: str) -> None:
        problems.append(Problem("file-not-found", Place(where), message))

    for name in answers:
        if name == "-" or not Path(name).is_dir():
            files.append(name)
            continue
        inside = [
            each
            for each in sorted(Path(name).iterdir())
            if each.name[0] != "." and not each.is_dir()
        ]
        found = [each for each in inside if each.suffix.lower() in NETWORK_SUFFIXES]
        if found and (others := [quote(each.name) for each in inside if each not in found]):
            warn(
                name,
                f"not graded, since they are not .yaml files: {listed(others)}",
                "unknown-file-type",
            )
        if not found:
            not_found(name, "a folder without .yaml files: nothing in it can be graded")
        for each in found:
            if each.exists():
                files.append(str(each))
            else:
                not_found(str(each), "a link to a file that does not exist")
    return files, problems
