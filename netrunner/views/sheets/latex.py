"""A sheet as a LaTeX document, which needs amsmath, and ctex or luatexja for their languages."""

from __future__ import annotations

from typing import TextIO

import numpy as np

from netrunner.activations.activation import Array
from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import decimals, spelled
from netrunner.problems.words import printable
from netrunner.views.render.explain_latex import SPECIAL, symbol_latex
from netrunner.views.sheets.content import blanks_of, symbol_of
from netrunner.views.sheets.words import LANGUAGES, Words, titled

_CLASSES = {"en": "article", "zh": "ctexart", "ja": "ltjsarticle"}
_LINE = r"\underline{\hspace{3cm}}"


def write(exercise: Exercise, words: Words, stream: TextIO) -> None:
    """The whole document."""
    network, trace = exercise.network, exercise.trace
    language = next(name for name, each in LANGUAGES.items() if each is words)
    columns = max(network.input_size, *(layer.size for layer in network.layers), 10)

    def text(string: str) -> str:
        return _text(string, language)

    stream.write(
        f"\\documentclass[a4paper]{{{_CLASSES[language]}}}\n\\usepackage{{amsmath}}\n"
        f"\\setcounter{{MaxMatrixCols}}{{{columns}}}\n\\setlength{{\\parindent}}{{0pt}}\n"
        "\\begin{document}\n"
        f"\\section*{{{titled(words, network.name, exercise.seed, text)}}}\n"
        f"{words.student} \\underline{{\\hspace{{8cm}}}}\n\n\\medskip\n"
        f"{_math(words.task)} {words.digits}\n\n"
        f"\\subsection*{{{words.input}}}\n"
    )
    if network.input_names:
        stream.write(text(", ".join(network.input_names)) + "\n")
    stream.write(f"\\[ X = {_matrix(trace.input)} \\]\n")
    for step in trace.layers:
        layer = step.layer
        stream.write(f"\\subsection*{{{text(words.heading(step))}}}\n")
        if layer.activation.formula:
            stream.write(f"$h(a)$ = {text(layer.activation.formula)}\n")
        weights, biases = _matrix(layer.weights), _matrix(layer.biases)
        stream.write(f"\\[ W = {weights} \\qquad B = {biases} \\]\n")
        _write_blanks(stream, blanks_of(exercise, step.index), words)
    if whole := blanks_of(exercise, None):
        stream.write(f"\\subsection*{{{words.output}}}\n")
        if network.output_names:
            stream.write(text(", ".join(network.output_names)) + "\n\n")
        _write_blanks(stream, whole, words)
    template = exercise.template()
    stream.write(f"\n{words.template}\n\\begin{{verbatim}}\n{template}\\end{{verbatim}}\n")
    stream.write("\\end{document}\n")


def _write_blanks(stream: TextIO, blanks: list[Blank], words: Words) -> None:
    for blank in blanks:
        symbol = symbol_of(blank)
        asked = f"${symbol_latex(symbol)} =$" if symbol else words.question(blank)
        stream.write(f"\\mbox{{{asked} {_LINE}}}\\quad\n")
    if blanks:
        stream.write("\n")


def _matrix(array: Array) -> str:
    rows = (" & ".join(map(spelled, row)) for row in decimals(np.atleast_2d(array)))
    body = r" \\ ".join(rows)
    return f"\\begin{{pmatrix}} {body} \\end{{pmatrix}}"


def _text(text: str, language: str) -> str:
    """Text in which nothing is a command; in English, what is not ASCII is a question mark."""
    chars = (SPECIAL.get(char, char) for char in printable(text))
    return "".join(char if char.isascii() or language != "en" else "?" for char in chars)


def _math(task: str) -> str:
    """The task with its formulas in math mode."""
    for formula in ("A = X·W + B", "Z = h(A)"):
        task = task.replace(formula, "$" + formula.replace("·", r" \cdot ") + "$")
    return task
