"""Files that are too large, too deep or too odd to be kept in tests/data: made, and told of.

    python -m tests.hostile

makes each, gives it to `netrunner` in a process of its own, and prints what came of it, with the
processor time and the memory that it took. The tests run the same cases, without the time.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from taken import MEBIBYTES, SECONDS, taken

BEFORE = b"the output of an earlier run\n"


@dataclass(frozen=True)
class Case:
    """What makes a case's files in a folder, the code that it must end with, and the command."""

    make: Callable[[Path], None]
    code: str
    command: tuple[str, ...] = ("run", "n.yaml", "--input", "1,1", "--output", "out")


CASES: dict[str, Case] = {}
INPUT = ("run", "n.yaml", "--output", "out", "--input-file")
LAYER = "{size: 1, weights: [[1], [2]], biases: 0, activation: identity}"


def text(name: str, written: str | Callable[[], str], code: str) -> None:
    """A case that is a network file; what is large is made when it is needed."""

    def make(folder: Path) -> None:
        whole = written if isinstance(written, str) else written()
        _write(folder / "n.yaml", whole.encode(errors="surrogatepass"))

    CASES[name] = Case(make, code)


def in_network(name: str, value: str | Callable[[], str], code: str) -> None:
    """A case that is a network whose weights are this text."""
    made = value if callable(value) else lambda: value
    network = f"inputs: 2\nlayers:\n  - {LAYER}\n"
    text(name, lambda: network.replace("[[1], [2]]", made()), code)


def weights(name: str, suffix: str, make: Callable[[Path], object], code: str) -> None:
    """A case that is a weight file."""
    key = ", key: W" if suffix in ("npz", "safetensors") else ""

    def made(folder: Path) -> None:
        layer = LAYER.replace("[[1], [2]]", f"{{file: w.{suffix}{key}}}")
        _write(folder / "n.yaml", f"inputs: 2\nlayers:\n  - {layer}\n".encode())
        make(folder / f"w.{suffix}")

    CASES[name] = Case(made, code)


def given(name: str, suffix: str, make: Callable[[Path], object], code: str) -> None:
    """A case that is a file of inputs."""

    def made(folder: Path) -> None:
        _write(folder / "n.yaml", f"inputs: 2\nlayers:\n  - {LAYER}\n".encode())
        make(folder / f"x.{suffix}")

    CASES[name] = Case(made, code, (*INPUT, f"x.{suffix}"))


def imported(name: str, suffix: str, make: Callable[[Path], object], code: str) -> None:
    """A case that is another tool's file."""
    command = ("import", f"x.{suffix}", "--output", "out")
    if suffix in ("pkl", "npz", "safetensors", "pt"):
        command = (*command, "--activations", "relu")
    CASES[name] = Case(lambda folder: make(folder / f"x.{suffix}"), code, command)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def written(data: bytes) -> Callable[[Path], None]:
    return lambda path: _write(path, data)


def repeated(
    part: bytes, times: int, begin: bytes = b"", end: bytes = b""
) -> Callable[[Path], None]:
    """As `written`, for what is large: it is made when it is needed."""
    return lambda path: _write(path, begin + part * times + end)


# What YAML is made to do.
_NINE = ", ".join(["*{}"] * 9)
text(
    "alias bomb",
    "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    + "".join(f"a{i}: &a{i} [{_NINE.replace('{}', f'a{i - 1}')}]\n" for i in range(1, 9)),
    "too-many-values",
)
text(
    "merge key bomb",
    "m0: &m0 {a: 1}\n"
    + "".join(f"m{i}: &m{i} {{<<: [{_NINE.replace('{}', f'm{i - 1}')}]}}\n" for i in range(1, 9)),
    "merge-key",
)
for opening in ("[", "{a: ", "- ", "? ", "&a [", "- - ", "[[", "!x ["):
    text(
        f"100,000 nested {opening.strip()}",
        f"inputs: {opening * 100_000}",
        "yaml-syntax|too-deep|tag",
    )
