"""Grades as text, as JSON, as a table in CSV, and as a page of HTML for a class."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from netrunner.lesson.grading import FORMAT, Answer, Grade
from netrunner.problems.words import count, printable
from netrunner.views.html import Markup, document, element
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
        if not grade.answers:
            stream.write("  could not be graded: see the errors\n")
        names = [_name(answer) for answer in grade.answers]
        givens = [_given(answer) for answer in grade.answers]
        widths = [max(map(len, each), default=0) for each in (names, givens)]
        indent = " " * min(6 + sum(widths), MOST_INDENT)
        for answer, name, given in zip(grade.answers, names, givens, strict=True):
            line = f"  {name:<{widths[0]}}  {given:<{widths[1]}}  {printable(_words(answer))}"
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
    """A number; the name of a class, if classes have names, or a shape; None if there is none."""
    is_text = isinstance(answer.expected, str) or (isinstance(value, str) and "," in value)
    return value if value is None or is_text else number(float(value))


def write_csv(grades: Sequence[Grade], stream: TextIO) -> None:
    """Write a row for each file: its points, and the verdict on each blank."""
    rows = csv.writer(stream, lineterminator="\n")
    names = _columns(grades)
    rows.writerow(["file", "points", "of", *names])
    for grade in grades:
        verdicts = {_name(answer): answer.verdict for answer in grade.answers}
        without = "" if grade.answers else "error"
        cells = [verdicts.get(name, without) for name in names]
        rows.writerow([_cell(grade.file), grade.points, grade.of, *cells])


def _cell(text: str) -> str:
    """Text that a spreadsheet does not mistake for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t")) else text


def write_html(grades: Sequence[Grade], stream: TextIO) -> None:
    """Write a page: a table of the class, the blanks most often wrong, and each answer."""
    names = _columns(grades)
    starts = range(0, max(len(names), 1), _COLUMNS)
    tables = [_table(grades, names[start : start + _COLUMNS]) for start in starts]
    legend = element("p", {}, ", ".join(f"{sign} {verdict}" for verdict, sign in _SIGNS.items()))
    everyone = [element("h2", {}, "Everyone"), *tables, legend]
    parts = [element("h1", {}, "Grades"), *_hardest(grades), *everyone, *_all(grades)]
    stream.write(document("Grades", _STYLE, *parts))


def _table(grades: Sequence[Grade], names: Sequence[str]) -> Markup:
    """The verdicts on the blanks that have these names."""
    heads = [element("th", {"scope": "col"}, name) for name in ("file", "points", *names)]
    return element(
        "table",
        {},
        element("thead", {}, element("tr", {}, *heads)),
        element("tbody", {}, *(_row(grade, names) for grade in grades)),
    )


def _row(grade: Grade, names: Sequence[str]) -> Markup:
    answers = {_name(answer): answer for answer in grade.answers}
    cells = []
    for answer in map(answers.get, names):
        about = {"class": answer.verdict, "title": _words(answer)} if answer else {}
        cells.append(element("td", about, _SIGNS[answer.verdict] if answer else None))
    if not grade.answers:
        cells = [element("td", {"class": "wrong", "colspan": len(names)}, _problem(grade))]
    points = element("td", {"class": "points"}, f"{grade.points} of {grade.of}")
    return element("tr", {}, element("th", {"scope": "row"}, grade.file), points, *cells)


def _hardest(grades: Sequence[Grade]) -> list[Markup]:
    """The blanks most often wrong, each with its most common slip."""
    wrong: dict[str, list[Answer]] = {}
    for grade in grades:
        for answer in grade.answers:
            if answer.verdict == "wrong":
                wrong.setdefault(_name(answer), []).append(answer)
    if not wrong:
        return []
    items = []
    for name, answers in sorted(wrong.items(), key=lambda item: -len(item[1])):
        slips = Counter(answer.slip for answer in answers if answer.slip is not None)
        most = [
            f"; {slip}" + f" ({often} of them)" * (len(answers) > 1)
            for slip, often in slips.most_common(1)
        ]
        items.append(element("li", {}, f"{name}: {len(answers)} wrong", *most))
    return [element("h2", {}, "What most got wrong"), element("ol", {}, *items)]


def _all(grades: Sequence[Grade]) -> list[Markup]:
    parts = [element("h2", {}, "Each answer")]
    for grade in grades:
        parts.append(element("h3", {}, f"{grade.file}: {grade.points} of {grade.of}"))
        items = [
            element(
                "li",
                {"class": answer.verdict},
                f"{_name(answer)}{' = ' * bool(_given(answer))}{_given(answer)}, {_words(answer)}",
            )
            for answer in grade.answers
        ]
        parts.append(element("ul", {}, *items) if items else element("p", {}, _problem(grade)))
    return parts


def _problem(grade: Grade) -> str:
    return f"{grade.problems[0].place}: {grade.problems[0].message}"


def _columns(grades: Sequence[Grade]) -> list[str]:
    """The blanks of all grades, in the order of the run: variants may have different ones."""
    names = {_name(answer): answer for grade in grades for answer in grade.answers}
    return sorted(names, key=lambda name: _order(names[name]))


def _order(answer: Answer) -> tuple[float, str, int]:
    kind = answer.array.rstrip("0123456789")
    layer = answer.array.removeprefix(kind)
    return float(layer or "inf"), kind.removeprefix("shape"), answer.neuron


def _name(answer: Answer) -> str:
    return f"{answer.array}.{answer.neuron}"


def _given(answer: Answer) -> str:
    return "?" if answer.verdict == "missing" else answer.given or ""


def _words(answer: Answer) -> str:
    """The verdict and its reason."""
    said_by_reason = answer.reason == answer.verdict
    return answer.verdict if said_by_reason else f"{answer.verdict}: {answer.reason}"


WRITERS = {"json": write_json, "csv": write_csv, "html": write_html}
