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
from netrunner.views.sheets.content import accepted, blanks_of, has_room, long_input, symbol_of
from netrunner.views.sheets.html import formula_html
from netrunner.views.sheets.words import Words, titled

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
        title = printable(titled(words, each.network.name, each.seed))
        SubElement(SubElement(question, "name"), "text").text = title
        text = SubElement(question, "questiontext", {"format": "html"})
        SubElement(text, "text").text = str(_body(each, words))
    indent(quiz)
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.write(tostring(quiz, encoding="unicode") + "\n")


def _body(exercise: Exercise, words: Words) -> Markup:
    network, trace = exercise.network, exercise.trace
    long = long_input(exercise)
    X = (
        fragment("X =", element("pre", {}, Markup(long)))
        if long
        else _array("X", trace.input, words)
    )
    parts = [element("p", {}, words.task), X]
    for step in trace.layers:
        parts.append(element("h4", {}, _plain(words.heading(step))))
        if formula := step.layer.activation.formula:
            parts.append(element("p", {}, _plain(formula_html(formula))))
        parts += [_array("W", step.layer.weights, words), _array("B", step.layer.biases, words)]
        parts += [_blank(blank, words) for blank in blanks_of(exercise, step.index)]
    if whole := blanks_of(exercise, None):
        parts.append(element("h4", {}, words.output))
        if network.output_names:
            parts.append(element("p", {}, _plain(", ".join(network.output_names))))
        parts += [_blank(blank, words) for blank in whole]
    return fragment(*parts)


def _blank(blank: Blank, words: Words) -> Markup:
    symbol = symbol_of(blank)
    question = _plain(words.question(blank, by_number=True))
    asked = fragment(symbol_html(symbol), " =") if symbol else question
    numbers = "~".join(f"={number}:{off}" for number, off in accepted(blank))
    return element("p", {}, asked, " ", Markup(f"{{1:NUMERICAL:{numbers}}}"))


def _array(symbol: str, array: Array, words: Words) -> Markup:
    if not has_room(array):
        return element("p", {}, words.too_large(symbol, array))
    rows = [element("tr", {}, *(element("td", {}, text) for text in row)) for row in written(array)]
    matrix = element("table", {"style": _MATRIX}, *rows)
    return element("div", {}, element("i", {}, symbol), " = ", matrix)


def _plain(text: str | Markup) -> Markup:
    """Text that Moodle does not take for a blank: a brace in it is a character reference."""
    escaped = str(fragment(text))
    return Markup(escaped.replace("{", "&#123;").replace("}", "&#125;"))
