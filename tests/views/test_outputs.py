"""What a run writes: text, JSON, CSV and npz, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import NETWORKS, THREE_LAYER, sampled, spawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import netrunner as nr
from netrunner.activations.activation import Origin
from netrunner.network.trace import Subject
from netrunner.views.render import csv as csv_format
from netrunner.views.render import json as json_format
from netrunner.views.render import npz as npz_format
from netrunner.views.render.array_text import array_text

BOOK = """\
three-layer
X  = [1.  0.5]
     x1, x2

layer 1 'hidden 1', sigmoid   (2,)·(2, 3) + (3,) → (3,)
A1 = [0.3 0.7 1.1]
Z1 = [0.57444252 0.66818777 0.75026011]

layer 2 'hidden 2', sigmoid   (3,)·(3, 2) + (2,) → (2,)
A2 = [0.51615984 1.21402696]
Z2 = [0.62624937 0.7710107 ]

layer 3 'output', identity   (2,)·(2, 2) + (2,) → (2,)
A3 = [0.31682708 0.69627909]
Z3 = [0.31682708 0.69627909]

Y  = [0.31682708 0.69627909]
     y1, y2
"""

WIDE = """
name: {name}
inputs: [高度, x2]
layers:
  - {{name: 隐藏层, size: 2, weights: [[1, 0], [0, 1]], biases: 0, activation: softmax}}
