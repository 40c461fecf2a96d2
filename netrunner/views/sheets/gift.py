"""A sheet in GIFT: a description, and a numerical question for each blank."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO

from netrunner.activations.activation import Array
from netrunner.lesson.exercise import Exercise
from netrunner.lesson.notation import symbol_text, written
from netrunner.problems.words import printable
from netrunner.views.sheets.content import accepted, sections, symbol_of
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
        given = [section.names, section.formula and f"h(a) = {section.formula}", *section.remarks]
        given += [f"{symbol} = {_bracketed(array)}" for symbol, array in section.arrays]
        given += ["X =", *section.long.splitlines()] if section.long else []
        if any(given):
            lines += [section.heading, *filter(None, given)]
    text = "\\n".join(map(_escaped, lines))  # in GIFT, \n is a line end
    stream.write(f"\n::{title}::[plain]{text}\n")
    for blank in exercise.blanks:
        symbol = symbol_of(blank)
        asked = f"{symbol_text(symbol)} = ?" if symbol else words.question(blank, by_number=True)
        answer = f"{{#{' '.join(f'={number}:{off}' for number, off in accepted(blank))}}}"
        place = _escaped(f"{blank.array}.{blank.neuron}")
        stream.write(f"\n::{title} {place}::[plain]{text}\\n{_escaped(asked)} {answer}\n")


def _bracketed(array: Array) -> str:
    rows = [f"[{' '.join(row)}]" for row in written(array)]
    return rows[0] if len(rows) == 1 else f"[{' '.join(rows)}]"


def _escaped(text: str) -> str:
    """Text in which nothing has a meaning in GIFT."""
    return re.sub(r"([~=#{}:\\])", r"\\\1", printable(text))
