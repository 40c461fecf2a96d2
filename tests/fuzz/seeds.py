"""What mutation begins with: the files of the repository, and small ones of every kind."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent.parent
LARGEST = 2_000  # bytes of a seed: a long file is slow, and no stranger than a short one
ARRAYS = (".npy", ".npz", ".csv", ".safetensors")
INPUTS = (".npy", ".npz", ".csv", ".json")
REFERENCES = (".json", ".npz")
IMPORTS = (".onnx", ".pkl", ".pt", ".keras", ".h5", ".nnet", ".npz", ".safetensors")

W = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]])
B = np.array([0.1, 0.2, 0.3])
V = np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 3.0]])
C = np.array([0.0, 1.0])
STEPS = {"W1": W, "b1": B, "W2": V, "b2": C}  # as the book's files name them


@cache
def yaml_seeds() -> list[str]:
    """The network files of the repository, valid and invalid, as text."""
    paths = [*ROOT.glob("networks/*.yaml"), *ROOT.glob("tests/data/*/*.yaml")]
    found = [path.read_bytes() for path in sorted(paths) if path.stat().st_size < LARGEST]
    return [data.decode(errors="replace") for data in found]


@cache
def array_seeds(suffix: str) -> list[bytes]:
    """Small files of arrays with a suffix of ARRAYS or INPUTS."""
    paths = ROOT.glob(f"tests/data/*/weights/*{suffix}")
    found = [path.read_bytes() for path in sorted(paths) if path.stat().st_size < LARGEST]
    return [*found, *list(_MADE[suffix]()) * 5]  # most of the files are invalid ones


@cache
def import_seeds(suffix: str) -> list[bytes]:
    """Small files of other tools with a suffix of IMPORTS."""
    return [*array_seeds(suffix)] if suffix in ARRAYS else list(_MADE[suffix]())


@cache
def reference_seeds(suffix: str) -> list[bytes]:
    """Traces of one layer of 3 inputs and 3 neurons, with a suffix of REFERENCES."""
    arrays = {"X": [1, 2, 3], "A1": [30, 36, 42], "Z1": [30, 36, 42], "Y": [30, 36, 42]}
    if suffix == ".npz":
        members = {f"{name}.npy": npy(np.array(row, "f8")) for name, row in arrays.items()}
        batch = {f"{name}.npy": npy(np.array([row, row], "f4")) for name, row in arrays.items()}
        return [zipped(each, zipfile.ZIP_DEFLATED) for each in (members, batch)]
    layer = {"index": 1, "name": None, "activation": "relu", "parameters": {}}
    traces = []
    for rows in (arrays, {name: [row, ["NaN", 1, 2]] for name, row in arrays.items()}):
        trace = {"format": "netrunner-trace/1", "network": "n", "input": rows["X"]}
        trace["layers"] = [{**layer, "A": rows["A1"], "Z": rows["Z1"]}]
        traces.append(json.dumps(trace | {"output": rows["Y"]}, indent=1).encode())
    return traces


def npy(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asanyarray(array), version)
    return stream.getvalue()


def _npys() -> Iterator[bytes]:
    for dtype in ("f8", "f4", "f2", ">f8", "i4", "u1", "?", "c8", "M8[s]", "U3"):
        yield npy(W.astype(dtype) if dtype != "M8[s]" else W.astype("i8").astype(dtype))
    yield npy(np.asfortranarray(W), (2, 0))
    yield npy(np.zeros((0, 3)))
    yield npy(B)


def zipped(members: dict[str, bytes], compression: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return stream.getvalue()


def _npzs() -> Iterator[bytes]:
    members = {f"{name}.npy": npy(array) for name, array in STEPS.items()}
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield zipped(members, compression)
    yield zipped({"W.npy": npy(W)}, zipfile.ZIP_DEFLATED)


def _safetensors() -> Iterator[bytes]:
    header, data = {}, b""
    for name, array in STEPS.items():
        raw = array.astype("<f4").tobytes()
        ends = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": ends}
        data += raw
    text = json.dumps(header).encode()
    yield struct.pack("<Q", len(text)) + text + data


def _csvs() -> Iterator[bytes]:
    yield b"0.1,0.3,0.5\n0.2,0.4,0.6\n"
    yield b'a,b,c\r\n"1",2 , 3\r\n4,5,6'
    yield "名,値,x\n1e-3,-2,.5\n1,1,1\n".encode()


def _jsons() -> Iterator[bytes]:
    yield b"[1, 2.5, -3e-2]"
    yield b"[[1, 2, 3],\n [4, 5, 6]]\n"
    yield from (b"[]", b"[[]]", b"[1, [2]]", b'[1, "2", null]', b"{}", b"[NaN, 1e400, 3]")


def _pickles() -> Iterator[bytes]:
    for protocol in range(6):
        yield pickle.dumps(STEPS, protocol)
        yield pickle.dumps({"W1": W.astype("f4"), "b1": B.astype(">f4")}, protocol)
    yield pickle.dumps({"W1": [1, {2: (3, None)}], "b1": print})


def _pts() -> Iterator[bytes]:
    for path in sorted(ROOT.glob("tests/data/models/*.pt")):  # that PyTorch wrote
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield zipped({name: archive.read(name) for name in archive.namelist()}, 0)


def _nnets() -> Iterator[bytes]:
    for mean, scale in (("0,0,0,", "1,1,1,"), ("1.5,-2,3,", "2,4,0.5,")):
        lines = ["// a comment", "2,2,2,3,", "2,3,2,", "0,", "-1,-1,", "1,1,", mean, scale]
        for weights, biases in ((W, B), (V, C)):
            lines += [",".join(map(repr, row)) + "," for row in weights.T.tolist()]
            lines += [f"{bias!r}," for bias in biases.tolist()]
        yield ("\n".join(lines) + "\n").encode()


def _onnxs() -> Iterator[bytes]:
    from onnx import TensorProto, helper, numpy_helper

    def value(name: str, *shape: int | str) -> object:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    constants = [numpy_helper.from_array(each.astype("f4"), name) for name, each in STEPS.items()]
    pi = numpy_helper.from_array(np.float32(3), "pi")
    graphs = [
        [
            helper.make_node("Gemm", ["x", "W1", "b1"], ["a"], alpha=0.5),
            helper.make_node("Sigmoid", ["a"], ["z"]),
            helper.make_node("MatMul", ["z", "W2"], ["m"]),
            helper.make_node("Add", ["m", "b2"], ["s"]),
            helper.make_node("Softmax", ["s"], ["y"], axis=-1),
        ],
        [
            helper.make_node("Constant", [], ["k"], value=pi),
            helper.make_node("Sub", ["x", "k"], ["c"]),
            helper.make_node("Flatten", ["c"], ["f"], axis=1),
            helper.make_node("Gemm", ["f", "W1", "b1"], ["a"]),
            helper.make_node("Sigmoid", ["a"], ["g"]),
            helper.make_node("Mul", ["a", "g"], ["z"]),
            helper.make_node("Gemm", ["z", "W2", "b2"], ["s"]),
            helper.make_node("LeakyRelu", ["s"], ["y"], alpha=0.1),
        ],
        [
            helper.make_node("Transpose", ["W2"], ["t"], perm=[1, 0]),
            helper.make_node("MatMul", ["x", "W1"], ["a"]),
            helper.make_node("Clip", ["a", "", "k"], ["z"]),
            helper.make_node("Constant", [], ["k"], value_float=6.0),
            helper.make_node("Gemm", ["z", "t", "b2"], ["s"], transB=1),
            helper.make_node("Identity", ["s"], ["y"]),
        ],
    ]
    for nodes in graphs:
        graph = helper.make_graph(nodes, "g", [value("x", "n", 2)], [value("y", "n", 2)], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        yield model.SerializeToString()


def _models(suffix: str) -> Iterator[bytes]:
    yield (ROOT / f"tests/data/models/functional{suffix}").read_bytes()


_MADE = {
    ".npy": _npys,
    ".npz": _npzs,
    ".csv": _csvs,
    ".safetensors": _safetensors,
    ".json": _jsons,
    ".pkl": _pickles,
    ".pt": _pts,
    ".keras": partial(_models, ".keras"),
    ".h5": partial(_models, ".h5"),
    ".nnet": _nnets,
    ".onnx": _onnxs,
}
