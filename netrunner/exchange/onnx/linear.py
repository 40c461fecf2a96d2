"""Operators that amount to a dense layer: Conv, and those of scikit-learn's models.

Each function gives weights, (inputs, size) in the order of the value's elements, and biases.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.onnx.graph import Node

Linear: TypeAlias = "tuple[NDArray[Any], NDArray[Any] | float]"

CONVOLUTION = "expected one whose result is a single value for each channel, as a dense layer's is"
MAX_ATTRIBUTE = 2**20  # of a stride, a dilation, a pad
POST_TRANSFORMS = {"NONE": None, "LOGISTIC": "sigmoid", "SOFTMAX": "softmax"}


def convolution(
    node: Node, shape: tuple[int, ...], kernel: NDArray[Any], biases: NDArray[Any] | None
) -> Linear:
    """A Conv over a picture that gives one value for each of its channels. Raises Fault.

    The picture is 1×1, or as large as the kernel; `shape` is (1, channels, height, width, …).
    """
    sizes, taps = shape[2:], kernel.shape[2:]
    attributes = node.attributes
    if len(kernel.shape) != len(shape) or attributes.get("group", 1) != 1 or not sizes:
        raise node.fault(f"a convolution with groups, or of another kind; {CONVOLUTION}")
    if kernel.shape[1] != shape[1]:
        message = f"a kernel for {kernel.shape[1]} channels, but the input has {shape[1]}"
        raise node.fault(message, "shape-mismatch")
    strides = attributes.get("strides") or [1] * len(sizes)
    dilations = attributes.get("dilations") or [1] * len(sizes)
    pads = attributes.get("pads") or [0] * 2 * len(sizes)
    lengths = (len(strides), len(dilations), len(pads) / 2)
    auto = attributes.get("auto_pad", "NOTSET")
    numbers = (*strides, *dilations, *(pad + 1 for pad in pads))
    if lengths != (len(sizes),) * 3 or not 1 <= min(numbers) <= max(numbers) <= MAX_ATTRIBUTE:
        raise node.fault("a convolution whose attributes make no sense", "damaged-file")
    if auto == "VALID" or (auto.startswith("SAME") and set(taps) == {1}):
        pads = [0] * 2 * len(sizes)
    elif auto != "NOTSET":
        raise node.fault(f"a convolution with auto_pad {auto}; expected pads")
    weights = np.zeros((kernel.shape[0], *shape[1:]), kernel.dtype)
    inside = []
    for axis, (size, count) in enumerate(zip(sizes, taps, strict=True)):
        first, last = pads[axis], pads[axis + len(sizes)]
        reach = (count - 1) * dilations[axis] + 1
        if not 0 <= size + first + last - reach < strides[axis]:
            raise node.fault(f"a convolution; {CONVOLUTION}")
        at = np.arange(count) * dilations[axis] - first
        inside.append(np.flatnonzero((at >= 0) & (at < size)))
    places = [
        tap * dilations[axis] - pads[axis] for axis, tap in enumerate(inside)
    ]  # where the kernel's taps lie in the picture, without those over its edge
    weights[np.ix_(*map(np.arange, weights.shape[:2]), *places)] = kernel[
        np.ix_(*map(np.arange, weights.shape[:2]), *inside)
    ]
    flat = weights.reshape(len(weights), -1).T
    if biases is not None and biases.shape != (len(weights),):
        raise node.fault(f"biases of shape {biases.shape} for {len(weights)} channels")
    return flat, 0.0 if biases is None else biases


def scaler(node: Node, width: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """A Scaler as x · scale + shift. Raises Fault."""
    offset, scale = (_numbers(node, key, width) for key in ("offset", "scale"))
    return scale, -offset * scale


def _numbers(node: Node, key: str, width: int) -> NDArray[np.float64]:
    values = np.array(node.attributes.get(key) or [], np.float64)
    if values.shape not in ((1,), (width,)):
        message = f"{key} has {values.size} numbers, for {width} inputs"
        raise node.fault(message, "shape-mismatch")
    return values


def regressor(node: Node, width: int) -> Linear:
    """A LinearRegressor. Raises Fault."""
    return _coefficients(node, width, node.attributes.get("targets", 1))


def classifier(node: Node, width: int) -> Linear:
    """The scores of a LinearClassifier. Raises Fault."""
    labels = node.attributes.get("classlabels_ints") or node.attributes.get("classlabels_strings")
    return _coefficients(node, width, len(labels or []))


def _coefficients(node: Node, width: int, size: int) -> Linear:
    coefficients = np.array(node.attributes.get("coefficients") or [], np.float32)
    intercepts = node.attributes.get("intercepts") or []
    if size < 1 or coefficients.size != math.prod((size, width)):
        message = f"{coefficients.size} coefficients, for {width} inputs and {size} outputs"
        raise node.fault(message, "shape-mismatch")
    if len(intercepts) not in (0, size) and any(intercepts):  # skl2onnx writes one 0 for all
        raise node.fault(f"{len(intercepts)} intercepts for {size} outputs", "shape-mismatch")
    biases = np.array(intercepts, np.float32) if any(intercepts) else 0.0
    return coefficients.reshape(size, width).T, biases


def support_vectors(node: Node, width: int) -> Linear:
    """The scores of an SVM whose kernel is linear: of two classes, or of a regression.

    Each score is a sum of the products of x with the support vectors. Raises Fault.
    """
    kernel = node.attributes["kernel_type"]
    if kernel != "LINEAR":
        message = f"a support vector machine with kernel {kernel}, which no dense layer computes"
        raise node.fault(f"{message}; expected LINEAR")
    if node.attributes.get("prob_a") or node.attributes.get("one_class"):
        message = "it makes probabilities or a class of its sums, as no activation does"
        raise node.fault(f"{message}; expected one without, as of SVC(probability=False)")
    coefficients, vectors, rho = (
        np.array(node.attributes.get(key) or [], np.float64)
        for key in ("coefficients", "support_vectors", "rho")
    )
    if rho.size != 1 or not coefficients.size:
        message = "its scores come from pairs of classes"
        raise node.fault(f"{message}; expected two classes, or LinearSVC")
    if vectors.size != coefficients.size * width:
        message = f"{coefficients.size} coefficients and {vectors.size} numbers of vectors"
        raise node.fault(f"{message}, for {width} inputs", "shape-mismatch")
    weights = (coefficients @ vectors.reshape(-1, width))[:, np.newaxis]
    if node.op == "SVMClassifier":
        if coefficients.min() >= 0:  # then runtimes write 1 - score
            raise node.fault("none of its coefficients is negative, as some of two classes are")
        weights, rho = np.hstack([-weights, weights]), np.hstack([-rho, rho])
    return weights.astype(np.float32), rho.astype(np.float32)


CLASSIFIERS = ("LinearClassifier", "SVMClassifier")
LINEAR_OF_SKLEARN: dict[str, Callable[[Node, int], Linear]] = {
    "LinearRegressor": regressor,
    "LinearClassifier": classifier,
    "SVMRegressor": support_vectors,
    "SVMClassifier": support_vectors,
}