text(
    "a slip in a line of 20,000 blanks",
    "     inputs: [1]\rlayers:\r" + "    \r" * 4_000 + "x\r",  # \r is a line's end for YAML alone
    "yaml-syntax",
)
text("25,000 nested [, alone", "[" * 25_000, "too-deep")
text("a list in itself", f"inputs: &a [*a]\nlayers: [{LAYER}]\n", "unknown-alias|wrong-type")
text("a key twice", f"inputs: 2\ninputs: 2\nlayers: [{LAYER}]\n", "duplicate-key")
text("100,000 keys", lambda: "".join(f"k{i}: 1\n" for i in range(100_000)), "unknown-key")
text(
    "100,000 keys with anchors",
    lambda: "".join(f"k{i}: &a{i} x\n" for i in range(100_000)),
    "unknown-key",
)
text(
    "8,000 layers, in each a key twice",
    lambda: "inputs: 1\nlayers:\n" + "  - size: 1\n    biases: 0\n    size: 1\n" * 8_000,
    "duplicate-key",
)
text(
    "180,000 aliases of a layer",
    lambda: f"inputs: 2\nlayers:\n  - &l {LAYER}\n" + "  - *l\n" * 180_000,
    "too-many-values",
)
text(
    "tabs before 26,000 layers",
    lambda: "inputs: 2\nlayers:\n" + f"\t- {LAYER}\n" * 26_000,
    "yaml-syntax",
)
in_network(
    "100,000 rows without the last bracket", lambda: f"[{'[1], ' * 100_000}[1]", "yaml-syntax"
)
text("one key 100,000 times", lambda: "k: 1\n" * 100_000, "duplicate-key")
text("a key of 10 MB", lambda: "k" * 10_000_000 + ": 1\n", "yaml-syntax|unknown-key")
text(
    "1,000 keys of 60 kB",
    lambda: "".join(f"k{i}{'x' * 60_000}: 1\n" for i in range(1000)),
    "yaml-syntax",
)
text("an activation of 60 MB", lambda: f"inputs: 2\nlayers: [{LAYER}]\n".replace(
    "identity", "sigmoid" * 8_500_000), "unknown-activation")  # fmt: skip
text(
    "a row behind each row that is none",
    lambda: (
        "".join(f"p{i}: x\n" for i in range(60_000))
        + "".join(f'k{i}:\n - |\n    ",? [1,\n2,3,4]: v,"\n - {{a","\n' for i in range(30))
        + ' "}\n'
    ),
    "unknown-key",
)
text(
    "a slip below 1,900,001 numbers",
    lambda: f"x: [{'1,' * 1_900_000}1]\n# [1,2,3,4]\nz: [\n",
    "yaml-syntax",
)
text("a line of 10 MB", lambda: "name: " + "x" * 10_000_000 + "\n", "missing-key")
text("a comment of 60 MB", lambda: "#" * 60_000_000, "missing-key")
text("a comment of 60 MB and an emoji", lambda: "#" * 60_000_000 + "😀", "too-large")
text("a comment of 60 MB in Japanese", lambda: "#" * 59_000_000 + "注" * 300_000, "too-large")
text("a comment of 33 MB in Japanese", lambda: "#" * 32_000_000 + "注" * 300_000, "missing-key")
text("a comment of 60 MB in French", lambda: "#" * 60_000_000 + "é", "missing-key")
text("65 MiB of text", lambda: "# " * (33 * 2**20), "too-large")
text("a million documents", lambda: "---\n" * 1_000_000, "several-documents")
text("a million tabs", lambda: "\t" * 1_000_000, "yaml-syntax")
text("a million blanks, then a tab", lambda: " " * 1_000_000 + "\tx", "yaml-syntax|wrong-type")
text("a million quotes", lambda: "'" * 1_000_001, "yaml-syntax|wrong-type")
text("a million brackets that close", lambda: "]" * 1_000_000, "yaml-syntax")
text(
    "a million anchors",
    lambda: "".join(f"- &a{i} x\n" for i in range(1_000_000)),
    "too-many-values",
)
text("a surrogate", f'name: "\\ud800"\ninputs: 2\nlayers: [{LAYER}]\n', "yaml-syntax")
text("a surrogate in bytes", f"name: \ud800\ninputs: 2\nlayers: [{LAYER}]\n", "not-utf-8")
text("a directive", f"%FOO bar\n---\ninputs: 2\nlayers: [{LAYER}]\n", "accepted|yaml-syntax")
for tag in ("!!bool maybe", "!!timestamp x", "!!float", "!!int x", "!!binary x", "!!set {a}"):
    text(f"the tag {tag}", f"name: {tag}\ninputs: 2\nlayers: [{LAYER}]\n", "tag")