outputs: [名前, b]
"""


def run(netrunner: Any, *arguments: object) -> str:
    result = netrunner("run", *arguments)
    assert (result.code, result.err) == (0, "")
    return str(result.out)


def test_text_reads_as_in_the_book(netrunner: Any) -> None:
    assert run(netrunner, THREE_LAYER, "--input", "1.0,0.5") == BOOK


@pytest.mark.parametrize(
    ("precision", "y"),
    [(0, "[0. 1.]"), (3, "[0.317 0.696]"), (17, "[0.31682707641102981 0.69627908986196685]")],
)
def test_precision_is_digits_after_the_point(precision: int, y: str, netrunner: Any) -> None:
    text = run(netrunner, THREE_LAYER, "--precision", precision, "--output-only")
    assert (
        np.array(text.strip("[]\n").split(), float).round(precision).tolist()
        == np.array(y.strip("[]").split(), float).round(precision).tolist()
    )
    assert len(text) <= len(y) + 1


def test_numpys_settings_do_not_show(netrunner: Any) -> None:
    with np.printoptions(precision=1, suppress=True, linewidth=10, sign="+", threshold=1):
        assert run(netrunner, THREE_LAYER) == BOOK


def test_softmax_shows_shares_and_the_largest(netrunner: Any) -> None:
    text = run(netrunner, NETWORKS / "softmax.yaml", "--input", "0.3,2.9,4.0")
    assert text.splitlines()[-3:] == [
        "     class 0    1.8 %",
        "     class 1   24.5 %",
        "     class 2   73.7 %  ← largest",
    ]
    rows = ["--input", "1010,1000,990", "--input", "1,2,3"]
    assert run(netrunner, NETWORKS / "softmax.yaml", *rows).splitlines()[-2:] == [
        "     row 1:  class 0 > 99.9 % ←  class 1  < 0.1 %    class 2  < 0.1 %",
        "     row 2:  class 0    9.0 %    class 1   24.5 %    class 2   66.5 % ←",
    ]


def test_equal_shares_are_shown_alike(netrunner: Any) -> None:
    text = run(netrunner, NETWORKS / "softmax.yaml", "--input", "2,2,2")
    assert {line.split("  ", 3)[3] for line in text.splitlines()[-3:]} == {" 33.3 %  ← largest"}
    text = run(netrunner, NETWORKS / "softmax.yaml", "--input", "2,2,1", "--input", "0,0,0")
    assert text.splitlines()[-2].endswith("class 0  42.2 % ←  class 1  42.2 % ←  class 2  15.6 %")


def test_chinese_names_are_aligned(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "宽.yaml"
    path.write_text(WIDE.format(name="网络"), encoding="utf-8")
    lines = run(netrunner, path, "--input", "1,2").splitlines()
    assert lines[0] == "网络"
    assert lines[2] == "     高度, x2"
    assert lines[4].startswith("layer 1 '隐藏层', softmax")
    assert lines[-2:] == ["     名前   26.9 %", "     b      73.1 %  ← largest"]
    lines = run(netrunner, path, "--input", "1,2", "--input", "2,1").splitlines()
    assert lines[-1] == "     row 2:  名前  73.1 % ←  b  26.9 %"


def test_wide_text_is_wrapped_at_79_columns(netrunner: Any) -> None:
    for name in ("digits", "iris"):
        X = nr.load(NETWORKS / f"{name}.yaml").examples[0].input
        rows = ["--input", ",".join(map(str, np.atleast_2d(X)[0]))] * 3
        text = run(netrunner, NETWORKS / f"{name}.yaml", *rows)
        assert max(map(len, text.splitlines())) <= 79
        assert "..." not in text


@pytest.mark.parametrize("batch", [False, True])
def test_the_formats_agree(batch: bool, tmp_path: Path, netrunner: Any) -> None:
    inputs = ["--input", "1.0,0.5"] + ["--input", "0.1,-3"] * batch
    trace = nr.load(THREE_LAYER).trace([[1.0, 0.5], [0.1, -3.0]] if batch else [1.0, 0.5])

    document = json.loads(run(netrunner, THREE_LAYER, *inputs, "--format", "json"))
    assert list(document) == ["format", "network", "input", "layers", "output"]
    assert (document["format"], document["network"]) == ("netrunner-trace/1", "three-layer")
    assert document["input"] == trace.input.tolist()
    assert document["output"] == trace.output.tolist()
    for written, layer in zip(document["layers"], trace.layers, strict=True):
        assert list(written) == ["index", "name", "activation", "parameters", "A", "Z"]
        assert (written["index"], written["name"]) == (layer.index, layer.name)
        assert (written["activation"], written["parameters"]) == (layer.activation, {})
        assert (written["A"], written["Z"]) == (layer.A.tolist(), layer.Z.tolist())

    rows = list(csv.reader(io.StringIO(run(netrunner, THREE_LAYER, *inputs, "--format", "csv"))))
    assert rows[0] == ["row", "layer", "neuron", "a", "z"]
    expected = [
        (row + 1, layer.index, neuron + 1, float(A[neuron]), float(Z[neuron]))
        for row in range(1 + batch)
        for layer in trace.layers
        for A, Z in [(np.atleast_2d(layer.A)[row], np.atleast_2d(layer.Z)[row])]
        for neuron in range(len(A))
    ]
    assert [(int(a), int(b), int(c), float(d), float(e)) for a, b, c, d, e in rows[1:]] == expected

    path = tmp_path / "trace.npz"
    assert run(netrunner, THREE_LAYER, *inputs, "--format", "npz", "--output", path) == ""
    with np.load(path) as stored:
        assert stored.files == ["X", "A1", "Z1", "A2", "Z2", "A3", "Z3", "Y"]
        np.testing.assert_array_equal(stored["X"], trace.input)
        np.testing.assert_array_equal(stored["A2"], trace.layers[1].A)
        np.testing.assert_array_equal(stored["Y"], trace.output)


@pytest.mark.parametrize("batch", [False, True])
def test_the_output_alone(batch: bool, tmp_path: Path, netrunner: Any) -> None:
    only = ["--output-only", "--input", "1.0,0.5"] + ["--input", "0.1,-3"] * batch
    Y = nr.load(THREE_LAYER)([[1.0, 0.5], [0.1, -3.0]] if batch else [1.0, 0.5])
    document = json.loads(run(netrunner, THREE_LAYER, *only, "--format", "json"))
    assert document["network"] == "three-layer"
    assert set(document) == {"format", "network", "output"}
    assert document["output"] == Y.tolist()
    text = run(netrunner, THREE_LAYER, *only, "--format", "csv")
    names, *rows = csv.reader(io.StringIO(text))
    assert names == ["y1", "y2"]
    assert [list(map(float, row)) for row in rows] == np.atleast_2d(Y).tolist()
    path = tmp_path / "y.npz"
    run(netrunner, THREE_LAYER, *only, "--format", "npz", "--output", path)
    with np.load(path) as stored:
        assert stored.files == ["Y"]
        np.testing.assert_array_equal(stored["Y"], Y)
    assert run(netrunner, THREE_LAYER, *only) == array_text(Y) + "\n"


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32]),
        st.one_of(
            st.tuples(st.integers(1, 250)), st.tuples(st.integers(1, 4), st.integers(1, 120))
        ),
        elements=st.one_of(
            st.floats(width=32),
            st.sampled_from([0.0, -0.0, 1.0, 0.5, -3.25, 1e-5, 99999999.0, 123.456, np.inf]),
        ),
        fill=st.floats(width=32),
    ),
    st.integers(0, 17),
    st.sampled_from([0, 5, 70, 90]),
)
def test_a_long_row_is_printed_as_numpy_prints_it(
    monkeypatch: pytest.MonkeyPatch, array: np.ndarray, precision: int, indent: int
) -> None:
    expected = np.array2string(
        array, max_line_width=79, precision=precision, threshold=10**6, prefix=" " * indent
    )
    monkeypatch.setattr("netrunner.views.render.array_text.WIDE", 0)
    assert array_text(array, precision, indent) == expected


floats = hnp.arrays(
    st.sampled_from([np.float64, np.float32]), hnp.array_shapes(max_dims=2, max_side=4)
)
not_a_number = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def refuse(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


@settings(deadline=None, max_examples=40)
@given(array=floats, name=st.text('a"\\\n\0é隐😀\u2028\ud800'))
def test_json_and_csv_give_each_float_back(array: np.ndarray, name: str) -> None:
    origin = Origin("file", "h.py", "h.py", 1, "h.py")
    W, B, h = array[..., :1], array[..., 0], nr.Activation("h", abs)
    layer = nr.Layer(1, name, W, B, h, origin, {"alpha": 0.1})
    trace = nr.Trace(Subject(name, None, None, (layer,)), array, [(array, array)])
    stream = io.StringIO()
    json_format.write_blocks([trace], stream)
    document = json.loads(stream.getvalue(), parse_constant=refuse)
    assert (document["network"], document["layers"][0]["name"]) == (name, name)
    spelt = np.vectorize(lambda value: not_a_number.get(value, value), otypes=[float])
    for written in (document["input"], document["layers"][0]["A"], document["output"]):
        back = spelt(np.array(written, object)).astype(array.dtype)
        np.testing.assert_array_equal(back, array)
        np.testing.assert_array_equal(np.signbit(back[back == 0]), np.signbit(array[array == 0]))

    stream = io.StringIO()
    csv_format.write_output("", None, [array], stream)
    rows = [
        [float(field) for field in line.split(",")] for line in stream.getvalue().splitlines()[1:]
    ]
    np.testing.assert_array_equal(np.array(rows).astype(array.dtype), np.atleast_2d(array))

    buffer = io.BytesIO()
    npz_format.write_blocks([trace], buffer)
    buffer.seek(0)
    with np.load(buffer) as stored:
        assert stored["A1"].dtype == array.dtype
        np.testing.assert_array_equal(stored["Y"], array)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16", "utf-8"])
@pytest.mark.parametrize("name", ["plain", "é隐😀", "\udcff"])
def test_json_is_valid_in_every_encoding(encoding: str, name: str) -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, errors="backslashreplace")
    json_format.dump({"name": name}, stream)
    stream.flush()
    assert json.loads(buffer.getvalue().decode(encoding)) == {"name": name}


def test_what_is_not_finite_is_written_as_text(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "inputs: 1\nlayers:\n"
        "  - {size: 1, weights: [[1e308]], biases: 0, activation: identity}\n"
        "  - {size: 2, weights: [[1, -1]], biases: 0, activation: identity}\n"
        "  - {size: 1, weights: [[1], [1]], biases: 0, activation: identity}\n"
    )
    warning = "layer 1, neuron 1: A is inf, so 'identity' gets no finite number [not-finite]\n"
    for format_, words in (
        ("json", '"A": ["Infinity", "-Infinity"]'),
        ("csv", "1,2,2,-Infinity,-Infinity\n1,3,1,NaN,NaN\n"),
        ("text", "A2 = [ inf -inf]"),
    ):
        result = netrunner("run", path, "--input", "1e10", "--format", format_)
        assert result.code == 0
        assert words in result.out
        assert result.err == f"{path}: warning: {warning}"
    assert netrunner("run", path, "--input", "1e10", "--output-only").err.endswith(warning)


# Files.


@pytest.mark.parametrize("format_", ["text", "json", "csv", "npz"])
@pytest.mark.parametrize("only", [[], ["--output-only"]])
def test_an_output_file_holds_what_standard_output_would(
    format_: str, only: list[str], tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "out"
    arguments = [THREE_LAYER, "--format", format_, *only]
    assert run(netrunner, *arguments, "--output", path) == ""
    if format_ != "npz":
        assert path.read_text(encoding="utf-8") == run(netrunner, *arguments)
        assert run(netrunner, *arguments, "--output", "-") == run(netrunner, *arguments)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_an_existing_file_keeps_its_mode_and_a_link_stays_one(
    tmp_path: Path, netrunner: Any
) -> None:
    path, link = tmp_path / "out", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to("out")
    run(netrunner, THREE_LAYER, "--output", link)
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == BOOK
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    os.umask(umask := os.umask(0o022))
    run(netrunner, THREE_LAYER, "--output", tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize(
    "arguments",
    [
        ["nope.yaml"],
        [str(THREE_LAYER), "--input", "1,x"],
        [str(THREE_LAYER), "--input-file", "nope.csv"],
        [str(THREE_LAYER), "--plugins", "nope.py"],
    ],
)
def test_a_run_that_fails_leaves_the_file_as_it_was(
    arguments: list[str], tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    assert netrunner("run", *arguments, "--output", path).code == 1
    assert path.read_text() == "old"
    assert netrunner("run", *arguments, "--output", tmp_path / "new").code == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "it is a folder"),
        ("no/out", "there is no folder"),
        ("loop", "symbolic links"),
        ("a/b", "Not a directory"),
    ],
)
def test_an_output_that_cannot_be_written(
    name: str, words: str, tmp_path: Path, netrunner: Any
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "a").write_text("a file, no folder")
    result = netrunner("run", THREE_LAYER, "--output", tmp_path / name)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"{tmp_path / name}: error: cannot be written: ")
    assert words in result.err
    assert result.err.count("\n") == 1


def test_an_output_that_may_not_be_written(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is read-only is left alone, though its folder may be written to."""
    path = tmp_path / "out"
    path.write_text("old")
    access = os.access  # root may always write, so the system is asked in vain
    monkeypatch.setattr(os, "access", lambda at, how: Path(at) != path and access(at, how))
    result = netrunner("run", THREE_LAYER, "--output", path)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"{path}: error: cannot be written: Permission denied")
    assert [entry.read_text() for entry in tmp_path.iterdir()] == ["old"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_an_output_that_is_a_full_device(netrunner: Any) -> None:
    result = netrunner("run", THREE_LAYER, "--output", "/dev/full")
    assert result.code == 1
    assert result.err.startswith("/dev/full: error: cannot be written: No space left")
    assert netrunner("run", THREE_LAYER, "--output", "/dev/null").code == 0


# What is read stays.

READING = (
    "inputs: 1\nlayers:\n  - {size: 1, weights: {file: W.npy}, biases: 0, activation: twice}\n"
)
TWICE = """\
import netrunner

def twice(a):
    return 2 * a

@netrunner.hookimpl
def netrunner_activations():
    return [netrunner.Activation("twice", twice)]
"""
READ = ["net.svg", "W.npy", "x.csv", "twice.py"]
COMMANDS = {
    "run": ["run", "net.svg", "--format", "text"],
    "run in blocks": ["run", "net.svg", "--format", "text", "--output-only"],
    "explain": ["explain", "net.svg"],
    "why": ["why", "net.svg", "--neuron", "1"],
    "report": ["report", "net.svg"],
    "diagram": ["diagram", "net.svg"],
    "plot": ["plot", "--network", "net.svg"],
}


@pytest.fixture
def reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that a command reads, and other names of it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.svg").write_text(READING)
    np.save("W.npy", np.ones((1, 1)))
    (tmp_path / "x.csv").write_text("1\n")
    (tmp_path / "twice.py").write_text(TWICE)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(output: str) -> tuple[int, str, str]:
    is_read = "is an input of this command, and is left unchanged"
    return 1, "", f"{output}: error: {is_read}: choose another name for the output [file-exists]\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_an_output_does_not_take_the_place_of_what_is_read(
    command: str, reading: Path, netrunner: Any
) -> None:
    suffix = {"report": ".html", "explain": ".html", "why": ".txt"}.get(command, ".svg")
    given = [*COMMANDS[command], "--input-file", "x.csv", "--plugins", "twice.py"]
    for name in READ:
        output = f"{name}-link{suffix}"  # what is written goes by the suffix
        Path(output).symlink_to(name)
        before = contents(reading)
        assert netrunner(*given, "--output", output) == refused(output)
        assert contents(reading) == before
    other = Path(f"other{suffix}")
    other.write_text("old")
    assert netrunner(*given, "--output", other).code == 0
    assert other.read_text(encoding="utf-8") != "old"


