"""What every sheet has in common: the blanks of a layer, and their symbols."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np

from netrunner.activations.activation import Array
from netrunner.format.answers import agrees, default_tolerance
from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import Symbol, spelled, written

QUESTIONS = ("shape", "class", "share")  # blanks that are asked for in words


MOST_COLUMNS, MOST_ROWS = 12, 30  # of an array that is written out on a sheet
MOST_LETTERS = 100  # of a row of it
LETTERS_OF_LINE = 72
MOST_DIGITS = 7  # of a rounding: one to more digits is within the tolerance
WIDE = 55  # letters of a row that is written smaller


def has_room(array: Array) -> bool:
    """Whether an array is written out; of a larger one, a sheet gives the shape."""
    rows, columns = np.atleast_2d(array).shape
    return rows <= MOST_ROWS and columns <= MOST_COLUMNS and letters_of(array) <= MOST_LETTERS


def long_input(exercise: Exercise) -> str:
    """The lines of an input that has no room as an array, and "" if it has; of a picture, its rows.

    A sheet needs the input in full: it is in no file that a student has.
    """
    X = np.asarray(exercise.trace.input)
    if has_room(X):
        return ""
    (numbers,) = written(X)
    width = max(map(len, numbers)) + 1
    columns, side = LETTERS_OF_LINE // width, math.isqrt(len(numbers))
    if side**2 == len(numbers) and side <= columns:
        columns = side
    cells = "".join(number.rjust(width) for number in numbers)
    lines = range(0, len(cells), width * columns)
    return "".join(cells[at : at + width * columns] + "\n" for at in lines)


def letters_of(array: Array) -> int:
    """About how wide an array is, with a space around each number."""
    return sum(2 + max(map(len, column)) for column in zip(*written(array), strict=True))


def blanks_of(exercise: Exercise, layer: int | None) -> list[Blank]:
    """The blanks of a layer, or, for None, those about the output as a whole."""
    return [blank for blank in exercise.blanks if blank.layer == layer]


def symbol_of(blank: Blank) -> Symbol | None:
    """a₁⁽¹⁾ for the first number of A1; None if the blank is asked for in words."""
    if blank.array.startswith(QUESTIONS):
        return None
    return Symbol(blank.array[0].lower(), (blank.neuron,), blank.layer)


def accepted(blank: Blank) -> list[tuple[str, str]]:
    """What `grade` accepts, for tools that count no digits: numbers, and how far each may be off.

    These are the value within the tolerance, and its roundings to two digits and more.
    """
    if blank.is_whole:
        name = blank.named(blank.value) if blank.names_are_numbers else None
        return [(name or blank.text, "0")]
    value, off = Decimal(repr(blank.value)), default_tolerance(blank.value)
    found = {spelled(value): f"{Decimal(repr(off)):f}"}
    for last in range(value.adjusted(), value.adjusted() - MOST_DIGITS, -1):
        for rounding in (ROUND_FLOOR, ROUND_CEILING):  # both are right for 0.345
            rounded = value.quantize(Decimal(1).scaleb(last), rounding)
            if abs(rounded - value) > off and agrees(str(rounded), blank.value):
                found[spelled(rounded)] = "0"
    return list(found.items())
