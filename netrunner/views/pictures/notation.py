"""The book's notation in plain Unicode: a₁⁽¹⁾, w₁₂⁽¹⁾, and numbers that fit into a circle."""

from __future__ import annotations

import math
from unicodedata import combining, east_asian_width

from netrunner.lesson.notation import Symbol, symbol_text
from netrunner.problems.words import printable

_CONTROL_PICTURES = dict.fromkeys(range(0x2400, 0x2420), "\ufffd")
# How wide a character is in DejaVu Sans, in ems, rounded up; the others take 0.7 or less.
_NARROW = dict.fromkeys(" .,:;'|!()[]ijl/\\…₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", 0.42) | {"⁽": 0.25, "⁾": 0.25}
_BROAD = dict.fromkeys("mwMW@%QOGDNHUK→←⋮≤≥=+<>&…✕", 1.0)


def indexed(letter: str, *indices: int, layer: int | None = None) -> str:
    """A letter with its indices: `indexed("w", 1, 2, layer=1)` is w₁₂⁽¹⁾.

    A comma stands between indices where one of them has two digits: w₁₂,₃⁽¹⁾.
    """
    return symbol_text(Symbol(letter, indices, layer))


def number(value: float, digits: int = 8) -> str:
    """A value with at most `digits` digits after the point, as short as it can be written."""
    value = float(value)
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    loses_little = abs(value) >= 10.0 ** -(digits // 2) or value == round(value, digits)
    if loses_little and abs(value) < 1e7:
        return f"{value:.{digits}f}".rstrip("0").rstrip(".")
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{exponent}"


def ems(text: str) -> float:
    """About how wide `text` is in ems, never too little by much: no font has to be opened."""
    return sum(_char_ems(char) for char in text)


def _char_ems(char: str) -> float:
    if char in _NARROW:
        return _NARROW[char]
    if char in _BROAD:
        return _BROAD[char]
    if char.isascii():
        return 0.7 if char.isupper() else 0.66
    if combining(char):
        return 0.0
    return 1.0 if east_asian_width(char) in "WFA" else 0.7


def legible(text: str) -> str:
    """`text` with � for each character that is not to be seen; hardly a font has ␊ and its like."""
    return printable(text).translate(_CONTROL_PICTURES)


def cut(text: str, room: float) -> str:
    """`text`, made legible, cut with … where it is wider than `room` ems."""
    text = legible(text)
    if ems(text) <= room:
        return text
    width = 1.0
    for end, char in enumerate(text):
        width += _char_ems(char)
        if width > room:
            return text[:end].rstrip() + "…"
    return text
