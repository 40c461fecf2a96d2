"""What is shown of the last network that could be read: hovers, hints, lenses and symbols."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from netrunner.activations.activation import Array
from netrunner.activations.registry import Registry
from netrunner.format.nodes import Mapping, Node, Scalar, Sequence, end_of
from netrunner.network.layer import shapes_text
from netrunner.views.editor.analysis import Parsed, Readable
from netrunner.views.editor.completion import about
from netrunner.views.editor.structure import Spot, field_at, spot_at

NUMBERS_SHOWN = 6
DIGITS = 4


@dataclass(frozen=True)
class Part:
    """A part of the text, by offsets, and what is shown there."""

    start: int
    end: int
    text: str


def short(array: Array, digits: int = DIGITS) -> str:
    """A row of numbers in brackets, the middle of a long one left out."""
    numbers = [np.format_float_positional(x, digits, trim="0") for x in array.tolist()]
    if len(numbers) > NUMBERS_SHOWN:
        numbers = [*numbers[: NUMBERS_SHOWN - 2], "…", numbers[-1]]
    return f"[{' '.join(numbers)}]"


def hover(parsed: Parsed, offset: int, registry: Registry, with_keys: bool) -> Part | None:
    """The explanation of the key or value at an offset, as Markdown.

    Without `with_keys`, what a key is for is said only where there is nothing else to say.
    """
    text = parsed.source.text
    spot = spot_at(parsed.root, text, offset)
    if spot is None:
        return None
    says = [_of_key(spot) if spot.is_key and with_keys else None]
    if spot.path[:1] == ("layers",) and len(spot.path) >= 3 and isinstance(spot.path[1], int):
        says.append(_of_activation(parsed.root, spot, registry) or _of_layer(parsed, spot))
    if not any(says) and spot.is_key:
        says.append(_of_key(spot))
    words = "\n\n".join(filter(None, says))
    return Part(spot.node.offset, end_of(spot.node, text), words) if words else None


def _of_key(spot: Spot) -> str | None:
    declared = field_at(spot.path)
    if declared is None:
        return None
    default = "required" if declared.required else f"default: {declared.default or 'none'}"
    return f"**{declared.name}** ({default})\n\n{declared.meaning}"


def _of_activation(root: Node, spot: Spot, registry: Registry) -> str | None:
    """About the activation whose name, parameter or value this is."""
    if spot.path[2] != "activation" or (spot.is_key and len(spot.path) == 3):
        return None
    node: Node | None = root
    for step in spot.path[:3]:
        if isinstance(node, Sequence) and isinstance(step, int):
            node = node.node(step)
        elif isinstance(node, Mapping):
            node = node.get(str(step))
    if isinstance(node, Mapping):
        node = node.get("name")
    registered = registry.get(node.text) if isinstance(node, Scalar) else None
    return about(registered) if registered else None


def _of_layer(readable: Parsed, spot: Spot) -> str | None:
    if not isinstance(readable, Readable):
        return None
    number, key, *inner = spot.path[1:]
    assert isinstance(number, int)
    layer = readable.network.layers[number]
    run = readable.trace.layers[number] if readable.trace else None
    if key == "activation":
        return None
    if key == "weights" and len(inner) == 2 and isinstance(inner[0], int):
        i, j = inner[0], inner[1]
        assert isinstance(j, int)
        w, k = layer.weights[i, j], layer.index
        what = f"w to neuron {j + 1} of layer {k}, from {_source(readable, number, i)}"
        if run is None:
            return what
        x = run.X[i]
        return f"{what}\n\n{w:.10g} · {x:.10g} = {w * x:.10g} in the first example"
    if run is not None and (key in ("biases", "name", "size") or (spot.is_key and not inner)):
        lines = [f"{layer.heading}: {run.shapes}"]
        if key == "biases" and inner and isinstance(inner[0], int):
            j = inner[0]
            name = f"neuron {j + 1} of {layer.title}"
            lines = [f"bias of {name}: A = {run.A[j]:.10g}, Z = {run.Z[j]:.10g}"]
        else:
            lines += [f"A = {short(run.A, 8)}", f"Z = {short(run.Z, 8)}"]
        return "\n\n".join([*lines, "in the first example"])
    return None


def _source(readable: Readable, number: int, i: int) -> str:
    """What the weights of row i, from 0, of a layer multiply."""
    if number:
        return f"neuron {i + 1} of layer {number}"
    names = readable.network.input_names
    return f"input {i + 1}" + (f" '{names[i]}'" if names else "")


def hints(readable: Readable) -> Iterator[Part]:
    """The shapes of each layer at its weights; A and Z of the first example at its activation."""
    text = readable.source.text
    for number, nodes in enumerate(_layers(readable.root)):
        layer = readable.network.layers[number]
        run = readable.trace.layers[number] if readable.trace else None
        if "weights" in nodes.entries:
            key, _ = nodes.entries["weights"]
            inputs, size = layer.weights.shape
            shapes = run.shapes if run else shapes_text((inputs,), (size,))
            end = end_of(key, text) + 1  # after the colon
            yield Part(end, end, shapes)
        if run is not None and "activation" in nodes.entries:
            end = end_of(nodes.entries["activation"][1], text)
            yield Part(end, end, f"A = {short(run.A)}  Z = {short(run.Z)}")


def examples(readable: Readable) -> list[Part]:
    """Each example with the output that the network gives for it."""
    node = readable.root.get("examples") if isinstance(readable.root, Mapping) else None
    found = []
    if isinstance(node, Sequence) and readable.trace is not None:
        for number, (part, example) in enumerate(
            zip(node.nodes(), readable.network.examples, strict=False), 1
        ):
            Y, _ = readable.network.silent_output(np.atleast_2d(example.input))
            more = f" and {len(Y) - 1} more" if len(Y) > 1 else ""
            found.append(
                Part(part.offset, part.offset, f"run example {number}: Y = {short(Y[0])}{more}")
            )
    return found


def _layers(root: Node) -> list[Mapping]:
    node = root.get("layers") if isinstance(root, Mapping) else None
    parts = node.nodes() if isinstance(node, Sequence) else []
    return [part for part in parts if isinstance(part, Mapping)]


@dataclass(frozen=True)
class Symbol:
    """A part of the network in an outline: what it is called, its shape, and where it is."""

    name: str
    detail: str
    part: Part
    key: Part
    children: list[Symbol] = field(default_factory=list)


def symbols(readable: Readable) -> list[Symbol]:
    """The inputs, the layers, the outputs and the examples."""
    root, text, network = readable.root, readable.source.text, readable.network
    if not isinstance(root, Mapping):
        return []
    found = []
    entries = list(root.entries.items())
    for i, (name, (key, value)) in enumerate(entries):
        after = entries[i + 1][1][0].offset if i + 1 < len(entries) else len(text)
        part = Part(key.offset, _end(value, text, after), "")
        at = Part(key.offset, end_of(key, text), "")
        if name == "inputs":
            found.append(Symbol("inputs", str(network.input_size), part, at))
        elif name == "outputs":
            found.append(Symbol("outputs", ", ".join(network.output_names or ()), part, at))
        elif name == "layers":
            layers = zip(_layers(root), network.layers, strict=False)
            details = [(layer.heading, str(layer.weights.shape)) for _, layer in layers]
            found.append(Symbol("layers", "", part, at, _items(value, part.end, text, details)))
        elif name == "examples":
            details = [(f"example {k + 1}", "") for k in range(len(network.examples))]
            found.append(Symbol("examples", "", part, at, _items(value, part.end, text, details)))
    return found


def _items(node: Node, end: int, text: str, details: list[tuple[str, str]]) -> list[Symbol]:
    nodes = list(node.nodes()) if isinstance(node, Sequence) else []
    symbols = []
    for i, (item, (name, detail)) in enumerate(zip(nodes, details, strict=False)):
        after = nodes[i + 1].offset if i + 1 < len(nodes) else end
        part = Part(item.offset, _end(item, text, after), "")
        symbols.append(Symbol(name, detail, part, _name_of(item, text)))
    return symbols


def _name_of(item: Node, text: str) -> Part:
    """The name of a layer, or the first key of a layer or an example that has none."""
    assert isinstance(item, Mapping)
    named = item.get("name")
    if named is None or named.offset < item.offset:  # an alias
        named = next(iter(item.entries.values()))[0]
    return Part(named.offset, end_of(named, text), "")


def _end(node: Node, text: str, after: int) -> int:
    """The offset after a value, without the comments that follow it; `after` is what comes next."""
    last = node
    while not last.end and not isinstance(last, Scalar):
        if isinstance(last, Sequence):
            inner = last.node(len(last) - 1)
        else:
            inner = [value for _, value in last.entries.values()][-1]
        if inner.offset < last.offset:  # an alias
            return len(text[:after].rstrip().rstrip("-").rstrip())
        last = inner
    return end_of(last, text)
