"""The documentation is in step with the program, and complete."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest

import netrunner
from netrunner.activations import hookspecs
from netrunner.activations.plugins import load_registry
from netrunner.commands import cli
from netrunner.files import arrays, csv_tables, json_tables
from netrunner.files import opening as files
from netrunner.format import document, network_file
from netrunner.format.reading import Reader
from netrunner.format.records import Record
from netrunner.problems import codes
from netrunner.problems.source import Source
from netrunner.views.pictures import fonts

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import generate

ROOT = generate.ROOT
DOCS = ROOT / "docs"
SLOW = {"worker-failed", "worker-version"}  # workers are started, and die
PARTS = [
    pytest.param(
        part,
        id=f"{page.stem}: {(title := part.splitlines()[0].lstrip('# '))}",
        marks=[pytest.mark.slow] if title in SLOW else [],
    )
    for page in sorted(DOCS.glob("*.md"))
    for part in generate.parts(page)
]


@pytest.mark.parametrize("part", PARTS)
def test_page_is_in_step(part, tmp_path):
    renewed = generate.renewed_text(part, tmp_path)
    assert renewed == part, "run docs/generate.py and look at the difference"
    for picture in tmp_path.iterdir():
        kept = ROOT / generate.GALLERY / picture.name
        assert drawn(picture) == drawn(kept), f"run docs/generate.py and look at {picture.name}"


def drawn(picture: Path) -> tuple[list[str], set[str]]:
    """What an SVG says, and which neurons and edges it has; its bytes depend on matplotlib."""
    elements = list(ElementTree.parse(picture).iter())
    texts = [element.text or "" for element in elements if element.tag.endswith("}text")]
    parts = re.compile("(node|edge|bias|curve)-[0-9]")
    return texts, {id_ for element in elements if parts.match(id_ := element.get("id", ""))}


def test_every_picture_of_the_gallery_is_shown_and_holds_the_values():
    shown = {name for page in generate.PAGES for name in pictures(page)}
    kept = {path.name for path in (ROOT / generate.GALLERY).glob("*.svg")}
    assert kept == shown
    texts, parts = drawn(ROOT / generate.GALLERY / "three_layer.svg")
    assert {"0.57444", "0.66819", "0.75026", "0.31683", "0.69628"} <= set(texts)
    assert {"node-3-2", "edge-1-3-2", "bias-2-1"} <= parts
    texts, _ = drawn(ROOT / generate.GALLERY / "names.svg")
    assert {"重量", "layer 1 '隐藏层'", "苹果", "0.99094"} <= set(texts)
    texts, _ = drawn(ROOT / generate.GALLERY / "digits.svg")
    assert {"⋮ 44 that counted less", "all 64 x: 0 … 16", "y₄ = 99.9 %"} <= set(texts)


def pictures(page: Path) -> list[str]:
    return generate.PICTURE.findall(page.read_text(encoding="utf-8"))


def test_what_a_machine_without_a_chinese_font_says(monkeypatch):
    monkeypatch.setattr(fonts, "_candidates", lambda missing: iter(()))
    fonts._lettering.cache_clear()
    told = re.search(r"^\$ (.+)\n(.+\n)", section("errors.md", "missing-font"), re.M)
    with generate.fresh_folder():
        assert generate.output_of(told[1]) == told[2]
    fonts._lettering.cache_clear()


def test_what_is_out_of_step_is_found():
    page = (
        "```console\n$ netrunner run networks/and.yaml --input 1,1 --output-only\n[0.]\n```\n"
        "```pycon\n>>> 1 + 1\n3\n```\n"
        "<!-- made from BIASES_FILE -->\nnothing\n<!-- end -->\n"
    )
    renewed = generate.renewed_text(page)
    assert "--output-only\n[1.]\n" in renewed
    assert ">>> 1 + 1\n2\n" in renewed
    assert "nothing" not in renewed
    assert "| `file` |" in renewed


def test_a_traceback_is_never_documented():
    with pytest.raises(RuntimeError, match="traceback"):
        generate.renewed_text('```console\n$ python -c "1 / 0"\n```\n')


def section(page: str, heading: str) -> str:
    """The text of a page below a heading, up to the next one."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^#+ {re.escape(heading)}$\n(.*?)(?=^#+ |\Z)", text, re.M | re.S)
    assert found, f"{page} has no section {heading}"
    return found[1]


def test_every_code_has_a_section_in_the_order_of_the_list():
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    assert re.findall(r"^### (.+)$", text, re.M) == list(get_args(codes.Code))


def test_every_section_provokes_its_code_and_says_what_to_do():
    for part in generate.parts(DOCS / "errors.md")[1:]:
        code = part.splitlines()[0].removeprefix("### ")
        assert f"[{code}]\n" in part, code
        assert "**What to do.**" in part, code


RECORDS = {name: value for name, value in vars(network_file).items() if isinstance(value, Record)}


def test_every_table_of_the_format_is_on_its_page():
    page = (DOCS / "format.md").read_text(encoding="utf-8")
    assert sorted(re.findall("<!-- made from (.+) -->", page)) == sorted(RECORDS)


@pytest.mark.parametrize(
    ("record", "field"),
    [(name, field) for name, record in RECORDS.items() for field in record.fields],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_the_example_of_a_key_is_what_the_key_takes(record, field):
    source = Source("example", generate.EXAMPLES[record][field.name])
    reader = Reader(source, load_registry())
    assert field.kind.read(document.parse(source, reader.problems), reader) is not None
    assert reader.problems == []


def test_the_limits_are_those_of_the_program():
    limits = section("format.md", "Limits")
    for size in (files.MAX_TEXT_BYTES, csv_tables.MAX_BYTES, json_tables.MAX_BYTES):
        assert f"| {size // 2**20} MiB" in limits
    assert f"| {csv_tables.MAX_LINE_BYTES // 2**20} MiB |" in limits
    assert f"| {document.MAX_DEPTH} levels |" in limits
    assert f"| {document.MAX_VALUES:,} |" in limits
    assert f"| {document.MAX_NODES:,} |" in limits
    assert f"{csv_tables.MAX_ROWS:,} rows" in limits
    assert f"{csv_tables.MAX_VALUES:,} values" in limits
    assert f"{json_tables.MAX_VALUES:,} values and rows" in limits
    assert f"`.npz` | {arrays.MAX_ZIP_DIRECTORY // 2**20} MiB" in limits


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_described(name):
    assert f"<!-- made from {name} -->" in section("commands.md", name)


def public_names(thing: type) -> set[str]:
    names = {*vars(thing), *getattr(thing, "__dataclass_fields__", ())}
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("name", netrunner.__all__)
def test_every_public_name_is_described(name):
    about = section("python.md", f"netrunner.{name}")
    thing = getattr(netrunner, name)
    for attribute in public_names(thing) if inspect.isclass(thing) else ():
        assert re.search(rf"`{attribute}[`(]", about), f"{attribute} of {name} is not described"


@pytest.mark.parametrize(
    "hook", [name for name in vars(hookspecs) if name.startswith("netrunner_")]
)
def test_every_hook_is_described(hook):
    assert f"`{hook}()`" in section("plugins.md", "The hook")
    assert inspect.getdoc(getattr(hookspecs, hook))


def anchors(page: Path) -> set[str]:
    """What links into a page may name: its headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "page",
    [
        *generate.PAGES,
        *(
            ROOT / name
            for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "plugins/README.md")
        ),
    ],
    ids=lambda page: page.name,
)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)(.+?)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target
