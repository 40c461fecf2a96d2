"""Numbers and symbols as the page shows them; numbers.js writes the same."""

from __future__ import annotations

from netrunner.activations.activation import Array
from netrunner.lesson.notation import Symbol
from netrunner.views.html import Markup, element
from netrunner.views.render.explain_html import symbol_html


def exact(values: Array) -> list[str]:
    """Values of shape (neurons,) in Python's digits, which read back as the same number."""
    return [repr(value) for value in values.astype(float).tolist()]


def symbol(letter: str, *indices: int, layer: int | None = None) -> Markup:
    """<i>w</i><sub>12</sub><sup>(1)</sup>"""
    return symbol_html(Symbol(letter, indices, layer))


def value(key: str, text: str) -> Markup:
    """A number that follows the run; `key` says which it is, such as "z-1-2"."""
    return element("span", {"data-v": key}, text)
