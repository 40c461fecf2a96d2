"""What an ONNX graph computes without its input: rearranged weights, shapes, and arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.onnx.graph import Node
from netrunner.exchange.onnx.model_file import MAX_DIMS, Tensors
from netrunner.problems.problem import Fault

SPARE_ELEMENTS = 2**22  # that may be computed beyond those that are read

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))

# These only move elements, so they can be applied to positions as well.
REARRANGED = (
    "Identity", "Dropout", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose",
)  # fmt: skip

_PLAIN_CONSTANTS: dict[str, type[np.generic]] = {
    "value_float": np.float32,
    "value_floats": np.float32,
    "value_int": np.int64,
    "value_ints": np.int64,
}


class Constants:
    """Computes the nodes whose operands are all known."""

    def __init__(self, tensors: Tensors) -> None:
        self._tensors = tensors
        self._computed = 0

    def count(self, elements: int) -> None:
        """Limit what a small file can make us compute. Raises Fault."""
        self._computed += elements
        if self._computed > SPARE_ELEMENTS + self._tensors.bytes_read:
            raise Fault("too-large", "it computes too many numbers for the size of the file")

    def computed(self, node: Node, operands: list[Any]) -> NDArray[Any]:
        """The value that a node gives. Raises Fault."""
        if node.op == "Constant":
            return self._constant(node)
        if node.op == "ConstantOfShape":
            return self._constant_of_shape(node, operands[0])
        if node.op in _ARITHMETIC:
            return self._arithmetic(node, operands)
        if node.op in ("Gather", "Concat", "Slice"):
            return self._picked(node, operands)
        if node.op == "Cast":
            self.count(operands[0].size)
            return cast(node, operands[0])
        if node.op in REARRANGED:
            return rearranged(node, operands[0], operands[1:])
        message = "it takes only constants, but netrunner does not compute it"
        raise node.fault(f"{message}: simplify the model first, so that its value is stored")

    def _constant(self, node: Node) -> NDArray[Any]:
        (name, value), *_ = [*node.attributes.items(), ("", None)]
        if name == "value":
            return self._tensors.read(value)
        dtype = _PLAIN_CONSTANTS.get(name)
        numbers = value if isinstance(value, list) else [value]
        if dtype and all(isinstance(each, (int, float)) for each in numbers):
            return np.array(value, dtype)
        raise node.fault("expected a tensor of numbers")

    def _constant_of_shape(self, node: Node, shape: NDArray[Any]) -> NDArray[Any]:
        sizes = shape.ravel().tolist()
        if len(sizes) > MAX_DIMS or min(sizes, default=0) < 0:
            raise node.fault(f"an absurd shape, {sizes!s:.60}", "damaged-file")
        self.count(math.prod(sizes))
        given = node.attributes.get("value")
        value = np.zeros(1, np.float32) if given is None else self._tensors.read(given)
        return np.resize(value, sizes)

    def _arithmetic(self, node: Node, operands: list[Any]) -> NDArray[Any]:
        try:
            self.count(math.prod(np.broadcast_shapes(*(each.shape for each in operands))))
        except ValueError as error:
            if isinstance(error, Fault):
                raise
            shapes = " and ".join(str(each.shape) for each in operands)
            raise node.fault(f"the shapes {shapes} do not fit", "shape-mismatch") from None
        try:
            with np.errstate(all="ignore"):
                return np.asarray(_ARITHMETIC[node.op](*operands))
        except (TypeError, ValueError):  # for truth values, and for powers of whole numbers
            raise node.fault(f"it does not take {operands[0].dtype} values like these") from None

    def _picked(self, node: Node, operands: list[Any]) -> NDArray[Any]:
        """Gather, Concat and Slice, as far as they compute shapes."""
        self.count(sum(each.size for each in operands if each is not None))
        axis = node.attributes.get("axis", 0)
        try:
            if node.op == "Concat":
                return np.concatenate(operands, axis=axis)
            if node.op == "Gather" and operands[1].size <= MAX_DIMS:
                return np.asarray(np.take(operands[0], operands[1], axis=axis))
            if node.op == "Slice" and operands[0].ndim == 1:
                starts, ends, _, steps = [*operands[1:], None, None, None, None][:4]
                start = node.attributes["starts"][0] if starts is None else starts.item()
                end = node.attributes["ends"][0] if ends is None else ends.item()
                step = 1 if steps is None else steps.item()
                return np.asarray(operands[0][start:end:step])
        except (ValueError, IndexError, TypeError, KeyError):
            pass
        raise node.fault("netrunner follows it only where it computes a shape")


def _divided(a: NDArray[Any], b: NDArray[Any]) -> Any:
    """a / b; of whole numbers, rounded towards 0, and not by 0."""
    if a.dtype.kind == "f":
        return a / b
    if not np.all(b):
        raise ValueError
    return np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": _divided,
    "Neg": np.negative,
    "Sqrt": np.sqrt,
    "Reciprocal": np.reciprocal,
    "Abs": np.abs,
    "Exp": np.exp,
    "Log": np.log,
    "Pow": np.power,
    "Max": np.maximum,
    "Min": np.minimum,
}


def broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape that these broadcast to, if they do."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def shape_of(node: Node, array: NDArray[Any]) -> NDArray[np.int64]:
    """What the operator Shape gives for an array."""
    axes = slice(node.attributes.get("start", 0), node.attributes.get("end"))
    return np.array(array.shape[axes], np.int64)


def picked(node: Node, array: NDArray[Any], others: list[Any]) -> NDArray[Any]:
    """Gather, Slice or ArrayFeatureExtractor along other axes than the first. Raises Fault."""
    try:
        for axis, key in _picks(node, others):
            if axis in (0, -array.ndim):
                break
            if not -array.ndim < axis < array.ndim:
                raise IndexError
            array = array[(slice(None),) * (axis % array.ndim) + (key,)]
        else:
            if array.size:
                return array
    except (ValueError, IndexError, TypeError):
        raise node.fault(f"it picks what a value of shape {array.shape} lacks") from None
    raise node.fault("it picks some of the rows, or nothing; expected some of a row's values")


def _picks(node: Node, others: list[Any]) -> Iterator[tuple[int, Any]]:
    """Along which axes a node picks what."""
    if node.op == "Gather":
        yield node.attributes["axis"], others[0]
    elif node.op == "ArrayFeatureExtractor":
        yield -1, others[0].ravel()
    else:
        names = ("starts", "ends", "axes", "steps")
        given: list[Any] = [None if each is None else each.ravel().tolist() for each in others]
        given += [node.attributes.get(name) for name in names[len(given) :]]  # before opset 10
        starts, ends, axes, steps = given
        axes = range(len(starts)) if axes is None else axes
        steps = [1] * len(starts) if steps is None else steps
        yield from zip(axes, map(slice, starts, ends, steps), strict=True)


def rearranged(node: Node, array: NDArray[Any], others: list[Any]) -> NDArray[Any]:
    """The same elements in another shape or order. Raises Fault."""
    given = others[0].ravel().tolist() if others and others[0] is not None else None
    axes = tuple(node.attributes.get("axes", ()) if given is None else given)
    try:
        if node.op == "Reshape":
            keep = not node.attributes.get("allowzero")
            sizes = [
                array.shape[axis] if size == 0 and keep else size
                for axis, size in enumerate(given or ())
            ]
            return array.reshape(sizes)
        if node.op == "Flatten":
            axis = node.attributes["axis"]
            if not -array.ndim <= axis <= array.ndim:
                raise ValueError
            return array.reshape(math.prod(array.shape[:axis]), -1)
        if node.op == "Squeeze":
            return array.squeeze(axes or None)
        if node.op == "Unsqueeze":
            return np.expand_dims(array, axes)
        if node.op == "Transpose":
            return array.transpose(node.attributes.get("perm"))
    except (ValueError, IndexError, TypeError, OverflowError):
        how = f" to {given!s:.60}" if node.op == "Reshape" else ""
        message = f"a value of shape {array.shape} cannot be rearranged{how}"
        raise node.fault(message, "shape-mismatch") from None
    return array


def cast(node: Node, array: NDArray[Any]) -> NDArray[Any]:
    """What the operator Cast gives for an array; half precision is rounded, but kept as float32."""
    from onnx import TensorProto

    to = node.attributes["to"]
    dtype = numpy_type(to)
    if dtype is None:
        raise node.fault("it does not give real numbers")
    with np.errstate(all="ignore"):
        if to == TensorProto.FLOAT16:
            return array.astype(np.float16).astype(np.float32)
        array = np.asarray(array.astype(dtype))
        if to == TensorProto.BFLOAT16:  # the upper half of a float32, rounded to even
            bits = array.view(np.uint32)
            bits = bits + 0x7FFF + (bits >> 16 & 1) & np.uint32(0xFFFF0000)
            return np.where(np.isfinite(array), bits.view(np.float32), array)
    return array


def numpy_type(data_type: int) -> np.dtype[Any] | None:
    """The numpy type for one of ONNX's types; half precision is computed in float32."""
    from onnx import TensorProto

    types: dict[int, type[np.generic]] = {
        TensorProto.FLOAT: np.float32,
        TensorProto.DOUBLE: np.float64,
        TensorProto.FLOAT16: np.float32,
        TensorProto.BFLOAT16: np.float32,
        TensorProto.INT64: np.int64,
        TensorProto.INT32: np.int32,
        TensorProto.UINT8: np.uint8,
        TensorProto.BOOL: np.bool_,
    }
    return np.dtype(types[data_type]) if data_type in types else None
