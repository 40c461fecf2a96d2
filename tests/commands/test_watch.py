"""`netrunner watch`: what it prints after each save, by real files and a real process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, THREE_LAYER

import netrunner as nr

NETWORK = """\
inputs: 2
layers:
  - {size: 2, weights: {file: W.npy}, biases: 0, activation: relu}
  - {size: 2, weights: [[1, 0], [0, 1]], biases: 0, activation: relu}
"""


class Watch:
    """A process that watches, and what it has said since it was last asked."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.out, self.err = folder / "out.txt", folder / "err.txt"
        self.seen = {self.out: 0, self.err: 0}
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "netrunner", "watch", *map(str, arguments)],
                cwd=folder, stdout=out, stderr=err,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip

    def said(self, until: str, path: Path | None = None) -> str:
        """What is printed, on standard output by default, up to the end of a line with `until`."""
        path = path or self.out
        deadline = time.monotonic() + 60
        while True:
            text = path.read_text(encoding="utf-8")[self.seen[path] :]
            if found := re.search(rf".*?{until}[^\n]*\n", text, re.S):
                self.seen[path] += found.end()
                return found[0]
            assert time.monotonic() < deadline, f"{until!r} is not in {text!r}"
            assert self.process.poll() is None, self.err.read_text()
            time.sleep(0.02)


@contextmanager
def watching(folder: Path, *arguments: object) -> Iterator[Watch]:
    watch = Watch(folder, *arguments)
    try:
        yield watch
    finally:
        watch.process.kill()
        watch.process.wait()


def save(path: Path, old: str, new: str) -> None:
    """Save as editors do: by a new file that takes the old one's name."""
    text = path.read_text()
    assert old in text
    other = path.with_name(f".{path.name}.new")
    other.write_text(text.replace(old, new))
    other.replace(path)


def test_only_what_changed_is_shown(tmp_path: Path) -> None:
    net = tmp_path / "net.yaml"
    net.write_bytes(THREE_LAYER.read_bytes())
    with watching(tmp_path, net, "--input", "1.0,0.5") as watch:
        first = watch.said("Y  =").splitlines()
        watch.said("y1, y2")
        assert first[-1] == "Y  = [0.31682708 0.69627909]"
        save(net, "[0.3, 0.6]]", "[0.3, 0.7]]")
        said = watch.said(r"\nY\n[^\n]*\n   now")
        assert re.findall(r"^(\w+)", said, re.M) == ["A2", "Z2", "A3", "Z3", "Y"]
        page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
        documented = re.search(r" layer 2 became 0\.7:\n\n```text\n(A2\n.*?)```", page, re.S)
        assert documented
        assert said.startswith(documented[1])
        save(net, "0.7]]", "0.7000000000000001]]")
        was, now = re.findall(r"1\.289\d+", watch.said("now"))
        assert was != now == str(nr.load(net).trace([1.0, 0.5]).layers[1].A[1])
        net.touch()
        watch.said("net.yaml: saved, no number changed", watch.err)


def test_a_broken_file_and_a_mended_one(tmp_path: Path) -> None:
    net = tmp_path / "net.yaml"
    net.write_bytes(THREE_LAYER.read_bytes())
    with watching(tmp_path, "net.yaml", "--output-only", "--output", "y.npy") as watch:
        watch.said(r"\[0.31682708 0.69627909\]")
        save(net, "\noutputs:", "\noutpts:")
        said = watch.said("help", watch.err)
        assert "[unknown-key]" in said
        save(net, "outpts:", "outputs:")
        assert watch.said("fixed", watch.err) == "net.yaml: fixed\n"
        save(
            net,
            "biases: [0.1, 0.2]\n    activation: identity",
            "biases: 0\n    activation: identity",
        )
        assert watch.said("now") == (
            "Y\n   was [0.31682708  0.69627909]\n   now [0.21682708* 0.49627909*]\n"
        )
        assert np.load(tmp_path / "y.npy").tolist() == nr.load(net)([1.0, 0.5]).tolist()


def test_blanks_are_shown_only_when_asked_for(tmp_path: Path, netrunner: Any) -> None:
    net = tmp_path / "net.yaml"
    answers = "answers:\n  A1: [?, 0.7, 1.1]\n  Y: [?, 0.696]\n"
    net.write_text(THREE_LAYER.read_text(encoding="utf-8") + answers, encoding="utf-8")
    with watching(tmp_path, net, "--output-only", "--show-blanks") as watch:
        assert watch.said(r"Y\.1") == ("[0.31682708 0.69627909]\nA1.1 is 0.3\nY.1 is 0.31682708\n")
        save(net, "A1: [?", "A1: [0.3")
        assert watch.said(r"Y\.1") == "Y.1 is 0.31682708\n"
    with watching(tmp_path, net) as watch:
        assert "[blank]" in watch.said("blank", watch.err)
        save(net, "Y: [?", "Y: [0.317")
        assert watch.said("Z3").startswith("three-layer\n")


