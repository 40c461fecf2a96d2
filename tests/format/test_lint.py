"""Each warning: provoked, and not given where there is nothing to warn of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import NETWORKS, Result
from corpus import check_file

from netrunner.activations.plugins import load_registry
from netrunner.activations.registry import Registry
from netrunner.problems.problem import Problem

TRAINED = "[[0.1234, 1.4567], [2.7891, -3.0123]]"
ROUND = "[[1, 2], [3, 4]]"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def network(*layers: tuple[str, str], more: str = "") -> str:
    """A network of layers with these weights and activations; of one neuron where rows are."""
    lines = [
        f"  - {{size: {2 if ', ' in weights.split(']')[0] else 1}, weights: {weights},"
        f" biases: 0, activation: {activation}}}"
        for weights, activation in layers
    ]
    return "\n".join(["inputs: 2", "layers:", *lines, more, ""])


def problems(text: str, tmp_path: Path, registry: Registry) -> list[Problem]:
    path = tmp_path / "network.yaml"
    path.write_text(text, encoding="utf-8")
    return check_file(str(path), registry)[0]


CASES = {
    "identity-chain": (network((ROUND, "identity"), (ROUND, "identity")), 4, "both linear"),
    "softmax-hidden": (network((ROUND, "softmax"), (ROUND, "relu")), 3, "layer 1 is hidden"),
    "softmax-single": (network(("[[1], [2]]", "softmax")), 3, "always 1"),
    "step-trained": (network((TRAINED, "step"), (TRAINED, "sigmoid")), 3, "was sigmoid meant?"),
    "single-class": (network(("[[1], [2]]", "softmax"), more="outputs: [猫]"), 4, "'猫'"),
    "duplicate-name": (network((ROUND, "relu"), more="outputs: [雨, 雨]"), 4, "outputs 1 and 2"),
    "zero-weights": (network(("[[0, 0], [0, 0]]", "relu")), 3, "all weights are 0"),
}


@pytest.mark.parametrize("code", CASES)
def test_a_warning(code: str, tmp_path: Path, registry: Registry) -> None:
    text, line, words = CASES[code]
    (problem,) = problems(text, tmp_path, registry)
    assert (problem.code, problem.severity, problem.place.line) == (code, "warning", line)
    assert words in problem.message


@pytest.mark.parametrize(
    "text",
    [
        network((ROUND, "identity")),
        network((ROUND, "relu"), (ROUND, "identity")),
        network((ROUND, "identity"), (ROUND, "relu"), (ROUND, "identity")),
        network((ROUND, "relu"), (ROUND, "softmax"), more="outputs: [a, b]"),
        network((ROUND, "step"), (ROUND, "step")),  # gates by hand
        network((TRAINED, "relu"), (TRAINED, "step")),  # a step may cut the answer
        network(("[[1], [2]]", "identity"), more="outputs: [price]"),
        network(("[[1], [2]]", "sigmoid"), more=""),
        network(("[[1e308], [-1e308]]", "relu")),
    ],
)
def test_no_warning(text: str, tmp_path: Path, registry: Registry) -> None:
    assert problems(text, tmp_path, registry) == []


def test_names_that_come_twice(tmp_path: Path, registry: Registry) -> None:
    text = network(("[[1], [2], [3], [4]]", "relu"), more="outputs: [a]")
    text = text.replace("inputs: 2", "inputs: [a, b, a, a]")
    (problem,) = problems(text, tmp_path, registry)
    assert (problem.place.line, problem.place.column) == (1, 16)
    assert problem.message.startswith("inputs 1 and 3 have the same name, 'a'")
    (related,) = problem.related
    assert (related.place.column, related.message) == (10, "'a' is input 1 here")


def test_parameters_that_nothing_uses(tmp_path: Path, registry: Registry) -> None:
    W = np.ones((2, 1))
    np.savez(tmp_path / "w.npz", W1=W, b1=np.zeros(1), W2=W)
    text = network(("[[1], [2]]", "relu")).replace("[[1], [2]]", "{file: w.npz, key: W1}")
    (problem,) = problems(text, tmp_path, registry)
    assert (problem.code, problem.place.line) == ("unused-parameters", 3)
    assert "'b1', 'W2'" in problem.message
    np.savez(tmp_path / "w.npz", W1=W)
    assert problems(text, tmp_path, registry) == []


def test_an_infinity_that_a_later_layer_hides(tmp_path: Path, registry: Registry) -> None:
    text = network(
        ("[[1e308], [1e308]]", "relu"),
        ("[[1]]", "sigmoid"),
        more="examples:\n  - {input: [9, 9], output: [1]}\n  - {input: [0, 0], output: [0.5]}",
    )
    (problem,) = problems(text, tmp_path, registry)
    assert (problem.code, problem.severity, problem.place.line) == ("not-finite", "warning", 6)
    assert "example 1: layer 1, neuron 1" in problem.message


def test_huge_weights_are_no_trained_ones(tmp_path: Path, registry: Registry) -> None:
    text = network(("[[1e307], [-1.7e308]]", "step"), ("[[1]]", "identity"))
    assert problems(text, tmp_path, registry) == []


@pytest.mark.parametrize(
    ("weights", "warned"),
    [
        ("[[0.1234, 1], [2.7891, 3]]", False),  # half of them
        ("[[0.1234, 1], [2.7891, 3.25781]]", True),
        ("[[0.12, 1.45], [2.78, -3.01]]", False),
    ],
)
def test_weights_look_trained_where_most_have_many_digits(
    weights: str, warned: bool, tmp_path: Path, registry: Registry
) -> None:
    text = network((weights, "step"), (ROUND, "relu"))
    assert [each.code for each in problems(text, tmp_path, registry)] == ["step-trained"] * warned


def test_layers_after_the_first_are_looked_at(tmp_path: Path, registry: Registry) -> None:
    text = network((ROUND, "relu"), ("[[0], [0]]", "softmax"))
    found = [(each.code, each.place.line) for each in problems(text, tmp_path, registry)]
    assert found == [("zero-weights", 4), ("softmax-single", 4)]


@pytest.mark.parametrize(("unused", "more"), [(10, ""), (11, ", …")])
def test_ten_unused_parameters_are_named(
    unused: int, more: str, tmp_path: Path, registry: Registry
) -> None:
    others = {f"V{i}": np.zeros(1) for i in range(unused)}
    np.savez(tmp_path / "w.npz", W1=np.ones((2, 1)), **others)
    text = network(("[[1], [2]]", "relu")).replace("[[1], [2]]", "{file: w.npz, key: W1}")
    (problem,) = problems(text, tmp_path, registry)
    assert problem.message.count("'V") == 10
    assert f"'V9'{more}, which" in problem.message


def test_warnings_leave_the_exit_code_at_0(tmp_path: Path, netrunner: object) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(CASES["identity-chain"][0], encoding="utf-8")
    result: Result = netrunner("check", path)  # type: ignore[operator]
    assert result.code == 0
    assert "warning: layer 1 and layer 2 are both linear" in result.err
    assert result.err.endswith("ok: 2 layers, 0 examples verified, 1 warning\n")


@pytest.mark.parametrize("path", sorted(NETWORKS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_networks_have_none(path: Path, registry: Registry) -> None:
    assert check_file(str(path), registry)[0] == []
