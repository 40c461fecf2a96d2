"""The registry of activations, as a list for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TextIO

from netrunner.plugins import Registered, Registry
from netrunner.source import display_width, visible


def write_text(
    registry: Registry, stream: TextIO, bold: Callable[[str], str] = lambda text: text
) -> None:
    """One activation after the other: its name and parameters, its formula, its origin."""
    titles = [visible(_title(registered)) for registered in registry.values()]
    width = max(map(display_width, titles))
    for title, registered in zip(titles, registry.values(), strict=True):
        gap = " " * (width - display_width(title) + 2)
        formula = visible(registered.activation.formula) or "(no formula given)"
        stream.write(f"{bold(title)}{gap}{formula}\n")
        origin = registered.origin
        where = "built in" if origin.kind == "built-in" else f"{origin.kind}: {origin}"
        stream.write(" " * (width + 2) + visible(where) + "\n")


def _title(registered: Registered) -> str:
    parameters = ", ".join(f"{key}={value}" for key, value in registered.defaults.items())
    return registered.activation.name + (f"({parameters})" if parameters else "")


def write_json(registry: Registry, stream: TextIO) -> None:
    """A list of objects; `source` is built-in, installed or file."""
    listing = [
        {
            "name": name,
            "parameters": dict(registered.defaults),
            "formula": registered.activation.formula,
            "elementwise": registered.activation.elementwise,
            "source": registered.origin.kind,
            "plugin": registered.origin.plugin,
            "file": registered.origin.file,
            "line": registered.origin.line,
        }
        for name, registered in registry.items()
    ]
    json.dump(listing, stream, ensure_ascii=False, indent=1, default=str)
    stream.write("\n")
