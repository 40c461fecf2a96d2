"""A sheet as Markdown."""

from __future__ import annotations

from typing import TextIO

from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import symbol_text
from netrunner.views.render.array_text import array_text
from netrunner.views.render.explain_markdown import escaped
from netrunner.views.sheets.content import sections, symbol_of
from netrunner.views.sheets.words import Words

LINE = "\\_\\_\\_\\_\\_\\_\\_\\_"


def write(exercise: Exercise, words: Words, stream: TextIO) -> None:
    """The network, the input, the blanks, and the file of answers to fill in."""
    stream.write(f"# {words.title.format(name=escaped(exercise.title))}\n\n")
    stream.write(f"{words.student} {LINE}{LINE}\n\n")
    stream.write(f"{words.task}\n")
    for section in sections(exercise, words):
        parts = [f"## {escaped(section.heading)}", escaped(section.names)]
        parts += map(escaped, section.remarks)
        if section.formula:
            parts.append(f"h(a) = `{section.formula.replace('`', '')}`")
        lines = [f"{symbol} = {array_text(array, 17, 4)}\n" for symbol, array in section.arrays]
        lines += [f"X =\n{section.long}"] if section.long else []
        if lines:
            parts.append(f"```text\n{''.join(lines)}```")
        parts.append("\n".join(f"- {_asked(blank, words)} {LINE}" for blank in section.blanks))
        stream.writelines(f"\n{part}\n" for part in parts if part)
    stream.write(f"\n{words.template}\n\n```yaml\n{exercise.template()}```\n")


def _asked(blank: Blank, words: Words) -> str:
    symbol = symbol_of(blank)
    return f"{symbol_text(symbol)} =" if symbol else words.question(blank)
