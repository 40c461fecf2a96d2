"""What every sheet has in common: the blanks of a layer, and their symbols."""

from __future__ import annotations

from decimal import Decimal

from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import Symbol

QUESTIONS = ("shape", "class", "share")  # blanks that are asked for in words


def blanks_of(exercise: Exercise, layer: int | None) -> list[Blank]:
    """The blanks of a layer, or, for None, those about the output as a whole."""
    return [blank for blank in exercise.blanks if blank.layer == layer]


def symbol_of(blank: Blank) -> Symbol | None:
    """a₁⁽¹⁾ for the first number of A1; None where the blank is asked for in words."""
    if blank.array.startswith(QUESTIONS):
        return None
    return Symbol(blank.array[0].lower(), (blank.neuron,), blank.layer)


def tolerance_of(blank: Blank) -> str:
    """How far an answer in two significant digits may be off, for tools that count no digits."""
    if blank.array.startswith(("shape", "class")):
        return "0"
    value = Decimal(blank.text)
    return format(Decimal(5).scaleb((value.adjusted() if value else 0) - 2), "f")
