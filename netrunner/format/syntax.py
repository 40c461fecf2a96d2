"""Finds the most likely slip where the YAML parser stopped.

The parser reports what it expected at the place where it noticed, which is often a line too late.
So each usual slip is fixed in a copy of the text, and the copy is parsed. The change that lets the
parser get furthest is reported; if several make the text YAML, the one that leaves the fewest
problems in the format. This module is needed only for an error.
"""

from __future__ import annotations

from collections.abc import Callable
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
    tab_at,
)
from netrunner.problems.fixes import Edit, Fix
from netrunner.problems.problem import Problem, Related
from netrunner.problems.source import Source
from netrunner.problems.words import quote

MAX_MENDS = 40
MAX_PARSED = 3 * 2**20  # characters in total, because the text is parsed again for each mend

Check = Callable[[str], list[Problem]]  # text → its problems by the format

# If one of these remains, the mend may have put a key or a value into the wrong place.
_MISPLACED = {"duplicate-key", "missing-key", "not-a-number", "unknown-key", "wrong-type"}


def _misplaced(problems: list[Problem]) -> bool:
    return any(each.code in _MISPLACED for each in problems)


def explain(
    source: Source, error: yaml.MarkedYAMLError, innermost: int | None, check: Check
) -> Problem:
    """The problem of a text that is not YAML, with a fix if one was tried and helps."""
    finding = find(source.text, error, innermost, check)
    related: tuple[Related, ...] = ()
    if finding.related is not None:
        offset, message = finding.related
        related = (Related(source.place(offset), message),)
    fixes: tuple[Fix, ...] = ()
    if finding.mend is not None:
        start, end, text = finding.mend
        edit = Edit(*source.position(start), *source.position(end), text)
        fixes = (Fix(finding.hint or _title(source.text[start:end], text), (edit,)),)
    message = f"not YAML: {finding.message}"
    place = source.place(finding.offset)
    return Problem("yaml-syntax", place, message, hint=finding.hint, related=related, fixes=fixes)


def _title(before: str, after: str) -> str:
    """What a mend does, if its finding has no help that says so."""
    return f"insert {quote(after)}" if not before else f"write {quote(after)}"


def find(
    text: str, error: yaml.MarkedYAMLError, innermost: int | None, check: Check | None = None
) -> Finding:
    """The most likely reason for the parser's error, or else the parser's own message.

    `innermost` is the beginning of the innermost collection that was open when the parser stopped.
    """
    assert error.problem_mark is not None
    stopped = min(error.problem_mark.index, len(text))
    finding = _parsers_words(text, error, stopped)
    at_end = not text[stopped:].strip() and not in_quotes(error)
    if at_end and innermost is not None and text[innermost] in OPENING:
        finding = never_closed(text, innermost, (stopped, "the file ends here"))
        possible = brackets(text, stopped, innermost)
    else:
        possible = mends(text, error, stopped)
    furthest, left = stopped, None
    for mend in islice(possible, min(MAX_MENDS, MAX_PARSED // len(text))):
        mended = _mended(text, mend)
        reached = how_far(mended) - (len(mended) - len(text))
        if reached > len(text):
            problems = check(mended) if check else []
            if left is None or len(problems) < len(left):
                left, finding = problems, mend.finding._replace(mend=mend[:3])
            if not problems:
                break
        elif left is None and reached > max(furthest, mend.beyond):
            furthest, finding = reached, mend.finding
    # If the rest stays unreadable, the mend is a guess, and its help is untested.
    guessed = furthest > stopped if left is None else _misplaced(left)
    return finding._replace(hint=None, mend=None) if guessed and not finding.sure else finding


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
        return Finding(stopped, "a list in lines of its own cannot begin beside its key")
    if "mapping values are not allowed" in problem:
        problem = "a ':' is not allowed here"
    related = None
    if "\n" in text[begin:stopped]:
        related = (begin, f"{error.context} that begins here")
    return Finding(stopped, problem, None, related)
