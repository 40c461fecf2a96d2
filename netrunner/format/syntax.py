"""Finds the most likely slip where the YAML parser stopped.

The parser reports what it expected at the place where it noticed, which is often a line too late.
So each usual slip is fixed in a copy of the text, and the copy is parsed. The change that lets the
parser get furthest is reported; if several make the text YAML, the one that leaves the fewest
problems in the format. This module is needed only for an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import islice

import yaml

from netrunner.format.document import how_far
from netrunner.format.mends import (
    OPENING,
    Finding,
    Mend,
    brackets,
    cannot_begin,
    in_quotes,
    indents,
    line_around,
    mends,
    never_closed,
    sign_at,
    tab_at,
)
from netrunner.problems.fixes import Edit, Fix
from netrunner.problems.look_alikes import look_alike
from netrunner.problems.problem import Problem, Related
from netrunner.problems.source import Source
from netrunner.problems.words import quote

MAX_MENDS = 40
MAX_SHOWN = 30  # characters of a new text in its help
MAX_WITH_THE_FIX = 50  # problems that share a fix
MAX_PARSED = 3 * 2**20  # characters in total, because the text is parsed again for each mend

Check = Callable[[str], list[Problem]]  # text → its problems by the format

# If one of these remains, the mend may have put a key or a value into the wrong place; not if it is
# known what to write instead, as for a number in full-width digits.
_MISPLACED = {"duplicate-key", "missing-key", "not-a-number", "unknown-key", "wrong-type"}


def _misplaced(problems: list[Problem]) -> bool:
    return any(each.code in _MISPLACED and not each.fixes for each in problems)


def explain(
    source: Source,
    error: yaml.MarkedYAMLError,
    innermost: int | None,
    check: Check,
    keys: Collection[str] = (),
) -> list[Problem]:
    """The problem of a text that is not YAML, with a fix if one was tried and helps.

    A fix of several places is that of a problem in each line.
    """
    finding = find(source.text, error, innermost, check, keys)
    related: tuple[Related, ...] = ()
    if finding.related is not None:
        offset, message = finding.related
        related = (Related(source.place(offset), message),)
    hint = finding.hint
    fixes: tuple[Fix, ...] = ()
    if finding.changes:
        edits = [
            Edit(*source.position(start), *source.position(end), text)
            for start, end, text in finding.changes
        ]
        start, end, text = finding.changes[0]
        title = hint or _title(source.text[start:end], text)
        fixes = (Fix(title, tuple(edits)),)
        if hint is None and len(text) <= MAX_SHOWN and text.isprintable():
            hint = title
    message = f"not YAML: {finding.message}"
    place = source.place(finding.offset)
    problem = Problem("yaml-syntax", place, message, hint=hint, related=related, fixes=fixes)
    others = {problem.place.line: problem}
    for start, end, _ in finding.changes[1:]:
        at = sign_at(source.text, start, end)
        if at is not None:
            message = f"not YAML: {look_alike(source.text[at])[0]}"
            other = replace(problem, place=source.place(at), message=message, related=())
            others.setdefault(other.place.line, other)
    if len(others) > MAX_WITH_THE_FIX:  # its edits would be repeated for each
        return [problem, *(replace(each, fixes=()) for each in [*others.values()][1:])]
    return [*others.values()]


def _title(before: str, after: str) -> str:
    """What a mend does, if its finding has no help that says so."""
    if before.strip():
        return f"write {quote(after.strip())}"
    return f"insert {quote(after.strip())}" if after.strip() else "insert a space"


def find(
    text: str,
    error: yaml.MarkedYAMLError,
    innermost: int | None,
    check: Check,
    keys: Collection[str] = (),
) -> Finding:
    """The most likely reason for the parser's error, or else the parser's own message.

    `innermost` is the beginning of the innermost collection that was open when the parser stopped;
    `keys` are the keys of the format.
    """
    assert error.problem_mark is not None
    stopped = min(error.problem_mark.index, len(text))
    finding = _parsers_words(text, error, stopped)
    at_end = not text[stopped:].strip() and not in_quotes(error)
    if at_end and innermost is not None and text[innermost] in OPENING:
        finding = never_closed(text, innermost, (stopped, "the file ends here"))
        possible = brackets(text, stopped, innermost)
    else:
        possible = mends(text, error, stopped, keys)
    furthest, left = stopped, None
    for mend in islice(possible, min(MAX_MENDS, MAX_PARSED // len(text))):
        mended = _mended(text, mend)
        reached = how_far(mended) - (len(mended) - len(text))
        if reached > len(text):
            problems = check(mended)
            if left is None or len(problems) < len(left):
                changes = mend.finding.changes or (mend[:3],)
                left, finding = problems, mend.finding._replace(changes=changes)
            if not problems:
                break
        elif left is None and reached > max(furthest, mend.beyond):
            furthest, finding = reached, mend.finding
    # If the rest stays unreadable, the mend is a guess, and its help is untested.
    guessed = furthest > stopped if left is None else _misplaced(left)
    return finding._replace(hint=None, changes=()) if guessed and not finding.sure else finding


def _mended(text: str, mend: Mend) -> str:
    return text[: mend.start] + mend.text + text[mend.end :]


def better_indent(text: str, offset: int, check: Check) -> tuple[str, tuple[int, int, str]] | None:
    """How to indent the key at `offset` so that it fits: in words, and as a change."""
    start, end = line_around(text, offset)
    possible = indents(text, start, end) if not text[start:offset].strip() else iter(())
    for mend in islice(possible, MAX_PARSED // len(text)):
        mended = _mended(text, mend)
        if how_far(mended) > len(mended) and not _misplaced(check(mended)):
            title = f"{mend.finding.hint}{'' if mend.text else ': it is a key of the network'}"
            return title, mend[:3]
    return None


def _parsers_words(text: str, error: yaml.MarkedYAMLError, stopped: int) -> Finding:
    problem = error.problem
    assert problem is not None  # a libyaml error with a place says what is wrong there
    begin = error.context_mark.index if error.context_mark else stopped
    if in_quotes(error):
        return never_closed(text, begin)
    at_end, rest = not text[stopped:].strip(), text[begin:]
    if at_end and rest[:1] in OPENING and how_far(rest) <= len(rest):
        return never_closed(text, begin, (stopped, "the file ends here"))
    char = text[stopped : stopped + 1]
    if "cannot start any token" in problem:
        return tab_at(stopped) if char == "\t" else Finding(stopped, cannot_begin(char))
    if "<document start>" in problem:
        return Finding(stopped, "there is something after the end of the document (...)")
    if "expected node content" in problem and char:
        return Finding(stopped, f"a value is missing before this {quote(char)}")
    if "expected key" in problem and char == ":":
        return Finding(stopped, "a key is missing before this ':'")
    if "block sequence entries are not allowed" in problem:
        return Finding(stopped, "a list on lines of its own cannot begin beside its key")
    if "mapping values are not allowed" in problem:
        problem = "a ':' is not allowed here"
    related = None
    if "\n" in text[begin:stopped]:
        related = (begin, f"{error.context} that begins here")
    return Finding(stopped, problem, None, related)
