"""An explanation as readable text: one line for each sum, w₁₂⁽¹⁾ with the book's indices."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TextIO

from netrunner.lesson.explain import Explanation
from netrunner.lesson.notation import Expression, Line, Symbol, symbol_text
from netrunner.problems.words import display_width, printable
from netrunner.views.render.lines import writer

NOTE_INDENT = " " * 8
BREAK_INDENT = " " * 4

Bold = Callable[[str], str]


def write(
    explanation: Explanation, stream: TextIO, bold: Bold = str, width: int | None = None
) -> None:
    """Write the whole explanation, with a heading before each row of a batch and each layer.

    Lines longer than `width` columns are broken before an operator.
    """
    say = writer(stream)
    say(bold(printable(explanation.network)) + "\n")
    for symbol, name in explanation.names:
        say(f"{symbol_text(symbol)}: {printable(name)}\n")
    for row in explanation.rows:
        if row.number is not None:
            say("\n" + bold(f"row {row.number}") + "\n")
        for layer in row.layers:
            say("\n" + bold(printable(layer.title)) + "\n")
            for line in layer.lines:
                say(_broken(line_text(line), width) + "\n")
                for note in line.notes:
                    say(_broken(NOTE_INDENT + expression_text(note), width, NOTE_INDENT) + "\n")


def _broken(text: str, width: int | None, indent: str = BREAK_INDENT) -> str:
    """The line in pieces of at most `width` columns, as far as it has operators to break at."""
    if width is None or display_width(text) <= width:
        return text
    lines = [""]
    for step in re.split(r"(?= = )", text):
        # If a step fits on one line, it stays in one piece.
        for part in (
            [step]
            if len(indent) + display_width(step.lstrip()) <= width
            else re.split(r"(?= \+ )|(?<=, )", step)
        ):
            if lines[-1] and display_width(lines[-1] + part) > width:
                lines.append(indent + part.lstrip())
            else:
                lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def line_text(line: Line) -> str:
    """a₁⁽¹⁾ = … = 0.3, without its notes."""
    return " = ".join([symbol_text(line.left), *map(expression_text, line.steps)])


def expression_text(expression: Expression) -> str:
    return "".join(
        printable(token)
        if isinstance(token, str)
        else symbol_text(token)
        if isinstance(token, Symbol)
        else printable(token.text)
        for token in expression
    )