# Numbers.
in_network("5,000 digits", f"[[{'9' * 5000}], [1]]", "not-finite")
in_network(
    "base 60 of 100,000 parts",
    lambda: f"[[1{':59' * 100_000}], [1]]",
    "ambiguous-number|not-a-number",
)
in_network("a million zeros", lambda: f"[[0.{'0' * 1_000_000}1], [1]]", "vanishing-number")
in_network("an exponent of a million digits", lambda: f"[[1e{'9' * 1_000_000}], [1]]", "not-finite")
for odd in ("0x_", "2001-13-45", "017", "1_0", "12:30:45", "1:30", "1e400", "no", "~", "1,5"):
    in_network(f"the number {odd}", f"[[{odd}], ['{odd}']]",
               "ambiguous-number|not-a-number|not-finite|ragged-rows|wrong-type")  # fmt: skip
in_network("20 MB of numbers", lambda: f"[[{', '.join(['0.123'] * 2_900_000)}]]", "too-many-values")
in_network(
    "1,000,000 numbers in a wrong shape",
    lambda: f"[[{', '.join(['0.5'] * 1_000_000)}]]",
    "shape-mismatch",
)
in_network(
    "1,000,000 words for numbers",
    lambda: f"[[{', '.join(['x'] * 1_000_000)}], [1]]",
    "not-a-number",
)
in_network(
    "280,000 rows of 6, then one of 1",
    lambda: f"[{', '.join(['[1, 2, 3, 4, 5, 6]'] * 280_000)}, [1]]",
    "ragged-rows",
)
in_network("600,000 rows", lambda: f"[{', '.join(['[1]'] * 600_000)}]", "too-many-values")
text("a size of 2³¹", f"inputs: 2147483648\nlayers: [{LAYER}]\n", "shape-mismatch")
text(
    "a size beyond all memory",
    f"inputs: 2\nlayers: [{LAYER.replace('size: 1', 'size: 99999999999999')}]\n",
    "out-of-range",
)


