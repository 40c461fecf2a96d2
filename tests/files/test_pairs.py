"""A network and its weights, which are replaced together, on file systems of all kinds."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netrunner
from netrunner.exchange.exporting import export


def network(weight: float) -> netrunner.Network:
    return netrunner.from_arrays([(np.array([[weight]]), np.zeros(1), "relu")])


def refuses(*_: Any, **__: Any) -> None:
    raise OSError(95, "Operation not supported")


def test_weights_are_replaced_where_a_file_has_one_name_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", refuses)
    for weight in (1.0, 2.0):
        netrunner.save(network(weight), tmp_path / "n.yaml", weights="file")
        assert netrunner.load(tmp_path / "n.yaml")([1.0]) == weight
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n.npz", "n.yaml"]


def test_a_copy_that_fails_leaves_a_network_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrunner.save(network(1.0), tmp_path / "n.yaml", weights="file")
    monkeypatch.setattr(os, "link", refuses)
    monkeypatch.setattr(shutil, "copy2", refuses)
    with pytest.raises(netrunner.NetrunnerError, match="cannot be written: Operation not supp"):
        netrunner.save(network(2.0), tmp_path / "n.yaml", weights="file")
    assert netrunner.load(tmp_path / "n.yaml")([1.0]) == 2.0


@pytest.mark.parametrize("stem", ["n", "n\udcff"])
def test_a_pair_whose_replacing_was_interrupted_is_replaced(tmp_path: Path, stem: str) -> None:
    """The text names what stands in for the weights, and the old weights are still there."""
    script = tmp_path / f"{stem}.py"
    weights, other = (tmp_path / f"{stem}_weights{end}.npz" for end in ("", "-1a2b3c4d"))
    export(network(1.0), script, weights="file")
    shutil.copy(weights, other)
    name = weights.name.encode(errors="backslashreplace")
    stand_in = other.name.encode(errors="backslashreplace")
    script.write_bytes(script.read_bytes().replace(name, stand_in))
    export(network(2.0), script, weights="file")
    assert name in script.read_bytes()
    with np.load(weights) as stored:
        assert stored["W1"] == 2.0
