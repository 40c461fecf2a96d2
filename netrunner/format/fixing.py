"""Fixes that were tried: each removes its problem and adds none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from netrunner.problems.fixes import Edit, Fix, edited, overlap
from netrunner.problems.problem import Problem

Check = Callable[[str], Sequence[Problem]]  # text → all its problems

MAX_TRIED = 8 * 2**20  # characters in total, because the text is checked again for each fix
MAX_ROUNDS = 20


def with_tried_fixes(
    text: str, problems: Sequence[Problem], check: Check, may_reveal: bool = False
) -> list[Problem]:
    """The problems of a text, keeping only fixes that help.

    Such a fix adds no problem; or at most one, if it `may_reveal` what its own problem was hiding.
    """
    before = Counter(map(_key, problems))
    tries = MAX_TRIED // (len(text) + 1)
    tried: list[Problem] = []
    for problem in problems:
        fixes = problem.fixes[: max(tries, 0)]
        tries -= len(fixes)
        helping = []
        for fix in fixes:
            after = Counter(map(_key, check(edited(text, fix.edits))))
            ended = after[_key(problem)] < before[_key(problem)]
            if ended and (after <= before or (may_reveal and after.total() <= before.total())):
                helping.append(fix)
        tried.append(replace(problem, fixes=tuple(helping)))
    return tried


def _key(problem: Problem) -> tuple[str, str]:
    """What identifies a problem, regardless of its place."""
    return problem.code, re.sub(r"\bline \d+", "line", problem.message)


def fixed(text: str, check: Check) -> str:
    """`text` after all fixes that help; overlapping fixes are applied in rounds."""
    for _ in range(MAX_ROUNDS):
        problems = with_tried_fixes(text, check(text), check, may_reveal=True)
        fixes = [problem.fixes[0] for problem in problems if problem.fixes]
        if not fixes:
            break
        together = edited(text, _apart(fixes))
        # Fixes that help one by one may do harm together.
        helps = len(check(together)) <= len(problems)
        text = together if helps else edited(text, fixes[0].edits)
    return text


def _apart(fixes: Iterable[Fix]) -> list[Edit]:
    """The edits of the fixes that do not overlap with earlier ones."""
    chosen: list[Edit] = []
    for fix in fixes:
        if not any(overlap(edit, other) for edit in fix.edits for other in chosen):
            chosen.extend(fix.edits)
    return chosen
