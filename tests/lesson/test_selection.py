"""Layers and neurons count from 1, and what is not there is answered with what is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import NETWORKS, THREE_LAYER, Result


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--layer", 0], "there is no layer 0; the network has 1 'hidden 1', 2 'hidden 2', 3"),
        (["--layer", 4], "there is no layer 4; the network has 1 'hidden 1', 2 'hidden 2', 3"),
        (["--layer", -1], "there is no layer -1"),
        (["--layer", 1, "--neuron", 0], "has no neuron 0; it has neurons 1 to 3"),
        (["--layer", 1, "--neuron", 4], "has no neuron 4; it has neurons 1 to 3"),
        (["--neuron", 0], "the layers have no neuron 0; layer 1 'hidden 1' has neurons 1 to 3"),
        (["--neuron", 4], "the layers have no neuron 4; layer 1 'hidden 1' has neurons 1 to 3"),
    ],
)  # fmt: skip
def test_what_is_not_there(
    options: list[object], said: str, netrunner: Callable[..., Result]
) -> None:
    done = netrunner("explain", THREE_LAYER, *options)
    assert (done.code, done.out) == (1, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("options", "neurons"),
    [
        (["--layer", 3, "--neuron", 2], ["a₂⁽³⁾"]),
        (["--layer", "hidden 2"], ["a₁⁽²⁾", "a₂⁽²⁾"]),
        (["--neuron", 3], ["a₃⁽¹⁾"]),  # only layer 1 has three
        (["--neuron", 2], ["a₂⁽¹⁾", "a₂⁽²⁾", "a₂⁽³⁾"]),
        (["--neuron", "y2"], ["a₂⁽³⁾"]),
        ([], ["a₁⁽¹⁾", "a₂⁽¹⁾", "a₃⁽¹⁾", "a₁⁽²⁾", "a₂⁽²⁾", "a₁⁽³⁾", "a₂⁽³⁾"]),
    ],
)
def test_what_is_chosen(
    options: list[object], neurons: list[str], netrunner: Callable[..., Result]
) -> None:
    lines = netrunner("explain", THREE_LAYER, *options).out.splitlines()
    assert [line.split(" ")[0] for line in lines if line.startswith("a")] == neurons


def test_eight_names_are_listed(netrunner: Callable[..., Result]) -> None:
    done = netrunner("why", NETWORKS / "digits.yaml", "--neuron", "x")
    assert "'0', '1', '2', '3', '4', '5', '6', '7', … 2 more" in done.err


def test_a_name_of_two_outputs_names_none(tmp_path: Path, netrunner: Callable[..., Result]) -> None:
    network = tmp_path / "n.yaml"
    network.write_text(THREE_LAYER.read_text("utf-8").replace("[y1, y2]", "[y, y]"), "utf-8")
    for command in ("why", "explain"):
        done = netrunner(command, network, "--neuron", "y")
        assert done.code == 1
        assert "'y' names outputs 1 and 2: give the number" in done.err
