"""Arrays in files: every format and type round-trips, and no damage does more than a Fault."""

from __future__ import annotations

import io
import os
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Result
from data import make_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from safetensors.numpy import save as save_safetensors
from taken import within_limits

from netrunner.activations.plugins import load_registry
from netrunner.files.arrays import stored_arrays
from netrunner.files.csv_tables import csv_blocks, read_csv
from netrunner.format.network_text import read_network
from netrunner.problems.problem import Fault, NetrunnerError

BOUNDED = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
TYPES = st.one_of(
    hnp.floating_dtypes(sizes=(16, 32, 64), endianness="?"),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
)
SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4)
ARRAYS = hnp.arrays(TYPES, SHAPES)
MATRICES = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=5),
    elements=st.floats(allow_nan=False, allow_infinity=False),
)


def read(path: Path, key: str = "") -> NDArray[Any]:
    with stored_arrays(path) as arrays:
        values = arrays[key].read()
        assert values.shape == arrays[key].shape
        assert np.array_equal(values, arrays[key].read(), equal_nan=values.dtype.kind == "f")
        return values


def npy(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@given(ARRAYS, st.booleans())
@BOUNDED
def test_npy(tmp_path: Path, array: NDArray[Any], fortran: bool) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.asfortranarray(array) if fortran else array)
    np.testing.assert_array_equal(read(path), array)


@given(
    st.dictionaries(st.text("aW1名.", min_size=1), ARRAYS, min_size=1, max_size=3), st.booleans()
)
@BOUNDED
def test_npz(tmp_path: Path, given_: dict[str, NDArray[Any]], compressed: bool) -> None:
    path = tmp_path / "a.npz"
    wanted = {name.removesuffix(".npy"): array for name, array in given_.items()}
    (np.savez_compressed if compressed else np.savez)(path, **wanted)  # type: ignore[arg-type]
    for name, array in wanted.items():
        np.testing.assert_array_equal(read(path, name), array)


@given(ARRAYS)
@BOUNDED
def test_safetensors(tmp_path: Path, array: NDArray[Any]) -> None:
    path = tmp_path / "a.safetensors"
    native = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("=")))
    path.write_bytes(save_safetensors({"W": native, "other": np.zeros(3)}))
    np.testing.assert_array_equal(read(path, "W"), array)


@given(hnp.arrays(np.uint16, hnp.array_shapes(max_dims=2, max_side=4)))
@BOUNDED
def test_bfloat16(tmp_path: Path, upper: NDArray[np.uint16]) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(make_files.tensors(W=("BF16", upper)))
    as_float32 = (upper.astype(np.uint32) << 16).view(np.float32)
    np.testing.assert_array_equal(read(path, "W"), as_float32)


@given(
    MATRICES,
    st.sampled_from([",", ", ", " ,\t"]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    st.sampled_from(["", "a,b\n", '"x 1","名"\n', "\ufeff", "\n \n"]),
    st.booleans(),
)
@BOUNDED
def test_csv(
    tmp_path: Path,
    array: NDArray[np.float64],
    separator: str,
    line_end: str,
    start: str,
    quoted: bool,
) -> None:
    show = '"{!r}"'.format if quoted else repr
    rows = line_end.join(separator.join(show(x) for x in row) for row in array.tolist())
    path = tmp_path / "a.csv"
    path.write_bytes((start + rows + line_end).encode())
    np.testing.assert_array_equal(read(path), array)


def test_csv_of_many_rows() -> None:
    rows = [f"{number},{number / 7!r},0" for number in range(3000)]
    expected = np.array([[number, number / 7, 0] for number in range(3000)])
    np.testing.assert_array_equal(read_csv(io.BytesIO("\n".join(rows).encode())), expected)
    for wrong, code in (("1,2", "ragged-rows"), ("1,x,3", "not-a-number")):
        rows[2500] = wrong
        with pytest.raises(Fault) as caught:
            read_csv(io.BytesIO("\n".join(rows).encode()))
        assert caught.value.code == code
        assert caught.value.place is not None
        assert caught.value.place.line == 2501


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("1,2\n3,x", 2, 3, "not-a-number"),
        ("1,2\n3", 2, 1, "ragged-rows"),
        ("1,2\n3,", 2, 3, "not-a-number"),
        ("a,b\n1,0x2", 2, 3, "ambiguous-number"),
        ("a,1\n1,2", 1, 1, "not-a-number"),  # a header has no numbers
        ("n,y\n1,x", 2, 3, "not-a-number"),  # n and y are names there, no truth values
        ("0.1 0.2\n0.3 0.4", 1, 1, "not-a-number"),
        ("a\nb\n1", 2, 1, "not-a-number"),  # and is one row
        ("1e400", 1, 1, "not-finite"),
        ("nan", 1, 1, "not-finite"),
        ("", None, None, "no-values"),
        ("a,b\n", None, None, "no-values"),
    ],
)
def test_what_is_wrong_with_csv(text: str, line: int, column: int, code: str) -> None:
    with pytest.raises(Fault) as caught:
        list(csv_blocks(io.BytesIO(text.encode()), "f"))
    fault = caught.value
    place = fault.place
    assert fault.code == code
    assert (place.line, place.column) == (line, column) if place else line is None


