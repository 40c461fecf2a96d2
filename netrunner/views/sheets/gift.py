"""A sheet in GIFT: a description, and a numerical question for each blank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO

from netrunner.activations.activation import Array
from netrunner.lesson.exercise import Exercise
from netrunner.lesson.notation import symbol_text, written
from netrunner.problems.words import printable
from netrunner.views.sheets.content import accepted, has_room, input_lines, sections, symbol_of
from netrunner.views.sheets.words import Words


def write_all(exercises: Sequence[Exercise], words: Words, stream: TextIO) -> None:
    """All variants in one category."""
    name = _escaped(exercises[0].network.name).replace("/", "//")
    stream.write(f"$CATEGORY: $course$/top/{name}\n")
    for each in exercises:
        _write(each, words, stream)


def _write(exercise: Exercise, words: Words, stream: TextIO) -> None:
    title = _escaped(words.title.format(name=exercise.title))
    lines = [words.task]
    for section in sections(exercise, words):
        lines.append(section.heading + (f", h(a) = {section.formula}" if section.formula else ""))
        lines += [", ".join(section.names)] if section.names else []
        for letter, array in section.arrays.items():
            lines += _array(letter, array, words).splitlines()
    text = "\\n".join(map(_escaped, lines))  # in GIFT, \n is a line end
    stream.write(f"\n::{title}::[plain]{text}\n")
    for blank in exercise.blanks:
        symbol = symbol_of(blank)
        asked = f"{symbol_text(symbol)} = ?" if symbol else words.question(blank, by_number=True)
        answer = f"{{#{' '.join(f'={number}:{off}' for number, off in accepted(blank))}}}"
        place = _escaped(f"{blank.array}.{blank.neuron}")
        stream.write(f"\n::{title} {place}::[plain]{text}\\n{_escaped(asked)} {answer}\n")


def _array(symbol: str, array: Array, words: Words) -> str:
    if not has_room(array):
        if symbol == "X":
            return "X =\n" + input_lines(array)
        return words.too_large(symbol, array)
    texts = [f"[{' '.join(row)}]" for row in written(array)]
    return f"{symbol} = " + (texts[0] if len(texts) == 1 else f"[{' '.join(texts)}]")


def _escaped(text: str) -> str:
    """Text in which nothing has a meaning in GIFT."""
    return re.sub(r"([~=#{}:\\])", r"\\\1", printable(text))
