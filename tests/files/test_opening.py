"""Files that are missing, too large or no files, and names that take no file."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import THREE_LAYER

from netrunner.files.opening import open_inside
from netrunner.problems.problem import Fault

NETWORK = """\
inputs: 1000
layers:
  - {{size: 1000, weights: {{file: {}}}, biases: 0, activation: relu}}
  - {{size: 1000, weights: {{file: {}}}, biases: 0, activation: relu}}
"""


def test_a_text_that_is_too_large_is_not_read(tmp_path: Path, netrunner: Any) -> None:
    (tmp_path / "n.yaml").touch()
    os.truncate(tmp_path / "n.yaml", 2**40)
    assert "larger than 64 MiB [too-large]" in netrunner("check", tmp_path / "n.yaml").err


def test_json_that_is_too_large_is_not_read(tmp_path: Path, netrunner: Any) -> None:
    (tmp_path / "x.json").touch()
    os.truncate(tmp_path / "x.json", 2**40)
    result = netrunner("run", THREE_LAYER, "--input-file", tmp_path / "x.json")
    assert "MiB: save it as .npy instead [too-large]" in result.err


def test_a_weight_file_that_is_missing(tmp_path: Path, netrunner: Any) -> None:
    (tmp_path / "n.yaml").write_text(NETWORK.format("one.npy", "two.npy"))
    assert netrunner("check", tmp_path / "n.yaml").err.count("[file-not-found]") == 2


def test_a_file_that_another_one_names_is_missing(tmp_path: Path) -> None:
    """As the external data of an ONNX model, which is opened without looking for it first."""
    with pytest.raises(Fault, match=r"^no such file$"):
        open_inside(tmp_path, "gone.bin", "model")


def test_an_npy_of_less_than_no_rows(tmp_path: Path, netrunner: Any) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 1000)}\n"
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    (tmp_path / "w.npy").write_bytes(data)
    (tmp_path / "n.yaml").write_text(NETWORK.format("w.npy", "w.npy"))
    assert "absurd shape [damaged-file]" in netrunner("check", tmp_path / "n.yaml").err


def test_arrays_that_unfold_too_far_together(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netrunner.format.parameter_files.MAX_UNFOLDED", 10 * 2**20)
    zeros = np.zeros((1000, 1000))
    np.savez_compressed(tmp_path / "w.npz", W1=zeros, W2=zeros)
    (tmp_path / "n.yaml").write_text(NETWORK.format("w.npz, key: W1", "w.npz, key: W2"))
    result = netrunner("check", tmp_path / "n.yaml")
    assert "n.yaml:4:" in result.err
    assert "more than 10 MiB of highly compressed arrays [too-large]" in result.err


@pytest.mark.parametrize("name", [os.devnull, "device"])
def test_a_device_is_written_to_and_stays_one(name: str, tmp_path: Path, netrunner: Any) -> None:
    (tmp_path / "device").symlink_to(os.devnull)
    path = tmp_path / name
    assert netrunner("run", THREE_LAYER, "--output", path).code == 0
    assert path.is_char_device()


def test_an_open_descriptor_is_written_to(tmp_path: Path, netrunner: Any) -> None:
    with (tmp_path / "out").open("w+") as out:
        out.write("before\n")
        out.flush()
        path = f"/dev/fd/{out.fileno()}"
        assert netrunner("run", THREE_LAYER, "--output-only", "--output", path).code == 0
    said = (tmp_path / "out").read_text()
    assert said == "before\n[0.31682708 0.69627909]\n"


def test_who_may_not_write_a_file_does_not_replace_it(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").write_text("mine")
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever runs the tests may
    result = netrunner("run", THREE_LAYER, "--output", tmp_path / "out")
    assert "cannot be written: Permission denied [unwritable-output]" in result.err
    assert (tmp_path / "out").read_text() == "mine"
