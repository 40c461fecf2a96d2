"""Inputs larger than memory: the same results block by block, and the same care."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, THREE_LAYER
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import netrunner as nr
from netrunner.files import arrays, csv_tables
from netrunner.network import streaming
from netrunner.views.render import spool
from netrunner.views.render.array_text import array_text, write_blocks

ROWS = 1500
FORMATS = [["--format", name] for name in ("csv", "npz", "jsonl")]
FORMATS += [["--output-only", "--format", name] for name in ("text", "json", "csv", "npz", "jsonl")]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "MAX_BLOCK_ROWS", 100)
    monkeypatch.setattr(csv_tables, "BLOCK_BYTES", 2000)


@pytest.fixture
def X() -> Any:  # noqa: N802 - the name of the subject
    return np.random.default_rng(6).integers(-200, 200, (ROWS, 2)) / 64  # exact in float16, too


def saved_csv(path: Path, X: Any, end: str = "\n") -> None:
    lines = ["x1,x2", *(",".join(map(repr, row)) for row in X.tolist())]
    path.write_text(end.join(lines), newline="")


SAVED: dict[str, Any] = {
    "c.npy": np.save,
    "fortran.npy": lambda path, X: np.save(path, np.asfortranarray(X)),
    "big_endian.npy": lambda path, X: np.save(path, X.astype(">f8")),
    "half.npy": lambda path, X: np.save(path, X.astype(np.float16)),
    "lines.csv": saved_csv,
    "windows.csv": lambda path, X: saved_csv(path, X, "\r\n"),
    "old_mac.csv": lambda path, X: saved_csv(path, X, "\r"),
}


def run(netrunner: Any, *arguments: object) -> str:
    result = netrunner("run", *arguments)
    assert (result.code, result.err) == (0, "")
    return str(result.out)


@pytest.mark.parametrize("name", SAVED)
@pytest.mark.usefixtures("small_blocks")
def test_a_file_of_each_kind_in_blocks(name: str, X: Any, tmp_path: Path, netrunner: Any) -> None:
    SAVED[name](tmp_path / name, X)
    arguments = ["--input-file", tmp_path / name, "--format", "npz", "--output", tmp_path / "out"]
    run(netrunner, THREE_LAYER, *arguments)
    trace = nr.load(THREE_LAYER).trace(X)
    with np.load(tmp_path / "out") as file:
        written = dict(file)
    assert list(written) == ["X", "A1", "Z1", "A2", "Z2", "A3", "Z3", "Y"]
    np.testing.assert_array_equal(written["X"], X)
    np.testing.assert_array_equal(written["Y"], written["Z3"])
    for layer in trace.layers:
        np.testing.assert_allclose(written[f"A{layer.index}"], layer.A, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(written[f"Z{layer.index}"], layer.Z, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("arguments", FORMATS, ids=" ".join)
def test_blocks_give_the_bytes_of_the_whole(
    arguments: list[str], tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Sums of a few small whole numbers are exact, however the BLAS goes about it.
    network = tmp_path / "exact.yaml"
    layers = "{size: 3, weights: [[1, -2, 4], [2, 1, -1]], biases: [0.5, 0, 1], activation: relu}"
    network.write_text(
        f"inputs: 2\nlayers:\n  - {layers}\n  - {layers.replace('[[', '[[3, 1, 2], [')}\n"
    )
    np.save(tmp_path / "x.npy", np.random.default_rng(6).integers(-99, 99, (1000, 2)))
    arguments = [*arguments, "--input-file", str(tmp_path / "x.npy"), "--output"]
    run(netrunner, network, *arguments, tmp_path / "whole")
    monkeypatch.setattr(streaming, "MAX_BLOCK_ROWS", 300)
    run(netrunner, network, *arguments, tmp_path / "blocks")
    assert (tmp_path / "blocks").read_bytes() == (tmp_path / "whole").read_bytes()


@pytest.mark.usefixtures("small_blocks")
def test_standard_input_and_output_take_blocks_too(
    X: Any, tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_csv(tmp_path / "x.csv", X)
    from_file = run(netrunner, THREE_LAYER, "--format", "csv", "--input-file", tmp_path / "x.csv")
    with (tmp_path / "x.csv").open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert run(netrunner, THREE_LAYER, "--format", "csv", "--input-file", "-") == from_file
    rows = list(csv.reader(io.StringIO(from_file)))
    assert len(rows) == 1 + 7 * ROWS
    assert rows[-1][:3] == [str(ROWS), "3", "2"]


def test_json_lines(netrunner: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", [[1.0, 0.5], [0.0, -2.0]])
    arguments = [THREE_LAYER, "--input-file", tmp_path / "x.npy"]
    whole = json.loads(run(netrunner, *arguments, "--format", "json"))
    lines = [
        json.loads(line) for line in run(netrunner, *arguments, "--format", "jsonl").splitlines()
    ]
    for row, line in enumerate(lines):
        assert list(line) == ["row", "input", "layers", "output"]
        assert line["row"] == row + 1
        assert (line["input"], line["output"]) == (whole["input"][row], whole["output"][row])
        for layer, expected in zip(line["layers"], whole["layers"], strict=True):
            assert layer == expected | {"A": expected["A"][row], "Z": expected["Z"][row]}
    outputs = run(netrunner, *arguments, "--format", "jsonl", "--output-only").splitlines()
    assert [json.loads(line) for line in outputs] == [
        {"row": row + 1, "output": line["output"]} for row, line in enumerate(lines)
    ]
    single = run(netrunner, THREE_LAYER, "--input", "1.0,0.5", "--format", "jsonl")
    assert single.count("\n") == 1
    assert json.loads(single)["output"] == pytest.approx(lines[0]["output"], rel=1e-12)


@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32]),
        st.tuples(st.integers(1, 12), st.integers(1, 7)),
        elements=st.one_of(
            st.floats(width=32),
            st.sampled_from([0.0, -0.0, 1.0, 0.5, -3.25, 1e-5, 99999999.0, 123.456, np.inf]),
        ),
    ),
    st.integers(1, 5),
    st.integers(0, 17),
)
def test_text_in_blocks_is_the_text_of_the_whole(Y: Any, rows: int, precision: int) -> None:
    stream = io.StringIO()
    write_blocks((Y[first : first + rows] for first in range(0, len(Y), rows)), stream, precision)
    assert stream.getvalue() == array_text(Y, precision)


# What is wrong deep in a file


def wrong_nan(path: Path, X: Any) -> None:
    X[1345, 1] = np.nan
    np.save(path, X)


def wrong_line(text: str) -> Any:
    def save(path: Path, X: Any) -> None:
        saved_csv(path, X)
        lines = path.read_text().split("\n")
        lines[1345] = text
        path.write_text("\n".join(lines))

    return save


def cut(path: Path, X: Any) -> None:
    np.save(path, X)
    os.truncate(path, path.stat().st_size - 8)


WRONG: dict[str, tuple[Any, str]] = {
    "nan.npy": (wrong_nan, ": error: row 1346, column 2 is nan, not a finite number [not-finite]"),
    "ragged.csv": (
        wrong_line("1,2,3"),
        ":1346:1: error: a row of 3 numbers after one of 2 [ragged-rows]\n  1346 | 1,2,3\n",
    ),
    "word.csv": (wrong_line("1,x"), ":1346:3: error: 'x' is not a number [not-a-number]"),
    "latin.csv": (
        lambda path, X: (
            wrong_line("1,?")(path, X),
            path.write_bytes(path.read_bytes().replace(b"?", b"\xe9")),
        ),
        ":1346:3: error: this is not UTF-8 text [not-utf-8]",
    ),
    "cut.npy": (cut, ": error: the file is damaged: an array of shape (1500, 2) takes 24,000"),
    "wide.npy": (
        lambda path, X: np.save(path, np.hstack([X, X])),
        ": error: 4 numbers a row, but the network takes 2 numbers ('x1', 'x2') [input-shape]",
    ),
    "wide.csv": (
        lambda path, X: saved_csv(path, np.hstack([X, X])),
        ":2:1: error: 4 numbers a row, but the network takes 2 numbers",
    ),
    "float32.csv": (wrong_line("1,1e300"), ":1346:3: error: row 1345, column 2, 1e+300, overflows"),
}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [*(("nan.npy", arguments) for arguments in FORMATS), *zip(WRONG, FORMATS, strict=True)][1:],
    ids=str,
)
@pytest.mark.usefixtures("small_blocks")
def test_what_is_wrong_deep_in_a_file_is_named_and_leaves_nothing(
    name: str, arguments: list[str], X: Any, tmp_path: Path, netrunner: Any
) -> None:
    save, words = WRONG[name]
    path = tmp_path / name
    save(path, X)
    network = THREE_LAYER
    if name.startswith("float32"):
        network = tmp_path / "float32.yaml"
        network.write_text(THREE_LAYER.read_text().replace("float64", "float32"))
    before = sorted(tmp_path.iterdir())
    for output in ([], ["--output", tmp_path / "out"]):
        result = netrunner("run", network, "--input-file", path, *arguments, *output)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith(f"{path}{words}")
        assert result.err.count("error:") == 1
        assert sorted(tmp_path.iterdir()) == before


@pytest.mark.usefixtures("small_blocks")
def test_an_output_that_was_there_stays(X: Any, tmp_path: Path, netrunner: Any) -> None:
    wrong_nan(tmp_path / "x.npy", X)
    (tmp_path / "out").write_text("old")
    arguments = ["--input-file", tmp_path / "x.npy", "--format", "csv", "--output"]
    assert netrunner("run", THREE_LAYER, *arguments, tmp_path / "out").code == 1
    assert (tmp_path / "out").read_text() == "old"


@pytest.mark.usefixtures("small_blocks")
def test_a_file_that_shrinks_while_it_is_read(X: Any, tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "x.npy"
    np.save(path, X)
    (tmp_path / "shrink.py").write_text(
        f"import os, netrunner\n"
        f"def shrink(a):\n    os.truncate({str(path)!r}, 15_000)\n    return a + 0\n"
        f"@netrunner.hookimpl\ndef netrunner_activations():\n"
        f"    return [netrunner.Activation('shrink', shrink)]\n"
    )
    network = tmp_path / "net.yaml"
    layer = "{size: 1, weights: [[1], [1]], biases: 0, activation: shrink}"
    network.write_text(f"inputs: 2\nlayers: [{layer}]\n")
    plugins = ["--plugins", tmp_path / "shrink.py"]
    result = netrunner("run", network, *plugins, "--input-file", path, "--output-only")
    assert (result.code, result.out) == (1, "")
    assert result.err == f"{path}: error: the file is damaged: it ends too early [damaged-file]\n"


@pytest.mark.usefixtures("small_blocks")
def test_blocks_without_a_row(X: Any, tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "x.csv"
    arguments = ["--input-file", path, "--output-only"]
    path.write_text("x1,x2\n" + "\n" * 6000 + "1.0,0.5\n")
    assert run(netrunner, THREE_LAYER, *arguments) == "[0.31682708 0.69627909]\n"
    for text in ("", "x1,x2\n" + "\n" * 6000):
        path.write_text(text)
        result = netrunner("run", THREE_LAYER, *arguments)
        assert (result.code, result.out) == (1, "")
        assert result.err == f"{path}: error: there are no numbers in it [no-values]\n"


@pytest.mark.parametrize("name", ["x.npy", "x.csv"])
def test_a_disk_that_fails(
    name: str, X: Any, tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    SAVED["c.npy" if name == "x.npy" else "lines.csv"](tmp_path / name, X)
    monkeypatch.setattr(arrays, "_fill", fail)
    monkeypatch.setattr(csv_tables, "_texts", fail)
    result = netrunner("run", THREE_LAYER, "--input-file", tmp_path / name, "--format", "csv")
    words = "error: cannot be read: Input/output error [unreadable-file]\n"
    assert result == (1, "", f"{tmp_path / name}: {words}")


@pytest.mark.parametrize("arguments", FORMATS, ids=" ".join)
@pytest.mark.parametrize("to_file", [False, True])
@pytest.mark.usefixtures("small_blocks")
def test_a_disk_that_is_full(
    to_file: bool,
    arguments: list[str],
    X: Any,
    tmp_path: Path,
    netrunner: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process may write files of 10,000 bytes; the error is that of a full disk but in name."""
    np.save(tmp_path / "x.npy", X)
    monkeypatch.setattr(spool, "IN_MEMORY", 1000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    out = tmp_path / "out"
    arguments = [*arguments, *(["--output", str(out)] if to_file else [])]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        result = netrunner("run", THREE_LAYER, "--input-file", tmp_path / "x.npy", *arguments)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert (result.code, result.out) == (1, "")
    where = out if to_file else tmp_path
    what = "" if to_file else "a temporary file "
    words = f"error: {what}cannot be written: File too large [unwritable-output]\n"
    assert result.err == f"{where}: {words}"
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]


