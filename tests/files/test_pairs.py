"""A network and its weights, which are replaced together, on file systems of all kinds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

import netrunner
from netrunner.exchange.exporting import export
from netrunner.files import pairs
from tests.samples import ROOT


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


# Each child gets the signal at another of its changes to the folder, until none is left to get it.
SIGNALLED = """
import itertools, os, signal, sys
from pathlib import Path
import numpy as np
import netrunner
from netrunner.process.interrupt import ended_by_interrupt
def save(weight):
    network = netrunner.from_arrays([(np.array([[weight]]), np.zeros(1), "relu")])
    netrunner.save(network, "n.yaml", weights="file")
save(0.0)
def at(moment):
    left = [moment]
    def hear(event, arguments):
        if event in ("open", "os.rename", "os.remove", "os.link", "os.chmod"):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGTERM)
    with ended_by_interrupt():
        sys.addaudithook(hear)
        save(float(moment))
    os._exit(0)
for moment in itertools.count(1):
    before = float(netrunner.load("n.yaml")([1.0])[0])
    child = os.fork()
    if child == 0:
        at(moment)
    _, status = os.waitpid(child, 0)
    fits = float(netrunner.load("n.yaml")([1.0])[0]) in (before, moment)
    others = {path.name for path in Path().iterdir()} - {"n.yaml", "n.npz"}
    strays = [name for name in others if name not in Path("n.yaml").read_text()]
    print(moment, fits, strays)
    if status == 0:
        break
    if others:
        save(before)
        [Path(name).unlink(missing_ok=True) for name in others]
"""


def test_a_signal_at_any_moment_leaves_a_pair_and_nothing_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    moments = done.stdout.splitlines()
    assert len(moments) > 10
    for line in moments:
        assert line.endswith("True []"), line


ESCAPED = ['"', "\t", "\n", "\x1b", "\xa0", "\u200b", "\u3000", "\ue000", "\ufeff"]


@pytest.mark.parametrize(
    ("sign", "suffix"),
    [(sign, suffix) for sign in [*ESCAPED, "'", "%{é"] for suffix in (".yaml", ".py")]
    + [("\\", ".py"), ("\udcff", ".py")],
)
def test_weights_beside_a_text_that_escapes_their_name(
    tmp_path: Path, sign: str, suffix: str
) -> None:
    path = tmp_path / f"a{sign}b{suffix}"
    for weight in (1.0, 2.0):
        paths = export(network(weight), path, weights="file")
        assert [each.is_file() for each in paths] == [True, True]
        assert len([*tmp_path.iterdir()]) == 2
        with np.load(paths[1]) as stored:
            assert stored["W1"] == weight


def test_weights_beside_a_pipe(tmp_path: Path) -> None:
    """Its text cannot be read again."""
    pipe = tmp_path / "n.yaml"
    os.mkfifo(pipe)
    reader = Thread(target=pipe.read_bytes)
    reader.start()
    netrunner.save(network(1.0), pipe, weights="file")
    reader.join()
    assert (tmp_path / "n.npz").is_file()


def test_a_pipe_or_a_device_is_not_searched_for_the_name_of_the_weights(tmp_path: Path) -> None:
    """Nobody writes into the pipe, and the device has no end."""
    netrunner.save(network(1.0), tmp_path / "n.yaml", weights="file")
    (tmp_path / "n.yaml").unlink()
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero")):
        make(tmp_path / "n.yaml")
        with pytest.raises(netrunner.NetrunnerError, match=r"'n\.yaml' does not name it"):
            netrunner.save(network(2.0), tmp_path / "n.yaml", weights="file")
        (tmp_path / "n.yaml").unlink()


def test_two_that_write_the_same_pair_take_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "n.yaml"
    netrunner.save(network(1.0), path, weights="file")
    other = Thread(target=netrunner.save, args=(network(3.0), path), kwargs={"weights": "file"})
    take_name = pairs._take_name

    def take_name_and_let_the_other_begin(*files: Path) -> None:
        take_name(*files)
        if not other.ident:
            other.start()
            other.join(0.1)

    monkeypatch.setattr(pairs, "_take_name", take_name_and_let_the_other_begin)
    netrunner.save(network(2.0), path, weights="file")
    other.join()
    last = netrunner.load(path)
    assert last([1.0]) == 3.0
    assert last(last.examples[0].input) == last.examples[0].output


def test_a_pair_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(netrunner.NetrunnerError, match=r"n\.npz: error: .*no such folder|cannot"):
        netrunner.save(network(1.0), tmp_path / "none" / "n.yaml", weights="file")
