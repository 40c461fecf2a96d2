"""The translated pages have what the English ones have, and say where they are behind."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import generate
import translations


def name(page: Path) -> str:
    return page.relative_to(translations.DOCS).as_posix()


PAGES = pytest.mark.parametrize("page", translations.pages(), ids=name)
TOURS = pytest.mark.parametrize("tour", translations.tours(), ids=name)


@PAGES
def test_a_page_has_the_sections_of_the_english_one_and_its_notes(page):
    assert translations.renewed(page) == page.read_text("utf-8"), "run docs/generate.py"
    english = translations.english_sections(page).values()
    pairs = zip(translations.sections(page), english, strict=True)
    assert all(part.count("#", 0, 3) == origin.count("#", 0, 3) for part, origin in pairs)


@PAGES
def test_the_blocks_of_a_page_are_in_step(page):
    assert generate.renewed_translation(page) == page.read_text("utf-8"), "run docs/generate.py"


@PAGES
def test_bold_text_ends_where_markdown_sees_it(page):
    """Between a punctuation mark and a letter, ** ends nothing."""
    assert not re.search(r"[。，、：；！？）」』]\*\*[^\s|]", page.read_text("utf-8"))


@TOURS
def test_a_tour_has_the_code_of_the_english_one_and_its_notes(tour):
    assert generate.translated_tour(tour) == tour.read_text("utf-8"), "run docs/generate.py"
    cells = nbformat.read(tour, as_version=4).cells
    english = nbformat.read(generate.TOUR, as_version=4).cells
    assert [cell.cell_type for cell in cells] == [cell.cell_type for cell in english]


def test_all_translations_are_up_to_date():
    """Not a failure: whoever changes the English text need not know the other languages."""
    pages = [*translations.pages(), *translations.tours()]
    if late := [f"{name(page)}: {part}" for page in pages for part in translations.behind(page)]:
        pytest.skip(f"behind the English text: {', '.join(late)}")


ENGLISH = "## Numbers\n\n[Three](a.md).\n\n```console\n$ echo 3\n3\n```\n"
CHINESE = "## 数\n\n三。\n\n```console\n$ echo 3\n3\n```\n"


@pytest.mark.parametrize(
    ("old", "new", "behind"),
    [
        ("\n3\n", "\n4\n", False),  # an output
        ("Three", "Four", True),
        ("$ echo 3", "$ echo 4", True),
    ],
)
def test_what_makes_a_translation_late(old, new, behind):
    section = translations.marked(CHINESE, "numbers", translations.fingerprint(ENGLISH))
    assert not translations.is_behind(section, ENGLISH)
    english = ENGLISH.replace(old, new)
    assert translations.is_behind(section, english) == behind
    note = translations.NOTES["zh"]
    noted = translations.noted(section, english, note)
    assert noted.startswith("## 数\n\n" + note * behind + "三。")
    assert translations.noted(noted, ENGLISH, note) == section


def test_a_new_section_appears_in_english_until_it_is_translated(tmp_path, monkeypatch):
    monkeypatch.setattr(translations, "DOCS", tmp_path)
    page = tmp_path / "zh" / "a.md"
    page.parent.mkdir()
    (tmp_path / "a.md").write_text(f"# A\n\nOne.\n\n{ENGLISH}", "utf-8")
    page.write_text("# 甲\n\n一。\n", "utf-8")
    page.write_text(translations.renewed(page, ["a"]), "utf-8")
    assert page.read_text("utf-8").startswith("# A\n\nOne.")  # a text without a mark is not known
    assert list(translations.behind(page)) == ["numbers"]
    note = translations.NOTES["zh"]
    assert f"## Numbers\n\n{note}[Three](../a.md)." in page.read_text("utf-8")
    page.write_text(page.read_text("utf-8").replace("Three", "三"), "utf-8")
    page.write_text(translations.renewed(page, ["numbers"]), "utf-8")
    assert list(translations.behind(page)) == []
    assert note not in page.read_text("utf-8")


def test_a_heading_in_a_block_is_none():
    text = "# One\n\n```sh\n# two\n```\n\n## Three\n"
    assert translations.cut(text) == ["# One\n\n```sh\n# two\n```\n\n", "## Three\n"]