def test_weight_files_plugins_and_inputs_are_watched(tmp_path: Path) -> None:
    net, plugin, rows = tmp_path / "net.yaml", tmp_path / "own" / "h.py", tmp_path / "x.csv"
    net.write_text(NETWORK.replace("relu}\n  - ", "h}\n  - "))
    np.save(tmp_path / "W.npy", np.eye(2))
    plugin.parent.mkdir()
    plugin.write_text(
        "import netrunner\nfrom netrunner import Activation\n\n\ndef h(a):\n    return a * 2\n\n\n"
        "@netrunner.hookimpl\ndef netrunner_activations():\n    return [Activation('h', h)]\n"
    )
    rows.write_text("1,2\n3,4\n")
    with watching(tmp_path, net, "--input-file", rows, "--plugins", "own") as watch:
        watch.said(r"Y  = \[\[2. 4.\]\n     +\[6. 8.\]\]")
        np.save(tmp_path / "W.npy", np.diag([1.0, 3.0]))
        said = watch.said(r"\nY, row 2\n[^\n]*\n   now")
        assert "Y, row 1\n   was [2.   4.]\n   now [2.   12.*]\n" in said
        save(plugin, "a * 2", "a * 1")
        said = watch.said(r"\nY, row 2\n[^\n]*\n   now")
        assert not re.search("^[XA]1", said, re.M)
        save(rows, "3,4", "3,5")
        said = watch.said(r"\nY, row 2\n[^\n]*\n   now")
        assert "row 1" not in said
        save(plugin, "a * 1", "a.no")
        said = watch.said("plugin-raised", watch.err)
        assert f"{plugin.relative_to(tmp_path)}:5" in said
        save(plugin, "a.no", "a * 1")
        assert watch.said("fixed", watch.err).endswith("own/h.py: fixed\n")
        (tmp_path / "W.npy").unlink()
        watch.said("file-not-found", watch.err)
        np.save(tmp_path / "W.npy", np.diag([1.0, 3.0]))
        watch.said("fixed", watch.err)


def test_other_layers_are_new_or_gone(tmp_path: Path) -> None:
    net = tmp_path / "net.yaml"
    net.write_text(NETWORK)
    np.save(tmp_path / "W.npy", np.eye(2))
    with watching(tmp_path, net, "--input", "1,2") as watch:
        watch.said("Y  =")
        last = net.read_text().splitlines()[-1]
        save(net, last, f"{last}\n{last}")
        said = watch.said("Z3, new[^Y]*now")
        assert re.findall(r"^(\w+)", said, re.M) == ["A3", "Z3"]
        save(net, f"{last}\n{last}", last)
        said = watch.said("Z3, gone[^Y]*was")
        assert said == "A3, gone\n   was [1.  2.]\nZ3, gone\n   was [1.  2.]\n"
        save(net, last, last.replace("[[1, 0], [0, 1]]", "[[1, 0, 1], [0, 1, 0]]"))
        watch.said("shape-mismatch", watch.err)
        save(net, "size: 2, weights: [[", "size: 3, weights: [[")
        assert watch.said(r"\nY\n[^\n]*\n   now").startswith(
            "A2\n   was [1.  2.]\n   now [1.  2.  1.*]\n"
        )


@pytest.mark.parametrize("broken", [False, True])
def test_ctrl_c_ends_it(broken: bool, tmp_path: Path) -> None:
    net = tmp_path / "net.yaml"
    net.write_bytes(b"inputs: 1" if broken else THREE_LAYER.read_bytes())
    with watching(tmp_path, net) as watch:
        watch.said("missing-key" if broken else "Y  =", watch.err if broken else None)
        watch.process.send_signal(signal.SIGINT)
        assert watch.process.wait(20) == 130
        assert watch.err.read_text().endswith("interrupted\n")


def test_what_cannot_be_watched(tmp_path: Path, netrunner: Any) -> None:
    result = netrunner("watch", tmp_path / "net.yaml")
    assert (result.code, result.out) == (1, "")
    assert "[file-not-found]" in result.err
    for arguments in (["-"], [THREE_LAYER, "--input-file", "-"]):
        result = netrunner("watch", *arguments)
        assert result.code == 2
        assert "Standard input cannot be watched" in result.err
    result = netrunner("watch", THREE_LAYER, "--format", "json")
    assert result.code == 2
    assert "--format json needs --output FILE" in result.err