# Weight files.
def npy(shape: str, descr: str = "<f8", data: bytes = b"") -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def of_zeros(members: dict[str, tuple[bytes, int]]) -> bytes:
    """An archive of members that are some bytes and then so many MiB of zeros, compressed once."""
    packing = zlib.compressobj(wbits=-15)
    zeros = packing.compress(bytes(2**24)) + packing.flush(zlib.Z_FULL_FLUSH)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, (begin, mebibytes) in members.items():
            packing = zlib.compressobj(wbits=-15)
            packed = packing.compress(begin) + packing.flush(zlib.Z_FULL_FLUSH)
            archive.writestr(name, packed + zeros * (mebibytes // 16) + b"\x03\0")
            member = archive.getinfo(name)  # as the archive's directory will have it
            member.compress_type = zipfile.ZIP_DEFLATED
            member.file_size = len(begin) + mebibytes * 2**20
            member.CRC = zlib.crc32(begin)
            for _ in range(mebibytes // 16):
                member.CRC = zlib.crc32(bytes(2**24), member.CRC)
    return stream.getvalue()


@cache
def _bomb() -> bytes:
    """0.8 MB that unfold to 768 MiB."""
    return of_zeros({"W.npy": (npy(f"(2, {48 * 2**20})"), 768)})


def _empty_tensors(number: int) -> bytes:
    tensor = {"dtype": "F64", "shape": [0], "data_offsets": [0, 0]}
    header = json.dumps({f"t{i}": tensor for i in range(number)}).encode()
    return struct.pack("<Q", len(header)) + header


def _sparse(path: Path) -> None:
    """An .npy of 16 GiB that takes no room on the disk."""
    with path.open("wb") as file:
        file.write(npy("(2, 1073741824)"))
        file.truncate(file.tell() + 2**34)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


weights("an .npy that claims 10¹² values", "npy", written(npy("(1000000000000,)")), "damaged-file")
weights("an .npy that claims 2⁶⁴", "npy", written(npy("(4294967296, 4294967296)")), "damaged-file")
weights(
    "an .npy with a header of 4 GB", "npy",
    written(b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b" " * 1000), "damaged-file",
)  # fmt: skip
weights("an .npy of 16 GiB of zeros", "npy", _sparse, "too-large|shape-mismatch")
weights(
    "an .npz that unfolds to 768 MiB",
    "npz",
    lambda path: _write(path, _bomb()),
    "too-large|shape-mismatch",
)
weights(
    "an .npz of 65,000 members", "npz",
    lambda path: path.write_bytes(zipped({f"m{i}": b"" for i in range(65_000)}, 0)),
    "unknown-member",
)  # fmt: skip
weights("a .csv of 30 MB in a line", "csv", repeated(b"1,", 15_000_000, end=b"1"), "too-large")
weights("a .csv of 10⁶ empty lines", "csv", repeated(b"\n", 2_000_000), "too-large|no-values")
weights("a .csv of one long field", "csv", repeated(b"9", 20_000_000), "not-a-number|not-finite")
weights(
    "a .safetensors with a header of 4 MB", "safetensors",
    repeated(b"[", 4 * 2**20, struct.pack("<Q", 4 * 2**20)), "damaged-file",
)  # fmt: skip
weights(
    "a .safetensors of 40,000 empty tensors", "safetensors",
    lambda path: _write(path, _empty_tensors(40_000)), "unknown-member",
)  # fmt: skip
weights("a FIFO for a weight file", "npy", _fifo, "unreadable-file")
weights("/dev/zero for a weight file", "npy", lambda path: path.symlink_to("/dev/zero"),
        "outside-folder|unreadable-file")  # fmt: skip
weights("a folder for a weight file", "npy", Path.mkdir, "unreadable-file")
weights("a loop of links", "npy", lambda path: path.symlink_to(path.name), "unreadable-file")
CASES["a FIFO for a network"] = Case(lambda folder: _fifo(folder / "n.yaml"), "unreadable-file")
CASES["/dev/zero for a network"] = Case(
    lambda folder: (folder / "n.yaml").symlink_to("/dev/zero"), "unreadable-file"
)
CASES["a folder for a network"] = Case(
    lambda folder: (folder / "n.yaml").mkdir(), "unreadable-file"
)

# Files of inputs.
given("inputs: 100,000 nested [ in JSON", "json", written(b"[" * 100_000), "too-deep|damaged-file")
given("inputs: 5,000 digits in JSON", "json", written(b"[1, " + b"9" * 5000 + b"]"), "not-finite")
given("inputs: NaN in JSON", "json", written(b"[1, NaN]"), "not-real-numbers|not-finite")
given("inputs: a key in JSON", "json", written(b'[{"__class__": 1}, 2]'), "not-real-numbers")


# What small files multiply: one that is named often, and many that are missing.
def named_often(
    name: str, times: int, entry: str, make: Callable[[Path], object], code: str
) -> None:
    """A case that is a network whose layers name files; `{}` in the entry is the layer's number."""
    layer = f"  - {{size: 2048, weights: {{file: {entry}}}, biases: 0, activation: relu}}\n"
    layers = "".join(layer.replace("{}", str(number)) for number in range(times))

    def made(folder: Path) -> None:
        _write(folder / "n.yaml", f"inputs: 2048\nlayers:\n{layers}  - {{size: 1}}\n".encode())
        make(folder)

    CASES[name] = Case(made, code, ("check", "n.yaml"))


def _zeros(folder: Path, members: int) -> None:
    array = npy("(2048, 2048)"), 32
    _write(folder / "w.npz", of_zeros({f"W{number}.npy": array for number in range(members)}))


named_often(
    "an array of 32 MB that 40 layers name", 40, "w.npz, key: W0", lambda f: _zeros(f, 1),
    "missing-key",
)  # fmt: skip
named_often(
    "8 arrays of 32 MB in 250 kB", 8, "w.npz, key: W{}", lambda f: _zeros(f, 8), "too-large"
)
named_often(
    "a .csv with an error in its last row that 25 layers name", 25, "w.csv",
    lambda folder: _write(folder / "w.csv", b"1,2\n" * 400_000 + b"1,x\n"), "not-a-number",
)  # fmt: skip
named_often(
    "100 missing files among 3,000", 100, "weight_of_layer_{}x.npz, key: a",
    lambda folder: [_write(folder / f"weights_of_layer_{i}.npz", b"") for i in range(3000)],
    "file-not-found",
)  # fmt: skip


def failing_examples(name: str, layers: int, examples: int) -> None:
    """A case that is a network of one neuron a layer, of which no example is right."""
    layer = "  - {size: 1, weights: [[1]], biases: 0, activation: relu}\n"
    example = "  - {input: [1], output: [2]}\n"
    written = f"inputs: 1\nlayers:\n{layer * layers}examples:\n{example * examples}"
    CASES[name] = Case(
        lambda folder: _write(folder / "n.yaml", written.encode()),
        "example-mismatch",
        ("check", "n.yaml"),
    )


failing_examples("2,000 failing examples of 2,000 layers", 2_000, 2_000)
failing_examples("12,000 failing examples of 20,000 layers", 20_000, 12_000)


given(
    "inputs: an .npy that claims 10¹² values",
    "npy",
    written(npy("(1000000000000,)")),
    "damaged-file",
)
given(
    "inputs: an .npz that unfolds to 768 MiB",
    "npz",
    lambda path: _write(path, _bomb()),
    "too-large|input-shape",
)
given("inputs: a .csv in UTF-16", "csv", written("1,2\n".encode("utf-16")), "not-utf-8")
given("inputs: a FIFO", "csv", _fifo, "unreadable-file")
given(
    "inputs: a million numbers in a row",
    "csv",
    repeated(b"1,", 999_999, end=b"1"),
    "input-shape|too-large",
)
given("inputs: 3,000,000 rows", "csv", repeated(b"1\n", 3_000_000), "too-large")
given("inputs: 999,999 wrong rows", "csv", repeated(b"1\n", 999_999), "input-shape")
given("inputs: 200 MB of line ends", "csv", repeated(b"\n", 200_000_000), "too-large")
given("inputs: 30 MB of blanks", "csv", repeated(b" " * 30 + b"\n", 999_999), "no-values")
given("inputs: 4 rows of 950,001", "csv", repeated(b"0," * 950_000 + b"0\n", 4), "input-shape")
given("inputs: 200 MB of blanks in JSON", "json", repeated(b" ", 200_000_000), "too-large")
given("inputs: 15 MB of blanks in JSON", "json", repeated(b" ", 15_000_000), "damaged-file")
given("inputs: 60 MB of rows in JSON", "json", repeated(b"[0],", 15_000_000, b"["), "too-large")
given("inputs: a million objects in JSON", "json", repeated(b"{},", 10**6, b"["), "too-large")
for last, code in (
    (b"word", "damaged-file"),
    (b"1e400", "not-finite"),
    (b"{}", "not-real-numbers"),
):
    given(
        f"inputs: 499,997 numbers and {last.decode()} in JSON",
        "json",
        repeated(b"0.5,", 499_997, b"[", last + b"]"),
        code,
    )
given(
    "inputs: a text of 16 MB in JSON",
    "json",
    repeated(b"x", 16_000_000, '["😀'.encode(), b'"]'),
    "not-real-numbers",
)


# Files of other tools.
class _Spring:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch sprung",)


def _varint(number: int) -> bytes:
    """Seven bits a byte, with a mark on each but the last: the lengths in a protobuf."""
    if number < 128:
        return bytes([number])
    return bytes([number % 128 + 128]) + _varint(number // 128)


imported(
    "a pickle that runs a program", "pkl", written(pickle.dumps({"W1": _Spring()})), "not-an-array"
)
imported(
    "a pickle of 4 GB", "pkl", written(b"\x80\x04\x8e" + struct.pack("<Q", 2**32)), "damaged-file"
)
imported(
    "a pickle with a memo of 4 GB", "pkl", written(b"\x80\x04Nr\xff\xff\xff\x7f."), "damaged-file"
)
imported(
    "a pickle of tuples in tuples",
    "pkl",
    written(b"\x80\x04)" + b"\x85" * 15_000 + b"."),
    "not-dense",
)
imported(
    "a pickle of dicts in dicts", "pkl",
    written(b"\x80\x04" + b"}" * 9_000 + b"N" + b"Ns" * 4_000 + b"."), "damaged-file|not-dense",
)  # fmt: skip


def _texts_elsewhere(path: Path) -> None:
    """HDF5 takes the memory that a text claims, and then looks for it in a heap."""
    data = (Path(__file__).parent / "data" / "models" / "functional.h5").read_bytes()
    heap = data.index(b"GCOL")
    there, elsewhere = (at.to_bytes(8, "little") for at in (heap, heap + 8))
    claimed = (3 * 2**30).to_bytes(4, "little")
    texts = re.compile(b"....%b" % re.escape(there), re.DOTALL)
    path.write_bytes(texts.sub(lambda _: claimed + elsewhere, data))


def _claims(operation: bytes, size: int) -> Callable[[Path], None]:
    """A pickle that is one text or bytes, zeros that take no room on the disk."""

    def make(path: Path) -> None:
        path.write_bytes(b"\x80\x04" + operation + struct.pack("<Q", size))
        os.truncate(path, size + 12)

    return make


for operation, what in ((b"\x8d", "text"), (b"\x8e", "bytes")):
    imported(f"a pickle of 250 MiB of {what}", "pkl", _claims(operation, 250 * 2**20), "too-large")
    imported(f"a pickle of 31 MiB of {what}", "pkl", _claims(operation, 31 * 2**20), "damaged-file")
imported(
    "a pickle of 31 MiB of wide text", "pkl",
    repeated(b"x", 31 * 2**20, b"\x80\x04\x8d" + struct.pack("<Q", 31 * 2**20 + 4) + "😀".encode(),
             b"."), "not-dense",
)  # fmt: skip
for size in (20_000_000, 90_000_000):
    imported(
        f"an ONNX file with a text of {size:,} bytes",
        "onnx",
        # A model's field 6, doc_string.
        repeated(b"x", size, b"\x32" + _varint(size)),
        "too-large",
    )
imported(
    "an ONNX file of 30 MB of nothing",
    "onnx",
    repeated(b"\x08\x00", 15_000_000),
    "too-large|damaged-file",
)
imported(
    "an ONNX file of nested graphs",
    "onnx",
    written(b"\x3a\xff\xff\x03" * 16_000),
    "damaged-file|too-large",
)
imported(
    "a .keras with a configuration of 1,000,000 brackets",
    "keras",
    lambda path: path.write_bytes(
        zipped({"config.json": b"[" * 10**6, "metadata.json": b"{}", "model.weights.h5": b""})
    ),
    "damaged-file|too-deep",
)
imported(
    "an .h5 with texts of 3 GB where no text is",
    "h5",
    _texts_elsewhere,
    "damaged-file",
)
imported(
    "a .pt with a pickle of 2,000,000 operations",
    "pt",
    lambda path: path.write_bytes(zipped({"a/data.pkl": b"\x80\x02" + b"]0" * 10**6 + b"N."})),
    "too-large",
)
imported(
    "an .nnet of 20 MB in a line",
    "nnet",
    repeated(b"1,", 10_000_000),
    "wrong-count|damaged-file|shape-mismatch|ragged-rows",
)
imported(
    "an .nnet of a billion layers",
    "nnet",
    written(b"999999999,2,2,2\n2,2\n"),
    "damaged-file|shape-mismatch|ragged-rows",
)


@dataclass(frozen=True)
class Answer:
    """What a case came to: what `taken` says, the files it left, and the file it was to write."""

    exit: int
    out: bytes
    err: bytes
    processor: float
    mebibytes: float
    left: list[str]
    output: bytes


def answer(case: Case, folder: Path) -> Answer:
    """Makes a case in an empty folder, and asks netrunner about it."""
    case.make(folder)
    (folder / "out").write_bytes(BEFORE)
    names = {path.name for path in folder.iterdir()}
    done = taken(*case.command, cwd=folder)
    left = sorted({path.name for path in folder.iterdir()} - names)
    output = (folder / "out").read_bytes()
    return Answer(*done, left, output)


def what_is_wrong(case: Case, told: Answer) -> str | None:
    """Which promise an answer breaks, but for its time."""
    first = told.err.decode(errors="replace").partition("\n")[0]
    codes = case.code.split("|")
    if told.exit == 0 and "accepted" in codes:
        return None
    checks = {
        f"exit {told.exit}": told.exit == 1,
        "something on standard output": told.out == b"",
        "a traceback": b"Traceback" not in told.err,
        f"it says {first[:200]!r}": first.endswith(tuple(f"[{code}]" for code in codes)),
        "no place": first.startswith(("n.yaml", "x.")),
        f"it leaves {told.left}": not told.left,
        "it changes the output": told.output == BEFORE,
        f"{told.mebibytes:.0f} MiB": told.mebibytes < MEBIBYTES,
        f"{len(told.err):,} bytes of errors": len(told.err) < 200_000,
    }
    return next((wrong for wrong, kept in checks.items() if not kept), None)


def main() -> None:
    broken = 0
    print(f"{'processor':>9}{'memory':>9}  case")
    for name, case in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            told = answer(case, Path(folder))
        wrong = what_is_wrong(case, told)
        if wrong is None and told.processor > SECONDS:
            wrong = "too slow"
        broken += wrong is not None
        end = f": {wrong}" if wrong else ""
        took = f"{told.processor:7.2f} s{told.mebibytes:5.0f} MiB"
        print(f"{took}  {name}{end}", flush=True)
    print(f"{len(CASES)} cases, {broken} broken promises")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
