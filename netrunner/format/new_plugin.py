"""A template for a new plugin, with its test."""

from __future__ import annotations

import keyword
import sys
from importlib.util import find_spec
from pathlib import Path

from netrunner.activations.plugins import built_in_activations
from netrunner.format.examples import write_new
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.problems.words import quote

PLUGIN = '''"""NAME: a where a > 0, elsewhere slope · a.

Say here what your function is, and where it comes from.
"""

import numpy as np

import netrunner
from netrunner import Activation


def NAME(a, slope=0.1):
    """a, its negative part times slope; a has shape (neurons,) or (rows, neurons)."""
    return np.maximum(a, 0) + slope * np.minimum(a, 0)


@netrunner.hookimpl
def netrunner_activations():
    """Activations this plugin adds."""
    return [
        Activation(
            "NAME",
            NAME,
            # These say what the function above does: change them with it, or leave them out.
            formula="a if a > 0 else slope·a",
            worked="{a} if {a} > 0 else {slope}·{a}",
            monotonic="increasing",
        )
    ]
'''
TEST = '''"""Tests of NAME.py. Run them with: pytest test_NAME.py"""

from pathlib import Path

import numpy as np

from netrunner.testing import activations_in

pytest_plugins = ["netrunner.testing"]
netrunner_plugin = "NAME.py"


def test_promise(activation_promise):
    """One test for each thing that a network relies on."""
    activation_promise()


def test_values():
    """Numbers that were worked out by hand."""
    # They belong to the function as it was written for you: change them with it.
    (activation,) = activations_in(Path(__file__).with_name("NAME.py"))
    z = activation.function(np.array([-2.0, 0.0, 3.0]))
    np.testing.assert_allclose(z, [-0.2, 0.0, 3.0])
'''
_USED_INSIDE = ("np", "Activation", "netrunner_activations")


def write_plugin(path: str) -> list[str]:
    """Write a plugin to `path`, and its test beside it; returns the paths written.

    The activation is named after the file. Nothing that exists is overwritten. Raises
    NetrunnerError.
    """
    plugin = Path(path)
    if wrong := _what_is_wrong_with_name(plugin):
        raise NetrunnerError(Problem("plugin-name", Place(path), wrong))
    name = plugin.stem
    contents = {
        plugin: PLUGIN.replace("NAME", name).encode(),
        plugin.with_name(f"test_{name}.py"): TEST.replace("NAME", name).encode(),
    }
    return write_new(contents)


def _what_is_wrong_with_name(plugin: Path) -> str | None:
    name, shown = plugin.stem, quote(plugin.stem)
    if plugin.suffix != ".py":
        return "a plugin's file must end in .py"
    if not name.isidentifier() or keyword.iskeyword(name):
        return f"{shown} cannot name a function in Python: use letters, digits and _"
    if name.startswith(("_", "test_")):
        return f"{shown} would be left out of a folder of plugins: it begins with _ or test_"
    if name in {each.activation.name for each in built_in_activations()}:
        return f"{shown} is the name of a built-in activation"
    if name in _USED_INSIDE:
        return f"{shown} means something else in a plugin"
    if name in sys.stdlib_module_names or _is_installed(name, plugin.parent):
        return f"there is a Python module {shown} already, which this file would hide"
    return None


def _is_installed(name: str, folder: Path) -> bool:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return False
    return Path(spec.origin).resolve().parent != folder.resolve()
