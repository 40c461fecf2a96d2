"""What may be written where the cursor is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from netrunner.activations.registry import Registered, Registry
from netrunner.files.opening import ARRAY_SUFFIXES
from netrunner.format.kinds import Choice
from netrunner.format.network_file import LAYER
from netrunner.format.parameter_files import KEYED_SUFFIXES
from netrunner.problems.problem import Fault
from netrunner.views.editor.structure import Context, field_at, record_at

MAX_FILES = 200


@dataclass(frozen=True)
class Item:
    """A text to complete with; `kind` is key, activation, parameter, value, file or array."""

    label: str
    kind: str
    detail: str = ""
    about: str = ""
    insert: str = ""


def completions(
    context: Context, folder: Path, registry: Registry, with_keys: bool
) -> Iterator[Item]:
    """What fits at a place; `with_keys` is False if another server completes the keys."""
    record = record_at(context.path)
    if context.key is None:
        if context.path == ("layers", "activation"):
            yield from _parameters(context, registry)
        elif record is not None and with_keys:
            for field in record.fields:
                if field.name not in context.siblings:
                    detail = "required" if field.required else ""
                    yield Item(field.name, "key", detail, field.meaning, f"{field.name}: ")
    elif (record is LAYER and context.key == "activation") or (
        context.path == ("layers", "activation") and context.key == "name"
    ):
        for name, registered in registry.items():
            yield Item(name, "activation", registered.activation.formula, about(registered))
    elif (of := field_at((*context.path, context.key))) and isinstance(of.kind, Choice):
        yield from (Item(choice, "value") for choice in of.kind.choices)
    elif context.path in (("layers", "weights"), ("layers", "biases")):
        if context.key == "file":
            yield from (Item(name, "file") for name in _files(folder))
        elif context.key == "key":
            yield from _arrays(folder, context.siblings.get("file", ""))
        elif context.key == "transpose":
            yield from (Item(value, "value") for value in ("true", "false"))


def _parameters(context: Context, registry: Registry) -> Iterator[Item]:
    if "name" not in context.siblings:
        yield Item("name", "key", "required", "The activation's name.", "name: ")
    registered = registry.get(context.siblings.get("name", ""))
    if registered is not None:
        for name, default in registered.defaults.items():
            if name not in context.siblings:
                yield Item(name, "parameter", f"default {default}", "", f"{name}: ")


def _files(folder: Path) -> list[str]:
    """The weight files beside the document, and in the folders beside it."""
    found = (
        path.relative_to(folder).as_posix()
        for pattern in ("*", "*/*")
        for path in sorted(folder.glob(pattern))
        if path.suffix.lower() in ARRAY_SUFFIXES and path.is_file()
    )
    return list(islice(found, MAX_FILES))


def _arrays(folder: Path, name: str) -> Iterator[Item]:
    """The arrays in the file that the same mapping names, with their shapes."""
    from netrunner.files.arrays import stored_arrays
    from netrunner.files.opening import path_inside

    name = name.strip("\"'")
    if not name.lower().endswith(KEYED_SUFFIXES):
        return
    try:
        with stored_arrays(path_inside(folder, name, "network")) as arrays:
            for key, array in arrays.items():
                yield Item(key, "array", str(array.shape))
    except (Fault, OSError):
        return


def about(registered: Registered) -> str:
    """An activation for a reader: its formula, its range and its parameters, as Markdown."""
    activation = registered.activation
    lines = [f"**{activation.name}**" + (f"(a) = {activation.formula}" * bool(activation.formula))]
    if activation.range is not None:
        low, high = activation.range
        ends = ("-∞" if low is None else f"{low:g}", "∞" if high is None else f"{high:g}")
        lines.append(f"range {ends[0]} to {ends[1]}")
    for name, default in registered.defaults.items():
        lines.append(f"`{name}`: {default} unless the network says otherwise")
    if not activation.elementwise:
        lines.append("over the neurons of the layer together")
    return "  \n".join(lines)
