"""Whether the rows of a batch stay apart in a graph that was followed for a single row.

A Reshape or Transpose may put numbers of several rows side by side, which one row does not show. So
the graph is walked once more, for a batch: of each value that depends on the input, an array of its
shape has the row that each number comes from.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.onnx.constants import REARRANGED, picked, rearranged, shape_of
from netrunner.exchange.onnx.evaluation import OF_SKLEARN, Evaluation, Flow
from netrunner.exchange.onnx.graph import Node
from netrunner.problems.problem import Fault

BATCH = 7  # rows, if the graph takes any number
MOST = 2**22  # numbers of all the values of a batch
MIXED = "the rows of a batch become one; expected each row to be computed by itself"


BY_ROW = ("BatchNormalization", "Conv", "Einsum", *OF_SKLEARN)


class MixedError(Exception):
    """A number comes from several rows."""


class Rows:
    """The row that each number of a value comes from."""

    def __init__(self, of: NDArray[np.intp]) -> None:
        self.of = of


def check_rows(evaluation: Evaluation) -> None:
    """Raises Fault for a graph in which a number surely comes from several rows of a batch.

    Where that cannot be told, as in a graph for one row alone or a very large one, it is taken as
    it was followed for one row.
    """
    graph, shape = evaluation.graph, evaluation.input_shape
    size = graph.input.type.tensor_type.shape.dim[0].dim_value
    if len(shape) < 2 or shape[0] != 1 or size == 1:
        return
    count = size if size > 0 else BATCH
    values: dict[str, Any] = {graph.input.name: Rows(_one_behind_the_other(count, shape))}
    left = MOST - count * evaluation.output.width
    for node in graph.nodes:
        if values.keys().isdisjoint(node.inputs):
            continue
        given = [evaluation.values.get(name) for name in node.outputs]
        left -= count * max((each.width for each in given if isinstance(each, Flow)), default=0)
        if left < 0:
            return
        try:
            operands = [_operand(name, values, evaluation) for name in node.inputs]
            value = _value(node, operands, evaluation)
        except MixedError:
            raise node.fault(MIXED) from None
        except Exception:  # whatever it is, one row was followed without it
            return
        values.update(dict.fromkeys(filter(None, node.outputs), value))
    rows = values[graph.output].of
    together = [np.moveaxis(rows, axis, 0) for axis in range(rows.ndim)]
    if rows.size % count == 0:
        together.append(rows.reshape(count, -1))
    if not any(_are_apart(each, count) for each in together):
        raise Fault("not-dense", f"in the output, {MIXED}")


def _one_behind_the_other(count: int, shape: tuple[int, ...]) -> NDArray[np.intp]:
    """The rows of a value that has this shape for a single one."""
    rows = np.arange(count).reshape(-1, *[1] * len(shape[1:]))
    return np.broadcast_to(rows, (count, *shape[1:]))


def _are_apart(rows: NDArray[np.intp], count: int) -> bool:
    """Whether the rows are one behind the other along the first axis."""
    return len(rows) == count and np.array_equal(rows, _one_behind_the_other(count, rows.shape))


def _operand(name: str, values: dict[str, Any], evaluation: Evaluation) -> Any:
    if name in values:
        return values[name]
    return evaluation.constant(name) if name else None


def _value(node: Node, operands: list[Any], evaluation: Evaluation) -> Any:
    """What a node gives for the batch: rows, or a constant. Raises MixedError."""
    first, *others = operands
    if node.op == "Shape":
        return shape_of(node, first.of if isinstance(first, Rows) else first)
    if node.op == "CastLike" and not isinstance(first, Rows):
        return first
    flows = [each.of for each in operands if isinstance(each, Rows)]
    if not flows:  # it follows from a shape
        return evaluation.constants.computed(node, operands)
    if node.op in REARRANGED:
        return Rows(rearranged(node, first.of, others))
    if node.op in ("ArrayFeatureExtractor", "Gather", "Slice"):
        return Rows(picked(node, first.of, others))
    if node.op == "Concat":
        return Rows(np.concatenate(flows, axis=node.attributes["axis"]))
    if node.op in ("Gemm", "MatMul"):
        return Rows(_product(node, operands))
    if node.op in BY_ROW or node.attributes.get("broadcast"):
        return Rows(_by_row(node, flows[0], evaluation))
    if node.op.startswith("Reduce"):
        axes = node.attributes.get("axes") or (others[0].tolist() if others else None)
        return Rows(_along(flows[0], axes and tuple(axes), bool(node.attributes["keepdims"])))
    if "axis" in node.attributes:
        axis = node.attributes["axis"] % flows[0].ndim
        last = flows[0].ndim if evaluation.graph.opset < 13 else axis + 1
        _along(flows[0], tuple(range(axis, last)))
    return Rows(_element_by_element(operands))


def _along(
    rows: NDArray[np.intp], axes: tuple[int, ...] | None, keepdims: bool = True
) -> NDArray[np.intp]:
    """The rows of what is computed of all numbers along these axes."""
    least: NDArray[np.intp] = rows.min(axes, keepdims=keepdims)
    if not np.array_equal(least, rows.max(axes, keepdims=keepdims)):
        raise MixedError
    return least


def _product(node: Node, operands: list[Any]) -> NDArray[np.intp]:
    """The rows of a product with a matrix: each number is a sum over numbers of one row."""
    is_row = isinstance(operands[0], Rows)
    (factor, matrix), mine, its = (
        (operands[:2], "transA", "transB") if is_row else (operands[1::-1], "transB", "transA")
    )
    rows = factor.of.T if node.attributes.get(mine) else factor.of
    inner, size = (
        matrix.shape[-2:] if is_row != bool(node.attributes.get(its)) else matrix.shape[:-3:-1]
    )
    axis = -1 if is_row or rows.ndim == 1 else -2
    if rows.shape[axis] != inner:
        raise ValueError  # the graph takes a single row
    product = np.repeat(_along(rows, (axis,)), size, axis)
    return product.reshape(*[1] * (matrix.ndim - product.ndim), *product.shape)


def _by_row(node: Node, rows: NDArray[np.intp], evaluation: Evaluation) -> NDArray[np.intp]:
    """The rows of what a node computes along other axes than the first."""
    if not _are_apart(rows, len(rows)):
        raise ValueError  # the rows are along another axis
    given = [evaluation.values.get(name) for name in node.outputs]
    (shape,) = [each.positions.shape for each in given if isinstance(each, Flow)] or [rows.shape]
    return _one_behind_the_other(len(rows), shape)


def _element_by_element(operands: list[Any]) -> NDArray[np.intp]:
    """The rows of what is computed of several values, element by element."""
    flows = [each.of for each in operands if isinstance(each, Rows)]
    constants = [each.shape for each in operands if isinstance(each, np.ndarray)]
    shape = np.broadcast_shapes(*(each.shape for each in flows))
    rows, *others = (np.broadcast_to(each, shape) for each in flows)
    if any(not np.array_equal(rows, each) for each in others):
        raise MixedError
    return np.broadcast_to(rows, np.broadcast_shapes(shape, *constants))
