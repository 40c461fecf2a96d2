"""Fixes that were tried: each removes its problem and adds none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from netrunner.problems.fixes import Edit, edited, overlap
from netrunner.problems.problem import Problem

if TYPE_CHECKING:
    from netrunner.format.checks import Checked

MAX_TRIED = 8 * 2**20  # characters in total, because the text is checked again for each fix
MAX_ROUNDS = 20
MAX_UNCOVERED = 4  # fixes that each uncover the next
_MISMATCHES = ("example-mismatch", "answer-mismatch")


def with_tried_fixes(checked: Checked, check: Callable[[str], Checked]) -> Checked:
    """The same problems, keeping only fixes that help."""
    text = checked.source.text
    tries = MAX_TRIED // (len(text) + 1)
    tried: list[Problem] = []
    for problem in checked.problems:
        fixes = problem.fixes[: max(tries, 0)]
        tries -= len(fixes)
        helping = [
            fix for fix in fixes if _helps([problem], checked, check(edited(text, fix.edits)))
        ]
        tried.append(replace(problem, fixes=tuple(helping)))
    return replace(checked, problems=tuple(tried))


def _helps(
    ended: list[Problem], before: Checked, after: Checked, warnings_too: bool = True
) -> bool:
    """Whether these problems ended, and none was added.

    An example that fails once the network can be run is not added: it did not fit before either.
    Nor is a warning, unless `warnings_too`. Where the network can be run already, nothing has a
    fix.
    """
    left = [
        each
        for each in after.problems
        if each.code not in _MISMATCHES and (warnings_too or each.severity == "error")
    ]
    was, now, gone = (Counter(map(_key, each)) for each in (before.problems, left, ended))
    return now <= was - gone


def _key(problem: Problem) -> tuple[str, str]:
    """What identifies a problem, regardless of its place."""
    return problem.code, re.sub(r"\bline \d+", "line", problem.message)


def fixed(text: str, check: Callable[[str], Checked]) -> str:
    """`text` after all fixes that help; overlapping fixes are applied in rounds."""
    for _ in range(MAX_ROUNDS):
        untried = check(text)
        checked = with_tried_fixes(untried, check)
        fixable = [problem for problem in checked.problems if problem.fixes]
        if not fixable:
            both = _fixed_with_what_it_uncovers(untried, check)
            if both is None:
                break
            text = both
            continue
        apart, edits = _apart(fixable)
        together = edited(text, edits)
        # Fixes that help one by one may do harm together.
        helps = _helps(apart, checked, check(together))
        text = together if helps else edited(text, fixable[0].fixes[0].edits)
    return text


def _fixed_with_what_it_uncovers(untried: Checked, check: Callable[[str], Checked]) -> str | None:
    """The text after a fix that uncovers problems, with these fixed as well, and what they uncover.

    In `activaton: stp`, nobody looks at the name before the key is right. Warnings may remain.
    """
    text = untried.source.text
    if len(text) * len(untried.problems) > MAX_TRIED:
        return None
    known = set(map(_key, untried.problems))
    for problem in untried.problems:
        for fix in problem.fixes[:1]:
            after = check(edited(text, fix.edits))
            for _ in range(MAX_UNCOVERED):
                if _helps([problem], untried, after, warnings_too=False):
                    return after.source.text
                new = [each for each in after.problems if each.fixes and _key(each) not in known]
                if not new:
                    break
                after = check(edited(after.source.text, _apart(new)[1]))
    return None


def _apart(problems: Iterable[Problem]) -> tuple[list[Problem], list[Edit]]:
    """The problems whose first fixes do not overlap with earlier ones, and the edits of these."""
    chosen: list[Problem] = []
    edits: list[Edit] = []
    for problem in problems:
        mine = problem.fixes[0].edits
        if not any(overlap(edit, other) for edit in mine for other in edits):
            chosen.append(problem)
            edits.extend(mine)
    return chosen, edits