def test_one_row_of_one_dimension_and_no_row_at_all(tmp_path: Path, netrunner: Any) -> None:
    np.save(tmp_path / "one.npy", [1.0, 0.5])
    arguments = ["--output-only", "--format", "json", "--input-file"]
    one = json.loads(run(netrunner, THREE_LAYER, *arguments, tmp_path / "one.npy"))
    assert np.shape(one["output"]) == (2,)
    np.save(tmp_path / "none.npy", np.empty((0, 2)))
    none = json.loads(run(netrunner, THREE_LAYER, *arguments, tmp_path / "none.npy"))
    assert none["output"] == []
    arguments = ["--format", "npz", "--output", tmp_path / "out", "--input-file"]
    run(netrunner, THREE_LAYER, *arguments, tmp_path / "none.npy")
    with np.load(tmp_path / "out") as written:
        assert written["Z1"].shape == (0, 3)
    np.save(tmp_path / "text.npy", ["a"])
    result = netrunner("run", THREE_LAYER, *arguments, tmp_path / "text.npy")
    assert result.err.startswith(f"{tmp_path / 'text.npy'}: error: it holds text, not real numbers")


def test_a_line_without_an_end(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_tables, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(csv_tables, "MAX_LINE_BYTES", 2**20)
    (tmp_path / "x.csv").write_text("1,2\n" + "1," * 2**20)
    result = netrunner("run", THREE_LAYER, "--output-only", "--input-file", tmp_path / "x.csv")
    assert result.code == 1
    words = "error: a line of more than 1 MiB [too-large]\n"
    assert result.err == f"{tmp_path / 'x.csv'}:2:1: {words}"


@pytest.mark.usefixtures("small_blocks")
def test_the_first_value_that_is_not_finite_is_named(
    X: Any, tmp_path: Path, netrunner: Any
) -> None:
    """The first layer counts, also where an earlier block met one in a later layer."""
    network = tmp_path / "net.yaml"
    network.write_text(
        "inputs: 2\nlayers:\n"
        "  - {size: 1, weights: [[1.0e150], [0]], biases: 0, activation: identity}\n"
        "  - {name: ', row 3', size: 1, weights: [[1.0e150]], biases: 0, activation: identity}\n"
    )
    X[:] = 0
    X[[600, 1200]] = 1e100
    np.save(tmp_path / "x.npy", X)
    arguments = ["--input-file", tmp_path / "x.npy", "--format", "csv", "--output", tmp_path / "y"]
    said = f"{network}: warning: layer 2 ', row 3', neuron 1, row 601: A is inf"
    result = netrunner("run", network, *arguments)
    assert result.code == 0
    assert result.err.startswith(said)
    assert result.err.count("\n") == 1
    X[1350] = 1e200
    np.save(tmp_path / "x.npy", X)
    for only in ([], ["--output-only"]):
        said = f"{network}: warning: layer 1, neuron 1, row 1351: A is inf"
        assert netrunner("run", network, *arguments, *only).err.startswith(said)


# Memory, interrupts, the terminal


CHILD = """
import sys
from netrunner.commands import progress
progress.PATIENCE = float(sys.argv[1])
sys.argv = ["netrunner", *sys.argv[2:]]
from netrunner.commands.cli import main
try:
    sys.exit(main())
finally:
    import re
    with open("/proc/self/status") as status, open("peak", "w") as peak:
        peak.write(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1])
"""


def child(folder: Path, *arguments: object, patience: float = 1e9, **more: Any) -> Any:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(patience), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        **more,
    )


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("x.npy", ["--format", "npz"]),
        ("x.npy", ["--output-only"]),
        ("x.npy", ["--output-only", "--format", "npz"]),
        ("x.csv", ["--output-only", "--format", "jsonl"]),
    ],
    ids=str,
)
def test_memory_does_not_grow_with_the_input(
    name: str, arguments: list[str], tmp_path: Path
) -> None:
    network = tmp_path / "net.yaml"
    np.savez(tmp_path / "net.npz", W1=np.full((64, 50), 0.01), W2=np.full((50, 1), 0.1))
    network.write_text(
        "inputs: 64\nlayers:\n"
        "  - {weights: {file: net.npz, key: W1}, biases: 0, size: 50, activation: sigmoid}\n"
        "  - {weights: {file: net.npz, key: W2}, biases: 0, size: 1, activation: identity}\n"
    )
    peaks = []
    for rows in (30_000, 90_000):
        X = np.random.default_rng(1).integers(0, 17, (rows, 64), np.uint8)
        if name == "x.npy":
            np.save(tmp_path / name, X)
        else:
            np.savetxt(tmp_path / name, X, "%d", ",")
        to = ["--input-file", name, "--output", "out", *arguments]
        assert child(tmp_path, "run", network, *to).wait(60) == 0
        peaks.append(int((tmp_path / "peak").read_text()) / 1024)
    assert peaks[1] < peaks[0] + 15  # MiB; as numbers, X alone has 29 more


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    arguments = ["run", THREE_LAYER, "--input-file", "-", "--output-only", "--output", "out/y"]
    (tmp_path / "out").mkdir()
    running = child(tmp_path, *arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdin.write(b"1.0,0.5\n" * 300_000)
    running.stdin.flush()
    while not list((tmp_path / "out").glob(".netrunner-*")):
        time.sleep(0.01)
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=300)
    assert (running.returncode, said.strip()) == (130, b"interrupted")
    assert list((tmp_path / "out").iterdir()) == []


