"""The corpus: each valid file loads, runs and verifies; each invalid one says what is written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from conftest import spawn
from corpus import DATA, INVALID, REGISTRY, VALID, check_file, checked, named
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import netrunner
from netrunner.problems import codes
from netrunner.problems.problem import Problem, problems_text

# Codes that need a file too large, too deep or too odd to be committed; their tests are in
# test_document.py and test_arrays.py.
NOT_IN_THE_CORPUS = {"too-deep", "too-large", "too-many-values", "unreadable-file"}


@named(VALID)
@pytest.mark.filterwarnings("ignore::netrunner.NetrunnerWarning")
def test_a_valid_file_has_no_problems_and_runs(path: Path) -> None:
    assert checked(path)[0] == []
    network = netrunner.load(path)
    for example in network.examples:
        trace = network.trace(example.input)
        assert trace.output.dtype == network.dtype
        assert trace.output.shape == example.output.shape
        np.testing.assert_array_equal(trace.output, network(example.input))


@named(INVALID)
def test_an_invalid_file_says_what_is_written_each_problem_in_a_line_at_its_place(
    path: Path,
) -> None:
    problems, summary = checked(path)
    told = f"{problems_text(problems)}\n{path.name}: {summary}\n"
    assert told == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert any(problem.severity == "error" for problem in problems)

    text = path.read_bytes().decode(errors="replace").lstrip("\ufeff")
    lines = [*re.split(r"\r\n|\r|\n", text), ""]
    places = [problem.place for problem in problems]
    places += [related.place for problem in problems for related in problem.related]
    for place in places:
        assert place.line is not None
        assert place.column is not None
        assert place.source_line == lines[place.line - 1]
        assert 1 <= place.column <= len(place.source_line) + 1
        assert (place.line, place.column) <= (place.end_line, place.end_column)
        assert place.end_column <= len(lines[place.end_line - 1]) + 1
    order = [(problem.place.line, problem.place.column) for problem in problems]
    assert order == sorted(order)
    for problem in problems:
        assert problem.message.isprintable()
        assert problem.hint is None or problem.hint.isprintable()


def replacement(problem: Problem) -> tuple[str, str] | None:
    """What stands at the problem's place, and what its help says to write there."""
    hint = problem.hint or ""
    told = (
        re.fullmatch(r"did you mean '(.+)'\?", hint)
        or re.fullmatch(r"write '(.)'", hint)
        or re.fullmatch(r"write ([^'].*?)(?:, or .*| without the quotes| if that is meant)?", hint)
    )
    column = (problem.place.column or 0) - 1
    rest = (problem.place.source_line or "")[column:]
    for shown in re.findall(r"'(.*?)'", problem.message):
        if told and "…" not in shown:
            for standing in (shown, f'"{shown}"', f"'{shown}'"):
                if rest.startswith(standing):
                    return standing, told.group(1)
    return None


def test_the_help_helps(tmp_path: Path) -> None:
    """Where help says what to write, writing it leaves no problem at that place."""
    for weights in DATA.glob("invalid/weights"):
        (tmp_path / "weights").symlink_to(weights)  # in the folder by name, and outside of it
    tried = 0
    for path in INVALID:
        for problem in checked(path)[0]:
            told = replacement(problem)
            if told is None or "weights/" in told[0]:
                continue
            lines = path.read_bytes().decode().splitlines(keepends=True)
            line, column = (problem.place.line or 0) - 1, (problem.place.column or 0) - 1
            standing, better = told
            assert lines[line][column:].startswith(standing)
            lines[line] = lines[line][:column] + better + lines[line][column + len(standing) :]
            (tmp_path / path.name).write_text("".join(lines), encoding="utf-8")
            left, _ = check_file(str(tmp_path / path.name), REGISTRY)
            at_the_place = [
                (each.code, each.message)
                for each in left
                if (each.place.line, each.place.column) == (line + 1, column + 1)
            ]
            assert (problem.code, problem.message) not in at_the_place, (path.name, told)
            tried += 1
    assert tried > 50


TYPED = [path.read_text("utf-8") for path in [*VALID, *INVALID] if "encoding" not in path.stem]
PIECES = st.sampled_from(
    [*"[]{}:,-&*!|>'\"#\t \n：，［　", "1e400", ".nan", "010", "- ", "&a ", "*a", "size: ", "[]"]
)


@given(text=st.sampled_from(TYPED), data=st.data())
@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.filterwarnings("ignore::netrunner.NetrunnerWarning")
def test_whatever_is_typed_is_fine_or_told_of_in_words(
    text: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 5)))
        text = text[:start] + data.draw(PIECES) + text[end:]
    path = tmp_path_factory.getbasetemp() / "typed.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    problems, summary = check_file(str(path), REGISTRY)
    assert summary.startswith("ok: ") == all(each.severity == "warning" for each in problems)
    lines = re.split(r"\r\n|\r|\n", text.lstrip("\ufeff"))
    for problem in problems:
        assert problem.message.isprintable()
        assert problem.hint is None or problem.hint.isprintable()
        assert problem.place.line is not None
        assert problem.place.column is not None
        assert problem.place.source_line == lines[problem.place.line - 1]
        assert problem.place.column <= len(lines[problem.place.line - 1]) + 1


def test_the_corpus_shows_every_code_of_a_network_file() -> None:
    shown = {each.code for path in INVALID for each in checked(path)[0]}
    kinds = (codes.Text, codes.Values, codes.Numbers, codes.Shapes, codes.Weights)
    declared = {code for kind in kinds for code in get_args(kind)}
    activations = {"unknown-activation", "unknown-parameter"}
    assert shown == (declared | activations) - NOT_IN_THE_CORPUS


def test_the_command_says_the_same_of_all_files_at_once() -> None:
    names = [path.name for path in INVALID]
    done = spawn("check", *names, cwd=DATA / "invalid")
    expected = b"".join(path.with_suffix(".txt").read_bytes() for path in INVALID)
    assert done.stderr.replace(os.linesep.encode(), b"\n") == expected
    assert done.stdout == b""
    assert done.returncode == 1


def test_the_command_finds_the_valid_files_fine(netrunner: object) -> None:
    done = spawn("check", *VALID)
    assert done.returncode == 0
    assert done.stdout == b""
    assert done.stderr.count(b": ok: ") == len(VALID)
