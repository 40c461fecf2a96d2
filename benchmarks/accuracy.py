"""Prints how far each activation is from the true value, beside the usual ways to compute it.

    python benchmarks/accuracy.py

The largest error in ulp against 60-digit arithmetic, over the points that the tests use: the
whole range of floats, ends included. `naive` is the formula as it is printed in a book.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
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


def shown(name: str, dtype: Any, function: Function | None) -> str:
    if function is None:
        return ""
    with np.errstate(all="ignore"):
        error, _ = worst(name, dtype, function)
    return "NaN or inf" if np.isinf(error) else f"{error:.2f}" if error < 1e4 else f"{error:.0e}"


def main() -> None:
    scipy = scipys()
    print(f"{'largest error in ulp':20} {'':8} {'netrunner':>10} {'naive':>11} {'scipy':>11}")
    for name in [*ELEMENTWISE, *ROWWISE]:
        for dtype in (FLOAT64, FLOAT32):
            ours, _ = worst(name, dtype)
            others = [shown(name, dtype, table.get(name)) for table in (NAIVE, scipy)]
            print(f"{name:20} {dtype.name:8} {ours:10.2f} {others[0]:>11} {others[1]:>11}")


if __name__ == "__main__":
    main()
