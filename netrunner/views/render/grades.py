"""Grades as text, as JSON, as a table in CSV, and as a page of HTML for a class."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from netrunner.lesson.grading import FORMAT, Answer, Grade
from netrunner.problems.words import count, printable
from netrunner.views.html import Markup, element
from netrunner.views.render.json import dump, number
from netrunner.views.render.lines import wrapped

Bold = Callable[[str], str]
MOST_INDENT = 16  # columns before the rest of a reason

_STYLE = """
@page { size: A4; margin: 15mm }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
table { border-collapse: collapse; margin: 1em 0 }
th, td { padding: .2em .4em; text-align: left }
tbody th { min-width: 11em; overflow-wrap: anywhere; font-weight: normal }
td:not(.points), thead th { min-width: 2.2em }
tr { border-bottom: 1px solid #8888; break-inside: avoid } td.points { white-space: nowrap }
li { break-inside: avoid } h2, h3 { break-after: avoid }
.right, .follows { color: #005a9c } .wrong { color: #a84300 } .missing { color: #595959 }
@media (prefers-color-scheme: dark) { body { background: #121212; color: #eee }
.right, .follows { color: #7cc4ff } .wrong { color: #ffab70 } .missing { color: #bbb } }
@media print { body { font-size: 10pt; margin: 0; padding: 0; max-width: none }
ul { columns: 2 } }
"""
_SIGNS = {"right": "✓", "follows": "↳", "wrong": "✗", "missing": "–"}
_COLUMNS = 10  # of verdicts in a table: more would be cut off on A4


def write_text(grades: Sequence[Grade], stream: TextIO, bold: Bold = str) -> None:
    """Write each file with its points, and each answer with its verdict and the reason."""
    for i, grade in enumerate(grades):
        points = f"{printable(grade.file)}: {grade.points} of {count(grade.of, 'point')}"
        stream.write("\n" * (i > 0) + bold(points) + "\n")
        if grade.problems:
            stream.write("  could not be graded: see the errors\n")
        names = [_name(answer) for answer in grade.answers]
        givens = ["?" if answer.given is None else answer.given for answer in grade.answers]
        widths = [max(map(len, each), default=0) for each in (names, givens)]
        indent = " " * min(6 + sum(widths), MOST_INDENT)
        for answer, name, given in zip(grade.answers, names, givens, strict=True):
            words = answer.reason
            if not words.startswith(answer.verdict):
                words = f"{answer.verdict}: {words}"
            line = f"  {name:<{widths[0]}}  {given:<{widths[1]}}  {printable(words)}"
            stream.writelines(f"{piece}\n" for piece in wrapped(line, indent))


def write_json(grades: Sequence[Grade], stream: TextIO) -> None:
    """Write an object for one file, or a list of objects for several."""
    objects = [_object(grade) for grade in grades]
    dump(objects[0] if len(objects) == 1 else objects, stream, indent=1)


def _object(grade: Grade) -> dict[str, Any]:
    content: dict[str, Any] = {
        "format": FORMAT,
        "file": grade.file,
        "points": grade.points,
        "of": grade.of,
        "answers": [
            {
                "array": answer.array,
                "neuron": answer.neuron,
                "given": _number(answer, answer.given),
                "expected": _number(answer, answer.expected),
                "verdict": answer.verdict,
                "points": answer.points,
                "reason": answer.reason,
            }
            for answer in grade.answers
        ],
    }
    if grade.problems:
        content["problems"] = [problem.as_dict() for problem in grade.problems]
    return content


def _number(answer: Answer, value: float | str | None) -> object:
    """A number; the name of a class, if classes have names; None if there is none."""
    if value is None or isinstance(answer.expected, str):
        return value
    return number(float(value))


def write_csv(grades: Sequence[Grade], stream: TextIO) -> None:
    """Write a row for each file: its points, and the verdict on each blank."""
    rows = csv.writer(stream, lineterminator="\n")
    names = _columns(grades)
    rows.writerow(["file", "points", "of", *names])
    for grade in grades:
        verdicts: list[str] = [answer.verdict for answer in grade.answers]
        verdicts = verdicts or ["error"] * len(names)
        rows.writerow([_cell(grade.file), grade.points, grade.of, *verdicts])


def _cell(text: str) -> str:
    """Text that a spreadsheet does not mistake for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t")) else text


def write_html(grades: Sequence[Grade], stream: TextIO) -> None:
    """Write a page: a table of the class, the blanks most often wrong, and each answer."""
    head = element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width"}),
        element("title", {}, "Grades"),
        element("style", {}, Markup(_STYLE)),
    )
    names = _columns(grades)
    starts = range(0, max(len(names), 1), _COLUMNS)
    tables = [_table(grades, names[start : start + _COLUMNS], start) for start in starts]
    legend = element("p", {}, ", ".join(f"{sign} {verdict}" for verdict, sign in _SIGNS.items()))
    everyone = [element("h2", {}, "Everyone"), *tables, legend]
    parts = [element("h1", {}, "Grades"), *_hardest(grades), *everyone, *_all(grades)]
    body = element("body", {}, *parts)
    stream.write(f"<!DOCTYPE html>\n{element('html', {'lang': 'en'}, head, body)}\n")


def _table(grades: Sequence[Grade], names: Sequence[str], start: int) -> Markup:
    """The verdicts on the blanks from `start` on, which have these names."""
    heads = [element("th", {"scope": "col"}, name) for name in ("file", "points", *names)]
    return element(
        "table",
        {},
        element("thead", {}, element("tr", {}, *heads)),
        element("tbody", {}, *(_row(grade, start, len(names)) for grade in grades)),
    )


def _row(grade: Grade, start: int, columns: int) -> Markup:
    cells = [
        element(
            "td",
            {"class": answer.verdict, "title": f"{answer.verdict}: {answer.reason}"},
            _SIGNS[answer.verdict],
        )
        for answer in grade.answers[start : start + columns]
    ]
    if grade.problems:
        cells = [element("td", {"class": "wrong", "colspan": columns}, _problem(grade))]
    points = element("td", {"class": "points"}, f"{grade.points} of {grade.of}")
    return element("tr", {}, element("th", {"scope": "row"}, grade.file), points, *cells)


def _hardest(grades: Sequence[Grade]) -> list[Markup]:
    """The blanks most often wrong, each with its most common reason."""
    wrong: dict[str, list[Answer]] = {}
    for grade in grades:
        for answer in grade.answers:
            if answer.verdict == "wrong":
                wrong.setdefault(_name(answer), []).append(answer)
    if not wrong:
        return []
    items = []
    for name, answers in sorted(wrong.items(), key=lambda item: -len(item[1])):
        (reason, often), *_ = Counter(answer.reason for answer in answers).most_common(1)
        times = f" ({often} of them)" if len(answers) > 1 else ""
        items.append(element("li", {}, f"{name}: {len(answers)} wrong; {reason}{times}"))
    return [element("h2", {}, "What most got wrong"), element("ol", {}, *items)]


def _all(grades: Sequence[Grade]) -> list[Markup]:
    parts = [element("h2", {}, "Each answer")]
    for grade in grades:
        parts.append(element("h3", {}, f"{grade.file}: {grade.points} of {grade.of}"))
        items = [
            element(
                "li",
                {"class": answer.verdict},
                f"{_name(answer)} = {answer.given or '?'}: {answer.verdict}; {answer.reason}",
            )
            for answer in grade.answers
        ]
        parts.append(element("ul", {}, *items) if items else element("p", {}, _problem(grade)))
    return parts


def _problem(grade: Grade) -> str:
    return f"{grade.problems[0].place}: {grade.problems[0].message}"


def _columns(grades: Sequence[Grade]) -> list[str]:
    return next(([_name(each) for each in grade.answers] for grade in grades if grade.answers), [])


def _name(answer: Answer) -> str:
    return f"{answer.array}.{answer.neuron}"


WRITERS = {"json": write_json, "csv": write_csv, "html": write_html}
