"""A problem as a workflow command of GitHub Actions, which marks it in a pull request."""

from __future__ import annotations

from netrunner.problems.problem import Problem
from netrunner.problems.words import printable


def annotation(problem: Problem) -> str:
    """One line; the notes and the help follow the message as lines of its text."""
    place = problem.place
    properties = {"file": place.file, "line": place.line, "col": place.column}
    properties["title"] = problem.code
    notes = [f"note: {related.place}: {related.message}" for related in problem.related]
    help_ = [f"help: {problem.hint}"] if problem.hint else []
    text = _escaped("\n".join([problem.message, *notes, *help_]))
    given = ",".join(
        f"{key}={_escaped(printable(str(value))).replace(':', '%3A').replace(',', '%2C')}"
        for key, value in properties.items()
        if value is not None
    )
    return f"::{problem.severity} {given}::{text}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
