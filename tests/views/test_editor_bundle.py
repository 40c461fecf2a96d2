"""The editor of `netrunner serve` is made from its sources, by `npm run build` in editors/page."""

from __future__ import annotations

from hashlib import sha256

from conftest import ROOT

SOURCES = ROOT / "editors" / "page"
PAGE = ROOT / "netrunner" / "views" / "page"


def test_the_editor_in_the_package_is_that_of_the_sources() -> None:
    made_of = sha256()
    for name in ("build.mjs", "editor.mjs", "package-lock.json"):
        made_of.update((SOURCES / name).read_bytes())
    head = (PAGE / "editor.js").read_text(encoding="utf-8")[:500]
    assert made_of.hexdigest() in head, "run `npm ci && npm run build` in editors/page"
    assert "Marijn Haverbeke" in (PAGE / "editor.LICENSE.txt").read_text(encoding="utf-8")