def mutated(data: st.DataObject, content: bytes) -> bytes:
    """The content with some bytes changed, cut out or put in."""
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 8)))
        content = content[:start] + data.draw(st.binary(max_size=8)) + content[end:]
    return content


SOUND = make_files.VALID_FILES | make_files.INVALID_FILES


@given(st.sampled_from(sorted(SOUND)), st.data())
@settings(BOUNDED, max_examples=100)
def test_damage_is_at_most_a_fault(tmp_path: Path, name: str, data: st.DataObject) -> None:
    path = tmp_path / f"damaged{Path(name).suffix}"
    path.write_bytes(mutated(data, SOUND[name]))
    told = ""
    try:
        with stored_arrays(path) as arrays:
            for stored in arrays.values():
                assert stored.read().dtype.kind in "fiu"
    except Fault as fault:
        told = fault.message
    assert told.isprintable()


@given(st.sampled_from(sorted(SOUND)), st.integers(0, 200))
@settings(BOUNDED, max_examples=100)
def test_a_file_may_end_anywhere(tmp_path: Path, name: str, length: int) -> None:
    path = tmp_path / f"cut{Path(name).suffix}"
    path.write_bytes(SOUND[name][:length])
    try:
        with stored_arrays(path) as arrays:
            for stored in arrays.values():
                stored.read()
    except Fault:
        pass


@pytest.mark.parametrize("bit", range(16))
def test_archives_of_other_makers(tmp_path: Path, bit: int) -> None:
    """Whatever the flags of a member say (encrypted, patched ...), it is read or refused."""
    content = bytearray(npz_of_one())
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(header) + flags
        value = struct.unpack("<H", content[at : at + 2])[0] | 1 << bit
        content[at : at + 2] = struct.pack("<H", value)
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    try:
        np.testing.assert_array_equal(read(path, "W1"), make_files.W)
    except Fault as fault:
        refused = fault.code
        assert bit in (0, 5, 6, 13), refused


def test_an_archive_compressed_otherwise_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("W.npy", npy(make_files.W))
    with pytest.raises(Fault, match="not compressed as numpy does it"):
        read(tmp_path / "a.npz", "W")


