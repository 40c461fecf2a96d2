"""The examples of a file: how far the network may be from what they say, and what is reported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import Result


def check(
    netrunner: Callable[..., Result], folder: Path, example: str, size: int = 1, more: str = ""
) -> str:
    """What `check` says of a network that gives back its input, with this example."""
    weights = [[int(i == k) for k in range(size)] for i in range(size)]
    path = folder / "n.yaml"
    path.write_text(
        f"inputs: {size}\nlayers:\n"
        f"  - {{size: {size}, weights: {weights}, biases: 0, activation: identity}}\n"
        f"{more}\nexamples:\n  - {{{example}}}\n",
        encoding="utf-8",
    )
    done = netrunner("check", path)
    assert (done.code, done.out) == (0 if ": ok: " in done.err else 1, "")
    return done.err.replace(f"{path}:", "").partition("\n")[0].strip()


@pytest.mark.parametrize(
    ("example", "more", "verified"),
    [
        ("input: [1.5], output: [1.0], tolerance: 0.5", "", True),  # exactly as far as allowed
        ("input: [1.5], output: [1.0], tolerance: 0.499", "", False),
        ("input: [1000000.9], output: [1000000]", "", True),  # 1e-6 relative and 1e-6 absolute
        ("input: [1000001.1], output: [1000000]", "", False),
        ("input: [0.0000009], output: [0]", "", True),
        ("input: [0.0000011], output: [0]", "", False),
        ("input: [1.000015], output: [1]", "dtype: float32", True),  # ten times of that
        ("input: [1.000025], output: [1]", "dtype: float32", False),
        ("input: [-1], output: [1]", "", False),
    ],
)
def test_how_far_an_example_may_be_off(
    example: str, more: str, verified: bool, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    said = check(netrunner, tmp_path, example, more=more)
    assert (said == "ok: 1 layer, 1 example verified") == verified, said


def test_the_first_output_that_is_off_is_named_and_the_others_are_counted(
    netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    said = check(netrunner, tmp_path, "input: [1, 2, 3], output: [1, 5, 3]", 3)
    assert said.startswith("6:36: error: example 1: output 2 is 2.0, expected 5.0: off by 3, ")
    assert "more" not in said
    said = check(netrunner, tmp_path, "input: [1, 2, 3], output: [0, 5, 3]", 3)
    assert "output 1 is 1.0, expected 0.0: off by 1, allowed is 1e-06" in said
    assert "1 more" in said
    example = "input: [[1, 2], [1, 2]], output: [[1, 2], [1, 9]]"
    said = check(netrunner, tmp_path, example, 2, "outputs: [雨, 晴]")
    assert "example 1, row 2: output 2 '晴' is 2.0, expected 9.0" in said


@pytest.mark.parametrize(
    ("output", "verified"),
    [("[.nan, .nan]", True), ("[.nan, 0]", False), ("[0, .nan]", False), ("[.inf, .nan]", False)],
)
def test_a_nan_agrees_with_a_nan_only(
    output: str, verified: bool, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "n.yaml"
    path.write_text(
        "inputs: 1\nlayers:\n"
        "  - {size: 2, weights: [[1e308, 1]], biases: 0, activation: softmax}\n"  # of inf and 10
        f"examples:\n  - {{input: [10], output: {output}, tolerance: 1}}\n"
    )
    done = netrunner("check", path)
    assert done.code == (0 if verified else 1)
    assert ("[example-mismatch]" in done.err) == (not verified)


ONE = "inputs: 1\nlayers: [{size: 1, weights: [[1]], biases: 0, activation: identity}]\n"


def test_examples_are_run_some_at_a_time(
    netrunner: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netrunner.format.checks.ROWS_TOGETHER", 2)
    outputs = [0, 1, 2, 3, 9]
    examples = "".join(f"  - {{input: [{i}], output: [{y}]}}\n" for i, y in enumerate(outputs))
    path = tmp_path / "n.yaml"
    path.write_text(f"{ONE}examples:\n{examples}", encoding="utf-8")
    done = netrunner("check", path)
    assert done.err.count("error: ") == 1
    assert "error: example 5: output 1 is 4.0, expected 9.0" in done.err
    fixed = netrunner("check", path, "--update-examples")
    assert fixed.code == 0
    assert path.read_text(encoding="utf-8").count("output: [4") == 1


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ("3", "expected a mapping of arrays, such as A1: [0.3, ?, 1.1], found '3'"),
        ("{Y: []}", "expected numbers, found an empty list"),
        ("{Y: [[1]]}", "expected a number, found a list"),
        ("{Y: [1]}", "answers: Y, number 1: found 1, "),
    ],
)
def test_answers_that_are_none(
    answers: str, words: str, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    large = ONE.replace("[[1]]", "[[1.0e308]]")
    path = tmp_path / "n.yaml"
    path.write_text(
        f"{large}examples: [{{input: [10], output: [.inf]}}]\nanswers: {answers}\n", "utf-8"
    )
    done = netrunner("check", path)
    assert done.code == 1
    assert words in done.err


def test_all_of_many_examples_are_run(netrunner: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "n.yaml"
    right = "  - {input: [1], output: [1]}\n"
    path.write_text(f"{ONE}examples:\n{right * 150}{right.replace('[1]}', '[2]}')}", "utf-8")
    done = netrunner("check", path)
    assert done.code == 1
    assert done.err.count("error: ") == 1
    assert "error: example 151: output 1 is 1.0, expected 2.0" in done.err


@pytest.mark.parametrize(
    ("outputs", "answer", "words"),
    [
        ("outputs: [cat, dog]", "dog", "answers: class, number 1: found dog, expected 'cat'"),
        ("outputs: [cat, dog]", "dig", "'dig' is not one of the network's outputs"),
        ("", "dog", "'dog' is not a number"),
    ],
)
def test_a_class_among_the_answers_is_a_name_or_a_number(
    outputs: str, answer: str, words: str, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "n.yaml"
    path.write_text(
        "inputs: 1\nlayers: [{size: 2, weights: [[2, 1]], biases: 0, activation: softmax}]\n"
        f"examples: [{{input: [0], output: [0.5, 0.5]}}]\n{outputs}\nanswers: {{class: {answer}}}",
        "utf-8",
    )
    done = netrunner("check", path)
    assert done.code == 1
    assert words in done.err


def test_the_list_of_examples_has_a_line_for_each(netrunner: Callable[..., Result]) -> None:
    listed = netrunner("new", "--list")
    assert (listed.code, listed.err) == (0, "")
    lines = dict(line.split(None, 1) for line in listed.out.splitlines())
    assert {"three_layer", "iris", "digits"} <= set(lines)
    assert lines["three_layer"].startswith("The three-layer network worked by hand")


def test_an_array_in_a_file_has_no_decimal_commas(
    netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    np.save(tmp_path / "w.npy", [[1.0, 2.0]])
    path = tmp_path / "n.yaml"
    layers = (
        "  - {size: 1, weights: {file: w.npy}, biases: [0, 0], activation: relu}\n"
        "  - {size: 1, weights: [[1], [1]], biases: 0, activation: relu}\n"
    )
    path.write_text(f"inputs: 1\nlayers:\n{layers}", "utf-8")
    said = netrunner("check", path).err
    assert "[shape-mismatch]" in said
    assert "comma" not in said


def test_so_many_examples_may_fail(
    netrunner: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netrunner.format.checks.MAX_FAILED", 2)
    path = tmp_path / "n.yaml"
    path.write_text(f"{ONE}examples:\n" + "  - {input: [1], output: [2]}\n" * 4, "utf-8")
    assert netrunner("check", path).err.count("error: example ") == 2


@pytest.mark.parametrize(("minus", "code"), [("−", "U+2212"), ("–", "U+2013")])
def test_a_minus_of_another_kind_is_named(
    minus: str, code: str, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "n.yaml"
    path.write_text(ONE.replace("[[1]]", f"[[{minus}1]]"), "utf-8")
    assert f"'{minus}' ({code})" in netrunner("check", path).err
