"""What every sheet has in common: the blanks of a layer, and their symbols."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import Symbol, decimals, spelled

QUESTIONS = ("shape", "class", "share")  # blanks that are asked for in words


MOST_COLUMNS, MOST_ROWS = 12, 30  # of an array that is written out on a sheet
MOST_LETTERS = 100  # of a row of it
WIDE = 55  # letters of a row that is written smaller


def has_room(array: Array) -> bool:
    """Whether an array is written out; of a larger one, a sheet gives the shape."""
    rows, columns = np.atleast_2d(array).shape
    return rows <= MOST_ROWS and columns <= MOST_COLUMNS and letters_of(array) <= MOST_LETTERS


def letters_of(array: Array) -> int:
    """About how wide an array is, with a space around each number."""
    columns = np.atleast_2d(array).T
    return sum(2 + max(map(len, map(spelled, column))) for column in decimals(columns))


def blanks_of(exercise: Exercise, layer: int | None) -> list[Blank]:
    """The blanks of a layer, or, for None, those about the output as a whole."""
    return [blank for blank in exercise.blanks if blank.layer == layer]


def symbol_of(blank: Blank) -> Symbol | None:
    """a₁⁽¹⁾ for the first number of A1; None if the blank is asked for in words."""
    if blank.array.startswith(QUESTIONS):
        return None
    return Symbol(blank.array[0].lower(), (blank.neuron,), blank.layer)


def tolerance_of(blank: Blank) -> str:
    """How far an answer in two significant digits may be off, for tools that count no digits."""
    if blank.array.startswith(("shape", "class")):
        return "0"
    value = Decimal(blank.text)
    return format(Decimal(5).scaleb((value.adjusted() if value else 0) - 2), "f")
