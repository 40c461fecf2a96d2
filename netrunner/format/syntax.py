"""Finds the most likely slip where the YAML parser stopped.

The parser reports what it expected at the place where it noticed, which is often a line too late.
So each usual slip is fixed in a copy of the text, and the copy is parsed. The change that lets the
parser get furthest is reported; if several make the text YAML, the one that leaves the fewest
problems in the format. Where the parser stops again, the next slip is sought in the copy, and so
on: a change is offered if the text is YAML in the end. This module is needed only for an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice

import yaml

from netrunner.format.document import how_far, in_quotes, where_it_stops
from netrunner.format.mends import (
    OPENING,
    Finding,
    Mend,
    brackets,
    cannot_begin,
    changed,
    indents,
    line_around,
    mends,
    never_closed,
    open_brackets,
    quotes,
    sign_at,
    tab_at,
)
from netrunner.problems.fixes import Edit, Fix
from netrunner.problems.look_alikes import LOOK_ALIKES, look_alike
from netrunner.problems.problem import Problem, Related
from netrunner.problems.source import Source
from netrunner.problems.words import quote

MAX_MENDS = 40
MAX_SLIPS = 32  # in one text, that are fixed one after the other
MAX_ALIKE = 3  # mends that let the parser get equally far, and are compared
MAX_SHOWN = 30  # characters of a new text in its help
MAX_WITH_THE_FIX = 50  # problems that share a fix
MAX_PARSED = 3 * 2**20  # characters in total, because the text is parsed again for each mend
MAX_NESTED = 30_000  # ':' and '[' in a text that is parsed again: so many take 0.3 s each time

Check = Callable[[str], list[Problem]]  # text → its problems by the format

# If one of these remains, the mend may have put a key or a value into the wrong place; not if it is
# known what to write instead, as for a number in full-width digits.
_MISPLACED = {
    "duplicate-key",
    "missing-key",
    "not-a-number",
    "unknown-key",
    "wrong-type",
    "yaml-syntax",
}


def _misplaced(problems: list[Problem]) -> bool:
    return any(each.code in _MISPLACED and not each.fixes for each in problems)


def _badness(problems: list[Problem]) -> tuple[bool, int]:
    return _misplaced(problems), len(problems)


def explain(
    source: Source,
    error: yaml.MarkedYAMLError,
    innermost: int | None,
    check: Check,
    keys: frozenset[str] = frozenset(),
    found: dict[str, Finding] | None = None,
) -> list[Problem]:
    """The problem of a text that is not YAML, with a fix if one was tried and helps.

    A fix of several places is that of a problem in each line.
    """
    finding = find(source.text, error, innermost, check, keys, {} if found is None else found)
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
            sign = source.text[at]
            said = f"not YAML: {look_alike(sign)[0]}" if sign in LOOK_ALIKES else message
            other = replace(problem, place=source.place(at), message=said, related=())
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
    keys: frozenset[str],
    found: dict[str, Finding],
) -> Finding:
    """The most likely reason for the parser's error, or else the parser's own message.

    `innermost` is the beginning of the innermost collection that was open when the parser stopped;
    `keys` are the keys of the format; `found` has the findings of texts, and gets those of this
    text and of each text that is it with another slip fixed.
    """
    if text in found:
        return found[text]
    slips: dict[str, _Slip] = {}
    trials = _trials(text)
    stop: tuple[yaml.MarkedYAMLError, int | None] | None = (error, innermost)
    mended, left = text, None
    while stop and mended not in slips and len(slips) < MAX_SLIPS:
        slip = slips[mended] = _Slip(mended, *stop, check, keys)
        trials -= slip.seek(trials)
        left = slip.left
        if left is not None or not slip.finding.changes:
            break
        mended = changed(mended, slip.finding.changes)
        stop = where_it_stops(mended)
    if left is None or _misplaced(left):
        # The rest stays unreadable: the mend is a guess, and its help is untested.
        guess = slips[text].guess
        found[text] = (
            guess if guess.sure or not guess.changes else guess._replace(hint=None, changes=())
        )
    else:
        found.update((each, slip.finding) for each, slip in slips.items())
    return found[text]


def _trials(text: str) -> int:
    """How many changes of a text may be tried."""
    absurd = text.count(":") + text.count("[") > MAX_NESTED
    return 0 if absurd else MAX_PARSED // len(text)


class _Slip:
    """The slip where the parser stopped in a text, and the finding if more slips come after it.

    `left` are the problems that remain once it is fixed, or None if the text is not YAML then;
    `guess` is the finding where nothing makes YAML of the text.
    """

    def __init__(
        self,
        text: str,
        error: yaml.MarkedYAMLError,
        innermost: int | None,
        check: Check,
        keys: frozenset[str],
    ) -> None:
        assert error.problem_mark is not None
        self.text, self.check = text, check
        self.stopped = stopped = min(error.problem_mark.index, len(text))
        self.left: list[Problem] | None = None
        self.finding = self.guess = _parsers_words(text, error, stopped)
        at_end = not text[stopped:].strip() and not in_quotes(error)
        if at_end and innermost is not None and text[innermost] in OPENING:
            self.finding = never_closed(text, innermost, (stopped, "the file ends here"))
            self.possible = brackets(text, stopped, innermost)
        else:
            self.possible = mends(text, error, stopped, keys)

    def seek(self, trials: int) -> int:
        """Find the slip by at most so many trials; returns how many it took."""
        tried = 0
        if closing := [*quotes(self.text, self.stopped)]:
            # The parser took what follows for a text, so it got too far.
            tried = self._try(closing[:trials], closing[0].finding.offset)
        if not self.finding.changes:
            words, most = self.finding, min(MAX_MENDS, trials - tried)
            taken = self._try(islice(self.possible, most), how_far(self.text))
            if self.left is None and taken == most < MAX_MENDS:  # another may get further
                self.finding = self.guess = words
            tried += taken
        return tried

    def _try(self, possible: Iterable[Mend], stopped: int) -> int:
        """Find the slip among mends that get the parser further; returns how many there were."""
        text, tried, furthest = self.text, 0, stopped
        alike: list[tuple[str, Mend]] = []  # those that let the parser get furthest
        for mend in possible:
            tried += 1
            mended = _mended(text, mend)
            longer = len(mended) - len(text)
            reached = how_far(mended) - longer
            if reached > len(text):
                problems = self.check(mended)
                if self.left is None or _badness(problems) < _badness(self.left):
                    self.left, self.finding = problems, _tried(mend)
                if not problems:
                    break
            elif reached > max(stopped, mend.beyond) and reached >= furthest:  # noqa: SIM102
                if not self._swallows(mended[: reached + longer], mend):
                    alike = [*alike, (mended, mend)] if reached == furthest else [(mended, mend)]
                    furthest = reached
        self.guess = self.finding
        if alike and (self.left is None or _misplaced(self.left)):
            self.finding = _tried(self._best(alike[:MAX_ALIKE], len(text) - furthest))
            self.guess = self.finding if self.left is None else self.guess
            self.left = None
        return tried

    def _swallows(self, before: str, mend: Mend) -> bool:
        """Whether a bracket is open where the parser stops now that was closed before the mend."""
        end = mend.start + len(mend.text)
        now = {at for at in open_brackets(before) if at < end}
        return not now <= {*open_brackets(self.text[: self.stopped])}

    def _best(self, alike: list[tuple[str, Mend]], rest: int) -> Mend:
        """Of mends that leave the same rest unread: the one that leaves the least within brackets.

        If several do, the one with the fewest problems before that; what is missing may come later.
        """
        befores, lines = [], []
        for mended, _ in alike:
            stops = len(mended) - rest
            begin, *_ = open_brackets(mended[:stops]) or (stops,)
            befores.append(mended[: line_around(mended, begin)[0]])
            lines.append(mended.count("\n", begin))
        least = [i for i, each in enumerate(lines) if each == min(lines)]

        def wrong(i: int) -> int:
            return sum(each.code != "missing-key" for each in self.check(befores[i]))

        same = len({befores[i] for i in least}) == 1  # which need not be checked
        return alike[least[0] if same else min(least, key=wrong)][1]


def _tried(mend: Mend) -> Finding:
    return mend.finding._replace(changes=mend.finding.changes or (mend[:3],))


def _mended(text: str, mend: Mend) -> str:
    return text[: mend.start] + mend.text + text[mend.end :]


def better_indent(text: str, offset: int, check: Check) -> tuple[str, tuple[int, int, str]] | None:
    """How to indent the key at `offset` so that it fits: in words, and as a change."""
    start, end = line_around(text, offset)
    possible = indents(text, start, end) if not text[start:offset].strip() else iter(())
    for mend in islice(possible, _trials(text)):
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
    if error.context == "while scanning a block scalar":
        return Finding(begin, f"after {quote(text[begin])}, a text begins on the next line")
    if error.context in ("while scanning an alias", "while scanning an anchor"):
        return Finding(begin, f"{quote(text[begin])} begins the name of an anchor: it needs quotes")
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
