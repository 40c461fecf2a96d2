"""The activation that a network file chooses: its name, and its parameters if it has any."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from netrunner.activations.plugins import built_in_activations
from netrunner.activations.registry import Registered
from netrunner.format.document import Mapping, Node, Scalar, is_blank
from netrunner.format.kinds import NULLS, AnyNumber, Text, TrueOrFalse, WholeNumber
from netrunner.format.reading import Kind, Reader
from netrunner.problems.problem import Fault
from netrunner.problems.words import did_you_mean, nearest, quote


@dataclass(frozen=True)
class ActivationChoice:
    """The activation that a file chooses: its registry entry, its parameters and their nodes."""

    registered: Registered
    parameters: MappingType[str, Any]
    nodes: MappingType[str, Node]


class ActivationName(Kind):
    words = "the name of an activation, or a mapping with its name and parameters"
    elsewhere = MappingProxyType(
        {
            "linear": "identity", "none": "identity", "logistic": "sigmoid", "heaviside": "step",
            "恒等": "identity", "线性": "identity", "線形": "identity",
            "阶跃": "step", "阶梯": "step", "ステップ": "step", "階段": "step",
            "シグモイド": "sigmoid", "ソフトマックス": "softmax", "修正线性": "relu",
        }
    )  # fmt: skip

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
        fault = reader.registry.unknown(name)
        plain = _plain(name[:100])  # a longer text is not a misspelt name
        if here := self.elsewhere.get(plain, plain if plain in reader.registry else None):
            fault.help_with(did_you_mean(here), here)
        # Only looked for, not read: a plugin is code, so the user must name it.
        elif fault.hint is None and re.fullmatch("[A-Za-z_]{1,40}", name):
            file = Path("plugins", f"{name.lower()}.py")
            fault.help_with(
                f"add --plugins {file.parent}: {file} is there" if file.is_file() else None
            )
        return fault

    def _with_parameters(
        self, registered: Registered, entries: dict[str, tuple[Scalar, Node]], reader: Reader
    ) -> ActivationChoice | None:
        parameters: dict[str, Any] = {}
        for key, (key_node, value_node) in entries.items():
            try:
                default = registered.default_of(key)
            except Fault as fault:
                reader.report_fault(fault, key_node)
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


def _plain(name: str) -> str:
    """An activation's name without what scripts, books and input methods add to it."""
    from unicodedata import normalize  # needed only for an error

    narrow = normalize("NFKC", name).lower().strip()
    return re.sub(r"^(?:np|nn|torch|tf|keras)\.|[ _]?function$|函数$|関数$", "", narrow).strip()


def _kind_of_parameter(default: Any) -> Kind:
    """The kind of value that an activation's parameter takes, judged by its default."""
    if isinstance(default, bool):
        return TrueOrFalse()
    if isinstance(default, int):
        return WholeNumber()
    return Text() if isinstance(default, str) else AnyNumber()