def shown_on_terminal(tmp_path: Path, patience: float, *arguments: object, **more: Any) -> str:
    ours, theirs = pty.openpty()
    running = child(tmp_path, *arguments, patience=patience, stderr=theirs, **more)
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 1000):
            shown += data
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert running.wait(10) == 0
    return shown.decode()


def test_progress_shows_on_a_terminal_after_a_while(X: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    saved_csv(tmp_path / "x.csv", X)
    for name, of in (("x.npy", " of 1,500"), ("x.csv", "")):
        arguments = ["run", THREE_LAYER, "--format", "csv", "--input-file", name, "--output", "y"]
        shown = shown_on_terminal(tmp_path, 0.0, *arguments)
        assert re.search(rf"\[[#-]{{20}}\] +\d+% .*[\d,]+{of} rows", shown)
        assert f"[{'#' * 20}]  100%  1,500{of} rows" in shown
    assert shown_on_terminal(tmp_path, 1e9, *arguments) == ""


def test_progress_of_rows_that_nobody_has_counted(tmp_path: Path) -> None:
    with (tmp_path / "x.csv").open("wb") as rows:
        rows.write(b"1.0,0.5\n" * 30_000)
    arguments = ["run", THREE_LAYER, "--output-only", "--input-file", "-", "--output", "y"]
    with (tmp_path / "x.csv").open("rb") as stdin:
        shown = shown_on_terminal(tmp_path, 0.0, *arguments, stdin=stdin)
    assert re.search(r"\[[#-]{20}\] .*[\d,]+ rows", shown)


def test_a_temporary_file_that_cannot_be_written(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.csv").write_text("1,2\n")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    result = netrunner("run", THREE_LAYER, "--output-only", "--input-file", tmp_path / "x.csv")
    assert (result.code, result.out) == (1, "")
    words = "error: a temporary file cannot be written: No such file or directory"
    assert result.err == f"{tmp_path / 'nowhere'}: {words} [unwritable-output]\n"
