"""The registry of activations, as a readable list and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TextIO

from netrunner.activations.activation import Origin
from netrunner.activations.registry import Registered, Registry
from netrunner.problems.words import display_width, printable
from netrunner.views.render.json import dump, number


def write_text(registry: Registry, stream: TextIO, bold: Callable[[str], str] = str) -> None:
    """For each activation: name and formula, then parameters and origin on the next lines."""
    names = [printable(name) for name in registry]
    width = max(map(display_width, names))
    for name, registered in zip(names, registry.values(), strict=True):
        gap = " " * (width - display_width(name) + 2)
        formula = registered.activation.formula or "(no formula given)"
        stream.write(f"{bold(name)}{gap}{printable(formula)}\n")
        for line in (_parameters(registered), _where(registered.origin)):
            if line:
                stream.write(" " * (width + 2) + printable(line) + "\n")


def _parameters(registered: Registered) -> str:
    return ", ".join(f"{key}: {_value(value)}" for key, value in registered.defaults.items())


def _where(origin: Origin) -> str:
    if origin.kind == "built-in":
        return "built in"
    installed = f", installed as {origin.plugin}" if origin.kind == "installed" else ""
    return f"{origin}{installed}"


def write_json(registry: Registry, stream: TextIO) -> None:
    """A list of objects; `source` is built-in, installed or file."""
    listing = [
        {
            "name": name,
            "parameters": {key: _value(value) for key, value in registered.defaults.items()},
            "formula": registered.activation.formula,
            "elementwise": registered.activation.elementwise,
            "source": registered.origin.kind,
            "plugin": registered.origin.plugin,
            "file": registered.origin.file,
            "line": registered.origin.line,
        }
        for name, registered in registry.items()
    ]
    dump(listing, stream, indent=1)


def _value(default: Any) -> Any:
    """A parameter's default as JSON: numbers, text and booleans as they are, the rest as text."""
    if isinstance(default, float):  # numpy's float64 is one, too
        return number(float(default))
    return default if default is None or isinstance(default, (bool, int, str)) else str(default)
