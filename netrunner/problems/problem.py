"""What went wrong, where, and what would help."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from netrunner.problems.source import Place, snippet
from netrunner.problems.words import printable

if TYPE_CHECKING:
    from netrunner.problems.codes import Code
    from netrunner.problems.fixes import Fix

Severity = Literal["error", "warning"]
Style = Callable[[str, str], str]  # (text, role) → text, where a role is a severity, note or help

PROBLEMS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Related:
    """The other place that a problem conflicts with."""

    place: Place
    message: str

    def __post_init__(self) -> None:
        _make_printable(self, "message")


def _make_printable(record: object, *fields: str) -> None:
    """Whatever a file or a library says in a text, it is one line that no terminal obeys."""
    for field in fields:
        text = getattr(record, field)
        if text is not None:
            object.__setattr__(record, field, printable(text))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or doubtful, at one place.

    `hint` is what would help, present only where it was checked to work, and `fixes` are edits of
    the text that do it. `context` is one more line for a reader, such as the chain of shapes as far
    as it holds.
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
        """The problem as the command line prints it, its parts marked by `style`."""
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
    """All problems as text, one after the other; of very many, the first."""
    problems = list(problems)
    texts = [problem.text(style) for problem in problems[:PROBLEMS_SHOWN]]
    if len(problems) > PROBLEMS_SHOWN:
        texts.append(f"... and {len(problems) - PROBLEMS_SHOWN} more problems")
    return "\n".join(texts)


class Fault(ValueError):  # noqa: N818 - it becomes a Problem, and that an error
    """Something wrong, found where nobody knows the place in the user's file.

    The boundary that knows it turns the fault into a Problem. `place` is the fault's own place in
    a file with lines; `index` is which element of an array is wrong; `instead` is what to write in
    the place of what is wrong, which is also the hint where there is no other.
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
        """Let this be what helps, and nothing else."""
        self.hint = f"write {instead}" if hint is None and instead is not None else hint
        self.instead = instead

    def at(self, place: Place, where: str = "") -> Problem:
        """The problem at `place`, or at the fault's own where it has one."""
        return Problem(self.code, self.place or place, where + self.message, hint=self.hint)


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
    """What is found wrong, without a place of its own, is reported under `name`."""
    try:
        yield
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(name))) from None


class NetrunnerWarning(UserWarning):
    """A run met a value that is not finite: the message names where it arose."""

    code: Code = "not-finite"


class BrokenPluginWarning(NetrunnerWarning):
    """An installed plugin cannot be used, and is left out: the message names it, and why."""

    code: Code = "broken-plugin"


class UnknownPluginWarning(NetrunnerWarning):
    """NETRUNNER_LOAD_PLUGINS names a distribution that is not installed, or has no plugin."""

    code: Code = "unknown-plugin"


class MissingFontWarning(NetrunnerWarning):
    """No installed font has some characters of a picture: the message names them."""

    code: Code = "missing-font"
