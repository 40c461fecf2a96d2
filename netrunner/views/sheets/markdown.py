"""A sheet as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from netrunner.activations.activation import Array
from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import symbol_text
from netrunner.views.render.array_text import array_text
from netrunner.views.render.explain_markdown import escaped
from netrunner.views.sheets.content import has_room, input_lines, sections, symbol_of
from netrunner.views.sheets.words import Words

LINE = "\\_\\_\\_\\_\\_\\_\\_\\_"


def write(exercise: Exercise, words: Words, stream: TextIO) -> None:
    """The network, the input, the blanks, and the file of answers to fill in."""
    stream.write(f"# {words.title.format(name=escaped(exercise.title))}\n\n")
    stream.write(f"{words.student} {LINE}{LINE}\n\n")
    stream.write(f"{words.task}\n")
    for section in sections(exercise, words):
        stream.write(f"\n## {escaped(section.heading)}\n")
        if section.names:
            stream.write("\n" + ", ".join(map(escaped, section.names)) + "\n")
        if section.formula:
            stream.write(f"\nh(a) = `{section.formula.replace('`', '')}`\n")
        _write_arrays(stream, section.arrays, words)
        _write_blanks(stream, section.blanks, words)
    stream.write(f"\n{words.template}\n\n```yaml\n{exercise.template()}```\n")


def _write_arrays(stream: TextIO, arrays: Mapping[str, Array], words: Words) -> None:
    lines = ""
    for name, array in arrays.items():
        if has_room(array):
            lines += f"{name} = {array_text(array, 17, 4)}\n"
        elif name == "X":
            lines += f"X =\n{input_lines(array)}"
        else:
            stream.write(f"\n{words.too_large(name, array)}\n")
    if lines:
        stream.write(f"\n```text\n{lines}```\n")


def _write_blanks(stream: TextIO, blanks: Sequence[Blank], words: Words) -> None:
    if blanks:
        stream.write("\n")
    for blank in blanks:
        symbol = symbol_of(blank)
        asked = f"{symbol_text(symbol)} =" if symbol else words.question(blank)
        stream.write(f"- {asked} {LINE}\n")
