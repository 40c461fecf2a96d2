"""Writes the files of this folder that cannot be typed: weights, and texts that are not UTF-8.

Run it after a change (`python tests/data/make_files.py`); what it writes is committed, and is the
same every time. numpy writes the files that are right. Those that lie are put together by hand,
since no library would write them.
"""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
VALID, INVALID = HERE / "valid" / "weights", HERE / "invalid" / "weights"

W = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]])  # chapter 3's first layer
B = np.array([0.1, 0.2, 0.3])


def npy(array: Any, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # versions above 1.0 are rarely needed, it says
        np.lib.format.write_array(stream, np.asanyarray(array), version)
    return stream.getvalue()


def npy_that_claims(shape: str, descr: str = "<f8", data: bytes = b"") -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def npz(members: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name stands twice is what we want
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return stream.getvalue()


def safetensors(header: dict[str, Any] | str, data: bytes = b"") -> bytes:
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensors(**arrays: tuple[str, Any]) -> bytes:
    header, data = {}, b""
    for name, (dtype, array) in arrays.items():
        end = len(data) + array.nbytes
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(data), end],
        }
        data += array.tobytes()
    return safetensors({"__metadata__": {"format": "pt"}, **header}, data)


def bfloat16(array: Any) -> Any:
    """The upper halves of the float32 numbers, which are exact for the numbers used here."""
    return (np.asarray(array, "<f4").view("<u4") >> 16).astype("<u2")


def flip_last_data_byte(archive: bytes) -> bytes:
    at = archive.index(W.tobytes()) + W.nbytes - 1
    return archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]


VALID_FILES = {
    "float64.npy": npy(W),
    "big-endian.npy": npy(W.astype(">f8")),
    "fortran.npy": npy(np.asfortranarray(W)),
    "transposed.npy": npy(W.T.copy()),
    "version-2.npy": npy(W, (2, 0)),
    "version-3.npy": npy(W, (3, 0)),
    "float32.npy": npy(np.array([[0.5, 0.25], [-1.5, 2]], "f4")),
    "float16.npy": npy(np.array([[0.5, 0.25], [-1.5, 2]], "f2")),
    "int8.npy": npy(np.array([[1, 2, 3], [4, 5, 6]], "i1")),
    "uint64.npy": npy(np.array([[1, 2, 3], [4, 5, 6]], "u8")),
    "biases.npy": npy(B),
    "layers.npz": npz([("W1.npy", npy(W)), ("b1.npy", npy(B))]),
    "compressed.npz": npz([("W1.npy", npy(W))], zipfile.ZIP_DEFLATED),
    "名前.npz": npz([("重み.npy", npy(W)), ("閾値.npy", npy(B))]),
    "layers.safetensors": tensors(
        **{"fc1.weight": ("F64", W.T.copy()), "fc1.bias": ("F64", B)},
        half=("F16", np.array([[0.5], [0.25], [2]], "<f2")),
        brain=("BF16", bfloat16([[1.5], [-2], [0.75]])),
        whole=("I32", np.array([3], "<i4")),
    ),
    "weights.csv": b"0.1,0.3,0.5\n0.2,0.4,0.6\n",
    "header.csv": b"\xef\xbb\xbfn1,n2,n3\r\n0.1, 0.3 ,0.5\r\n\r\n\"0.2\",.4,6e-1",
    "row.csv": b"0.1,0.2,0.3\n",
    "column.csv": b"b\n0.1\n0.2\n0.3\n",
}  # fmt: skip

