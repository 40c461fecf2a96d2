"""A sheet as a LaTeX document: amsmath for pdflatex, if all letters are Latin ones.

Other letters need ctex, with xelatex or lualatex; a Japanese sheet needs luatexja, with lualatex.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import TextIO

from netrunner.activations.activation import Array
from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import written
from netrunner.problems.words import printable
from netrunner.views.render.explain_latex import SPECIAL, symbol_latex
from netrunner.views.sheets.content import MOST_COLUMNS, WIDE, letters_of, sections, symbol_of
from netrunner.views.sheets.words import Words

_CLASSES = {"en": "article", "zh": "ctexart", "ja": "ltjsarticle"}
_COMPILED = {
    "en": "xelatex or lualatex, and ctex with its Fandol fonts",
    "zh": "xelatex or lualatex, and ctex with its Fandol fonts",
    "ja": "lualatex, and luatexja with its Haranoaji fonts",
}
_LINE = r"\rule{0pt}{10mm}\underline{\hspace{3cm}}"
_SIGNS = {
    "Σ": r"$\Sigma$",
    "·": r"$\cdot$",
    "→": r"$\to$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "π": r"$\pi$",
}

LAST_LATIN = 0x17F  # pdflatex knows these letters by itself


def write(exercise: Exercise, words: Words, stream: TextIO) -> None:
    """The whole document."""
    body = StringIO()
    _write_body(exercise, words, body)
    language = words.language
    is_plain = language == "en" and all(ord(char) <= LAST_LATIN for char in body.getvalue())
    if not is_plain:
        stream.write(f"% Compile with {_COMPILED[language]}.\n")
    stream.write(f"\\documentclass[a4paper]{{{_CLASSES[language]}}}\n")
    if language == "en" and not is_plain:
        stream.write("\\usepackage[scheme=plain]{ctex}\n")
    stream.write(
        "\\usepackage{amsmath,graphicx}\n"
        f"\\setcounter{{MaxMatrixCols}}{{{MOST_COLUMNS}}}\n"
        "\\setlength{\\parindent}{0pt}\n\\raggedright\n"
        f"\\begin{{document}}\n{body.getvalue()}\\end{{document}}\n"
    )


def _write_body(exercise: Exercise, words: Words, stream: TextIO) -> None:
    stream.write(
        f"\\section*{{{words.title.format(name=_text(exercise.title))}}}\n"
        f"{words.student} \\underline{{\\hspace{{8cm}}}}\n\n\\medskip\n"
        f"{_math(words.task)}\n\n"
    )
    for section in sections(exercise, words):
        stream.write(f"\\subsection*{{{_text(section.heading)}}}\n")
        if section.formula:
            formula = _text(section.formula, _SIGNS)
            formula = re.sub(r"\b(\w)\\_(\w)\b", r"$\1_\2$", formula)
            stream.write(f"$h(a)$ = {formula}\n\n")
        for text in (section.names, *section.remarks):
            stream.write(f"{_text(text)}\n\n")
        for symbol, array in section.arrays:
            _write_array(stream, symbol, array)
        if section.long:
            stream.write(f"$X$ =\n{_verbatim(section.long)}")
        _write_blanks(stream, section.blanks, words)
    stream.write(f"\n\\bigskip\n{words.template}\n{_verbatim(exercise.template())}")


def _write_blanks(stream: TextIO, blanks: Sequence[Blank], words: Words) -> None:
    for blank in blanks:
        symbol = symbol_of(blank)
        if symbol:
            asked = f"\\mbox{{${symbol_latex(symbol)} =$ {_LINE}}}"
        else:  # a sentence, which may be longer than a line
            asked = f"\n{_text(words.question(blank), _SIGNS)}~{_LINE}"
        stream.write(f"{asked}\\quad\n")
    if blanks:
        stream.write("\n")


def _write_array(stream: TextIO, symbol: str, array: Array) -> None:
    """A matrix, made smaller if it is too wide for the page."""
    body = r" \\ ".join(" & ".join(row) for row in written(array))
    matrix = f"{symbol} = \\begin{{pmatrix}} {body} \\end{{pmatrix}}"
    if letters_of(array) > WIDE:
        stream.write(f"\n\\medskip\\resizebox{{\\linewidth}}{{!}}{{${matrix}$}}\\medskip\n\n")
    else:
        stream.write(f"\\[ {matrix} \\]\n")


def _verbatim(lines: str) -> str:
    """Lines as they are; in small letters, a line has room for 72."""
    lines = lines.replace("\\end{verbatim}", "\\end {verbatim}")  # of a name
    return f"\\begingroup\\small\\begin{{verbatim}}\n{lines}\\end{{verbatim}}\n\\endgroup\n"


def _text(text: str, signs: Mapping[str, str] | None = None) -> str:
    """Text in which nothing is a command."""
    known = {**SPECIAL, **(signs or {})}
    return "".join(known.get(char, char) for char in printable(text))


def _math(task: str) -> str:
    """The task with its formulas in math mode."""
    for formula in ("A = X·W + B", "Z = h(A)"):
        task = task.replace(formula, "$" + formula.replace("·", r" \cdot ") + "$")
    return task
