"""Which sections of the translated pages are behind the English ones.

    python docs/translations.py                           lists them
    python docs/translations.py docs/zh/format.md         says that this page is up to date now
    python docs/translations.py docs/zh/format.md limits  says so of its section on limits

A page in docs/zh or docs/ja has the sections of the English page of the same name. At the end of
each one, `<!-- english: limits 1a2b3c4d -->` says which English section it was translated from,
with a hash of it. Outputs do not count, since docs/generate.py renews them everywhere. If anything
else has changed, generate.py puts a note for the reader at the top of the section; a section that
has no translation yet appears in English, with the same note. In the tour, each cell of text is a
section.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
NOTES = {
    "zh": "> 英文版的这一部分已经更新，译文尚未跟上。\n\n",
    "ja": "> この部分は英語版が更新されていますが、翻訳はまだ追いついていません。\n\n",
}
MARK = re.compile(r"\n*<!-- english: (\S+) ([0-9a-f]{8}) -->")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
OUTPUTS = re.compile(r"^(```(?:console|pycon))\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)")


def pages() -> list[Path]:
    """The translated pages, without the tours."""
    return [page for language in NOTES for page in sorted((DOCS / language).glob("*.md"))]


def tours() -> list[Path]:
    return [page for language in NOTES for page in sorted((DOCS / language).glob("*.ipynb"))]


def english_of(page: Path) -> Path:
    return (ROOT if page.name == "README.md" else DOCS) / page.name


def english_sections(page: Path) -> dict[str, str]:
    """The sections of the English page by their keys: the heading, or the number of a cell."""
    made: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for number, section in enumerate(sections(english_of(page)), 1):
        key = str(number)
        if page.suffix == ".md":
            heading = section.partition("\n")[0].lower()
            slug = re.sub(r"\W+", "-", heading).strip("-")
            seen[slug] += 1
            key = slug if seen[slug] == 1 else f"{slug}-{seen[slug]}"
        made[key] = section
    return made


def sections(page: Path) -> list[str]:
    """The sections of a page, or the cells of text of a notebook."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        return cut(text)
    cells = nbformat.reads(text, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def cut(text: str) -> list[str]:
    """The text of a page, cut before each heading that is not in a block of code."""
    fences = [match.span() for match in FENCE.finditer(text)]
    starts = [
        match.start()
        for match in re.finditer(r"^#{1,3} ", text, re.MULTILINE)
        if not any(start < match.start() < end for start, end in fences)
    ]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def fingerprint(english: str) -> str:
    """A hash of an English section without the outputs in it."""

    def inputs(match: re.Match[str]) -> str:
        lines = [line for line in match[2].splitlines() if line.startswith(("$ ", ">>> ", "... "))]
        return "\n".join([match[1], *lines, "```"])

    return hashlib.sha256(OUTPUTS.sub(inputs, english.strip()).encode()).hexdigest()[:8]


def marked(section: str, key: str, hash_: str) -> str:
    """The section with its mark, in the place of the one that it had."""
    text = MARK.sub("", section)
    end = text[len(text.rstrip()) :]
    return f"{text.rstrip()}\n\n<!-- english: {key} {hash_} -->{end}"


def is_behind(section: str, english: str) -> bool:
    mark = MARK.search(section)
    return mark is None or mark[2] != fingerprint(english)


def noted(section: str, english: str, note: str) -> str:
    """The translated section, with the note for the reader exactly if it is behind."""
    section = section.replace(note, "")
    if not is_behind(section, english):
        return section
    heading = re.match(r"(#+ .*\n+)?", section)
    assert heading is not None
    return section[: heading.end()] + note + section[heading.end() :]


def untranslated(english: str, key: str, page: Path) -> str:
    """An English section to stand in a translated page until it is translated."""
    up = "../../" if page.name == "README.md" else "../"
    return marked(LINK.sub(f"]({up}", english), key, "0" * 8)


def renewed(page: Path, translated: Collection[str] = ()) -> str:
    """The text of a translated page with all the English sections and the notes that it needs.

    The sections with the keys in `translated` are up to date from now on.
    """
    by_key = {mark[1]: part for part in sections(page) if (mark := MARK.search(part))}
    made = []
    for key, english in english_sections(page).items():
        section = by_key.get(key) or untranslated(english, key, page)
        if key in translated:
            section = marked(section, key, fingerprint(english))
        made.append(noted(section, english, NOTES[page.parent.name]))
    if page.suffix == ".md":
        return "".join(made)
    notebook = nbformat.reads(page.read_text(encoding="utf-8"), as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    for cell, source in zip(cells, made, strict=True):
        cell.source = source
    return f"{nbformat.writes(notebook)}\n"


def behind(page: Path) -> Iterator[str]:
    """The keys of the sections that are not translated, or older than the English ones."""
    by_key = {mark[1]: part for part in sections(page) if (mark := MARK.search(part))}
    for key, english in english_sections(page).items():
        if is_behind(by_key.get(key, ""), english):
            yield key


def main() -> None:
    if len(sys.argv) > 1:
        page = Path(sys.argv[1]).resolve()
        keys = sys.argv[2:] or list(english_sections(page))
        page.write_text(renewed(page, keys), encoding="utf-8")
    for page in [*pages(), *tours()]:
        for key in behind(page):
            print(f"{page.relative_to(ROOT)}: behind: {key}")


if __name__ == "__main__":
    main()
