"""Times `net(X)` and `net.trace(X)` beside numpy's lines and onnxruntime.

    python benchmarks/forward.py
    python benchmarks/forward.py --shapes 784-50-100-10 --dtypes float64 --rows 10000

Every contender runs in a process of its own, since the idle threads of a BLAS spin and take a
core from whoever comes next. The processes take turns, each warms up before it times, and what is
printed is the median of all repetitions, in milliseconds, with the ratios to netrunner's rivals.

`numpy` is the book: A = X @ W + B, Z = 1/(1 + exp(-A)), softmax with the largest subtracted.
`kept` is the same with every array kept, beside a copy of X: what a trace holds.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

SHAPES = ["2-3-2-2", "64-50-10", "784-50-100-10", "784-512-512-10"]
DTYPES = ["float64", "float32"]
ROWS = [1, 100, 10_000, 100_000]
OUTPUT = ["netrunner", "numpy", "onnxruntime"]
TRACE = ["trace", "kept"]

Run = Callable[[Any], Any]


def parameters(shape: str, dtype: str) -> list[tuple[Any, Any]]:
    """W and B of each layer, the same in every process."""
    sizes = [int(size) for size in shape.split("-")]
    rng = np.random.default_rng(0)
    return [
        (rng.normal(0, m**-0.5, (m, n)).astype(dtype), rng.normal(0, 0.1, n).astype(dtype))
        for m, n in itertools.pairwise(sizes)
    ]


def activations(shape: str) -> list[str]:
    """The activation of each layer: the book's network ends in identity, classifiers in softmax."""
    layers = shape.count("-")
    return ["sigmoid"] * (layers - 1) + ["identity" if shape == "2-3-2-2" else "softmax"]


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def softmax(a: Any) -> Any:
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def identity(a: Any) -> Any:
    return a


BOOK = {"sigmoid": sigmoid, "softmax": softmax, "identity": identity}


def book(shape: str, dtype: str) -> Run:
    layers = [
        (W, B, BOOK[name])
        for (W, B), name in zip(parameters(shape, dtype), activations(shape), strict=True)
    ]

    def run(X: Any) -> Any:
        for W, B, h in layers:
            A = X @ W + B
            X = h(A)
        return X

    return run


def kept_book(shape: str, dtype: str) -> Run:
    layers = [
        (W, B, BOOK[name])
        for (W, B), name in zip(parameters(shape, dtype), activations(shape), strict=True)
    ]

    def run(X: Any) -> Any:
        kept = [X := X.copy()]
        for W, B, h in layers:
            A = X @ W + B
            X = h(A)
            kept += [A, X]
        return kept

    return run


def network(shape: str, dtype: str) -> Any:
    import netrunner

    return netrunner.from_arrays(
        [
            (W, B, name)
            for (W, B), name in zip(parameters(shape, dtype), activations(shape), strict=True)
        ],
        dtype=dtype,
    )


def onnxruntime(shape: str, dtype: str) -> Run:
    import onnx
    import onnxruntime
    from onnx import helper, numpy_helper

    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    nodes, constants, value = [], [], "X"
    for i, (W, B) in enumerate(parameters(shape, dtype), 1):
        constants += [numpy_helper.from_array(W, f"W{i}"), numpy_helper.from_array(B, f"B{i}")]
        nodes.append(helper.make_node("Gemm", [value, f"W{i}", f"B{i}"], [value := f"A{i}"]))
        name = activations(shape)[i - 1]
        nodes.append(helper.make_node(name.capitalize(), [value], [value := f"Z{i}"]))
    ends = [
        helper.make_tensor_value_info(name, kind, ["rows", int(shape.split("-")[end])])
        for name, end in (("X", 0), (value, -1))
    ]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return lambda X: session.run(None, {"X": X if X.ndim == 2 else X[np.newaxis]})[0]


MAKERS: dict[str, Callable[[str, str], Run]] = {
    "netrunner": network,
    "numpy": book,
    "onnxruntime": onnxruntime,
    "trace": lambda shape, dtype: network(shape, dtype).trace,
    "kept": kept_book,
}


def times(run: Run, X: Any, repetitions: int) -> list[float]:
    """Seconds of each repetition. Short runs are repeated within one, and averaged."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < 0.05:  # warm: caches, threads, the clock of the CPU
        run(X)
    begin = time.perf_counter()
    run(X)
    each = max(1, int(2e-3 / (time.perf_counter() - begin)))
    found = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        for _ in range(each):
            run(X)
        found.append((time.perf_counter() - begin) / each)
    return found


def contend(name: str, shape: str, dtype: str, rows: list[int], repetitions: int) -> None:
    """One contender's turn, in this process: prints its times as JSON."""
    run = MAKERS[name](shape, dtype)
    rng = np.random.default_rng(1)
    found = {}
    for count in rows:
        X = rng.random((count, int(shape.split("-")[0]))).astype(dtype)
        found[count] = times(run, X[0] if count == 1 else X, repetitions)
    print(json.dumps(found))


def measure(
    names: list[str], shape: str, dtype: str, rows: list[int], rounds: int = 3, repetitions: int = 7
) -> dict[tuple[str, int], float]:
    """The median seconds of each contender for each number of rows; the contenders take turns."""
    found: dict[tuple[str, int], list[float]] = {}
    for _ in range(rounds):
        for name in names:
            case = [name, shape, dtype, json.dumps(rows), str(repetitions)]
            done = subprocess.run(
                [sys.executable, __file__, "--turn", *case],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            for count, seconds in json.loads(done.stdout).items():
                found.setdefault((name, int(count)), []).extend(seconds)
    return {case: statistics.median(seconds) for case, seconds in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Times netrunner beside its rivals.")
    parser.add_argument("--turn", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--shapes", nargs="+", default=SHAPES)
    parser.add_argument("--dtypes", nargs="+", default=DTYPES)
    parser.add_argument("--rows", nargs="+", type=int, default=ROWS)
    parser.add_argument("--no-trace", action="store_true")
    given = parser.parse_args()
    if given.turn:
        name, shape, dtype, rows, repetitions = given.turn
        contend(name, shape, dtype, json.loads(rows), int(repetitions))
        return
    print("milliseconds, medians of 21            rows  netrunner     numpy  onnxruntime  "
          "of numpy  of onnxruntime     trace      kept  of kept")  # fmt: skip
    for shape in given.shapes:
        for dtype in given.dtypes:
            found = measure(OUTPUT, shape, dtype, given.rows)
            if not given.no_trace:
                found |= measure(TRACE, shape, dtype, given.rows)
            for rows in given.rows:
                ms = {name: 1e3 * s for (name, count), s in found.items() if count == rows}
                line = f"{shape:16} {dtype:8} {rows:18,}"
                line += "".join(f"{ms[name]:11.4f}" for name in OUTPUT)
                line += f"{ms['netrunner'] / ms['numpy']:12.2f}"
                line += f"{ms['netrunner'] / ms['onnxruntime']:16.2f}"
                if not given.no_trace:
                    line += f"{ms['trace']:10.4f}{ms['kept']:10.4f}"
                    line += f"{ms['trace'] / ms['kept']:9.2f}"
                print(line, flush=True)


if __name__ == "__main__":
    main()
