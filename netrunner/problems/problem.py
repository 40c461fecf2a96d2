"""What went wrong, where, and what would help."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from netrunner.problems.source import Place, snippet
from netrunner.problems.words import printable
from netrunner.process.dataclass import dataclass

if TYPE_CHECKING:
    from netrunner.problems.codes import Code
    from netrunner.problems.fixes import Fix

Severity = Literal["error", "warning"]
Style = Callable[[str, str], str]  # (text, role) → text; a role is a severity, note or help

PROBLEMS_SHOWN = 100


@dataclass(frozen=True)
class Related:
    """The other place, with which a problem conflicts."""

    place: Place
    message: str

    def __post_init__(self) -> None:
        _make_printable(self, "message")


def _make_printable(record: object, *fields: str) -> None:
    """Make a text one line without control characters, whatever a file or a library put in it."""
    for field in fields:
        text = getattr(record, field)
        if text is not None:
            object.__setattr__(record, field, printable(text))


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong or doubtful, at one place.

    `hint` is what would help; it is present only if it was tried and works. `fixes` are edits of
    the text that do it. `context` is one more line for the reader, such as the chain of shapes up
    to the problem.
    """

    code: Code
    place: Place
    message: str
    severity: Severity = "error"
    hint: str | None = None
    related: tuple[Related, ...] = ()
    context: str | None = None
    fixes: tuple[Fix, ...] = ()

    def __post_init__(self) -> None:
        _make_printable(self, "message", "hint", "context")

    def __str__(self) -> str:
        return self.text()

    def text(self, style: Style = lambda text, role: text) -> str:
        """The problem as the command line prints it, with its parts styled by `style`."""
        severity = style(f"{self.severity}:", self.severity)
        lines = [f"{self.place}: {severity} {self.message} [{self.code}]", *snippet(self.place)]
        for related in self.related:
            lines.append(f"{related.place}: {style('note:', 'note')} {related.message}")
        if self.context:
            lines.append(f"    {self.context}")
        if self.hint:
            lines.append(f"  {style('help:', 'help')} {self.hint}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The problem as `check --format json` prints it."""
        from dataclasses import asdict

        place = self.place
        return {
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "end_line": place.end_line,
            "end_column": place.end_column,
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "context": self.context,
            "related": [
                {
                    "file": related.place.file,
                    "line": related.place.line,
                    "column": related.place.column,
                    "message": related.message,
                }
                for related in self.related
            ],
            "fixes": [
                {"title": fix.title, "edits": [asdict(edit) for edit in fix.edits]}
                for fix in self.fixes
            ],
        }


def in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems sorted by line and column."""
    return sorted(problems, key=lambda each: (each.place.line or 0, each.place.column or 0))


def problems_text(problems: Iterable[Problem], style: Style = lambda text, role: text) -> str:
    """The problems as text; if there are very many, only the first."""
    problems = list(problems)
    texts = [problem.text(style) for problem in problems[:PROBLEMS_SHOWN]]
    if len(problems) > PROBLEMS_SHOWN:
        texts.append(f"... and {len(problems) - PROBLEMS_SHOWN} more problems")
    return "\n".join(texts)


class Fault(ValueError):  # noqa: N818 - it becomes a Problem, which becomes an error
    """Something wrong, found in code that does not know the place in the user's file.

    A caller that knows the place turns the fault into a Problem. `place` is the fault's own place
    in a file with lines; `index` is the array element that is wrong; `instead` is the correct text,
    which is also the hint if no other is given.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        hint: str | None = None,
        place: Place | None = None,
        index: tuple[int, ...] | None = None,
        instead: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message = code, message
        self.place, self.index = place, index
        self.help_with(hint, instead)

    def help_with(self, hint: str | None = None, instead: str | None = None) -> None:
        """Replace the hint and the fix."""
        self.hint = f"write {instead}" if hint is None and instead is not None else hint
        self.instead = instead

    def at(self, place: Place, where: str = "") -> Problem:
        """The problem at the fault's own place, if it has one, or else at `place`."""
        return Problem(self.code, self.place or place, where + self.message, hint=self.hint)


def damaged(why: str) -> Fault:
    """The fault of a file that is not what its writer made of it."""
    return Fault("damaged-file", f"the file is damaged: {why}")


def missing_package(who_needs: str, package: str, extra: str) -> Fault:
    """The fault of a package that comes with one of the distribution's extras."""
    message = f"{who_needs} the package {package}: pip install 'netrunner-nn[{extra}]'"
    return Fault("missing-package", message)


class NetrunnerError(Exception):
    """A file, an input or a plugin that the user gave is wrong.

    `problems` says what and where; `str()` is what the command line prints.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return problems_text(self.problems)


@contextmanager
def about(name: str) -> Iterator[None]:
    """Turn a Fault without a place into a NetrunnerError at `name`."""
    try:
        yield
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(name))) from None


class NetrunnerWarning(UserWarning):
    """A value in a run is not finite; the message says where it arose."""

    code: Code = "not-finite"


class BrokenPluginWarning(NetrunnerWarning):
    """An installed plugin cannot be used, and is left out; the message names it and says why."""

    code: Code = "broken-plugin"


class UnknownPluginWarning(NetrunnerWarning):
    """NETRUNNER_LOAD_PLUGINS names a distribution that is not installed or has no plugin."""

    code: Code = "unknown-plugin"


class MissingFontWarning(NetrunnerWarning):
    """No installed font has some characters of a picture; the message names them."""

    code: Code = "missing-font"
