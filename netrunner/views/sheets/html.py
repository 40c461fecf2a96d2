"""A sheet as a page of HTML, to be printed on A4."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TextIO

from netrunner.activations.activation import Array
from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import written
from netrunner.views.html import Markup, document, element, escaped, fragment
from netrunner.views.render.explain_html import symbol_html
from netrunner.views.sheets.content import WIDE, Section, letters_of, sections, symbol_of
from netrunner.views.sheets.words import Words

_STYLE = """
@page { size: A4; margin: 18mm }
body { font: 12pt/1.45 Georgia, "Noto Serif CJK SC", "Noto Serif CJK JP", serif; max-width: 17cm;
  margin: 1cm auto; padding: 0 .5cm; color: #000; background: #fff }
h1 { font-size: 18pt; margin-top: 0 } h2 { font-size: 14pt; margin: 1.2em 0 .4em }
section { break-inside: avoid-page }
.matrix { display: inline-block; position: relative; vertical-align: middle;
  margin: .3em 1.5em .3em 0 }
.matrix::before, .matrix::after { content: ""; position: absolute; inset: 0 auto 0 0; width: .4em;
  border: 1.5px solid; border-right: 0 }
.matrix::after { inset: 0 0 0 auto; border-width: 1.5px 1.5px 1.5px 0; border-style: solid }
table { border-collapse: collapse }
td { padding: .1em .6em; text-align: right; font-variant-numeric: tabular-nums }
.wide td { padding: .1em .4em; font-size: 8pt }
ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2cm 1cm; margin: .2cm 0 }
li { min-height: 1.1cm; display: flex; align-items: flex-end; gap: .2cm }
.blank { display: inline-block; width: 3.2cm; height: .9cm; border-bottom: 1px solid }
.student .blank { width: 8cm }
pre { font: 11pt/1.4 monospace }
@media print { body { margin: 0 auto; padding: 0 } }
"""


def write(exercise: Exercise, words: Words, stream: TextIO) -> None:
    """The whole page, complete in itself."""
    title = words.title.format(name=exercise.title)
    template = element("pre", {}, *_lines(exercise.template()))
    page = document(
        title,
        _STYLE,
        element("h1", {}, title),
        element("p", {"class": "student"}, f"{words.student} ", _BLANK),
        element("p", {}, words.task),
        *(_section(each, words) for each in sections(exercise, words)),
        element("section", {}, element("p", {}, words.template), template),
        lang=words.language,
    )
    stream.write(page)


_BLANK = element("span", {"class": "blank"})


def _section(section: Section, words: Words) -> Markup:
    return element(
        "section",
        {},
        element("h2", {}, section.heading),
        element("p", {}, section.names) if section.names else None,
        element("p", {}, formula_html(section.formula)) if section.formula else None,
        *(element("p", {}, remark) for remark in section.remarks),
        *(_array(symbol, array) for symbol, array in section.arrays),
        _long(section.long) if section.long else None,
        _blanks(section.blanks, words),
    )


def _long(lines: str) -> Markup:
    return fragment(element("i", {}, "X"), " =", element("pre", {}, *_lines(lines)))


def formula_html(formula: str) -> Markup:
    """The formula of h, with indices for a_k."""
    return Markup(re.sub(r"\b(\w)_(\w)\b", r"\1<sub>\2</sub>", escaped(f"h(a) = {formula}")))


def _array(symbol: str, array: Array) -> Markup:
    rows = [element("tr", {}, *(element("td", {}, text) for text in row)) for row in written(array)]
    kind = "wide" if letters_of(array) > WIDE else None
    matrix = element("div", {"class": "matrix"}, element("table", {"class": kind}, *rows))
    return fragment(element("i", {}, symbol), " = ", matrix)


def _blanks(blanks: Sequence[Blank], words: Words) -> Markup:
    """The blanks of each array on lines of their own."""
    arrays: dict[str, list[Markup]] = {}
    for blank in blanks:
        symbol = symbol_of(blank)
        asked = fragment(symbol_html(symbol), " =") if symbol else words.question(blank)
        item = element("li", {}, element("span", {}, asked), " ", _BLANK)
        arrays.setdefault(blank.array, []).append(item)
    return fragment(*(element("ul", {}, *items) for items in arrays.values()))


def _lines(text: str) -> list[Markup | str]:
    """The lines of a text, whose ends are kept."""
    return [part for line in text.splitlines() for part in (line, Markup("\n"))]
