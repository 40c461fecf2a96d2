"""The available plugins, as a readable list and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO

from netrunner.activations.installed import CHOICE
from netrunner.activations.plugins import Listed
from netrunner.problems.words import printable
from netrunner.views.render.json import dump
from netrunner.views.render.lines import width, wrapped


def write_text(plugins: Sequence[Listed], stream: TextIO, bold: Callable[[str], str] = str) -> None:
    """For each plugin: its name and state, then what it adds and where it is."""
    available = [plugin.name for plugin in plugins if plugin.state == "available"]
    for plugin in plugins:
        if plugin.state == "available":
            continue
        stream.write(f"{bold(printable(plugin.name))}  {_state(plugin)}\n")
        file = "" if plugin.source == "built-in" else plugin.file
        for line in wrapped("    " + printable(", ".join(plugin.adds)), "    ", width()):
            stream.write(f"{line}\n" if line.strip() else "")
        for text in (file, *map(str, plugin.problems)):
            for line in text.splitlines():
                stream.write(f"    {printable(line)}\n")
    if available:
        text = f"more that come with netrunner, loaded by --plugins NAME: {', '.join(available)}"
        stream.writelines(f"{line}\n" for line in wrapped(text, "    ", width()))


def _state(plugin: Listed) -> str:
    if plugin.state == "off":
        return f"installed, off: {CHOICE} leaves it out"
    if plugin.state == "duplicate":
        return "installed, a duplicate that stops every run"
    source = {"built-in": "built in", "installed": "installed", "file": "file"}[plugin.source]
    return f"{source}, broken" if plugin.state == "broken" else source


def write_json(plugins: Sequence[Listed], stream: TextIO) -> None:
    """A list of objects, in the order of the text."""
    listing = [
        {
            "name": plugin.name,
            "source": plugin.source,
            "state": plugin.state,
            "file": plugin.file,
            "activations": list(plugin.adds),
            "problems": [problem.as_dict() for problem in plugin.problems],
        }
        for plugin in plugins
    ]
    dump(listing, stream, indent=1)