def test_a_folder_in_an_archive_is_no_array(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(make_files.npz([("arrays/", b""), ("arrays/W.npy", npy(make_files.W))]))
    with stored_arrays(path) as arrays:
        assert list(arrays) == ["arrays/W"]


def test_a_type_that_numpy_has_not(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(npy(make_files.W).replace(b"'<f8',", b"'<i16'"))
    with pytest.raises(Fault, match="its header is not in numpy's format"):
        read(path)


def test_a_header_that_is_no_header(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00\x02\x00{}")
    with pytest.raises(Fault, match="its header is not in numpy's format"):
        read(path)


def test_a_disk_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(npy(make_files.W))
    with pytest.raises(Fault, match="cannot be read: no luck"), stored_arrays(path):
        raise OSError(5, "no luck")


def npz_of_one() -> bytes:
    return make_files.npz([("W1.npy", npy(make_files.W))])


def bomb(shape: tuple[int, int]) -> bytes:
    """An .npz of a few kB that says that it unfolds to zeros of this shape."""
    stream = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("W.npy", "w") as member,
    ):
        np.lib.format.write_array_header_1_0(member, header)
        member.write(bytes(1_000_000))
    data = bytearray(stream.getvalue())
    for header, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        claim = data.rindex(header) + at
        data[claim : claim + 4] = (128 + 8 * shape[0] * shape[1]).to_bytes(4, "little")
    return bytes(data)


def many_members() -> bytes:
    return make_files.npz([(f"m{number}.npy", b"") for number in range(30_000)])


def digits_in_npy() -> bytes:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (" + b"9" * 5000 + b",)}"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def digits_in_safetensors() -> bytes:
    entry = '{"W": {"dtype": "F64", "shape": [%s], "data_offsets": [0, 8]}}' % ("9" * 5000)
    return make_files.safetensors(entry, bytes(8))


def many_digits(dimensions: int, dtype: str = "F64") -> bytes:
    shape = ",".join(["9" * 4000] * dimensions)
    entry = f'{{"W": {{"dtype": "{dtype}", "shape": [{shape}], "data_offsets": [0, 16]}}}}'
    return make_files.safetensors(entry, bytes(16))


def lying_bomb() -> bytes:
    """A bomb whose directory claims that it is hardly compressed."""
    data = bytearray(bomb((2, 30_000_000)))
    at = data.rindex(b"PK\x01\x02")
    data[at + 20 : at + 24] = (240_000_000).to_bytes(4, "little")
    return bytes(data)


def claimed_directory() -> bytes:
    """An archive whose directory takes 50 MB of zeros."""
    size = 50 * 2**20
    return bytes(size) + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, size, 0, 0)


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "npz-bomb": ("a.npz", lambda: bomb((2, 60_000_000)), "[too-large]"),
    "npz-many-members": ("a.npz", many_members, "[unknown-member]"),
    "npy-digits": ("a.npy", digits_in_npy, "[damaged-file]"),
    "safetensors-digits": ("a.safetensors", digits_in_safetensors, "[damaged-file]"),
    "safetensors-deep": (
        "a.safetensors",
        lambda: make_files.safetensors("[" * 500_000),
        "[damaged-file]",
    ),
    "safetensors-wide": (
        "a.safetensors",
        lambda: make_files.safetensors('{"W":[' + "[]," * 1_000_000 + "[]]}"),
        "[damaged-file]",
    ),
    "safetensors-product": ("a.safetensors", lambda: many_digits(2), "[damaged-file]"),
    "safetensors-dims": ("a.safetensors", lambda: many_digits(900, "F8"), "[damaged-file]"),
    "npz-lying-bomb": ("a.npz", lying_bomb, "[damaged-file]"),
    "npz-claimed-directory": ("a.npz", claimed_directory, "[too-large]"),
    "csv-header": ("a.csv", lambda: b"a," * 999_998 + b"b\n1,2\n", "[shape-mismatch]"),
    "csv-row": ("a.csv", lambda: b"0," * (15 * 2**20), "[too-large]"),
    "csv-rows": ("a.csv", lambda: b"0\n" * (15 * 2**20), "[too-large]"),
    "csv-value": ("a.csv", lambda: b"a" * (30 * 2**20), "[not-a-number]"),
    "csv-large": ("a.csv", lambda: b"0\n" * (20 * 2**20), "[too-large]"),
}


def network(file: str, size: int = 60_000_000) -> str:
    layer = f"{{size: {size}, weights: {{file: {file}}}, biases: 0, activation: relu}}"
    return f"inputs: 2\nlayers:\n  - {layer}\n"


