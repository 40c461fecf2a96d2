"""Which sections of the translated pages are behind the English ones.

    python docs/translations.py                        lists them
    python docs/translations.py docs/zh/format.md      says that this page is up to date now
    python docs/translations.py docs/zh/format.md 3 4  says so of its third and fourth section

A page in docs/zh or docs/ja has the sections of the English page of the same name, in the same
order. At the end of each one, `<!-- english: 1a2b3c4d -->` is a hash of the English section that it
was translated from. Outputs do not count, since docs/generate.py renews them everywhere. If
anything else has changed, generate.py puts a note for the reader at the top of the section. In the
tour, each cell of text is a section.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
NOTES = {
    "zh": "> 英文版的这一部分已经更新，译文尚未跟上。\n\n",
    "ja": "> この部分は英語版が更新されていますが、翻訳はまだ追いついていません。\n\n",
}
HASH = re.compile(r"\n*<!-- english: ([0-9a-f]{8}) -->")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
OUTPUTS = re.compile(r"^(```(?:console|pycon))\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """The translated pages, without the tours."""
    return [page for language in NOTES for page in sorted((DOCS / language).glob("*.md"))]


def tours() -> list[Path]:
    return [page for language in NOTES for page in sorted((DOCS / language).glob("*.ipynb"))]


def english_of(page: Path) -> Path:
    return (ROOT if page.name == "README.md" else DOCS) / page.name


def sections(page: Path) -> list[str]:
    """The sections of a page, or the cells of text of a notebook."""
    text = page.read_text(encoding="utf-8")
    return cut(text) if page.suffix == ".md" else [cell.source for cell in text_cells(text)]


def cut(text: str) -> list[str]:
    """The text of a page, cut before each heading that is not in a block of code."""
    fences = [match.span() for match in FENCE.finditer(text)]
    starts = [
        match.start()
        for match in re.finditer(r"^#{1,3} ", text, re.MULTILINE)
        if not any(start < match.start() < end for start, end in fences)
    ]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def text_cells(text: str) -> list[Any]:
    notebook = nbformat.reads(text, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def fingerprint(english: str) -> str:
    """A hash of an English section without the outputs in it."""

    def inputs(match: re.Match[str]) -> str:
        lines = [line for line in match[2].splitlines() if line.startswith(("$ ", ">>> ", "... "))]
        return "\n".join([match[1], *lines, "```"])

    return hashlib.sha256(OUTPUTS.sub(inputs, english.strip()).encode()).hexdigest()[:8]


def is_behind(section: str, english: str) -> bool:
    found = HASH.search(section)
    return found is None or found[1] != fingerprint(english)


def noted(section: str, english: str, language: str) -> str:
    """The translated section, with the note for the reader if it is behind, and without if not."""
    note = NOTES[language]
    section = section.replace(note, "")
    if not is_behind(section, english):
        return section
    heading = re.match(r"(#+ .*\n+)?", section)
    assert heading is not None
    return section[: heading.end()] + note + section[heading.end() :]


def up_to_date(section: str, english: str) -> str:
    """The translated section with today's hash."""
    text = HASH.sub("", section)
    end = text[len(text.rstrip()) :]
    return f"{text.rstrip()}\n\n<!-- english: {fingerprint(english)} -->{end}"


def renewed(page: Path, numbers: set[int] | None = None) -> str:
    """The text of a translated page with the notes that it needs.

    The sections with these numbers, counted from 1, are taken to be up to date; all if `numbers`
    is empty.
    """
    made = []
    pairs = zip(sections(page), sections(english_of(page)), strict=True)
    for number, (section, english) in enumerate(pairs, 1):
        if numbers is not None and (not numbers or number in numbers):
            section = up_to_date(section, english)
        made.append(noted(section, english, page.parent.name))
    if page.suffix == ".md":
        return "".join(made)
    notebook = nbformat.reads(page.read_text(encoding="utf-8"), as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    for cell, source in zip(cells, made, strict=True):
        cell.source = source
    return f"{nbformat.writes(notebook)}\n"


def behind(page: Path) -> Iterator[str]:
    """The first lines of the sections that are older than the English ones."""
    for section, english in zip(sections(page), sections(english_of(page)), strict=True):
        if is_behind(section, english):
            yield section.splitlines()[0]


def main() -> None:
    if len(sys.argv) > 1:
        page = Path(sys.argv[1]).resolve()
        page.write_text(renewed(page, set(map(int, sys.argv[2:]))), encoding="utf-8")
    for page in [*pages(), *tours()]:
        for heading in behind(page):
            print(f"{page.relative_to(ROOT)}: behind: {heading}")


if __name__ == "__main__":
    main()
