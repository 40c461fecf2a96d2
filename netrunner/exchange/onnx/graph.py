"""The graph of an ONNX model: one input, one output, and the nodes between them, in order."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from netrunner.exchange.onnx.model_file import MAX_DIMS, Tensors
from netrunner.problems.codes import Code
from netrunner.problems.problem import Fault
from netrunner.problems.words import listed, quote

OLDEST_OPSET = 6
MAX_WIDTH = 2**20  # numbers in a row; rows in a batch of a fixed size

_AS_BEFORE = "import the model as it was before ONNX Runtime optimised or quantised it"
_STANDARD = ("", "ai.onnx")
_ML = "ai.onnx.ml"


@dataclass(frozen=True, eq=False)
class Node:
    """A node of the graph. Its index counts from 1; its attributes include the defaults."""

    index: int
    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The node as messages call it: node 3 'conv1' (Conv)."""
        name = f" {quote(self.name, 60)}" if self.name else ""
        return f"node {self.index}{name} ({quote(self.op)[1:-1]})"

    def fault(self, message: str, code: Code = "not-dense") -> Fault:
        """What is wrong with this node."""
        return Fault(code, f"{self.title}: {message}")


class Graph:
    """The part of a model's graph that leads from its input to its output.

    `nodes` are sorted: each comes after those whose values it takes. Raises Fault if the graph has
    several inputs or outputs, a cycle, or a value that nothing gives.
    """

    def __init__(self, model: Any, folder: Path, output_name: str | None = None) -> None:
        graph = model.graph
        self.opset = _opset(model)
        self._opsets = {"": self.opset, **_of_sklearn(model)}
        self._properties = {each.key: each.value for each in model.metadata_props}
        self.tensors = Tensors(folder)
        self._initializers = {tensor.name: tensor for tensor in graph.initializer}
        if len(self._initializers) < len(graph.initializer):
            raise Fault("damaged-file", "the graph has two initializers with the same name")
        self._read: dict[str, NDArray[Any]] = {}
        self._protos = list(graph.node)
        self._producers = self._find_producers()
        inputs = [each for each in graph.input if each.name not in self._initializers]
        self.input = _only(inputs, "input")
        self.output = _chosen(graph.output, output_name)
        self.nodes = self._nodes_to_output()
        self._by_output = {name: node for node in self.nodes for name in node.outputs}

    def producer(self, name: str) -> Node | None:
        """The node that gives a value, if one does."""
        return self._by_output.get(name)

    def is_initializer(self, name: str) -> bool:
        return name in self._initializers

    def initializer(self, name: str) -> NDArray[Any] | None:
        """The values of an initializer, if `name` is one. Raises Fault."""
        if name not in self._initializers:
            return None
        if name not in self._read:
            self._read[name] = self.tensors.read(self._initializers[name])
        return self._read[name]

    def row_shapes(self) -> list[tuple[int, ...]]:
        """The shapes that a single row of the input may have, the likeliest last. Raises Fault.

        A first dimension that is not fixed, or 1, is the number of rows. Any other may be that too,
        or part of the row: only the operators show which.
        """
        name = f"the input {quote(self.input.name, 60)}"
        tensor = self.input.type.tensor_type
        if not self.input.type.HasField("tensor_type") or not tensor.HasField("shape"):
            raise Fault("not-dense", f"{name} is not a tensor of known shape")
        dims = tensor.shape.dim
        sizes = [max(each.dim_value, 0) for each in dims]  # 0 if it is not fixed
        if len(sizes) > MAX_DIMS or 0 in sizes[1:] or sizes == [0]:
            shown = ", ".join(str(each.dim_value or each.dim_param or "?") for each in dims)
            message = f"{name} has shape ({shown:.100}): how many numbers does a row have?"
            raise Fault("not-dense", message)
        row = tuple(sizes if len(sizes) < 2 else [1, *sizes[1:]])
        whole = tuple(sizes)
        if max(math.prod(row), *sizes[:1], 0) > MAX_WIDTH:
            count = max(math.prod(row), math.prod(whole))
            raise Fault("too-large", f"{name} has {count:,} numbers")
        return [row] if 0 in whole or whole == row or math.prod(whole) > MAX_WIDTH else [whole, row]

    @property
    def rows(self) -> int:
        """The first size of the input, which may be a fixed number of rows; 0 if it is free."""
        return max(int(self.input.type.tensor_type.shape.dim[0].dim_value), 0)

    def names(self, key: str, count: int) -> tuple[str, ...] | None:
        """The names of inputs, outputs or layers, as netrunner's own export keeps them."""
        try:
            names = json.loads(self._properties.get(key, "null"))
        except (ValueError, RecursionError):
            return None
        known = isinstance(names, list) and len(names) == count
        return tuple(names) if known and all(isinstance(each, str) for each in names) else None

    def _find_producers(self) -> dict[str, int]:
        producers: dict[str, int] = {}
        for index, proto in enumerate(self._protos):
            for name in filter(None, proto.output):
                if name in producers or name in self._initializers:
                    message = (
                        f"it gives {quote(name, 60)}, which another node or tensor gives as well"
                    )
                    raise Fault("damaged-file", f"{_title(proto, index)}: {message}")
                producers[name] = index
        return producers

    def _nodes_to_output(self) -> list[Node]:
        """The nodes that the output depends on, each after the nodes that it depends on."""
        if self.output not in self._producers:
            message = f"no node gives the output {quote(self.output, 60)}"
            raise Fault("not-dense", message)
        ordered: list[Node] = []
        state: dict[int, str] = {}
        stack = [self._producers[self.output]]
        while stack:
            index = stack[-1]
            proto = self._protos[index]
            if state.get(index) is not None:
                stack.pop()
                if state[index] == "entered":
                    state[index] = "done"
                    ordered.append(self._node(index))
                continue
            state[index] = "entered"
            for name in reversed([each for each in proto.input if each]):
                if name in self._producers:
                    before = self._producers[name]
                    if state.get(before) == "entered":
                        message = f"it takes {quote(name, 60)}, which depends on it: a cycle"
                        raise Fault("not-dense", f"{_title(proto, index)}: {message}")
                    stack.append(before)
                elif name != self.input.name and name not in self._initializers:
                    message = f"nothing gives {quote(name, 60)}: is an initializer missing?"
                    raise Fault("not-dense", f"{_title(proto, index)}: {message}")
        return ordered

    def _node(self, index: int) -> Node:
        """A node, checked to be an operator of the model's opset, correctly used."""
        from onnx import checker, defs, helper

        proto = self._protos[index]
        title = _title(proto, index)
        domain = "" if proto.domain in _STANDARD else proto.domain
        if domain not in self._opsets:
            message = f"operators of {quote(proto.domain)} are not standard ONNX"
            by_runtime = domain.partition(".")[0] == "com"  # com.microsoft, com.microsoft.nchwc
            raise Fault("not-dense", f"{title}: {message}", _AS_BEFORE if by_runtime else None)
        try:
            schema = defs.get_schema(proto.op_type, self._opsets[domain], domain)
        except defs.SchemaError:
            message = f"there is no such operator in opset {self._opsets[domain]} of ONNX"
            raise Fault("not-dense", f"{title}: {message}") from None
        if any(each.HasField("g") or each.graphs for each in proto.attribute):
            raise Fault("not-dense", f"{title}: a chain of dense layers has no subgraphs")
        if proto.op_type != "Constant":  # a tensor of any size, read by our own rules
            context = checker.C.CheckerContext()
            context.ir_version, context.opset_imports = 10, self._opsets
            try:
                checker.check_node(proto, context)
            except checker.ValidationError as error:
                words = " ".join(str(error).split())
                raise Fault("damaged-file", f"{title}: {words:.200}") from None
        attributes = {
            name: _plain(helper.get_attribute_value(attribute.default_value))
            for name, attribute in schema.attributes.items()
            if attribute.default_value.name
        }
        for attribute in proto.attribute:
            attributes[attribute.name] = _plain(helper.get_attribute_value(attribute))
        return Node(
            index + 1,
            proto.name,
            proto.op_type,
            tuple(proto.input),
            tuple(proto.output),
            attributes,
        )


