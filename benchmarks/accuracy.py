"""Prints how far each activation is from the true value, beside the usual ways to compute it.

    python benchmarks/accuracy.py

The largest error in ulp against 60-digit arithmetic, over the points that the tests use: the
whole range of floats, ends included. `promised` is what the tests hold netrunner to, `naive` the
formula as it is printed in a book, `onnxruntime` a model of the one operator. scipy is optional.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import helper

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "activations"))
from test_activation_accuracy import (
    ELEMENTWISE,
    FLOAT32,
    FLOAT64,
    ONNX_ALPHA,
    ONNX_GAMMA,
    ROWWISE,
    worst,
)

Function = Callable[[Any], Any]
erf = np.vectorize(math.erf, otypes=[np.float64])


def softmax(a: Any) -> Any:
    e = np.exp(a - a.max())
    return e / e.sum()


NAIVE: dict[str, Function] = {
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "tanh": lambda a: (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a)),
    "leaky_relu": lambda a: np.where(a < 0, 0.01 * a, a),
    "elu": lambda a: np.where(a < 0, np.exp(a) - 1, a),
    "celu": lambda a: np.where(a < 0, np.exp(a) - 1, a),
    "selu": lambda a: ONNX_GAMMA * np.where(a < 0, ONNX_ALPHA * (np.exp(a) - 1), a),
    "gelu": lambda a: a / 2 * (1 + erf(a / np.sqrt(2))),
    "swish": lambda a: a / (1 + np.exp(-a)),
    "softplus": lambda a: np.log(1 + np.exp(a)),
    "softsign": lambda a: a / (1 + np.abs(a)),
    "mish": lambda a: a * np.tanh(np.log(1 + np.exp(a))),
    "hard_sigmoid": lambda a: np.clip(0.2 * a + 0.5, 0, 1),
    "hard_swish": lambda a: a * np.clip(a / 6 + 0.5, 0, 1),
    "softmax": softmax,
    "log_softmax": lambda a: np.log(softmax(a)),
}


def scipys() -> dict[str, Function]:
    try:
        from scipy import special
    except ImportError:
        return {}
    return {
        "sigmoid": special.expit,
        "elu": lambda a: np.where(a < 0, special.expm1(a), a),
        "gelu": lambda a: a * special.ndtr(a),
        "swish": lambda a: a * special.expit(a),
        "softmax": special.softmax,
        "log_softmax": special.log_softmax,
    }


OPERATORS = {
    "sigmoid": "Sigmoid",
    "softmax": "Softmax",
    "relu": "Relu",
    "tanh": "Tanh",
    "leaky_relu": "LeakyRelu",
    "elu": "Elu",
    "selu": "Selu",
    "celu": "Celu",
    "gelu": "Gelu",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "mish": "Mish",
    "hard_sigmoid": "HardSigmoid",
    "hard_swish": "HardSwish",
    "thresholded_relu": "ThresholdedRelu",
    "log_softmax": "LogSoftmax",
}
OPSET = 20  # the first with Gelu


def onnxruntime_of(name: str, dtype: np.dtype[Any]) -> Function | None:
    """onnxruntime's operator, where it has one for the type."""
    if name not in OPERATORS:
        return None
    kind = helper.np_dtype_to_tensor_dtype(dtype)
    A, Z = (helper.make_tensor_value_info(each, kind, ["rows", None]) for each in "AZ")
    graph = helper.make_graph([helper.make_node(OPERATORS[name], ["A"], ["Z"])], name, [A], [Z])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString())
    except (
        onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented,
        onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
    ):
        return None
    return lambda a: session.run(None, {"A": a[np.newaxis]})[0][0]


def shown(name: str, dtype: np.dtype[Any], function: Function | None) -> str:
    if function is None:
        return ""
    with np.errstate(all="ignore"):
        error, _ = worst(name, dtype, function)
    return "NaN or inf" if np.isinf(error) else f"{error:.2f}" if error < 1e4 else f"{error:.0e}"


COLUMNS = ("activation", "type", "promised", "netrunner", "naive", "scipy", "onnxruntime")
ROW = "| {:16} | {:7} | {:>8} | {:>9} | {:>10} | {:>10} | {:>11} |"


def main() -> None:
    onnxruntime.set_default_logger_severity(4)
    scipy = scipys()
    promises = ELEMENTWISE | ROWWISE
    print(ROW.format(*COLUMNS))
    print("|---|---|--:|--:|--:|--:|--:|")
    for name in dict.fromkeys(["sigmoid", "softmax", *promises]):
        for dtype in (FLOAT64, FLOAT32):
            others = (NAIVE.get(name), scipy.get(name), onnxruntime_of(name, dtype))
            print(
                ROW.format(
                    name,
                    dtype.name,
                    f"{getattr(promises[name], dtype.name):g}",
                    f"{worst(name, dtype)[0]:.2f}",
                    *(shown(name, dtype, other) for other in others),
                )
            )


if __name__ == "__main__":
    main()
