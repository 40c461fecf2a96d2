"""Fixes that were tried: each removes its problem and adds none."""

from __future__ import annotations

import re
from bisect import bisect, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netrunner.format.document import MAX_PROBLEMS
from netrunner.problems.fixes import Edit, edited, overlap
from netrunner.problems.problem import Problem

if TYPE_CHECKING:
    from netrunner.format.checks import Checked

MAX_WORK = 2_000_000  # of all checks of a text with fixes; about a microsecond each, see `_work`
MAX_SINGLY = 10  # fixes of problems with the same code; more are tried together
MAX_ROUNDS = 20
MAX_UNCOVERED = 4  # fixes that each uncover the next
_MISMATCHES = ("example-mismatch", "answer-mismatch")


class Tries:
    """Checks a text with fixes, as long as there is time."""

    def __init__(self, check: Callable[[str], Checked]) -> None:
        self._check = check
        self._last: Checked | None = None
        self._left = MAX_WORK

    @property
    def go_on(self) -> bool:
        return self._left > 0

    def check(self, text: str) -> Checked:
        if self._last is None or self._last.source.text != text:
            self._last = self._check(text)
            self._left -= _work(self._last)
        return self._last


def _work(checked: Checked) -> int:
    """Roughly how many microseconds the check took: mappings and problems cost the most."""
    text = checked.source.text
    parts = 25 * text.count(":") + 12 * text.count("[") + len(text) // 10
    return 1 + parts + 300 * len(checked.problems)


def with_tried_fixes(checked: Checked, tries: Tries) -> Checked:
    """The same problems, keeping only fixes that help."""
    text = checked.source.text
    untried: dict[str, list[Problem]] = {}  # by their codes, each with one fix
    for problem in _all_in_their_lines(checked, checked.problems):
        for fix in problem.fixes:
            untried.setdefault(problem.code, []).append(replace(problem, fixes=(fix,)))

    def helping(problems: list[Problem]) -> Iterator[Problem]:
        """The problems whose fixes help: they are tried together, and in halves if that fails."""
        if not tries.go_on:
            return
        edits = [edit for problem in problems for edit in problem.fixes[0].edits]
        if _helps(problems, checked, tries.check(edited(text, edits))):
            yield from problems
        elif half := len(problems) // 2:
            yield from helping(problems[:half])
            yield from helping(problems[half:])

    helped: set[Problem] = set()
    for left in untried.values():
        while left:
            apart, _ = _apart(left)
            size = 1 if len(apart) <= MAX_SINGLY else len(apart)
            for at in range(0, len(apart), size):
                helped.update(helping(apart[at : at + size]))
            chosen = set(apart)
            left = [problem for problem in left if problem not in chosen]
    tried = [
        replace(
            problem,
            fixes=tuple(fix for fix in problem.fixes if replace(problem, fixes=(fix,)) in helped),
        )
        for problem in checked.problems
    ]
    return replace(checked, problems=tuple(tried))


def _all_in_their_lines(checked: Checked, problems: Iterable[Problem]) -> Iterable[Problem]:
    """The problems in lines of which all problems are known: if they are too many, none is sought
    after the last.
    """
    if len(checked.problems) < MAX_PROBLEMS:
        return problems
    last = checked.problems[-1].place.line or 0
    return [problem for problem in problems if (problem.place.line or 0) < last]


def _helps(ended: list[Problem], before: Checked, after: Checked) -> bool:
    """Whether these problems ended, and none was added.

    What is found once the network can be run is not added: an example did not fit before either,
    nor is a warning new. Where the network can be run already, nothing has a fix.
    """
    left = [
        each
        for each in _all_in_their_lines(before, after.problems)
        if each.code not in _MISMATCHES and each.severity == "error"
    ]
    was, now, gone = (Counter(map(_key, each)) for each in (before.problems, left, ended))
    return now <= was - gone


def _key(problem: Problem) -> tuple[str, str]:
    """What identifies a problem, regardless of its place."""
    return problem.code, re.sub(r"\blines? \d+(?: and \d+)?", "line", problem.message)


def fixed(text: str, tries: Tries) -> str:
    """`text` after all fixes that help; overlapping fixes are applied in rounds."""
    for _ in range(MAX_ROUNDS):
        untried = tries.check(text)
        if not tries.go_on:
            break
        if (together := _fixed_together(untried, tries)) is not None:
            text = together
            continue
        tried = with_tried_fixes(untried, tries)
        fixable = [problem for problem in tried.problems if problem.fixes]
        if not fixable:
            both = _fixed_with_what_it_uncovers(untried, tries)
            if both is None:
                break
            text = both
            continue
        # Fixes that help one by one may do harm together.
        together = _fixed_together(tried, tries)
        text = edited(text, fixable[0].fixes[0].edits) if together is None else together
    return text


def _fixed_together(checked: Checked, tries: Tries) -> str | None:
    """The text after all the fixes that do not overlap, if they help together."""
    apart, edits = _apart(problem for problem in checked.problems if problem.fixes)
    after = tries.check(edited(checked.source.text, edits)) if apart else checked
    return after.source.text if apart and _helps(apart, checked, after) else None


def _fixed_with_what_it_uncovers(untried: Checked, tries: Tries) -> str | None:
    """The text after a fix that uncovers problems, with these fixed as well, and what they uncover.

    In `{nmae: stp}`, nobody looks at the name before the key is right.
    """
    text = untried.source.text
    known = set(map(_key, untried.problems))
    for problem in untried.problems:
        if not problem.fixes or not tries.go_on:
            continue
        after = tries.check(edited(text, problem.fixes[0].edits))
        for _ in range(MAX_UNCOVERED):
            if _helps([problem], untried, after):
                return after.source.text
            new = [each for each in after.problems if each.fixes and _key(each) not in known]
            if not new:
                break
            after = tries.check(edited(after.source.text, _apart(new)[1]))
    return None


def _apart(problems: Iterable[Problem]) -> tuple[list[Problem], list[Edit]]:
    """The problems whose first fixes do not overlap with earlier ones, and the edits of these."""
    chosen: list[Problem] = []
    edits: list[Edit] = []
    for problem in problems:
        mine = problem.fixes[0].edits
        if not any(overlap(edit, other) for edit in mine for other in _beside(edit, edits)):
            chosen.append(problem)
            for edit in mine:
                insort(edits, edit)
    return chosen, edits


def _beside(edit: Edit, edits: list[Edit]) -> list[Edit]:
    """Of edits that are in order and apart, the one before an edit and the one after it."""
    at = bisect(edits, edit)
    return edits[max(at - 1, 0) : at + 1]
