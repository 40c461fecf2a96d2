"""The book's notation in plain Unicode: a₁⁽¹⁾, w₁₂⁽¹⁾, and numbers that fit into a circle."""

from __future__ import annotations

import math
from unicodedata import combining, east_asian_width

from netrunner.lesson.notation import Symbol, symbol_text
from netrunner.problems.words import printable

DIGITS = 5  # of a number in a picture

_CONTROL_PICTURES = dict.fromkeys(range(0x2400, 0x2420), "\ufffd")
# How wide a character is in DejaVu Sans, in ems, rounded up; the others take 0.7 or less.
_WIDTHS = (
    dict.fromkeys(" .,:;'|!()[]ijl/\\", 0.4)
    | dict.fromkeys("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹", 0.41)
    | dict.fromkeys("⁽⁾", 0.25)
    | dict.fromkeys("0123456789", 0.64)
    | {" ": 0.32, ".": 0.32, ",": 0.32, "-": 0.37, "·": 0.32, "w": 0.82, "↓": 0.84}
    | dict.fromkeys("=+<>≤≥→←", 0.84)
    | dict.fromkeys("mMW@%QOGDNHUK⋮&…✕", 1.0)
)


def indexed(letter: str, *indices: int, layer: int | None = None) -> str:
    """A letter with its indices: `indexed("w", 1, 2, layer=1)` is w₁₂⁽¹⁾.

    A comma separates indices if one of them has two digits: w₁₂,₃⁽¹⁾.
    """
    return symbol_text(Symbol(letter, indices, layer))


def number(value: float, digits: int = DIGITS) -> str:
    """A value with `digits` significant digits; without zeros at the end if that is exact."""
    value = float(value)
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if -4 <= int(exponent) < 7:
        text = f"{value:.{max(0, digits - 1 - int(exponent))}f}"
        return _shortened(text) if math.isclose(float(text), value, rel_tol=1e-12) else text
    if math.isclose(float(f"{mantissa}e{exponent}"), value, rel_tol=1e-12):
        mantissa = _shortened(mantissa)
    return f"{mantissa}e{exponent}"


def _shortened(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def fitting(value: float, room: float) -> str:
    """A value with as many digits as fit into `room` ems, and at least two."""
    texts = (number(value, digits) for digits in range(DIGITS, 2, -1))
    return next((text for text in texts if ems(text) <= room), number(value, 2))


def ems(text: str) -> float:
    """About how wide `text` is in ems, never much too small; opens no font."""
    return sum(_char_ems(char) for char in text)


def _char_ems(char: str) -> float:
    if char in _WIDTHS:
        return _WIDTHS[char]
    if char.isascii():
        return 0.7 if char.isupper() else 0.66
    if combining(char):
        return 0.0
    return 1.0 if east_asian_width(char) in "WFA" else 0.7


def legible(text: str) -> str:
    """`text` with � for each character that cannot be seen; hardly any font has ␊ and the like."""
    return printable(text).translate(_CONTROL_PICTURES)


def cut(text: str, room: float) -> str:
    """`text`, made legible, cut with … if it is wider than `room` ems."""
    text = legible(text)
    if ems(text) <= room:
        return text
    width = 1.0
    for end, char in enumerate(text):
        width += _char_ems(char)
        if width > room:
            return text[:end].rstrip() + "…"
    return text
