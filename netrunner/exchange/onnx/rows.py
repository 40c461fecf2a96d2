"""Whether a batch goes through a graph row by row, as the single row did that was followed.

A Reshape or Transpose may put numbers of several rows side by side, and a constant may follow from
the number of rows; one row shows neither. So the graph is walked once more, for a batch. All is
well as long as the values of the rows lie one behind the other along some axis, and what is
computed goes along other axes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.onnx.constants import (
    Constants,
    broadcast,
    picked,
    rearranged,
    shape_of,
)
from netrunner.exchange.onnx.evaluation import OF_SKLEARN, Evaluation, Flow
from netrunner.exchange.onnx.graph import Node
from netrunner.problems.problem import Fault

# How many rows, if the graph takes any number: hardly the size of anything in it, or fewer if 97
# rows would be too many numbers.
BATCHES = (97, 7, 2)
MOST = 2**23  # numbers of a batch that are looked at in all
MIXED = "the rows of a batch become one; expected each row to be computed by itself"
BY_NUMBER_OF_ROWS = "its constant follows from the number of rows; expected the same for any number"

SAME = ("Identity", "Dropout", "Cast")
RESHAPED = ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose")
PRODUCTS = ("MatMul", "Gemm", "Einsum")
IN_ORDER = RESHAPED[:-1]
PICKED = ("ArrayFeatureExtractor", "Gather", "Slice")
BY_ROW = ("Concat", "Conv", *OF_SKLEARN)


@dataclass(frozen=True)
class Stacked:
    """The values of all rows, each of this shape, one behind the other along an axis of size 1.

    The axis is counted from the last, -1, as broadcasting does. It is lost if the value that was
    followed for a single row does not have it, as after a Squeeze.
    """

    shape: tuple[int, ...]
    axis: int
    is_lost: bool = False

    @property
    def row_shape(self) -> tuple[int, ...]:
        """The shape of the value for a single row."""
        at = len(self.shape) + self.axis
        return (*self.shape[:at], *self.shape[at + 1 :]) if self.is_lost else self.shape

    @property
    def is_first(self) -> bool:
        return self.axis == -len(self.shape)


@dataclass(frozen=True, eq=False)
class Scattered:
    """The values of all rows in another order: where each was when they were last stacked.

    `row` has the positions for a single row, `batch` those for all: row · width + position.
    """

    row: NDArray[np.int32]
    batch: NDArray[np.int32]

    def is_like(self, other: Value) -> bool:
        """Whether the other has the same values in the same places."""
        return (
            isinstance(other, Scattered)
            and np.array_equal(self.row, other.row)
            and np.array_equal(self.batch, other.batch)
        )


@dataclass(frozen=True, eq=False)
class Constant:
    """A value that does not depend on the input, for a single row and for a batch."""

    row: NDArray[Any]
    batch: NDArray[Any]


Value: TypeAlias = "Stacked | Scattered | Constant"


def check_rows(evaluation: Evaluation) -> None:
    """Raises Fault for a graph that gives a row other numbers in a batch than by itself.

    A graph that cannot be run with a batch is taken as it was followed for one row.
    """
    shape = evaluation.input_shape
    if len(shape) < 2 or shape[0] != 1 or evaluation.graph.rows == 1:
        return
    counts = (evaluation.graph.rows,) if evaluation.graph.rows else BATCHES
    for count in counts:
        try:
            _Walk(evaluation, count).to_the_output()
        except Fault as fault:
            if fault.code == "too-large" and count != counts[-1]:
                continue
            if fault.code != "shape-mismatch":
                raise
        return


class _Walk:
    """A walk through the graph for a batch of `count` rows.

    Raises Fault: with the code shape-mismatch, if the graph cannot be run with the batch.
    """

    def __init__(self, evaluation: Evaluation, count: int) -> None:
        self._evaluation = evaluation
        self._graph = evaluation.graph
        self._constants = Constants(evaluation.graph.tensors)
        self._count = count
        self._left = MOST
        shape = evaluation.input_shape
        self._values: dict[str, Value] = {self._graph.input.name: Stacked(shape, -len(shape))}

    def to_the_output(self) -> None:
        for node in self._graph.nodes:
            if not self._values.keys().isdisjoint(node.inputs):
                given = [self._operand(name) for name in node.inputs]
                try:
                    value = self._value(node, given)
                except Fault as fault:
                    constants = [each for each in given if isinstance(each, Constant)]
                    by_number = any(each.batch is not each.row for each in constants)
                    if fault.code == "shape-mismatch" and by_number:  # another number may fit
                        raise node.fault(BY_NUMBER_OF_ROWS) from None
                    raise
                self._values.update(dict.fromkeys(filter(None, node.outputs), value))
        output = self._values[self._graph.output]
        if isinstance(output, Scattered):
            row = output.row.reshape(1, -1)
            if not np.array_equal(output.batch.ravel(), self._positions(row, 0, row.size).ravel()):
                raise Fault("not-dense", f"in the output, {MIXED}")

    def _operand(self, name: str) -> Any:
        if not name:
            return None
        if name in self._values:
            return self._values[name]
        constant = np.asarray(self._evaluation.constant(name))
        return Constant(constant, constant)

    def _value(self, node: Node, given: list[Any]) -> Any:
        """What the node gives for the batch."""
        row = self._evaluation.constant(node.outputs[0])
        if row is not None:  # it follows from a shape
            return Constant(row, self._constant(node, given, row.dtype))
        first, *others = operands = [each for each in given if each is not None]
        is_old_prelu = node.op == "PRelu" and self._graph.opset < 7  # with a slope for each channel
        if node.op in SAME or is_old_prelu:
            for each in others:
                self._check_constant(node, each)
            return first
        if node.op in (*RESHAPED, *PICKED):
            return self._moved(node, first, given[1:])
        if node.op in PRODUCTS:
            product = self._product(node, first, others[0])
            return self._element_by_element(node, [product, *others[1:]])
        if node.op in BY_ROW:
            return self._by_row(node, operands)
        if node.op.startswith("Reduce"):
            self._check_constant(node, others[0])
            return self._reduced(node, first, others[0].row.ravel().astype(int).tolist())
        if node.op == "BatchNormalization":
            operands = [first, *(self._from_axis(node, 1, first, each) for each in others)]
        elif "axis" in node.attributes and not others:
            self._check_softmax(node, first)
        elif "axis" in node.attributes and node.attributes.get("broadcast"):  # before opset 7
            operands = [first, self._from_axis(node, node.attributes["axis"], first, others[0])]
        return self._element_by_element(node, operands)

    def _constant(self, node: Node, operands: list[Any], dtype: np.dtype[Any]) -> Any:
        """What follows from the shape of a batch."""
        first = operands[0]
        if node.op == "Shape":
            shape = self._shape(first) if isinstance(first, Stacked) else first.batch.shape
            return shape_of(node, np.broadcast_to(0, shape))
        if node.op == "CastLike":
            self._constants.count(first.batch.size)
            return first.batch.astype(dtype)
        return self._constants.computed(node, [each and each.batch for each in operands])

    def _shape(self, value: Stacked) -> tuple[int, ...]:
        """The shape for a batch."""
        shape = list(value.shape)
        shape[value.axis] = self._count
        return tuple(shape)

    def _positions(self, row: NDArray[np.int32], axis: int, width: int) -> NDArray[np.int32]:
        """Where in a batch the values are whose rows, with these of `width`, are stacked."""
        along = [1] * row.ndim
        along[axis] = self._count
        return row + width * np.arange(self._count, dtype=np.int32).reshape(along)

    def _spend(self, node: Node, numbers: int) -> None:
        """Limit the time and the memory of the walk. Raises Fault."""
        self._left -= numbers
        if self._left < 0:
            message = f"it moves too many numbers for {self._count:,} rows at a time"
            raise node.fault(f"{message}; expected a model for any number of rows", "too-large")

    def _moved(self, node: Node, value: Value, how: list[Any]) -> Value:
        """The values in another shape or order, or some of them: stacked again, if they can be."""
        move = rearranged if node.op in RESHAPED else picked
        for_row = self._evaluation.for_one_row(node, [each and each.row for each in how])
        for_batch = [each and each.batch for each in how]
        if isinstance(value, Stacked) and value.is_first and node.op in IN_ORDER:
            shape = move(node, np.broadcast_to(0, self._shape(value)), for_batch).shape
            row_shape = move(node, np.broadcast_to(0, value.row_shape), for_row).shape
            if shape[:1] == (self._count,) and row_shape == (1, *shape[1:]):
                return Stacked(row_shape, -len(shape))
        width = math.prod(value.shape) if isinstance(value, Stacked) else value.row.size
        result = self._result(node).width if node.op in PICKED else 0
        self._spend(node, self._count * max(width, result))
        if isinstance(value, Stacked):
            row = np.arange(width, dtype=np.int32).reshape(value.shape)
            batch = self._positions(row, value.axis, row.size)
            row = row.reshape(value.row_shape)
        else:
            row, batch = value.row, value.batch
        moved = move(node, row, for_row), move(node, batch, for_batch)
        stacked = self._stacked_again(*moved, width)
        if stacked is None and node.op in PICKED:
            raise node.fault(MIXED)
        return stacked or Scattered(*moved)

    def _stacked_again(
        self, row: NDArray[np.int32], batch: NDArray[np.int32], width: int
    ) -> Stacked | None:
        """The axis along which the rows of a batch lie one behind the other, if there is one."""
        is_lost = row.ndim == batch.ndim - 1
        if not is_lost and row.ndim != batch.ndim:
            return None
        for axis in range(-batch.ndim, 0):
            one = np.expand_dims(row, axis) if is_lost else row
            stacked = Stacked(one.shape, axis, is_lost)
            is_like = one.shape[axis] == 1 and batch.shape == self._shape(stacked)
            if is_like and np.array_equal(batch, self._positions(one, axis, width)):
                return stacked
        return None

    def _result(self, node: Node) -> Flow:
        """What the node gives for a single row."""
        given = map(self._evaluation.values.get, node.outputs)
        return next(each for each in given if isinstance(each, Flow))

    def _product(self, node: Node, first: Any, second: Any) -> Value:
        """A product of a row and a matrix, or of a matrix and a column."""
        is_row = isinstance(second, Constant)
        flow, matrix = (first, second) if is_row else (second, first)
        is_transposed = bool(node.attributes.get("transA" if is_row else "transB"))
        inner = -1 if is_row != is_transposed or node.op == "Einsum" else -2
        self._check_constant(node, matrix)
        if isinstance(flow, Scattered):
            fits = flow.batch.shape[max(inner, -flow.batch.ndim)] == flow.row.size
            raise node.fault(MIXED) if fits else _does_not_fit(node)
        if flow.axis == inner:
            fits = self._count == math.prod(flow.shape)
            raise node.fault(MIXED) if fits else _does_not_fit(node)
        if flow.is_lost and (node.op == "Gemm" or matrix.row.ndim > 2 or not flow.is_first):
            raise node.fault(MIXED)
        result = self._result(node)
        if node.op == "Gemm":
            return Stacked(result.positions.shape, -2 if is_row else -1)
        shape = [*[1] * (matrix.row.ndim - len(flow.shape)), *flow.shape]
        shape[inner] = result.width
        return Stacked(tuple(shape), flow.axis, flow.is_lost)

    def _by_row(self, node: Node, operands: list[Any]) -> Value:
        """What a node gives that takes the first axis as that of the rows."""
        shape = self._result(node).positions.shape
        for each in operands:
            if isinstance(each, Constant):
                self._check_constant(node, each)
            elif isinstance(each, Scattered) or each.is_lost or not each.is_first:
                raise node.fault(MIXED)
        return Stacked(shape, -len(shape))

    def _reduced(self, node: Node, flow: Any, axes: list[int]) -> Value:
        """A sum, or the like, along these axes."""
        if isinstance(flow, Stacked) and not flow.is_lost and node.attributes["keepdims"]:
            places = range(-len(flow.shape), 0)
            along = [places[axis] for axis in axes]
            if flow.axis not in along:
                shape = [1 if axis in along else flow.shape[axis] for axis in places]
                return Stacked(tuple(shape), flow.axis)
        raise node.fault(MIXED)

    def _check_softmax(self, node: Node, flow: Any) -> None:
        """Raises Fault if it goes over the axis of the rows, or over another than for one row."""
        axis = node.attributes["axis"]
        if isinstance(flow, Stacked) and not (flow.is_lost and (axis >= 0 or not flow.is_first)):
            axis = range(-len(flow.shape), 0)[axis]
            over = [axis] if self._graph.opset >= 13 else range(axis, 0)
            if flow.axis not in over:
                return
        raise node.fault(MIXED)

    def _from_axis(self, node: Node, axis: int, flow: Any, constant: Constant) -> Constant:
        """A constant whose axes start at this one of the flow's."""
        shape = flow.row_shape if isinstance(flow, Stacked) else flow.row.shape
        whole = self._shape(flow) if isinstance(flow, Stacked) else flow.batch.shape
        after = [1] * (len(shape) - range(len(shape))[axis] - constant.row.ndim)
        if len(shape) != len(whole):
            raise node.fault(MIXED)
        row = constant.row.reshape(*constant.row.shape, *after)
        if constant.batch is constant.row:
            return Constant(row, row)
        return Constant(row, constant.batch.reshape(*constant.batch.shape, *after))

    def _element_by_element(self, node: Node, operands: list[Any]) -> Value:
        flows = [each for each in operands if isinstance(each, Stacked)]
        constants = [each for each in operands if isinstance(each, Constant)]
        if any(isinstance(each, Scattered) for each in operands):
            return self._scattered(node, operands, constants)
        axis = flows[0].axis
        is_lost = flows[0].is_lost
        if any((each.axis, each.is_lost) != (axis, is_lost) for each in flows):
            raise node.fault(MIXED)
        shapes = [self._shape(each) for each in flows]
        if broadcast(*shapes, *(each.batch.shape for each in constants)) is None:
            raise _does_not_fit(node)
        if is_lost and not all(
            each.row.size == 1 or (flows[0].is_first and each.row.ndim < -axis)
            for each in constants
        ):
            raise node.fault(MIXED)
        shapes = [each.shape for each in flows]
        shape = broadcast(*shapes, *(each.row.shape for each in constants))
        width = max(math.prod(each.shape) for each in flows)
        if shape is None or shape[axis] != 1 or math.prod(shape) > width:
            raise node.fault(MIXED)
        for each in constants:
            self._check_constant(node, each, axis)
        return Stacked(shape, axis, is_lost)

    def _check_constant(self, node: Node, constant: Constant, axis: int | None = None) -> None:
        """Raises Fault unless it is the same for a batch, or for each row along the axis."""
        row, batch = constant.row, constant.batch
        if batch is row:
            return
        self._spend(node, batch.size)
        shapes = [row.shape]
        if axis is not None and row.ndim >= -axis and row.shape[axis] == 1:
            shapes.append(self._shape(Stacked(row.shape, axis)))
        if batch.shape not in shapes or np.any(batch != row):
            raise node.fault(BY_NUMBER_OF_ROWS)

    def _scattered(self, node: Node, operands: list[Any], constants: list[Constant]) -> Value:
        """What is computed element by element, which may be done in any order."""
        first, *others = [each for each in operands if not isinstance(each, Constant)]
        if not isinstance(first, Scattered) or not all(first.is_like(each) for each in others):
            raise node.fault(MIXED)
        row, batch = first.row, first.batch
        for each in constants:
            self._spend(node, batch.size)
            shape = broadcast(batch.shape, each.batch.shape)
            row_shape = broadcast(row.shape, each.row.shape)
            if shape is None:
                raise _does_not_fit(node)
            if row_shape is None or (math.prod(row_shape), math.prod(shape)) != (
                row.size,
                batch.size,
            ):
                raise node.fault(MIXED)
            row, batch = row.reshape(row_shape), batch.reshape(shape)
            numbers = np.empty(row.size, each.row.dtype)
            numbers[row] = each.row
            if not np.array_equal(numbers[batch % row.size], np.broadcast_to(each.batch, shape)):
                raise node.fault(MIXED)
        return Scattered(row, batch)


def _does_not_fit(node: Node) -> Fault:
    """What a node raises that cannot be run with the batch."""
    return node.fault("a batch does not fit", "shape-mismatch")
