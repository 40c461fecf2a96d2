"""Follows one row through an ONNX graph, as steps of a chain of dense layers.

Whatever its batch size, the graph is followed for one row. A value that depends on the input is
kept as positions: where its elements are in the vector of the last layer. A Reshape or Transpose
rearranges these positions. Everything that does not depend on the input is computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.dense import Chain, batch_normalisation
from netrunner.exchange.onnx.activations import (
    OPERATORS,
    QUANTISED,
    composed,
    divided_by_sum,
    what_is_needed,
)
from netrunner.exchange.onnx.constants import (
    FLOATS,
    REARRANGED,
    Constants,
    broadcast,
    numpy_type,
    picked,
    rearranged,
    shape_of,
)
from netrunner.exchange.onnx.graph import Graph, Node
from netrunner.exchange.onnx.linear import (
    CLASSIFIERS,
    LINEAR_OF_SKLEARN,
    POST_TRANSFORMS,
    convolution,
    scaler,
)
from netrunner.exchange.recast import Recast
from netrunner.problems.problem import Fault
from netrunner.problems.words import has_unseen, quote

OF_SKLEARN = (*LINEAR_OF_SKLEARN, "Scaler", "Normalizer", "Imputer", "ZipMap")
NOT_SHARES = "it divides a row by its norm; expected values that add up to 1, as of softmax"
Positions: TypeAlias = NDArray[np.intp]
Step = Callable[[Chain], None]


@dataclass(frozen=True, eq=False)
class Flow:
    """A value that depends on the input: `step` applied to the vector that `before` gave.

    The input itself has neither. `positions` has the value's shape for a single row. `kind` is the
    number of its type in ONNX.
    """

    positions: Positions
    kind: int
    step: Step | None = None
    before: Flow | None = None
    affine: tuple[NDArray[Any], NDArray[Any]] | None = None  # the step's scale and shift
    is_mirrored: bool = False  # two values, one of which is minus the other
    is_shares: bool = False  # values that add up to 1, none of them negative

    @property
    def width(self) -> int:
        return self.positions.size

    def then(self, step: Step, positions: Positions | None = None, **more: Any) -> Flow:
        positions = self.positions if positions is None else positions
        return Flow(positions, self.kind, step, self, **more)


@dataclass(frozen=True, eq=False)
class Refused:
    """A value that cannot be followed, and why; harmless if the output does not depend on it."""

    fault: Fault


Value: TypeAlias = "Flow | Refused | NDArray[Any]"


def _halves() -> tuple[int, ...]:
    """ONNX's types of half precision: a tool rounds to them after each step, and we do not."""
    from onnx import TensorProto

    return TensorProto.FLOAT16, TensorProto.BFLOAT16


def _text(label: Any) -> str:
    return label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label)


def _is_mirrored(pairs: NDArray[Any]) -> bool:
    """Whether in each pair one number is minus the other."""
    return np.array_equal(pairs[..., 0], -pairs[..., 1])


def is_training(node: Node) -> bool:
    """Whether a node is in training mode: before opset 14, if it has outputs that only that has."""
    several = any(node.outputs[1:])
    if "is_test" in node.attributes:
        return several and node.attributes["is_test"] == 0
    batches = several and node.op == "BatchNormalization"
    return batches or bool(node.attributes.get("training_mode"))


