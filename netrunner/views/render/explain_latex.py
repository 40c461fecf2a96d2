"""An explanation as a fragment of LaTeX, for a document that loads amsmath.

It compiles with pdflatex whatever the names are: only comments contain non-ASCII letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from netrunner.lesson.explain import Explanation
from netrunner.lesson.notation import (
    Expression,
    Line,
    Name,
    Symbol,
    Token,
    Words,
    index_text,
    symbol_text,
)
from netrunner.network.layer import layer_title
from netrunner.problems.words import printable
from netrunner.views.render.explain_text import expression_text

WIDTH = 56  # characters of text notation that fit on a line of an article
LINES = 8  # lines of an explanation in one display

SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",  # \textquotedbl needs another font encoding
    "`": r"\textasciigrave{}",
    **{char: "\\" + char for char in "{}$&#%_"},
}
_MATH = {"·": r"\cdot ", "*": r"\cdot ", ">=": r"\ge ", "<=": r"\le ", "≥": r"\ge ", "≤": r"\le "}
_WORDS = {"if": r"\text{ if }", "else": r"\text{ else }", "inf": r"\infty ", "pi": r"\pi "}


def write(explanation: Explanation, stream: TextIO) -> None:
    """Write the whole explanation: a paragraph for each layer, an aligned display for each line."""
    stream.write(f"% {printable(explanation.network)}\n")
    for symbol, name in explanation.names:
        stream.write(f"% {symbol_text(symbol)}: {printable(name)}\n")
    stream.write("\\begingroup\\allowdisplaybreaks\n")
    for row in explanation.rows:
        for layer in row.layers:
            title = f"row {row.number}, {layer.title}" if row.number else layer.title
            stream.write(f"\n% {printable(title)}\n")
            if not title.isascii():
                title = layer_title(layer.index, None)
                title = f"row {row.number}, {title}" if row.number else title
            stream.write(f"\\paragraph{{{escaped(title)}}}\n")
            for lines in _displays(layer.lines):
                stream.write(lines_latex(lines))
                for note in lines[-1].notes:
                    stream.write(f"\\noindent {note_latex(note)}\n\n")
    stream.write("\\endgroup\n")


def _displays(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines in groups small enough for TeX, each with its notes at the end."""
    group: list[Line] = []
    for line in lines:
        group.append(line)
        if line.notes or len(group) == LINES:
            yield group
            group = []
    if group:
        yield group


def lines_latex(lines: Iterable[Line]) -> str:
    """An align* with each step on its own line; a long step takes several."""
    rows = []
    for line in lines:
        left = symbol_latex(line.left) + " "
        for step in line.steps:
            first, *others = _broken(step)
            rows.append(f"{left}&= {first}")
            rows += [f"&\\quad {{}}{other}" for other in others]
            left = ""
    body = " \\\\\n  ".join(rows)
    return f"\\begin{{align*}}\n  {body}\n\\end{{align*}}\n"


def _broken(expression: Expression) -> Iterator[str]:
    """An expression in pieces of at most WIDTH characters, as far as it can be broken."""
    row, width = "", 0
    for piece in _pieces(expression):
        length = len(expression_text(piece))
        if row and width + length > WIDTH:
            yield row
            row, width = "", 0
        row += "".join(map(token_latex, piece))
        width += length
    yield row


def _pieces(expression: Expression) -> Iterator[Expression]:
    """The expression, cut before each plus and each else, and after each comma."""
    piece: list[Token] = []
    for token in expression:
        parts = re.split(r"(?= \+ | else )|(?<=, )", token) if isinstance(token, str) else [token]
        for part in parts:
            before = isinstance(part, str) and part.startswith((" + ", " else "))
            if piece and (before or piece[-1] == ", "):
                yield tuple(piece)
                piece = []
            piece.append(part)
    yield tuple(piece)


def note_latex(note: Expression) -> str:
    return "".join(
        escaped(token.text) if isinstance(token, Words) else f"${token_latex(token)}$"
        for token in note
    )


def token_latex(token: Token) -> str:
    """A token in math mode."""
    if isinstance(token, Symbol):
        return symbol_latex(token)
    if isinstance(token, Name):
        return _name(token.text) if token.text.isascii() else "h"
    if isinstance(token, Words):
        parts = token.text.split("⋯")
        return r"\cdots ".join(f"\\text{{{escaped(part)}}}" if part else "" for part in parts)
    return re.sub(
        r"(?P<number>[0-9.]+)e(?P<exponent>[+-]?[0-9]+)"
        r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|>=|<=|[^\x20-\x7e]|[^0-9A-Za-z]",
        _math,
        token,
    )


def _math(match: re.Match[str]) -> str:
    if match["number"]:
        power = rf"{match['number']} \times 10^{{{int(match['exponent'])}}}"
        return f"({power})" if match.string[: match.start()].endswith("/") else power
    text = match.group()
    if match["word"]:
        return _WORDS.get(text) or (_name(text) if len(text) > 1 else text)
    if text in _MATH:
        return _MATH[text]
    if not text.isascii():
        return r"\text{?}"
    return text if text in " ()+-/=,.<>!|:;'[]" else rf"\text{{{escaped(text)}}}"


def _name(text: str) -> str:
    return rf"\operatorname{{{escaped(text)}}}"


def symbol_latex(symbol: Symbol) -> str:
    """w_{12}^{(1)}"""
    indices = f"_{{{index_text(symbol.indices)}}}" if symbol.indices else ""
    layer = "" if symbol.layer is None else f"^{{({symbol.layer})}}"
    return symbol.letter + indices + layer


def escaped(text: str) -> str:
    """Text escaped so that nothing in it is a command."""
    return "".join(SPECIAL.get(char, char if char.isascii() else "?") for char in printable(text))
