"""The formats of a sheet, one record each; the module of the same name writes it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from netrunner.lesson.exercise import Exercise


class SheetFormat(NamedTuple):
    """A format, by its name and the suffix of its files; `together`: variants go in one file."""

    name: str
    suffix: str
    together: bool = False

    def write(self, exercises: Sequence[Exercise], lang: str, stream: TextIO) -> None:
        """Write one exercise, or all variants if they go together."""
        from netrunner.views.sheets.words import LANGUAGES

        module = import_module(f"netrunner.views.sheets.{self.name}")
        if self.together:
            module.write_all(exercises, LANGUAGES[lang], stream)
        else:
            (exercise,) = exercises
            module.write(exercise, LANGUAGES[lang], stream)


FORMATS = {
    each.name: each
    for each in (
        SheetFormat("markdown", ".md"),
        SheetFormat("html", ".html"),
        SheetFormat("latex", ".tex"),
        SheetFormat("moodle", ".xml", together=True),
        SheetFormat("gift", ".gift", together=True),
    )
}
LANGUAGE_NAMES = ("en", "zh", "ja")
