"""The activation that a network file chooses: its name, and its parameters if it has any."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from netrunner.activations.plugins import built_in_activations
from netrunner.activations.registry import Registered
from netrunner.format.kinds import NULLS, AnyNumber, Text, TrueOrFalse, WholeNumber
from netrunner.format.nodes import Mapping, Node, Scalar, is_blank
from netrunner.format.reading import Kind, Reader
from netrunner.problems.problem import Fault
from netrunner.problems.suggestions import nearest
from netrunner.problems.words import quote


class ActivationChoice:
    """The activation that a file chooses: its registry entry, its parameters and their nodes."""

    __slots__ = ("nodes", "parameters", "registered")

    def __init__(
        self, registered: Registered, parameters: dict[str, Any], nodes: dict[str, Node]
    ) -> None:
        self.registered, self.parameters, self.nodes = registered, parameters, nodes


class ActivationName(Kind):
    words = "the name of an activation, or a mapping with its name and parameters"

    def read(self, node: Node, reader: Reader) -> ActivationChoice | None:
        name, entries = node, {}
        if isinstance(node, Mapping):
            if (named := node.get("name")) is None:
                self._report_no_name(node, reader)
                return None
            name = named
            entries = {key: entry for key, entry in node.entries.items() if key != "name"}
        if not isinstance(name, Scalar) or (name.plain and name.text in NULLS) or is_blank(name):
            self.refuse(name, reader)
            return None
        registered = reader.registry.get(name.text)
        if registered is None:
            reader.report_fault(self._unknown(name.text, reader), name)
            return None
        return self._with_parameters(registered, entries, reader)

    def _report_no_name(self, node: Mapping, reader: Reader) -> None:
        for key, (key_node, _) in node.entries.items():
            if key.startswith("name:"):
                message = f"{quote(key)}: a space is missing after ':'"
                reader.report("unknown-key", key_node, message)
                return
            if nearest(key.lower(), ["name"]):
                message = f"unknown key {quote(key)}; the activation's name is missing"
                reader.report("unknown-key", key_node, message, "did you mean 'name'?", "name")
                return
        reader.report("missing-key", node, "'name' is missing: the name of the activation")

    def _unknown(self, name: str, reader: Reader) -> Fault:
        from netrunner.activations.other_names import as_call

        fault = reader.registry.unknown(name)
        called, arguments = as_call(name) or ("", [])
        known = reader.registry.get(called) or reader.registry.get(fault.instead or "")
        # The name alone would lose the numbers in leaky_relu(alpha=0.1) or leaky_relu alpha=0.1.
        if known and known.defaults and re.search(r"=|[\s(,:].*[0-9]", name):
            mapping = _mapping(known, arguments)
            can_be_read = mapping is not None and self.value_of(mapping, reader) is not None
            fault.help_with(instead=mapping if can_be_read else None)
        # Only looked for, not read: a plugin is code, so the user must name it.
        if fault.hint is None and re.fullmatch("[A-Za-z_]{1,40}", name):
            file = Path("plugins", f"{name.lower()}.py")
            fault.help_with(
                f"add --plugins {file.parent}: {file} is there" if file.is_file() else None
            )
        return fault

    def _with_parameters(
        self, registered: Registered, entries: dict[str, tuple[Scalar, Node]], reader: Reader
    ) -> ActivationChoice | None:
        parameters: dict[str, Any] = {}
        given = set(entries)
        for key, (key_node, value_node) in entries.items():
            try:
                default = registered.default_of(key, given)
            except Fault as fault:
                reader.report_fault(fault, key_node)
                given.add(fault.instead or key)
                continue
            with reader.within(f"{registered.activation.name}: {key}"):
                value = _kind_of_parameter(default).read(value_node, reader)
            if value is not None:
                parameters[key] = value
        if len(parameters) < len(entries):
            return None
        nodes = {key: value_node for key, (_, value_node) in entries.items()}
        return ActivationChoice(registered, parameters, nodes)

    def schema(self) -> dict[str, Any]:
        names = [
            {"enum": [each.activation.name for each in built_in_activations()]},
            {"type": "string"},
        ]
        parameters = {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"anyOf": names}},
            "additionalProperties": {"type": ["number", "string", "boolean"]},
        }
        return {"anyOf": [*names, parameters]}


def _mapping(known: Registered, arguments: list[tuple[str, str]]) -> str | None:
    """What leaky_relu(alpha=0.1), or leaky_relu(0.1), can mean: {name: leaky_relu, alpha: 0.1}."""
    if not arguments:
        return None
    defaults = known.defaults
    entries = {"name": known.activation.name}
    for key, value in arguments:
        if not key and len(defaults) == len(arguments) == 1:
            key = next(iter(defaults))
        if key not in defaults or key in entries:
            return None
        entries[key] = value
    return "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"


def _kind_of_parameter(default: Any) -> Kind:
    """The kind of value that an activation's parameter takes, judged by its default."""
    if isinstance(default, bool):
        return TrueOrFalse()
    if isinstance(default, int):
        return WholeNumber()
    return Text() if isinstance(default, str) else AnyNumber()
