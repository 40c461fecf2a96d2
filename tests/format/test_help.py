"""A help that is obeyed to the letter makes a valid file of one with a single slip."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from conftest import ROOT, sampled
from corpus import check_file

from netrunner.activations.plugins import load_registry
from netrunner.activations.registry import Registry
from netrunner.format.loading import loads
from netrunner.problems.fixes import edited
from netrunner.problems.problem import NetrunnerError, Problem

NETWORKS = ("three_layer", "iris", "softmax")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def indented(text: str) -> Iterator[str]:
    """The text with one line indented otherwise, by 4 less to 8 more."""
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        body = line.lstrip(" ")
        indent = len(line) - len(body)
        for other in range(max(0, indent - 4), indent + 9):
            if other != indent and body.strip() and body[0] != "#":
                yield "".join([*lines[:at], " " * other + body, *lines[at + 1 :]])


def without_a_mark(text: str) -> Iterator[str]:
    """The text without one of the marks of YAML that are no part of a comment."""
    comments = [range(*found.span()) for found in re.finditer(r"(?m)(?:^|\s)#.*", text)]
    for at, char in enumerate(text):
        if char in "][:,-" and not any(at in comment for comment in comments):
            yield text[:at] + text[at + 1 :]


def obeyed(text: str, problem: Problem) -> str | None:
    """The text after what a problem's help says, or its message, was done; None if it says none."""
    if problem.fixes:
        return edited(text, problem.fixes[0].edits)
    lines = text.splitlines(keepends=True)
    row, column = (problem.place.line or 0) - 1, (problem.place.column or 0) - 1
    line, hint = lines[row], problem.hint or ""
    if told := re.fullmatch(r"indent it by (\d+).*", hint):
        line = " " * int(told[1]) + line.lstrip(" ")
    elif told := re.fullmatch(r"put '- ' before it, and indent the '-' by (\d+)", hint):
        line = " " * int(told[1]) + "- " + line.lstrip(" ")
    elif told := re.fullmatch(r"put '- ' before '\w+' if another item .*", hint):
        line = line[: column - 2] + "- " + line[column:]
    elif told := re.fullmatch(r"put '(.*)' after '(.*)'", hint):
        place = problem.related[0].place
        noticed = sum(map(len, lines[: (place.line or 0) - 1])) + (place.column or 0) - 1
        end = text.rindex(told[2], 0, noticed) + len(told[2])
        return text[:end] + told[1] + text[end:]
    elif told := re.fullmatch(r"write ([^']*)", hint):
        standing = re.findall(r"'(.*?)'", problem.message)[-1]
        line = line[:column] + line[column:].replace(standing, told[1], 1)
    elif hint in ("remove it", "remove the trailing ','"):
        line = line[:column] + line[column + 1 :]
    elif told := re.search(r"a '(.)' is missing (?:before|after)", problem.message):
        line = line[:column] + told[1] + line[column:]
    elif "a space is missing after" in problem.message:
        line = f"{line[: column + 1]} {line[column + 1 :]}"
    else:
        assert not hint, f"a help that this test cannot follow: {hint}"
        return None
    return "".join([*lines[:row], line, *lines[row + 1 :]])


@pytest.mark.parametrize(
    ("change", "cases", "helped"), sampled([(without_a_mark, 88, 70), (indented, 280, 235)], 2)
)
def test_who_obeys_has_a_valid_file(
    change: Callable[[str], Iterator[str]],
    cases: int,
    helped: int,
    registry: Registry,
    tmp_path: Path,
) -> None:
    path = tmp_path / "network.yaml"

    def errors(text: str) -> list[Problem]:
        path.write_text(text, encoding="utf-8")
        return [each for each in check_file(str(path), registry)[0] if each.severity == "error"]

    tried = worked = 0
    for name in NETWORKS:
        valid = (ROOT / f"networks/{name}.yaml").read_text("utf-8")
        for text in islice(change(valid), 0, None, 3):
            tried += 1
            problems = errors(text)
            helps = [each for each in problems if each.hint] or problems[:1]
            for problem in helps[:1]:
                if (better := obeyed(text, problem)) is not None:
                    assert errors(better) == [], (name, str(problem))
                    worked += 1
    assert tried > cases
    assert worked >= helped


def test_a_guess_is_not_told_where_few_changes_can_be_tried() -> None:
    """The text is too large for a second, and the first gets further but is not right."""
    rows = f"      - [{', '.join(['0.1'] * 400)}]\n" * 400
    layer = f"size: 400\n    weights:\n{rows}    biases: 0\n    activation: relu\n"
    text = f"inputs: 400\nlayers:\n  - {layer.replace('    biases', '-     biases')}  - {layer}"
    with pytest.raises(NetrunnerError) as caught:
        loads(text)
    (problem,) = caught.value.problems
    assert problem.place.line == 4 + 401
    assert problem.hint is None