INVALID_FILES = {
    "weights.npy": npy(W),
    "transposed.npy": npy(W.T.copy()),
    "three-dimensions.npy": npy(W.reshape(2, 3, 1)),
    "column.npy": npy(B.reshape(3, 1)),
    "row.npy": npy(B.reshape(1, 3)),
    "scalar.npy": npy(np.array(0.5)),
    "nan.npy": npy(np.array([[1, 2, np.nan], [4, -np.inf, 6]])),
    "huge.npy": npy(np.array([[1, 2, 3], [4, 1e300, 6]])),
    "tiny.npy": npy(np.array([[1, 2, 3], [4, 1e-300, 6]])),
    "complex.npy": npy(W + 0j),
    "text.npy": npy(np.array([["0.1", "0.3", "0.5"], ["0.2", "0.4", "0.6"]])),
    "truth.npy": npy(W > 0.3),
    "dates.npy": npy(np.array(["2001-01-01"], "M8[D]")),
    "structure.npy": npy(np.zeros(2, [("w", "<f8"), ("b", "<f8")])),
    "pickled.npy": npy_that_claims("(2, 3)", "|O", b"cos\nsystem\n(S'touch owned'\ntR."),
    "truncated.npy": npy(W)[:-5],
    "only-magic.npy": npy(W)[:8],
    "empty.npy": b"",
    "not-numpy.npy": b"0.1 0.3 0.5\n0.2 0.4 0.6\n",
    "claims-10-to-the-12.npy": npy_that_claims("(1000000, 1000000)", data=bytes(48)),
    "claims-2-to-the-64.npy": npy_that_claims("(4294967296, 4294967296)", data=b""),
    "claims-a-header-of-4-gb.npy": b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr': '<f8'",
    "layers.npz": npz([("W1.npy", npy(W)), ("b1.npy", npy(B)), ("W2.npy", npy(W.T))]),
    "twice.npz": npz([("W1.npy", npy(W)), ("W1.npy", npy(W))]),
    "damaged.npz": flip_last_data_byte(npz([("W1.npy", npy(W))])),
    "no-array.npz": npz([("W1.npy", b"not an array")]),
    "no-members.npz": npz([]),
    "not-a-zip.npz": npy(W),
    "layers.safetensors": tensors(W=("F64", W), b=("F64", B)),
    "float8.safetensors": tensors(W=("F8_E4M3", np.zeros((2, 3), "u1"))),
    "twice.safetensors": safetensors(
        '{"W": {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}, '
        '"W": {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}}',
        W.tobytes(),
    ),
    "truncated.safetensors": tensors(W=("F64", W))[:-5],
    "no-json.safetensors": safetensors("[0.1, 0.2"),
    "list.safetensors": safetensors("[]"),
    "claims-a-header.safetensors": struct.pack("<Q", 2**40) + b"{}",
    "claims-a-shape.safetensors": safetensors(
        {"W": {"dtype": "F64", "shape": [2**32, 2**32], "data_offsets": [0, 48]}}, W.tobytes()
    ),
    "negative.safetensors": safetensors(
        {"W": {"dtype": "F64", "shape": [-2, -3], "data_offsets": [0, 48]}}, W.tobytes()
    ),
    "text.csv": b"0.1,0.3,0.5\n0.2,O.4,0.6\n",
    "ragged.csv": b"a,b,c\n0.1,0.3,0.5\n\n0.2,0.4\n",
    "semicolons.csv": b"0,1;0,3;0,5\n0,2;0,4;0,6\n",
    "tabs.csv": b"0.1\t0.3\t0.5\n0.2\t0.4\t0.6\n",
    "hole.csv": b"0.1,0.3,0.5\n0.2,,0.6\n",
    "octal.csv": b"010,0.3,0.5\n0.2,0.4,0.6\n",
    "nan.csv": b"0.1,0.3,nan\n0.2,0.4,0.6\n",
    "only-header.csv": b"a,b,c\n",
    "empty.csv": b"",
    "square.csv": b"1,2\n3,4\n",
    "latin-1.csv": "größe\n0.1\n".encode("latin-1"),
    "weights.txt": b"0.1 0.3 0.5\n",
}  # fmt: skip

NETWORK = """\
name: {name}
inputs: [x1, x2]
layers:
  - {{size: 1, weights: [[1], [2]], biases: 0, activation: step}}
"""
VALID_ENCODINGS = {
    "encoding-bom.yaml": b"\xef\xbb\xbf" + NETWORK.format(name="三層").encode(),
    "line-ends-crlf.yaml": NETWORK.format(name="crlf").replace("\n", "\r\n").encode(),
    "line-ends-cr.yaml": NETWORK.format(name="cr").replace("\n", "\r").encode(),
    "line-end-missing.yaml": NETWORK.format(name="no line end").rstrip().encode(),
}
INVALID_ENCODINGS = {
    "caret-after-crlf.yaml": NETWORK.format(name="crlf")
    .replace("\n", "\r\n")
    .replace("step", "stop")
    .encode(),
    "caret-after-bom.yaml": b"\xef\xbb\xbf"
    + b"nmae: three\n"
    + NETWORK.format(name="three").encode(),
    "encoding-latin-1.yaml": NETWORK.format(name="größer").encode("latin-1"),
    "encoding-gbk.yaml": NETWORK.format(name="三层 隐藏层").encode("gbk"),
    "encoding-shift-jis.yaml": NETWORK.format(name="三層 隠れ層").encode("shift-jis"),
    "encoding-utf-16.yaml": NETWORK.format(name="三層").encode("utf-16"),
    "encoding-nul.yaml": NETWORK.format(name="three\0layers").encode(),
    "encoding-escape.yaml": NETWORK.format(name="\x1b[31mred\x1b[0m").encode(),
    "encoding-cut.yaml": NETWORK.format(name="三層").encode().replace("層".encode(), b"\xe5\xb1"),
}


def main() -> None:
    for folder, files in (
        (VALID, VALID_FILES),
        (INVALID, INVALID_FILES),
        (HERE / "valid", VALID_ENCODINGS),
        (HERE / "invalid", INVALID_ENCODINGS),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
