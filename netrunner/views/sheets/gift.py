"""A sheet in GIFT: a description, and a numerical question for each blank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO

import numpy as np

from netrunner.lesson.exercise import Exercise
from netrunner.lesson.notation import decimals, spelled, symbol_text
from netrunner.problems.words import printable
from netrunner.views.sheets.content import symbol_of, tolerance_of
from netrunner.views.sheets.words import Words, titled


def write_all(exercises: Sequence[Exercise], words: Words, stream: TextIO) -> None:
    """All variants in one category."""
    name = _escaped(exercises[0].network.name).replace("/", "//")
    stream.write(f"$CATEGORY: $course$/top/{name}\n")
    for each in exercises:
        _write(each, words, stream)


def _write(exercise: Exercise, words: Words, stream: TextIO) -> None:
    title = _escaped(titled(words, exercise.network.name, exercise.seed))
    lines = [f"{words.task} {words.digits}", f"X = {_rows(exercise.trace.input)}"]
    for step in exercise.trace.layers:
        formula = step.layer.activation.formula
        lines.append(words.heading(step) + (f", h(a) = {formula}" if formula else ""))
        lines += [f"W = {_rows(step.layer.weights)}", f"B = {_rows(step.layer.biases)}"]
    text = "\\n".join(map(_escaped, lines))  # in GIFT, \n is a line end
    stream.write(f"\n::{title}::[plain]{text}\n")
    for blank in exercise.blanks:
        symbol = symbol_of(blank)
        asked = f"{symbol_text(symbol)} = ?" if symbol else words.question(blank)
        answer = f"{{#{blank.text}:{tolerance_of(blank)}}}"
        place = _escaped(f"{blank.array}.{blank.neuron}")
        stream.write(f"\n::{title} {place}::[plain]{text}\\n{_escaped(asked)} {answer}\n")


def _rows(array: object) -> str:
    rows = decimals(np.atleast_2d(np.asarray(array)))
    texts = [f"[{' '.join(map(spelled, row))}]" for row in rows]
    return texts[0] if len(texts) == 1 else f"[{' '.join(texts)}]"


def _escaped(text: str) -> str:
    """Text in which nothing is GIFT's."""
    return re.sub(r"([~=#{}:\\])", r"\\\1", printable(text))