@pytest.mark.parametrize("via", ["another spelling", "symlink", "hard link"])
@pytest.mark.parametrize("format_", ["text", "npz"])
def test_what_is_read_stays_under_all_its_names(
    via: str, format_: str, reading: Path, netrunner: Any
) -> None:
    output = "./net.svg"
    if via != "another spelling":
        output = "link"
        link = Path(output)
        link.symlink_to("net.svg") if via == "symlink" else link.hardlink_to("net.svg")
    before = contents(reading)
    given = ["run", "net.svg", "--input", "1", "--plugins", "twice.py", "--format", format_]
    assert netrunner(*given, "--output", output) == refused(output)
    assert contents(reading) == before


@pytest.mark.parametrize("only", [[], ["--output-only"]])
@pytest.mark.usefixtures("reading")
def test_an_input_file_at_standard_input_stays(
    only: list[str], netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ["run", "net.svg", "--plugins", "twice.py", "--input-file", "-", *only]
    with Path("x.csv").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert netrunner(*given, "--output", "x.csv") == refused("x.csv")
    assert Path("x.csv").read_text() == "1\n"


def test_plugins_of_an_export_and_an_import_stay(
    reading: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETRUNNER_PLUGINS", "twice.py")
    np.savez("arrays.npz", W1=np.ones((1, 1)), B1=np.zeros(1))
    Path("link.yaml").symlink_to("twice.py")
    before = contents(reading)
    for command in (
        ["export", "net.svg"],
        ["import", "arrays.npz", "--activations", "twice", "--no-transpose"],
    ):
        assert netrunner(*command, "--output", "link.yaml") == refused("link.yaml")
    assert contents(reading) == before


def test_in_python_what_was_read_may_be_replaced(reading: Path, netrunner: Any) -> None:
    assert netrunner("run", "net.svg", "--input", "1", "--plugins", "twice.py").code == 0
    net = nr.load("net.svg", plugins=["twice.py"])
    Path("net.svg").rename("net.yaml")
    nr.save(net, "net.yaml")
    assert nr.load("net.yaml", plugins=["twice.py"])([1.0]) == [2.0]


# What is behind standard output, or another descriptor, gets what is written, and stays.

needs_descriptors = pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there is no /dev/fd")


@needs_descriptors
@pytest.mark.parametrize(
    "name", sampled(["link", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "-"], 5)
)
def test_standard_output_by_another_name_is_no_file_to_replace(name: str, tmp_path: Path) -> None:
    if name.startswith("/proc") and not Path(name).exists():
        pytest.skip("there is no /proc")
    (tmp_path / "link").symlink_to("/dev/stdout")
    log = tmp_path / "log"
    log.write_text("first\n")
    given = ["run", THREE_LAYER, "--output", name]
    with log.open("ab") as stdout:
        done = spawn(*given, cwd=tmp_path, stdout=stdout, capture_output=False)
        stdout.write(b"last\n")
    assert done.returncode == 0
    assert log.read_text(encoding="utf-8") == f"first\n{BOOK}last\n"
    assert {path.name for path in tmp_path.iterdir()} == {"link", "log"}


@needs_descriptors
@pytest.mark.parametrize("command", ["run", "run in blocks", "explain", "why", "report"])
def test_each_command_knows_the_names_of_standard_output(
    command: str, reading: Path, netrunner: Any
) -> None:
    given = [*COMMANDS[command], "--input-file", "x.csv", "--plugins", "twice.py"]
    expected = netrunner(*given, "--output", "-")
    assert expected.out
    assert netrunner(*given, "--output", "/dev/stdout") == expected


@needs_descriptors
@pytest.mark.parametrize("more", [[], ["--input-file", "x.csv", "--output-only"]])
def test_an_open_descriptor_is_written_through(
    more: list[str], tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("1,0.5\n")
    log = tmp_path / "log"
    log.write_text("first\n")
    expected = netrunner("run", THREE_LAYER, *more).out
    with log.open("a") as stream:
        given = ["run", THREE_LAYER, *more, "--output", f"/dev/fd/{stream.fileno()}"]
        assert netrunner(*given) == (0, "", "")
        stream.write("last\n")
    assert log.read_text(encoding="utf-8") == f"first\n{expected}last\n"
    result = netrunner(*given)  # it is closed now
    assert result.code == 1
    assert result.err.endswith("cannot be written: Bad file descriptor [unwritable-output]\n")


@needs_descriptors
def test_a_run_that_fails_writes_nothing_to_standard_output(tmp_path: Path, netrunner: Any) -> None:
    (tmp_path / "x.csv").write_text("1,0.5\n" * 99 + "1,x\n")
    given = ["run", THREE_LAYER, "--output-only", "--input-file", tmp_path / "x.csv"]
    result = netrunner(*given, "--output", "/dev/stdout")
    assert (result.code, result.out) == (1, "")
