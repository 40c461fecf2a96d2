"""The review of an activation: the promises that it keeps and breaks, and the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap
from typing import Any, TextIO

from netrunner.problems.words import count, printable
from netrunner.testing.promise import Review, Verdict
from netrunner.views.render.lines import width


def write(review: Review, stream: TextIO, bold: Callable[[str], str] = str) -> None:
    """Write the review as readable text."""
    stream.writelines(f"{line}\n" for line in _lines(review, bold))


def _lines(review: Review, bold: Callable[[str], str]) -> Iterator[str]:
    yield f"{bold(printable(review.activation.name))}, {printable(str(review.origin))}"
    broken = [each for each in review.verdicts if each.broken]
    if review.kept:
        every = "" if broken else "all "
        said = f"keeps {every}{count(len(review.kept), 'promise')}: {', '.join(review.kept)}"
        yield from _wrapped(said, "  ", "    ")
    reasons = dict.fromkeys(each.passed for each in review.verdicts if each.passed)
    for reason in reasons:
        names = [each.promise.name for each in review.verdicts if each.passed == reason]
        yield from _wrapped(f"not judged, as {reason}: {', '.join(names)}", "  ", "    ")
    if broken:
        yield f"  breaks {count(len(broken), 'promise')}:"
    for verdict in broken:
        yield ""
        yield from _broken(verdict, bold)


def _broken(verdict: Verdict, bold: Callable[[str], str]) -> Iterator[str]:
    promise, broken = verdict.promise, verdict.broken
    assert broken is not None
    yield f"  {bold(promise.name)}"
    yield from _wrapped(promise.sentence, "    ", "    ")
    where = "" if broken.line is None else f" (on line {broken.line})"
    rows = [("given", broken.given), ("got", broken.got + where), ("expected", broken.expected)]
    rows.append(("why", promise.why))
    if broken.hint:
        rows.append(("help", broken.hint))
    for name, text in rows:
        yield from _wrapped(printable(text), f"    {name:<11}", " " * 15)


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return wrap(
        text, width(), initial_indent=first, subsequent_indent=later, break_on_hyphens=False
    )


def as_dicts(review: Review) -> list[dict[str, Any]]:
    """The broken promises as `check --format json` prints problems, with a few more keys."""
    broken = [each for each in review.verdicts if each.broken]
    return [
        {
            **problem.as_dict(),
            "activation": review.activation.name,
            "promise": verdict.promise.name,
            "given": verdict.broken.given,
            "got": verdict.broken.got,
            "expected": verdict.broken.expected,
        }
        for verdict, problem in zip(broken, review.problems, strict=True)
        if verdict.broken
    ]
