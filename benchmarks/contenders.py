"""What is measured: netrunner and its peers, each doing the same in its own way.

`run.py` starts this file as a process of its own for each contender: the idle threads of a BLAS
spin for a while, and would take a core from whoever comes next.

    python benchmarks/contenders.py forward numpy 784-50-100-10 float64 '[1, 100]' 0.1

prints the seconds of each repetition, and some of the output, as JSON.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Run = Callable[[Any], Any]
Layers = list[tuple[Any, Any, str]]

WARM_UP = 0.1  # seconds: caches, threads, the clock of the CPU
MOST = 100  # repetitions


def layers_of(shape: str, dtype: str) -> Layers:
    """W, B and the activation of each layer, the same in every process.

    Hidden layers are sigmoid; classifiers end in softmax, the network of the book in identity.
    """
    sizes = [int(size) for size in shape.split("-")]
    rng = np.random.default_rng(0)
    names = ["sigmoid"] * (len(sizes) - 2) + ["identity" if shape == "2-3-2-2" else "softmax"]
    return [
        (rng.normal(0, m**-0.5, (m, n)).astype(dtype), rng.normal(0, 0.1, n).astype(dtype), name)
        for m, n, name in zip(sizes, sizes[1:], names, strict=False)
    ]


def rows_of(shape: str, dtype: str, rows: int) -> Any:
    """The input; one row has one dimension."""
    kind: Any = np.dtype(dtype)
    X = np.random.default_rng(1).random((rows, int(shape.split("-")[0])), dtype=kind)
    return X[0] if rows == 1 else X


# The forward pass


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def softmax(a: Any) -> Any:
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def identity(a: Any) -> Any:
    return a


BOOK = {"sigmoid": sigmoid, "softmax": softmax, "identity": identity}


def book(layers: Layers, functions: dict[str, Run] = BOOK) -> Run:
    """The lines of the book."""
    steps = [(W, B, functions[name]) for W, B, name in layers]

    def run(X: Any) -> Any:
        for W, B, h in steps:
            A = X @ W + B
            X = h(A)
        return X

    return run


def book_kept(layers: Layers) -> Run:
    """The same, with every array kept, and a copy of X: what a trace holds."""
    steps = [(W, B, BOOK[name]) for W, B, name in layers]

    def run(X: Any) -> Any:
        X = X.copy()
        kept = [X]
        for W, B, h in steps:
            A = X @ W + B
            X = h(A)
            kept += [A, X]
        return kept[-1]

    return run


def products(layers: Layers) -> Run:
    """The bare products, into memory that is there: no biases, no activations."""
    made: dict[int, list[Any]] = {}

    def run(X: Any) -> Any:
        rows = len(X) if X.ndim == 2 else 1
        if rows not in made:
            made[rows] = [np.empty((rows, W.shape[1]), W.dtype) for W, _, _ in layers]
        X = X if X.ndim == 2 else X[np.newaxis]
        for (W, _, _), A in zip(layers, made[rows], strict=True):
            X = np.matmul(X, W, out=A)
        return X

    return run


def network(layers: Layers) -> Any:
    import netrunner

    return netrunner.from_arrays(layers, dtype=str(layers[0][0].dtype))


def traced(layers: Layers) -> Run:
    net = network(layers)
    return lambda X: net.trace(X).output


def onnx_model(layers: Layers) -> Any:
    from onnx import helper, numpy_helper

    kind = helper.np_dtype_to_tensor_dtype(layers[0][0].dtype)
    nodes, constants, value = [], [], "X"
    for i, (W, B, name) in enumerate(layers, 1):
        constants += [numpy_helper.from_array(W, f"W{i}"), numpy_helper.from_array(B, f"B{i}")]
        nodes.append(helper.make_node("Gemm", [value, f"W{i}", f"B{i}"], [value := f"A{i}"]))
        nodes.append(helper.make_node(name.capitalize(), [value], [value := f"Z{i}"]))
    ends = [("X", len(layers[0][0])), (value, layers[-1][0].shape[1])]
    X, Y = (helper.make_tensor_value_info(end, kind, ["rows", size]) for end, size in ends)
    graph = helper.make_graph(nodes, "net", [X], [Y], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def onnxruntime(layers: Layers) -> Run:
    import onnxruntime

    session = onnxruntime.InferenceSession(
        onnx_model(layers).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return lambda X: session.run(None, {"X": X if X.ndim == 2 else X[np.newaxis]})[0]


def torch(layers: Layers) -> Run:
    import torch
    from torch import nn

    kinds: dict[str, Any] = {
        "sigmoid": nn.Sigmoid,
        "softmax": lambda: nn.Softmax(dim=-1),
        "identity": nn.Identity,
    }
    modules = []
    for W, B, name in layers:
        linear = nn.Linear(*W.shape, dtype=getattr(torch, str(W.dtype)))
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W.T.copy()))
            linear.bias.copy_(torch.from_numpy(B))
        modules += [linear, kinds[name]()]
    model = nn.Sequential(*modules).eval()

    def run(X: Any) -> Any:
        with torch.inference_mode():
            return model(torch.from_numpy(X)).numpy()

    return run


def scikit_learn(layers: Layers) -> Run:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    classifies = layers[-1][2] == "softmax"
    model = (MLPClassifier if classifies else MLPRegressor)(activation="logistic")
    model.coefs_ = [W for W, _, _ in layers]
    model.intercepts_ = [B for _, B, _ in layers]
    model.n_layers_ = len(layers) + 1
    model.n_outputs_ = layers[-1][0].shape[1]
    model.n_features_in_ = len(layers[0][0])
    model.out_activation_ = layers[-1][2]
    predict = model.predict_proba if classifies else model.predict
    return lambda X: predict(X if X.ndim == 2 else X[np.newaxis])


FORWARD: dict[str, Callable[[Layers], Run]] = {
    "netrunner": network,
    "numpy": book,
    "onnxruntime": onnxruntime,
    "torch": torch,
    "scikit-learn": scikit_learn,
    "products": products,
    "trace": traced,
    "kept": book_kept,
}


# A network whose hidden layers use a plugin, which ends in identity


def plugin(who: str, name: str, dtype: str, rows: str, budget: str) -> Any:
    """As `forward`, for netrunner or the numpy lines, with an activation of `plugin.py`."""
    import plugin as file

    import netrunner

    layers = layers_of("784-50-100-10", dtype)
    names = [name] * (len(layers) - 1) + ["identity"]
    layers = [(W, B, h) for (W, B, _), h in zip(layers, names, strict=True)]
    if who == "numpy":
        run = book(layers, {name: getattr(file, name), "identity": identity})
    else:
        run = netrunner.from_arrays(layers, dtype=dtype, plugins=[file.__file__])
    found = {}
    for count in json.loads(rows):
        X = rows_of("784-50-100-10", dtype, count)
        Y = np.atleast_2d(run(X))
        ends = [Y[0].tolist(), Y[-1].tolist()]
        found[count] = {"seconds": seconds_of(run, X, float(budget)), "ends": ends}
    return found


# Reading a network from a file


def load_netrunner(folder: Path) -> Any:
    import netrunner

    return lambda _: netrunner.load(folder / "net.yaml")


def load_yaml(folder: Path) -> Any:
    import yaml

    def load(_: Any) -> Any:
        with (folder / "net.yaml").open("rb") as file:
            return yaml.load(file, yaml.CSafeLoader)

    return load


def load_json(folder: Path) -> Any:
    return lambda _: json.loads((folder / "net.json").read_text())


def load_onnx(folder: Path) -> Any:
    import onnx

    return lambda _: onnx.load(str(folder / "net.onnx"))


LOAD: dict[str, Callable[[Path], Run]] = {
    "netrunner": load_netrunner,
    "yaml.load": load_yaml,
    "json.loads": load_json,
    "onnx.load": load_onnx,
}


# Measuring


def seconds_of(run: Run, X: Any, budget: float) -> list[float]:
    """Seconds of each repetition, at least 3. Short runs are repeated within one, and averaged."""
    begin = time.perf_counter()
    while time.perf_counter() - begin < WARM_UP:
        run(X)
    begin = time.perf_counter()
    run(X)
    once = time.perf_counter() - begin
    times = max(1, int(1e-3 / once))
    found: list[float] = []
    for _ in range(max(3, min(MOST, int(budget / (once * times))))):
        begin = time.perf_counter()
        for _ in range(times):
            run(X)
        found.append((time.perf_counter() - begin) / times)
    return found


def forward(name: str, shape: str, dtype: str, rows: str, budget: str) -> Any:
    """For each number of rows, the seconds, and the first and the last row of the output."""
    run = FORWARD[name](layers_of(shape, dtype))
    found = {}
    for count in json.loads(rows):
        X = rows_of(shape, dtype, count)
        Y = np.atleast_2d(run(X))
        ends = [Y[0].tolist(), Y[-1].tolist()]
        found[count] = {"seconds": seconds_of(run, X, float(budget)), "ends": ends}
    return found


def load(name: str, folder: str, budget: str) -> Any:
    return seconds_of(LOAD[name](Path(folder)), None, float(budget))


def memory(name: str, shape: str, dtype: str, rows: str) -> Any:
    """How many bytes a run takes at its peak, beyond what was there before: Linux only.

    The model and the input are there, and one row has been run.
    """
    run = FORWARD[name](layers_of(shape, dtype))
    X = rows_of(shape, dtype, int(rows))
    run(X[:1])
    Path("/proc/self/clear_refs").write_text("5")  # from here on, the peak is counted anew
    before = _status("VmHWM")
    run(X)
    return _status("VmHWM") - before


def _status(field: str) -> int:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return 1024 * int(found[1])


def bandwidth(budget: str) -> Any:
    """Seconds for each byte that is read: numpy's sum, in one thread, over 256 MiB."""
    X = np.ones(2**25)
    return [each / X.nbytes for each in seconds_of(np.sum, X, float(budget))]


def machine() -> Any:
    """Where this runs, and with what."""
    import os
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from threadpoolctl import threadpool_info

    import netrunner

    found: dict[str, Any] = {
        "cpu": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "netrunner": netrunner.__version__,
    }
    if Path("/proc/cpuinfo").exists():
        model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
        memory_ = re.search(r"MemTotal:\s*(\d+) kB", Path("/proc/meminfo").read_text())
        found["cpu"] = model[1] if model else found["cpu"]
        found["memory"] = f"{int(memory_[1]) / 2**20:.0f} GiB" if memory_ else None
    for package in ("numpy", "onnxruntime", "torch", "scikit-learn"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    found["blas"] = [
        f"{each['internal_api']} {each['version']}, kernel {each.get('architecture', 'unknown')}, "
        f"{each['num_threads']} threads"
        for each in threadpool_info()
        if each["user_api"] == "blas"
    ]
    return found


TURNS: dict[str, Callable[..., Any]] = {
    "forward": forward,
    "load": load,
    "plugin": plugin,
    "memory": memory,
    "bandwidth": bandwidth,
    "machine": machine,
}

if __name__ == "__main__":
    print(json.dumps(TURNS[sys.argv[1]](*sys.argv[2:])))