@pytest.mark.slow  # some exceed their limits in a whole run: why is not known yet
@pytest.mark.no_cover
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_within_limits(
    name: str, netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    file, content, words = HOSTILE[name]
    (tmp_path / file).write_bytes(content())
    path = tmp_path / "network.yaml"
    path.write_text(network(file), encoding="utf-8")
    done = within_limits(lambda: netrunner("check", path))
    assert done.code == 1
    assert done.err.startswith(f"{path}:3:")
    assert words in done.err
    assert len(done.err) < 2000


@pytest.fixture
def told(tmp_path: Path, netrunner: Callable[..., Result]) -> Callable[[str], str]:
    """What `check` says of a network whose weights are in this file."""

    def check(file: str) -> str:
        path = tmp_path / "network.yaml"
        path.write_text(network(file, size=3), encoding="utf-8")
        return netrunner("check", path).err

    return check


@pytest.mark.parametrize("value", ["file: w.npz", "w.npz", "'file: w.npz'", '"w.npz"'])
def test_the_help_to_name_a_file_works_to_the_letter(
    value: str, tmp_path: Path, netrunner: Callable[..., Result]
) -> None:
    W, b = np.ones((2, 3)), np.zeros(3)
    path = tmp_path / "net.yaml"
    text = f"inputs: 2\nlayers:\n  - weights: {value}\n    biases: 0\n    size: 3\n"
    text += "    activation: relu\n"
    for arrays, key in (({"W": W}, ""), ({"b": b, "it's W": W}, ", key: 'it''s W'")):
        np.savez(tmp_path / "w.npz", **arrays)
        path.write_text(text, encoding="utf-8")
        said = netrunner("check", path).err
        assert f"  help: write {{file: w.npz{key}}}\n" in said
        path.write_text(text.replace(value, f"{{file: w.npz{key}}}"), encoding="utf-8")
        assert netrunner("check", path).code == 0
    np.savez(tmp_path / "w.npz", W1=W, b=b, W2=W)
    path.write_text(text, encoding="utf-8")
    said = netrunner("check", path).err
    assert "  help: write {file: w.npz, key: W1}, or another key: W2\n" in said
    biases = text.replace(value, "[[1, 2, 3], [4, 5, 6]]").replace("biases: 0", f"biases: {value}")
    path.write_text(biases, encoding="utf-8")
    assert "  help: write {file: w.npz, key: b}\n" in netrunner("check", path).err
    np.savez(tmp_path / "w.npz", b=b, c=b)
    path.write_text(text, encoding="utf-8")
    assert "help:" not in netrunner("check", path).err


def test_the_help_for_a_key_that_is_missing(told: Callable[[str], str], tmp_path: Path) -> None:
    W = np.ones((2, 3))
    np.savez(tmp_path / "w.npz", W1=W, b=W[0], W2=W.T, W3=W)
    assert "  help: add key: W1 or key: W3\n" in told("w.npz")
    np.savez(tmp_path / "w.npz", b=W[0], W2=W.T)
    assert "help:" not in told("w.npz")
    with zipfile.ZipFile(tmp_path / "w.npz", "a") as archive:
        archive.writestr("damaged.npy", b"none")
    said = told("w.npz")
    assert "key is missing: the file holds 'b', 'W2', 'damaged'" in said
    assert "help:" not in said


LIMITS: dict[str, tuple[str, int, bytes, str]] = {
    "bytes of a .csv": ("MAX_BYTES", 2**20, b"1" + b" " * 2**20, "larger than 1 MiB: save it as"),
    "rows": ("MAX_ROWS", 3, b"1\n" * 4, "more than 3 rows: save it as .npy"),
    "rows of an old Mac": ("MAX_ROWS", 3, b"1\r" * 4, "more than 3 rows: save it as .npy"),
    "columns": ("MAX_COLUMNS", 3, b"1,2,3,4\n", "line 1: a row of more than 3 values"),
    "characters": ("LONGEST", 9, b"1\n" + b"x" * 10, "line 2: a value of more than 9 characters"),
}


def test_two_members_that_are_the_same_bytes(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", W=np.eye(2), V=np.eye(2))
    archive = bytearray((tmp_path / "w.npz").read_bytes())
    second = archive.rindex(b"PK\x01\x02")
    archive[second + 42 : second + 46] = bytes(4)  # where its bytes are said to begin
    (tmp_path / "w.npz").write_bytes(archive)
    with (
        pytest.raises(Fault, match="two of its members are the same bytes"),
        stored_arrays(tmp_path / "w.npz"),
    ):
        pass


@pytest.mark.parametrize("limit", LIMITS)
def test_the_limits_of_csv(
    limit: str,
    tmp_path: Path,
    told: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, value, content, words = LIMITS[limit]
    (tmp_path / "w.csv").write_bytes(content)
    assert words not in told("w.csv")
    monkeypatch.setattr(f"netrunner.files.csv_tables.{name}", value)
    assert words in told("w.csv")


def test_the_limit_on_what_unfolds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.npz"
    np.savez_compressed(path, W=np.zeros((1000, 1000)))
    assert read(path, "W").sum() == 0
    monkeypatch.setattr("netrunner.files.arrays.MAX_UNFOLDED_MEMBER", 2**20)
    with pytest.raises(Fault, match=r"^[0-9,]+ bytes would unfold to 8,000,128$"):
        read(path, "W")


def test_a_header_with_an_absurd_shape(tmp_path: Path) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'1, ' * 40}), }}\n"
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
    path = tmp_path / "a.npy"
    path.write_bytes(start + header.encode() + bytes(8))
    with pytest.raises(Fault, match="its header claims an absurd shape"):
        read(path)


unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@unix
def test_what_is_no_regular_file(tmp_path: Path, told: Callable[[str], str]) -> None:
    os.mkfifo(tmp_path / "fifo.npy")
    (tmp_path / "folder.npy").mkdir()
    assert "'fifo.npy': cannot be read: it is not a regular file [unreadable-file]" in told(
        "fifo.npy"
    )
    assert "'folder.npy': cannot be read: it is a folder [unreadable-file]" in told("folder.npy")


@unix
def test_a_link_that_is_changed_while_its_file_is_opened(
    tmp_path: Path, told: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, link = tmp_path.parent / "secret.npy", tmp_path / "w.npy"
    secret.write_bytes(npy(make_files.W))
    (tmp_path / "inside.npy").write_bytes(npy(make_files.W))
    os_open = os.open

    def open_another(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if Path(path).name == "inside.npy":  # the link led here when it was looked at
            path = secret
        return os_open(path, flags, *more, **options)

    link.symlink_to("inside.npy")
    assert "error" not in told("w.npy")
    monkeypatch.setattr(os, "open", open_another)
    assert "cannot be read: it was changed while it was opened [unreadable-file]" in told("w.npy")


@unix
def test_a_file_may_not_leave_the_folder(tmp_path: Path, told: Callable[[str], str]) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "w.npy").write_bytes(npy(make_files.W))
    outside = tmp_path.parent / f"{tmp_path.name}-w.npy"
    outside.write_bytes(npy(make_files.W))
    for link, target in (
        ("zero.npy", "/dev/zero"),
        ("link.npy", outside),
        ("up", ".."),
        ("loop.npy", "loop.npy"),
        ("fine.npy", "w.npy"),
        ("down", "inside"),
    ):
        (tmp_path / link).symlink_to(target)
    (inside / "w.npy").symlink_to("../w.npy")
    for file in ("zero.npy", "link.npy", f"up/{outside.name}", f"../{outside.name}", "/dev/zero"):
        assert "[outside-folder]" in told(file), file
    assert "symbolic links [unreadable-file]" in told("loop.npy")
    for file in ("w.npy", "fine.npy", "./w.npy", "inside/w.npy", "down/w.npy"):
        assert ": ok: " in told(file), file


@unix
def test_names_that_the_system_refuses(told: Callable[[str], str]) -> None:
    assert "[unreadable-file]" in told("a" * 5000 + ".npy")
    assert "'no/w.npy': no such file [file-not-found]" in told("no/w.npy")
    assert "[file-not-found]" in told('"a\\0.npy"')


def test_an_archive_is_opened_once_for_all_its_layers(
    tmp_path: Path, netrunner: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = {f"W{number}": np.eye(2) for number in range(20)}
    np.savez(tmp_path / "w.npz", **weights)  # type: ignore[arg-type]
    layers = [
        f"  - {{size: 2, weights: {{file: w.npz, key: {name}}}, biases: 0, activation: relu}}"
        for name in weights
    ]
    path = tmp_path / "network.yaml"
    path.write_text("\n".join(["inputs: 2", "layers:", *layers, ""]), encoding="utf-8")
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda *a, **k: opened.append(str(a[0])) or real(*a, **k))
    assert netrunner("check", path).err.endswith("ok: 20 layers, 0 examples verified\n")
    assert opened.count(str(tmp_path / "w.npz")) == 1


def test_more_archives_than_may_be_open(
    tmp_path: Path, netrunner: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are closed and opened again, and each gives its own array."""
    monkeypatch.setattr("netrunner.format.parameter_files.MAX_OPEN_FILES", 2)
    layers = []
    for number in (2.0, 3, 5, 7, 11):
        np.savez(tmp_path / f"{number}.npz", W=[[number]], B=[0.0])
        stored = f"weights: {{file: {number}.npz, key: W}}, biases: {{file: {number}.npz, key: B}}"
        layers.append(f"  - {{size: 1, {stored}, activation: identity}}")
    path = tmp_path / "network.yaml"
    path.write_text("\n".join(["inputs: 1", "layers:", *layers]), encoding="utf-8")
    assert netrunner("run", path, "--input", "1", "--output-only").out.split() == ["[2310.]"]


def test_an_array_with_more_values_than_any_network_has(
    told: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netrunner.format.parameter_files.MAX_STORED_VALUES", 1000)
    np.save(tmp_path / "w.npy", np.zeros((10, 101)))
    assert "'w.npy': more than 1,000 values [too-large]" in told("w.npy")


def _told_of_weights(folder: Path, file: str, key: str = "W") -> str:
    network = folder / "network.yaml"
    network.write_text(
        "inputs: 1\nlayers: [{size: 1, biases: 0, activation: identity,"
        f" weights: {{file: {file}, key: {key}}}}}]\n"
    )
    with pytest.raises(NetrunnerError) as error:
        read_network(network, load_registry())
    return str(error.value)


def test_an_archive_with_a_nameless_member(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), b"")
    assert "[unknown-member]" in _told_of_weights(tmp_path, "w.npz")


@pytest.mark.parametrize(
    ("offsets", "size", "words"),
    [
        (((0, 8), (8, 16)), 16, None),
        (((0, 8), (4, 12)), 12, "its tensors overlap, or leave a gap"),
        (((0, 8), (12, 20)), 20, "its tensors overlap, or leave a gap"),
        (((0, 8), (8, 16)), 24, "its tensors take 16 bytes, but it has 24"),
    ],
)
def test_safetensors_fill_their_file(
    tmp_path: Path, offsets: Any, size: int, words: str | None
) -> None:
    entries = {
        name: {"dtype": "F64", "shape": [1], "data_offsets": each}
        for name, each in zip("ab", offsets, strict=True)
    }
    (tmp_path / "w.safetensors").write_bytes(make_files.safetensors(entries, bytes(size)))
    if words is None:
        with stored_arrays(tmp_path / "w.safetensors") as arrays:
            assert [*arrays] == ["a", "b"]
    else:
        with pytest.raises(Fault, match=words), stored_arrays(tmp_path / "w.safetensors"):
            pass


def test_an_npy_header_that_says_something_twice(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.zeros(2))
    data = stream.getvalue().replace(b"'fortran_order': False,", b"'descr': '<f4', 'shape': (4,)}")
    (tmp_path / "w.npy").write_bytes(data)
    with pytest.raises(Fault, match="header"), stored_arrays(tmp_path / "w.npy"):
        pass


@pytest.mark.parametrize(
    "header",
    [
        '{"W": {"dtype": ["F64"], "shape": [1, 1], "data_offsets": [0, 8]}}',
        '{"W": {"dtype": "F64", "shape": [0, 1%s], "data_offsets": [0, 0]}}' % ("0" * 30),
        '{"W": {"dtype": "F64", "shape": [%s1], "data_offsets": [0, 8]}}' % ("1, " * 1000),
    ],
)
def test_a_safetensors_header_that_is_absurd(tmp_path: Path, header: str) -> None:
    data = struct.pack("<Q", len(header)) + header.encode() + bytes(8)
    (tmp_path / "w.safetensors").write_bytes(data)
    assert "[damaged-file]" in _told_of_weights(tmp_path, "w.safetensors")


def test_an_activation_name_longer_than_a_file_name(tmp_path: Path) -> None:
    network = tmp_path / "network.yaml"
    network.write_text(
        f"inputs: 1\nlayers: [{{size: 1, weights: [[1]], biases: 0, activation: {'a' * 300}}}]\n"
    )
    with pytest.raises(NetrunnerError, match="unknown-activation"):
        read_network(network, load_registry())


@pytest.mark.parametrize("shape", ["1 0, 1", "2,,1", ",", ", 2", "2 1", "2,1,,"])
def test_a_shape_that_is_no_tuple(shape: str, tmp_path: Path, told: Callable[[str], str]) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape})}}".encode()
    length = struct.pack("<H", len(header))
    (tmp_path / "w.npy").write_bytes(b"\x93NUMPY\x01\x00" + length + header + bytes(16))
    assert "its header is not in numpy's format [damaged-file]" in told("w.npy")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.npz", lying_bomb, "a member claims to be larger than the file"),
        ("a.npz", claimed_directory, "the directory of the archive takes 52,428,800 bytes"),
        ("a.safetensors", lambda: many_digits(2), "its header is not in the format of safetensors"),
    ],
)
def test_what_an_archive_claims(
    name: str, content: Callable[[], bytes], words: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content())
    with pytest.raises(Fault, match=words):
        read(tmp_path / name, "W")


@pytest.mark.parametrize("shape", ["0, 1000000000000000", "0," + "1," * 32])
def test_an_empty_array_of_an_absurd_shape(
    shape: str, tmp_path: Path, told: Callable[[str], str]
) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape})}}".encode()
    length = struct.pack("<H", len(header))
    (tmp_path / "w.npy").write_bytes(b"\x93NUMPY\x01\x00" + length + header)
    assert "its header claims an absurd shape [damaged-file]" in told("w.npy")


def test_a_single_number_in_place_of_weights(
    netrunner: Callable[..., Result], tmp_path: Path
) -> None:
    np.save(tmp_path / "w.npy", np.array(3.0))
    (tmp_path / "network.yaml").write_text(network("w.npy"), encoding="utf-8")
    done = netrunner("check", tmp_path / "network.yaml")
    assert done.code == 1
    assert "[shape-mismatch]" in done.err


def test_an_array_that_is_bad_is_reported_wherever_it_is_named(
    tmp_path: Path, netrunner: Callable[..., Result]
) -> None:
    np.save(tmp_path / "w.npy", [[np.nan]])
    layer = "{size: 1, weights: {file: w.npy}, biases: 0, activation: relu}"
    path = tmp_path / "n.yaml"
    path.write_text(f"inputs: 1\nlayers:\n  - {layer}\n  - {layer}\n", encoding="utf-8")
    said = netrunner("check", path).err
    assert said.count("row 1, column 1 is nan, not a finite number [not-finite]") == 2


def test_transpose_is_said_once(tmp_path: Path, netrunner: Callable[..., Result]) -> None:
    np.save(tmp_path / "w.npy", [[1.0, 2.0]])
    path = tmp_path / "n.yaml"
    for entries in ("transpose: true, file: w.npy", "file: w.npy, transposed: true"):
        layer = f"{{size: 2, weights: {{{entries}}}, biases: 0, activation: relu}}"
        path.write_text(f"inputs: 1\nlayers: [{layer}]\n", encoding="utf-8")
        assert "help: write transpose: false" in netrunner("check", path).err
        assert netrunner("check", path, "--fix").code == 0
        assert path.read_text("utf-8").count("transpose: false") == 1


@pytest.mark.parametrize("metadata", ["7", '{"a": 1}'])
def test_metadata_of_safetensors_are_texts_by_name(metadata: str, tmp_path: Path) -> None:
    header = f'{{"__metadata__": {metadata}}}'.encode()
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    assert "its metadata are not texts by name" in _told_of_weights(tmp_path, "w.safetensors")
