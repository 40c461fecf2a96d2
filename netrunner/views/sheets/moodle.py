"""A sheet as a question for Moodle: one cloze question, one number a blank, with its tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from netrunner.activations.activation import Array
from netrunner.lesson.exercise import Blank, Exercise
from netrunner.lesson.notation import written
from netrunner.problems.words import printable
from netrunner.views.html import Markup, element, fragment
from netrunner.views.render.explain_html import symbol_html
from netrunner.views.sheets.content import accepted, sections, symbol_of
from netrunner.views.sheets.html import formula_html
from netrunner.views.sheets.words import Words

# A question has no style sheet of its own.
_MATRIX = (
    "display: inline-table; vertical-align: middle; border: 1.5px solid; border-width: 0 1.5px; "
    "border-radius: 6px; margin: 3px; border-spacing: 6px 1px; border-collapse: separate"
)


def write_all(exercises: Sequence[Exercise], words: Words, stream: TextIO) -> None:
    """All variants in one category, from which a quiz draws one at random."""
    quiz = Element("quiz")
    category = SubElement(quiz, "question", {"type": "category"})
    name = printable(exercises[0].network.name).replace("/", "//")  # / begins a category within
    SubElement(SubElement(category, "category"), "text").text = f"$course$/top/{name}"
    for each in exercises:
        question = SubElement(quiz, "question", {"type": "cloze"})
        title = printable(words.title.format(name=each.title))
        SubElement(SubElement(question, "name"), "text").text = title
        text = SubElement(question, "questiontext", {"format": "html"})
        SubElement(text, "text").text = str(_body(each, words))
    indent(quiz)
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.write(tostring(quiz, encoding="unicode") + "\n")


def _body(exercise: Exercise, words: Words) -> Markup:
    parts = [element("p", {}, words.task)]
    for section in sections(exercise, words):
        parts.append(element("h4", {}, _plain(section.heading)))
        texts = [section.names, section.formula and formula_html(section.formula), *section.remarks]
        parts += [element("p", {}, _plain(text)) for text in texts if text]
        parts += [_array(symbol, array) for symbol, array in section.arrays]
        if section.long:
            parts.append(fragment("X =", element("pre", {}, Markup(section.long))))
        parts += [_blank(blank, words) for blank in section.blanks]
    return fragment(*parts)


def _blank(blank: Blank, words: Words) -> Markup:
    symbol = symbol_of(blank)
    question = _plain(words.question(blank, by_number=True))
    asked = fragment(symbol_html(symbol), " =") if symbol else question
    numbers = "~".join(f"={number}:{off}" for number, off in accepted(blank))
    return element("p", {}, asked, " ", Markup(f"{{1:NUMERICAL:{numbers}}}"))


def _array(symbol: str, array: Array) -> Markup:
    rows = [element("tr", {}, *(element("td", {}, text) for text in row)) for row in written(array)]
    matrix = element("table", {"style": _MATRIX}, *rows)
    return element("div", {}, element("i", {}, symbol), " = ", matrix)


def _plain(text: str | Markup) -> Markup:
    """Text that Moodle does not take for a blank: a brace in it is a character reference."""
    escaped = str(fragment(text))
    return Markup(escaped.replace("{", "&#123;").replace("}", "&#125;"))
