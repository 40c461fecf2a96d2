"""What every sheet has in common: its sections, with what is given and what is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np

from netrunner.activations.activation import Array
from netrunner.format.answers import agrees, default_tolerance
from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import Symbol, spelled, written
from netrunner.network.trace import LayerTrace
from netrunner.views.sheets.words import Words

QUESTIONS = ("shape", "class", "share")  # blanks that are asked for in words
MOST_COLUMNS, MOST_ROWS = 12, 30  # of an array that is written out on a sheet
MOST_LETTERS = 100  # of a row of it
LETTERS_OF_LINE = 72
MOST_DIGITS = 7  # of a rounding: one to more digits is within the tolerance
WIDE = 55  # letters of a row that is written smaller


@dataclass(frozen=True)
class Section:
    """The input, a layer, or the output: what is given about it, and what is asked.

    `names` are those of its numbers, `formula` is that of h; `remarks` are about arrays without
    room, and `long` are the lines of an input that has none.
    """

    heading: str
    names: str = ""
    formula: str = ""
    remarks: tuple[str, ...] = ()
    arrays: tuple[tuple[str, Array], ...] = ()
    long: str = ""
    blanks: tuple[Blank, ...] = ()


def sections(exercise: Exercise, words: Words) -> list[Section]:
    """A sheet from top to bottom."""
    network, trace = exercise.network, exercise.trace
    long = _long_input(trace.input)
    X = () if long else (("X", trace.input),)
    found = [Section(words.input, ", ".join(network.input_names or ()), arrays=X, long=long)]
    for step in trace.layers:
        blanks = _blanks_of(exercise, step.index)
        arrays = [("W", step.layer.weights), ("B", step.layer.biases), *_sums(step, blanks)]
        found.append(
            Section(
                words.heading(step),
                formula=step.layer.activation.formula,
                remarks=tuple(
                    words.too_large(symbol, array, exercise.file)
                    for symbol, array in arrays
                    if not has_room(array)
                ),
                arrays=tuple(each for each in arrays if has_room(each[1])),
                blanks=blanks,
            )
        )
    if whole := _blanks_of(exercise, None):
        found.append(Section(words.output, ", ".join(network.output_names or ()), blanks=whole))
    return found


def _sums(step: LayerTrace, blanks: tuple[Blank, ...]) -> list[tuple[str, Array]]:
    """A is given where only Z is asked: then the activation is worked out, and not the sums."""
    if {blank.array[0] for blank in blanks} & {"A", "Z"} != {"Z"}:
        return []
    return [("A", np.array([float(f"{a:.8g}") for a in step.A]))]


def has_room(array: Array) -> bool:
    """Whether an array is written out; of a larger one, a sheet gives the shape."""
    rows, columns = np.atleast_2d(array).shape
    return rows <= MOST_ROWS and columns <= MOST_COLUMNS and letters_of(array) <= MOST_LETTERS


def _long_input(X: Array) -> str:
    """The lines of an input that has no room as an array, and "" if it has; of a picture, its rows.

    A sheet needs the input in full: it is in no file that a student has.
    """
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


def _blanks_of(exercise: Exercise, layer: int | None) -> tuple[Blank, ...]:
    """The blanks of a layer, or, for None, those about the output as a whole."""
    return tuple(blank for blank in exercise.blanks if blank.layer == layer)


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