class Evaluation:
    """Each value of the graph for a single row. Raises Fault if the output is not a chain.

    Where a Reshape begins with the size `rows`, this is the number of rows in the graph's batch.
    """

    def __init__(self, graph: Graph, input_shape: tuple[int, ...], rows: int | None = None) -> None:
        self.graph = graph
        self.input_shape = input_shape
        self.rows = rows
        self.linear_steps: set[Step] = set()
        self._types: set[np.dtype[Any] | None] = set()
        self._narrowed = False  # whether values are rounded to float32 between the layers
        self.constants = Constants(graph.tensors)
        positions = np.arange(math.prod(input_shape)).reshape(input_shape)
        kind = graph.input.type.tensor_type.elem_type
        if numpy_type(kind) is None:
            type_name = graph.tensors.type_name(kind)
            message = f"the input {quote(graph.input.name, 60)} is {type_name}, not real numbers"
            raise Fault("not-real-numbers", message)
        self.values: dict[str, Value] = {graph.input.name: Flow(positions, kind)}
        for node in graph.nodes:
            try:
                value = self._value(node)
            except Fault as fault:
                # A fault of a tensor is reported for the node that needs it.
                known = fault.message.startswith(node.title)
                value = Refused(fault if known else node.fault(fault.message, fault.code))
            meant = 1 if node.op in CLASSIFIERS else 0  # its scores, not the label
            for index, name in enumerate(node.outputs):
                what = what_is_needed("ArgMax") if meant else f"its output {quote(name)} is in use"
                other = Refused(node.fault(what))
                is_meant = index == meant or isinstance(value, Refused)
                self.values[name] = value if is_meant else other
        self.output = self._output()
        types = self._types or {numpy_type(self.output.kind)}
        double = np.dtype(np.float64) in types and not self._narrowed
        self.dtype = np.dtype(np.float64 if double else np.float32)

    def _output(self) -> Flow:
        value = self.values[self.graph.output]
        if isinstance(value, Refused):
            raise value.fault
        if not isinstance(value, Flow):
            raise Fault("not-dense", "the output does not depend on the input")
        if not np.array_equal(value.positions.ravel(), np.arange(value.width)):
            return self._in_order(value, value.positions)
        return value

    def steps(self) -> list[Step]:
        """The steps from the input to the output."""
        steps = []
        flow: Flow | None = self.output
        while flow is not None and flow.step is not None:
            steps.append(flow.step)
            flow = flow.before
        return steps[::-1]

    def classes(self) -> tuple[str, ...] | None:
        """What scikit-learn calls the outputs, if the names differ."""
        node = self.graph.producer(self.graph.output)
        if node is None or node.op not in ("ZipMap", "LinearClassifier"):
            return None
        keys = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")
        labels: list[Any] = next(
            (node.attributes[key] for key in keys if node.attributes.get(key)), []
        )
        names = tuple(_text(each).strip() for each in labels)
        good = len(set(names)) == self.output.width and not any(map(has_unseen, names))
        return names if good else None

    def constant(self, name: str) -> NDArray[Any] | None:
        """A value that does not depend on the input, if this is one. Raises Fault."""
        array = self.graph.initializer(name)
        if array is None:
            value = self.values.get(name)
            array = value if isinstance(value, np.ndarray) else None
        return array

    def producer(self, name: str) -> Node | None:
        return self.graph.producer(name)

    def source(self, name: str) -> str:
        """The name of a value before any Identity, and any Cast to the type it already has."""
        while (node := self.graph.producer(name)) and node.op in ("Cast", "Identity"):
            after, before = self.values.get(name), self.values.get(node.inputs[0])
            if not (isinstance(after, Flow) and isinstance(before, Flow)):
                break
            if after.kind != before.kind:
                break
            name = node.inputs[0]
        return name

    def _value(self, node: Node) -> Value:
        """The value that a node gives. Raises Fault."""
        if node.op in QUANTISED:  # before its operands, which are of types that are not read
            raise node.fault(what_is_needed(node.op))
        if node.op == "ArrayFeatureExtractor" and self.graph.is_initializer(node.inputs[0]):
            raise node.fault(what_is_needed("ArgMax"))  # of names
        if of := divided_by_sum(node, self):
            shares = self.values[of]
            if isinstance(shares, Flow):
                if not shares.is_shares or shares.positions.shape != (1, shares.width):
                    raise node.fault(NOT_SHARES)
                return shares
        if found := composed(node, self):
            flow = self.values[found.of]
            if isinstance(flow, Flow):
                shape = broadcast(flow.positions.shape, found.shape)
                if node.op == "PRelu" and self.graph.opset < 7:  # it has a slope for each channel
                    shape = flow.positions.shape
                if shape is None or math.prod(shape) != flow.width:
                    raise node.fault(
                        f"a constant of shape {found.shape} does not fit a value of"
                        f" {flow.positions.shape}"
                    )
                flow = replace(flow, positions=flow.positions.reshape(shape))
                return self._activated(node, flow, found.recast)
        operands = [self._operand(name) for name in node.inputs]
        for operand in operands:
            if isinstance(operand, Refused):
                return operand
        if "axis" in node.attributes and node.attributes.get("broadcast"):
            operands[1] = self._aligned(node, operands)
        if node.op == "Shape":
            whole: Any = operands[0]
            return shape_of(node, whole.positions if isinstance(whole, Flow) else whole)
        if node.op == "CastLike" and isinstance(operands[0], np.ndarray):
            other: Any = operands[1]
            dtype = numpy_type(other.kind) if isinstance(other, Flow) else other.dtype
            self.constants.count(operands[0].size)
            return operands[0].astype(dtype)
        if not any(isinstance(operand, Flow) for operand in operands):
            return self.constants.computed(node, operands)
        value = self._flow(node, operands)
        self.constants.count(value.width)
        return value

    @staticmethod
    def _aligned(node: Node, operands: list[Any]) -> Any:
        """The second operand, with its axes at those of the first from `axis` on: in opset 6."""
        first, second = operands
        axes = (first.positions if isinstance(first, Flow) else first).ndim
        if isinstance(second, Flow):
            raise node.fault("expected a constant to be broadcast")
        after = axes - node.attributes["axis"] - second.ndim
        if not 0 <= after <= axes - second.ndim:
            raise node.fault(f"its axis does not fit a value of {axes} axes", "shape-mismatch")
        return second.reshape(*second.shape, *[1] * after)

    def _operand(self, name: str) -> Value | None:
        if not name:
            return None
        array = self.constant(name)
        return self.values[name] if array is None else array

    def _flow(self, node: Node, operands: list[Any]) -> Flow:
        flows = [operand for operand in operands if isinstance(operand, Flow)]
        if node.op == "Concat" and len(flows) == len(operands):
            return self._concatenated(node, flows)
        if len(flows) > 1:
            a, b, *_ = [
                quote(name, 60)
                for name, operand in zip(node.inputs, operands, strict=True)
                if isinstance(operand, Flow)
            ]
            message = f"it joins {a} and {b}, which both depend on the input; a chain has one path"
            raise node.fault(message)
        (flow,) = flows
        if node.op in REARRANGED:
            return self._rearranged(node, flow, operands)
        self._check_floats(node, flow)
        if node.op == "MatMul":
            return self._matmul(node, operands)
        if node.op == "Gemm":
            return self._gemm(node, operands)
        if node.op == "Einsum":
            return self._einsum(node, operands)
        if node.op in ("ArrayFeatureExtractor", "Gather", "Slice"):
            return self._picked(node, operands)
        if node.op == "Conv":
            return self._conv(node, flow, operands)
        if node.op in OF_SKLEARN:
            return self._of_sklearn(node, flow)
        if node.op == "BatchNormalization":
            return self._batch_normalization(node, operands)
        if node.op in ("Add", "Sub", "Mul", "Div", "Neg"):
            return self._affine(node, operands)
        if node.op in OPERATORS:
            activation = OPERATORS[node.op]
            if "axis" in node.attributes:
                self._check_axis(node, flow)
            names = activation.onnx.attributes if activation.onnx else {}
            parameters = {ours: node.attributes[theirs] for ours, theirs in names.items()}
            return self._activated(node, flow, Recast(activation.name, parameters))
        raise node.fault(what_is_needed(node.op))

    def _activated(self, node: Node, flow: Flow, recast: Recast) -> Flow:
        self._check_floats(node, flow)
        if node.op == "Cast":  # at the end of a composed activation
            self._cast(node, flow)
        is_shares = recast.activation == "softmax"
        is_shares |= recast == Recast("sigmoid") and flow.is_mirrored
        return flow.then(lambda chain: chain.recast(recast, node.title), is_shares=is_shares)

    def _check_floats(self, node: Node, flow: Flow) -> None:
        if (dtype := numpy_type(flow.kind)) not in FLOATS:
            raise node.fault(f"it computes in {dtype}; expected a Cast to floats before it")
        if flow.kind in _halves():
            raise node.fault("it computes in half precision; expected a model in float32")

    def _check_axis(self, node: Node, flow: Flow) -> None:
        """Raises Fault unless a softmax goes over all the values of the row."""
        shape, axis = flow.positions.shape, node.attributes["axis"]
        if not -len(shape) <= axis < max(len(shape), 1):
            raise node.fault(f"axis {axis} of a value of shape {shape}", "damaged-file")
        axis %= len(shape) or 1
        last = axis == len(shape) - 1
        if self.graph.opset < 13:  # all the axes from this one on
            over, alone = math.prod(shape[axis:]), axis > 0 or last
        else:
            over, alone = math.prod(shape[axis : axis + 1]), last or flow.width > 1
        if over != flow.width or not alone:
            message = f"it goes over axis {axis} of shape {shape}; expected one over all neurons"
            raise node.fault(message)

    def _linear(
        self, node: Node, flow: Flow, weights: Any, biases: Any, shape: tuple[int, ...]
    ) -> Flow:
        """x·weights + biases, for x in the order of `flow`'s value; the result has `shape`."""
        if weights.dtype.kind != "f" or not weights.size:
            raise node.fault(f"its weights are {weights.shape} of {weights.dtype}, not floats")
        self.constants.count(weights.size)
        self._types.add(weights.dtype)
        positions = flow.positions.ravel()
        if not np.array_equal(positions, np.arange(flow.width)):
            weights = weights[np.argsort(positions)]
        name = next((n.removesuffix(".weight") for n in node.inputs if n.endswith(".weight")), None)

        def step(chain: Chain) -> None:
            chain.linear(weights, biases, name)

        self.linear_steps.add(step)
        is_mirrored = weights.shape[1] == 2 and _is_mirrored(
            np.vstack([weights, np.broadcast_to(biases, 2)])
        )
        positions = np.arange(weights.shape[1]).reshape(shape)
        return flow.then(step, positions, is_mirrored=is_mirrored)

    def _matmul(self, node: Node, operands: list[Any]) -> Flow:
        """x·W, or W·x for an x that is a column: the same as x·Wᵀ for a row."""
        is_row = isinstance(operands[0], Flow)
        flow, matrix = operands if is_row else operands[::-1]
        shape, stacked = flow.positions.shape, matrix.shape[:-2]
        along = shape[-1:] if is_row or len(shape) == 1 else shape[-2:-1]
        if along != (flow.width,) or matrix.ndim < 2 or math.prod(stacked) != 1:
            raise node.fault(f"{self._shapes(operands)} is not the product of a row and a matrix")
        weights = matrix.reshape(matrix.shape[-2:])
        weights = weights if is_row else weights.T
        if weights.shape[0] != flow.width:
            raise node.fault(f"the shapes {self._shapes(operands)} do not fit", "shape-mismatch")
        size = weights.shape[1]
        result = (*shape[:-1], size) if is_row or len(shape) == 1 else (*shape[:-2], size, 1)
        missing = (1,) * (len(stacked) - len(shape[:-2]))
        return self._linear(node, flow, weights, 0.0, missing + result)

    def _einsum(self, node: Node, operands: list[Any]) -> Flow:
        """A product of rows and a matrix, bi,io->bo; the matrix may be first, or transposed."""
        equation = node.attributes["equation"].replace(" ", "")
        given, _, result = equation.partition("->")
        terms = given.split(",")
        if len(terms) == len(operands) == 2 and not any(each is None for each in operands):
            order = slice(None, None, 1 if isinstance(operands[0], Flow) else -1)
            (row, matrix), (flow, weights) = terms[order], operands[order]
            rows, into = row[:-1].replace("...", "."), row[-1:]
            is_product = "." in rows or len(rows) == flow.positions.ndim - 1
            is_product &= len({*rows, *matrix}) == len(rows) + 2 and into in matrix
            if is_product and result == row[:-1] + matrix.replace(into, ""):
                weights = weights if matrix.startswith(into) else weights.T
                return self._matmul(node, [flow, weights])
        message = f"its equation is {quote(equation)}; expected a row and a matrix, as bi,io->bo"
        raise node.fault(message)

    def _picked(self, node: Node, operands: list[Any]) -> Flow:
        """Some of the values of a row, by constant indices."""
        flow, *others = operands
        if not isinstance(flow, Flow):
            raise node.fault("expected constant indices into a row")
        self.constants.count(flow.width * sum(each.size for each in others if each is not None))
        positions = picked(node, flow.positions, others)
        return self._in_order(flow, positions)

    def _in_order(self, flow: Flow, positions: Positions) -> Flow:
        """The values at these positions, as a vector of their own."""
        self.constants.count(positions.size * flow.width)
        at = positions.ravel()
        return flow.then(lambda chain: chain.pick(at), np.arange(at.size).reshape(positions.shape))

    def _conv(self, node: Node, flow: Flow, operands: list[Any]) -> Flow:
        """A Conv that is a dense layer: over a 1×1 picture, or one as large as its picture."""
        if flow is not operands[0]:
            raise node.fault("expected a constant kernel")
        shape = flow.positions.shape
        if math.prod(shape[:1]) != 1 or len(shape) < 3:
            raise node.fault(f"its input has shape {shape}; expected a single picture")
        self.constants.count(operands[1].shape[0] * flow.width)
        weights, biases = convolution(node, shape, *[*operands[1:], None][:2])
        size = weights.shape[1]
        return self._linear(node, flow, weights, biases, (1, size, *[1] * (len(shape) - 2)))

    def _of_sklearn(self, node: Node, flow: Flow) -> Flow:
        """An operator of ai.onnx.ml that is linear, a scaler, or changes nothing."""
        shape = flow.positions.shape
        if shape != (*[1] * (len(self.input_shape) > 1), flow.width):
            raise node.fault(f"its input has shape {shape}; expected a single row")
        if node.op == "ZipMap":  # gives each number the name of its class
            return flow
        if node.op == "Imputer":
            if math.isnan(node.attributes.get("replaced_value_float", 0.0)):
                return flow  # an input has no NaN
            raise node.fault("it replaces a number; expected one that replaces NaN alone")
        if node.op == "Normalizer":
            if node.attributes["norm"] == "L1" and flow.is_shares:
                return flow
            raise node.fault(NOT_SHARES)
        if node.op == "Scaler":
            return self._scaled(node, flow, *scaler(node, flow.width))
        weights, biases = LINEAR_OF_SKLEARN[node.op](node, flow.width)
        flow = self._linear(node, flow, weights, biases, (1, weights.shape[1]))
        post = node.attributes["post_transform"]
        if post not in POST_TRANSFORMS:
            raise node.fault(f"post_transform {post} is not one of {', '.join(POST_TRANSFORMS)}")
        activation = POST_TRANSFORMS[post]
        return flow if activation is None else self._activated(node, flow, Recast(activation))

    def _concatenated(self, node: Node, flows: list[Flow]) -> Flow:
        """Several scaled and shifted copies of one value side by side: (1 - p, p)."""
        parts, bases = [], []
        for flow in flows:
            self._check_floats(node, flow)
            at = flow.positions.ravel()
            scale, shift = np.ones(flow.width), np.zeros(flow.width)
            while flow.affine is not None and flow.before is not None:
                s, t = flow.affine
                scale, shift = s * scale, t * scale + shift
                flow = flow.before
            parts.append((at, scale, shift))
            bases.append(flow)
        base = bases[0]
        is_row = all(flow.positions.shape == (1, flow.width) for flow in flows)
        same = all(each.step is base.step and each.before is base.before for each in bases)
        if not is_row or not same or node.attributes["axis"] not in (1, -1):
            message = "it joins values that depend on the input; a chain has one path"
            raise node.fault(message)
        self.constants.count(base.width * sum(len(at) for at, _, _ in parts))
        weights = np.hstack([np.diag(scale)[:, at] for at, scale, _ in parts])
        biases = np.concatenate([shift[at] for at, _, shift in parts])
        plain = replace(base, positions=np.arange(base.width))
        if numpy_type(base.kind) != np.float64:
            weights = weights.astype(np.float32)
        return self._linear(node, plain, weights, biases, (1, len(biases)))

    @staticmethod
    def _shapes(operands: list[Any]) -> str:
        shapes = [
            each.positions.shape if isinstance(each, Flow) else each.shape
            for each in operands
            if each is not None
        ]
        return " · ".join(map(str, shapes))

    def _gemm(self, node: Node, operands: list[Any]) -> Flow:
        """alpha · A'·B' + beta · C, where A' or B' is the row, and ' may transpose."""
        flow = next(each for each in operands if isinstance(each, Flow))
        a, b = (
            each.positions if isinstance(each, Flow) else np.asarray(each) for each in operands[:2]
        )
        c = operands[2] if len(operands) > 2 else None
        if isinstance(c, Flow) or a.ndim != 2 or b.ndim != 2:
            raise node.fault("expected the product of a row and a constant matrix")
        a = a.T if node.attributes["transA"] else a
        b = b.T if node.attributes["transB"] else b
        is_row = isinstance(operands[0], Flow)
        row, weights = (a, b) if is_row else (b.T, a.T)
        if row.shape != (1, flow.width):
            message = f"{self._shapes(operands)} is not the product of a single row and a matrix"
            raise node.fault(message)
        if weights.shape[0] != flow.width:
            raise node.fault(f"the shapes {self._shapes(operands)} do not fit", "shape-mismatch")
        shape = (1, weights.shape[1]) if is_row else (weights.shape[1], 1)
        biases: Any = 0.0
        if c is not None:
            try:
                biases = np.broadcast_to(c, shape).ravel()
            except ValueError:
                message = f"C of shape {c.shape} does not fit a product of shape {shape}"
                raise node.fault(message, "shape-mismatch") from None
            if node.attributes["beta"] != 1:
                biases = np.float64(node.attributes["beta"]) * biases
        if node.attributes["alpha"] != 1 and weights.dtype.kind == "f":
            with np.errstate(all="ignore"):
                weights = weights * weights.dtype.type(node.attributes["alpha"])
        return self._linear(node, flow, weights, biases, shape)

    def _affine(self, node: Node, operands: list[Any]) -> Flow:
        """Add, Sub, Mul, Div with a constant, and Neg."""
        flow = next(each for each in operands if isinstance(each, Flow))
        if node.op == "Neg":
            return self._scaled(node, flow, np.array(-1.0), np.array(0.0))
        flow_first = isinstance(operands[0], Flow)
        c = operands[1 if flow_first else 0]
        if node.op == "Div" and (not flow_first or not np.all(c)):
            raise node.fault("expected a division by constants other than 0")
        c = np.asarray(c, np.float64)
        one, zero = np.array(1.0), np.array(0.0)
        with np.errstate(all="ignore"):
            scale, shift = {
                "Add": (one, c),
                "Sub": (one, -c) if flow_first else (-one, c),
                "Mul": (c, zero),
                "Div": (1 / c if node.op == "Div" else one, zero),
            }[node.op]
        return self._scaled(node, flow, scale, shift)

    def _scaled(self, node: Node, flow: Flow, scale: NDArray[Any], shift: NDArray[Any]) -> Flow:
        """x · scale + shift, both broadcast to the shape of `flow`'s value."""
        shape = broadcast(flow.positions.shape, scale.shape, shift.shape)
        if shape is None or math.prod(shape) != flow.width:
            c = scale.shape or shift.shape
            message = f"a constant of shape {c} does not fit a value of {flow.positions.shape}"
            raise node.fault(message, "not-dense" if shape else "shape-mismatch")
        s, t = np.empty(flow.width), np.empty(flow.width)
        positions = flow.positions.reshape(shape)
        s[positions], t[positions] = scale, shift
        is_mirrored = flow.is_mirrored and s[0] == s[1] and _is_mirrored(t)
        return flow.then(
            lambda chain: chain.affine(s, t), positions, affine=(s, t), is_mirrored=is_mirrored
        )

    def _batch_normalization(self, node: Node, operands: list[Any]) -> Flow:
        flow, *constants = operands
        if not isinstance(flow, Flow) or is_training(node):
            raise node.fault("expected one with constant statistics, as after training")
        shape = flow.positions.shape
        if len(shape) < 2 or any(each.shape != shape[1:2] for each in constants):
            message = f"its constants do not fit a value of shape {shape}"
            raise node.fault(message, "shape-mismatch")
        gamma, beta, mean, variance = (
            np.asarray(each, np.float64).reshape(-1, *[1] * (len(shape) - 2)) for each in constants
        )
        with np.errstate(all="ignore"):
            epsilon = node.attributes["epsilon"]
            scaling = batch_normalisation(gamma, beta, mean, variance, epsilon)
            return self._scaled(node, flow, *scaling)

    def _rearranged(self, node: Node, flow: Flow, operands: list[Any]) -> Flow:
        if any(isinstance(each, Flow) for each in operands[1:]):
            raise node.fault("expected a constant shape")
        training = is_training(node) or (len(operands) > 2 and np.any(operands[2]))
        if node.op == "Dropout" and training:
            raise node.fault("it is in training mode")
        if node.op == "Cast":
            return self._cast(node, flow)
        how = self.for_one_row(node, operands[1:])
        return replace(flow, positions=rearranged(node, flow.positions, how))

    def for_one_row(self, node: Node, how: list[Any]) -> list[Any]:
        """The operands after the first; the shape of a Reshape is for one row instead of `rows`."""
        if node.op == "Reshape" and self.rows and how[0].ravel()[:1].tolist() == [self.rows]:
            return [np.concatenate([[1], how[0].ravel()[1:]])]
        return how

    def _cast(self, node: Node, flow: Flow) -> Flow:
        """A value of another type: exact, or rounded to float32, as the whole network is then."""
        from onnx import TensorProto

        to = node.attributes["to"]
        if numpy_type(to) not in FLOATS:
            raise node.fault("it does not give floats")
        small = (TensorProto.UINT8, TensorProto.BOOL)
        if to in _halves() and flow.kind not in (to, *small):
            raise node.fault("it rounds to half precision; expected a model in float32")
        if flow.kind == TensorProto.DOUBLE and to == TensorProto.FLOAT and flow.before is not None:
            self._narrowed = True
        return replace(flow, kind=to)