def _title(proto: Any, index: int) -> str:
    return Node(index + 1, proto.name, proto.op_type, (), (), {}).title


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _opset(model: Any) -> int:
    """The version of ONNX's operators that the model uses. Raises Fault."""
    from onnx import defs

    newest = defs.onnx_opset_version()
    versions = list({each.version for each in model.opset_import if each.domain in _STANDARD})
    if not versions and _of_sklearn(model):  # it has none of the usual operators
        return newest
    if len(versions) != 1:
        raise Fault("damaged-file", "the model does not say which opset of ONNX it uses")
    if not OLDEST_OPSET <= versions[0] <= newest:
        message = f"opset {versions[0]}; netrunner reads {OLDEST_OPSET} to {newest}"
        if versions[0] > newest:
            message += ", with the installed onnx package"
        raise Fault("unknown-opset", f"the model uses {message}")
    return int(versions[0])


def _of_sklearn(model: Any) -> dict[str, int]:
    """The version of the operators of scikit-learn's models, if the model uses some.

    A version that is too new for the onnx package is read as the newest that it knows.
    """
    from onnx import defs

    newest = max(each.since_version for each in defs.get_all_schemas() if each.domain == _ML)
    versions = [each.version for each in model.opset_import if each.domain == _ML]
    return {_ML: max(1, min(newest, *versions))} if versions else {}


def _only(values: list[Any], what: str) -> Any:
    if len(values) == 1:
        return values[0]
    names = listed(quote(each.name) for each in values)
    found = f"{len(values):,} {what}s ({names})" if values else f"no {what}"
    raise Fault("not-dense", f"the graph has {found}; a chain of dense layers has one")


def _chosen(outputs: Any, name: str | None) -> str:
    """The name of the chosen output. Raises Fault."""
    if name is None:
        outputs = _without_traces(outputs)
    names = [each.name for each in outputs]
    shown = listed(map(quote, names))
    if name is not None and name not in names:
        raise Fault("not-dense", f"the graph has no output {quote(name)}, but {shown or 'none'}")
    if name is None and len(names) > 1:
        hint = "choose one: --output-name NAME (output_name= in Python)"
        raise Fault("not-dense", f"the graph has {len(names):,} outputs: {shown}", hint)
    return str(name or _only(outputs, "output").name)


def _without_traces(outputs: Any) -> list[Any]:
    """The outputs without the A1, Z1, A2, … that netrunner's own export writes besides Y."""
    if any(each.name == "Y" for each in outputs):
        return [each for each in outputs if not re.fullmatch("[AZ][1-9][0-9]*", each.name)]
    return list(outputs)
