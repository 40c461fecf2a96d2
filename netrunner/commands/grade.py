"""`netrunner grade`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from netrunner.commands.hosting import plugins_at_work
from netrunner.commands.options import (
    PATH,
    format_option,
    load_network,
    output_option,
    plugins_option,
)
from netrunner.commands.terminal import EXIT_WRONG, bold, colored, destination, report


@click.command()
@click.argument("key", type=PATH)
@click.argument("answers", type=PATH, nargs=-1, required=True)
@plugins_option
@click.option(
    "--network",
    "networks",
    is_flag=True,
    help="ANSWERS are networks: does each do what the key's does, whatever its layers are?",
)
@format_option("text", "json", "csv", "html", help="The format of the result.")
@output_option
def grade(
    key: str,
    answers: tuple[str, ...],
    plugins: tuple[str, ...],
    networks: bool,
    format_: str,
    output: str | None,
) -> None:
    """Compare students' answers, or their networks, with a key.

    ANSWERS are files, or a folder that stands for the .yaml files in it. Each blank is one point.
    A number that is right for the student's own earlier numbers earns its point.

    \b
    Example:
      netrunner new first.yaml
      netrunner exercise first.yaml --output sheet.md --key key.yaml
      netrunner grade key.yaml key.yaml
    """
    from netrunner.views.render import grades as render

    with plugins_at_work(key):
        files = _files(answers)
        if networks:
            grades = _graded_networks(key, files, plugins)
        else:
            from netrunner.lesson.grading import grade as graded
            from netrunner.lesson.grading import load_key

            loaded = load_key(key, plugins)
            grades = [graded(loaded, file) for file in files]
    problems = [problem for each in grades for problem in each.problems]
    report(problems, "text")
    with destination(output) as stream:
        if format_ == "text":
            render.write_text(grades, stream, bold if colored(stream) else str)
        else:
            render.WRITERS[format_](grades, stream)
    if problems:
        sys.exit(EXIT_WRONG)


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


def _files(answers: tuple[str, ...]) -> list[str]:
    """The named files, and those in the named folders."""
    from netrunner.problems.problem import NetrunnerError, Problem
    from netrunner.problems.source import Place

    files: list[str] = []
    for name in answers:
        if not Path(name).is_dir():
            files.append(name)
            continue
        found = [each for each in sorted(Path(name).iterdir()) if each.suffix in (".yaml", ".yml")]
        if not found:
            message = "a folder without .yaml files: nothing in it can be graded"
            raise NetrunnerError(Problem("file-not-found", Place(name), message))
        files += map(str, found)
    return files
