"""An explanation as GitHub Markdown: a heading for each layer, a list item for each line."""

from __future__ import annotations

import re
from typing import TextIO

from netrunner.lesson.explain import Explanation
from netrunner.lesson.notation import symbol_text
from netrunner.problems.words import printable
from netrunner.views.render.explain_text import expression_text, line_text


def write(explanation: Explanation, stream: TextIO) -> None:
    """The whole explanation."""
    stream.write(f"# {escaped(explanation.network)}\n")
    if explanation.names:
        stream.write("\n")
    for symbol, name in explanation.names:
        stream.write(f"- {symbol_text(symbol)}: {escaped(name)}\n")
    for row in explanation.rows:
        if row.number is not None:
            stream.write(f"\n## row {row.number}\n")
        level = "##" if row.number is None else "###"
        for layer in row.layers:
            stream.write(f"\n{level} {escaped(layer.title)}\n\n")
            for line in layer.lines:
                stream.write(f"- {code(line_text(line))}\n")
                for note in line.notes:
                    stream.write(f"  - {escaped(expression_text(note))}\n")


def escaped(text: str) -> str:
    """Text escaped so that nothing in it is Markdown or HTML markup."""
    text = re.sub(r"([\\`*_\[\]<>#|~$&@])", r"\\\1", printable(text))
    # What would begin a list, or be a line across the page.
    text = re.sub(r"^(\s*(?:\d+(?=[.)](?:\s|$)))?)([-+=.)])", r"\1\\\2", text)
    # GitHub makes links of what looks like an address, and pictures of :words:.
    text = re.sub(r"(?i)\b(https?|ftp|www)(?=[:.])", r"\1<!-- -->", text)
    return re.sub(r":(?=\S)", r"\:", text)


def code(text: str) -> str:
    """A code span, fenced by more backticks than the text has in a row."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
