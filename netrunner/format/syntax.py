"""What a learner most likely did where the YAML parser stopped.

The parser says what it expected where it noticed, which is often a line too late. So each usual
slip is mended in a copy of the text, and the copy is parsed: the mend that lets the parser get
furthest is what is told, and of those that make YAML of it, the one that leaves the format least
to say. Only an error needs this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from yaml import CSafeLoader
from yaml.events import CollectionEndEvent, CollectionStartEvent

from netrunner.problems.look_alikes import LOOK_ALIKES, look_alike
from netrunner.problems.words import quote

if TYPE_CHECKING:
    from netrunner.format.document import Judge
    from netrunner.problems.problem import Problem

MAX_MENDS = 40
MAX_PARSED = 3 * 2**20  # characters in all, as the text is parsed again for each mend


# A mend that leaves one of these may have put a key or a value into the wrong place.
_MISPLACED = {"duplicate-key", "missing-key", "not-a-number", "unknown-key", "wrong-type"}


def _misplaced(problems: list[Problem]) -> bool:
    return any(each.code in _MISPLACED for each in problems)


class Finding(NamedTuple):
    """What is wrong at an offset, what would help, and another place that it has to do with.

    `sure` is whether the help is right though more may be wrong behind it.
    """

    offset: int
    message: str
    hint: str | None = None
    related: tuple[int, str] | None = None
    sure: bool = False


class _Mend(NamedTuple):
    """A change to the text that may make it YAML, and what to say if it does."""

    start: int
    end: int
    text: str
    finding: Finding
    beyond: int = 0  # how far it must let the parser get, where that is more than further


def explain(
    text: str, error: yaml.MarkedYAMLError, innermost: int | None, judge: Judge | None
) -> Finding:
    """The most likely reason for the parser's error, which has a place, or the parser's own words.

    `innermost` is where the collection begins that was open when the parser stopped, if one was.
    """
    assert error.problem_mark is not None
    stopped = min(error.problem_mark.index, len(text))
    finding = _parsers_words(text, error, stopped)
    at_end = not text[stopped:].strip() and not _in_quotes(error)
    if at_end and innermost is not None and text[innermost] in _OPENING:
        finding = _never_closed(text, innermost, (stopped, "the file ends here"))
        mends = _brackets(text, stopped, innermost)
    else:
        mends = _mends(text, error, stopped)
    furthest, left = stopped, None
    for mend in islice(mends, min(MAX_MENDS, MAX_PARSED // len(text))):
        mended = text[: mend.start] + mend.text + text[mend.end :]
        reached = how_far(mended) - (len(mended) - len(text))
        if reached > len(text):
            problems = judge(mended) if judge else []
            if left is None or len(problems) < len(left):
                left, finding = problems, mend.finding
            if not problems:
                break
        elif left is None and reached > max(furthest, mend.beyond):
            furthest, finding = reached, mend.finding
    # A mend that leaves the rest unreadable is a guess: its help has not been seen to help.
    guessed = furthest > stopped if left is None else _misplaced(left)
    return finding._replace(hint=None) if guessed and not finding.sure else finding


def better_indent(text: str, offset: int, judge: Judge) -> str | None:
    """'indent it by ...' where the key at `offset` has its place in the format then."""
    start, end = _line(text, offset)
    mends = _indents(text, start, end) if not text[start:offset].strip() else iter(())
    for mend in islice(mends, MAX_PARSED // len(text)):
        mended = text[: mend.start] + mend.text + text[mend.end :]
        if how_far(mended) > len(mended) and not _misplaced(judge(mended)):
            return f"{mend.finding.hint}{'' if mend.text else ': it is a key of the network'}"
    return None


def how_far(text: str) -> int:
    """The offset at which the parser stops, or one beyond the end where it does not."""
    parser = CSafeLoader(text)
    try:
        while parser.get_event() is not None:
            pass
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)  # of a control character there is none
        return mark.index if mark else 0
    finally:
        parser.dispose()
    return len(text) + 1


def _in_quotes(error: yaml.MarkedYAMLError) -> bool:
    """Whether the text, or the document, ends within a quote."""
    return error.context == "while scanning a quoted scalar"


def _parsers_words(text: str, error: yaml.MarkedYAMLError, stopped: int) -> Finding:
    problem = error.problem
    assert problem is not None  # an error of libyaml with a place says what is wrong there
    begin = error.context_mark.index if error.context_mark else stopped
    if _in_quotes(error):
        return _never_closed(text, begin)
    at_end, rest = not text[stopped:].strip(), text[begin:]
    if at_end and rest[:1] in _OPENING and how_far(rest) <= len(rest):
        return _never_closed(text, begin, (stopped, "the file ends here"))
    char = text[stopped : stopped + 1]
    if "cannot start any token" in problem:
        return Finding(stopped, _cannot_begin(char))
    if "<document start>" in problem:
        return Finding(stopped, "something stands after the end of the document (...)")
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


def _never_closed(text: str, opening: int, noticed: tuple[int, str] | None = None) -> Finding:
    return Finding(opening, f"this {quote(text[opening])} is never closed", None, noticed)


_OPENING, _CLOSING = ("[", "{"), ("]", "}")
# The blanks before it are not given back, so that a long line takes no square of its length.
_KEY = r"\s*+(?:- +)*+[\w ]*?\w"


def _mends(text: str, error: yaml.MarkedYAMLError, stopped: int) -> Iterator[_Mend]:
    """The usual slips around the place where the parser stopped, the likeliest first."""
    problem = error.problem or ""
    line = start, _ = _line(text, stopped)
    line_before = _content_before(text, start)
    # A key without its colon is noticed at the next one, behind all the lines of its value.
    key = _line(text, error.context_mark.index) if error.context_mark else line_before
    lines = list(dict.fromkeys((key, line_before, line)))
    yield from _tabs(text, *line)
    for one in lines:
        yield from _full_width(text, one[0], min(stopped + 1, one[1]))
    for one in lines:
        yield from _keys(text, *one)
    yield from _dash(text, start, stopped)
    yield from _opening(text, *line)
    yield from _after_value(text, *line)
    if "expected ',' or" in problem:
        assert error.context_mark is not None  # where the list or the mapping begins
        yield from _brackets(text, stopped, error.context_mark.index)
        yield from _commas(text, stopped)
    if text[stopped : stopped + 1] in _CLOSING:
        message = f"this {quote(text[stopped])} closes nothing"
        yield _Mend(stopped, stopped + 1, "", Finding(stopped, message, "remove it"))
    if "cannot start any token" in problem:
        yield from _in_quotes_instead(text, stopped, line[1])
    if "escape character" in problem:
        yield _backslash(text, stopped)
    yield from _quotes(text, start)
    if "mapping values are not allowed" in problem:
        yield from _unquoted(text, *line)
    # A line that stands like others further up is likely right, and the one between is not.
    further_up = _indents_of(text[:start].split("\n")[-30:])
    further_up.discard(_indent(text[slice(*line_before)]))
    fits = _indent(text[slice(*line)]) in further_up
    lines = [line_before, line] if fits else [line, line_before]
    for one in dict.fromkeys((*lines, key, _outer(text, *line))):
        for mend in _indents(text, *one):
            yield mend._replace(beyond=line[1])


def _line(text: str, offset: int) -> tuple[int, int]:
    """Where the line begins and ends that `offset` is in."""
    return text.rfind("\n", 0, offset) + 1, f"{text}\n".index("\n", offset)


def _content_before(text: str, end: int) -> tuple[int, int]:
    """The last line before `end` that has more than a comment: its begin, and its content's end."""
    while end > 0:
        start = text.rfind("\n", 0, end) + 1
        content = re.sub(r"(?:^|\s)#.*", "", text[start:end]).rstrip()
        if content:
            return start, start + len(content)
        end = start - 1
    return 0, 0


def _outer(text: str, start: int, end: int) -> tuple[int, int]:
    """The last line above another that is indented less."""
    line, indent = _content_before(text, start), _indent(text[start:end])
    while _indent(text[slice(*line)]) >= indent:
        above = _content_before(text, line[0])
        if above == (0, 0):  # there is none
            break
        line = above
    return line


def _tabs(text: str, start: int, end: int) -> Iterator[_Mend]:
    """A tab in the indentation of the lines from `start` to `end`."""
    lines = text[start:end]
    if tab := re.search(r"(?m)^[ -]*\t", lines):
        message = "a tab character stands where spaces belong"
        finding = Finding(start + tab.end() - 1, message, "indent with spaces", sure=True)
        yield _Mend(start, end, lines.expandtabs(2), finding)


# A full-width colon has its blank in it.
_ASCII = str.maketrans({**LOOK_ALIKES, "：": ": "})


def _full_width(text: str, start: int, end: int) -> Iterator[_Mend]:
    """Full-width punctuation, as input methods for Chinese and Japanese write it."""
    found = [at for at in range(start, end) if text[at] in LOOK_ALIKES]
    for at in found[:10]:
        message, hint = look_alike(text[at])
        if text[at] == "：" and not text[at + 1 : at + 2].isspace():
            hint += " and a blank"
        finding = Finding(at, message, hint)
        yield _Mend(at, at + 1, text[at].translate(_ASCII), finding)
    if found:
        finding = Finding(found[0], *look_alike(text[found[0]]))
        yield _Mend(start, end, text[start:end].translate(_ASCII), finding)


def _keys(text: str, start: int, end: int) -> Iterator[_Mend]:
    """A key without the space after its colon or dash, or with = for the colon; // for #."""
    line = text[start:end]
    if match := re.match(r"\s*-(?=[^\W\d])", line):
        at = start + match.end()
        yield _Mend(at, at, " ", Finding(at - 1, "a space is missing after '-'"))
    for match in re.finditer(r"\w:(?=[^\s/])", line):
        at = start + match.end()
        yield _Mend(at, at, " ", Finding(at - 1, "a space is missing after ':'"))
    if match := re.match(rf"{_KEY}\s*(?=[=;])", line):
        at = start + match.end()
        yield _Mend(at, at + 1, ": ", Finding(at, f"'{text[at]}' does not set a value: write ':'"))
    if match := re.match(r"\s*(?:- +)*(\w+)(?=\s*$| +[^\s:])", line):
        at = start + match.end()
        yield _Mend(at, at, ":", Finding(at, f"a ':' is missing after {quote(match[1])}"))
    for match in re.finditer("//", line):
        at = start + match.start()
        yield _Mend(at, at, " #", Finding(at, "'//' does not begin a comment: write '#'"))


def _dash(text: str, start: int, stopped: int) -> Iterator[_Mend]:
    """The first item of a list whose '-' is missing: the parser stops at the second's."""
    if text[stopped : stopped + 2] != "- ":
        return
    indent, first, key = stopped - start, start, stopped
    for line in reversed(text[:start].split("\n")[:-1]):
        if not (blanks := re.match(rf" {{{indent + 2},}}(?=\S)", line)):
            break
        first -= len(line) + 1
        key = first + blanks.end()
    at = first + indent
    yield _Mend(at, at + 2, "- ", Finding(key, "a '-' is missing before this"))


def _opening(text: str, start: int, end: int) -> Iterator[_Mend]:
    """A row or a list of them whose first bracket is missing."""
    if row := re.compile(rf"(?:{_KEY}: +|\s*)(?=[\[+.\d]|-[.\d])").match(text, start):
        finding = Finding(row.end(), "a '[' is missing before this")
        yield _Mend(row.end(), row.end(), "[", finding, beyond=end)


def _after_value(text: str, start: int, end: int) -> Iterator[_Mend]:
    """A comma behind a value in brackets, or several values that want brackets around them."""
    line = text[start:end].rstrip()
    before = re.match(rf"{_KEY}: +(?=[\[{{])", line)
    if not before:
        return
    begin = start + before.end()
    value = line[before.end() :].removesuffix(",")
    if line.endswith(","):
        finding = Finding(begin + len(value), "no ',' belongs behind this value", "remove it")
        yield _Mend(begin + len(value), end, "", finding)
    hint = f"write [{value}]" if len(value) <= 60 and value.isprintable() else None
    finding = Finding(begin, "these are several values, with no brackets around them", hint)
    yield _Mend(begin, end, f"[{value}]", finding)


def _brackets(text: str, stopped: int, opening: int) -> Iterator[_Mend]:
    """A bracket that is missing here, at the end of the lines before, or behind a row."""
    found, place, noticed = "this comes where it was expected to close", stopped, stopped
    if not text[stopped:].strip():
        found, place = "the file ends here", _content_before(text, stopped)[1]
    elif text[stopped] not in _CLOSING:  # a key, which shows at its colon, or an item at its dash
        start = _line(text, stopped)[0]
        line, place = text[start:stopped], _content_before(text, start)[1]
        noticed = start + len(line) - len(line.lstrip(" -"))
    places = [place]
    rows = re.compile(r"[^\s\]},](?=\s*,(?:\s*+#.*+)*+\s*(?:\[|\w+:\s))")
    places += (row.end() for row in islice(rows.finditer(text, opening, stopped), 10))
    for place in places:
        opened = _open_brackets(text[:place]) or [opening]
        written = text[max(opened[-1], _line(text, place)[0]) : place].strip()
        shown = written if len(written) <= 40 else written.split()[-1]
        finding = _never_closed(text, opened[-1], (noticed, found))
        closing = ""
        for at in opened[:-4:-1]:
            closing += _CLOSING[_OPENING.index(text[at])]
            hint = f"put {quote(closing)} after {quote(shown)}"
            yield _Mend(place, place, closing, finding._replace(hint=hint))


def _open_brackets(text: str) -> list[int]:
    """Where the brackets stand that are open at the end of `text`."""
    opened: list[int] = []
    events: Iterator[Any] = yaml.parse(text, CSafeLoader)
    with suppress(yaml.YAMLError):
        for event in events:
            begin, end = event.start_mark.index, event.end_mark.index
            if isinstance(event, CollectionStartEvent):
                opened.append(end - 1 if event.anchor else begin)  # which is where the anchor is
            elif isinstance(event, CollectionEndEvent):
                opened.pop()
    return [at for at in opened if text[at] in _OPENING]


def _commas(text: str, stopped: int) -> Iterator[_Mend]:
    """A comma that is missing before the token where the parser stopped, or before its key."""
    if text[stopped : stopped + 1] == ";":
        finding = Finding(stopped, "';' does not separate values: write ','")
        yield _Mend(stopped, stopped + 1, ",", finding)
        return
    if text[stopped : stopped + 1] == ":":
        stopped = max(text.rfind(blank, 0, stopped) for blank in " \t\n") + 1
    if token := re.compile(r"[\[\]{}]|[^\s\[\]{},:]+").match(text, stopped):
        finding = Finding(stopped, f"a ',' is missing before {quote(token.group())}")
        yield _Mend(stopped, stopped, ",", finding)


def _backslash(text: str, at: int) -> _Mend:
    hint = "write \\\\ for a backslash, or put the text in single quotes"
    finding = Finding(at, f"{quote(text[at : at + 2])} is no escape of YAML", hint)
    return _Mend(at, at, "\\", finding)


def _without_comment(value: str) -> str:
    return re.split(r"\s#", value, maxsplit=1)[0].rstrip()


def _cannot_begin(char: str) -> str:
    return f"{quote(char)} cannot begin a value"


def _in_quotes_instead(text: str, stopped: int, end: int) -> Iterator[_Mend]:
    """A text that begins with a character that it cannot begin with: up to a comma, or all."""
    for ends in (r"[^\n,\[\]{}]*", r"[^\n]*"):
        found = re.compile(ends).match(text, stopped, end)
        value = _without_comment(found.group()) if found else ""
        if any(map(str.isalpha, value)):  # and it is meant for no number
            quoted = _quoted(value, stopped, stopped, _cannot_begin(text[stopped]))
            bare = value.strip("@`")
            yield quoted
            yield quoted._replace(text=bare, finding=quoted.finding._replace(hint=f"write {bare}"))


def _quoted(value: str, begin: int, at: int, message: str) -> _Mend:
    """A text in quotes; what is wrong with it without them shows `at` a character of it."""
    quoted = "'" + value.replace("'", "''") + "'"
    short = len(quoted) <= 60 and quoted.isprintable()
    hint = f"write {quoted}" if short else "put it in quotes"
    return _Mend(begin, begin + len(value), quoted, Finding(at, message, hint))


def _quotes(text: str, start: int) -> Iterator[_Mend]:
    """A quote that is still open where the line at `start` begins: it closed too late, or never."""
    try:
        for _ in yaml.parse(text[:start], CSafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        if _in_quotes(error) and error.context_mark:
            opening = error.context_mark.index
            end = text.index("\n", opening)
            yield _Mend(end, end, text[opening], _never_closed(text, opening))


_BEGINNINGS = ("name: ", "file: ")  # of a mapping that the format has in the place of a value


def _unquoted(text: str, start: int, end: int) -> Iterator[_Mend]:
    """A text with ': ' in it, without quotes; or several keys, without braces."""
    key = re.compile(rf"{_KEY}: +(?=[^\s\"'\[{{])").match(text, start)
    if not key:
        return
    begin = key.end()
    value = _without_comment(text[begin:end])
    if ": " not in value:
        return
    if value.startswith(_BEGINNINGS):
        hint = f"write {{{value}}}" if len(value) <= 60 and value.isprintable() else None
        finding = Finding(begin, "these are keys with values, with no braces around them", hint)
        yield _Mend(begin, begin + len(value), f"{{{value}}}", finding)
    message = "a text with ': ' in it needs quotes"
    yield _quoted(value, begin, begin + value.index(": "), message)


def _indents(text: str, start: int, end: int) -> Iterator[_Mend]:
    """A line that is indented otherwise than those above that it belongs to."""
    line = text[start:end]
    if not line.strip():
        return
    indent = _indent(line)
    near = [*text[:start].split("\n")[-30:], *text[end:].split("\n")[:30]]
    for other in sorted(_indents_of(near) - {indent}, key=lambda each: abs(each - indent)):
        message = f"this line is indented by {indent}, which does not fit the lines above it"
        finding = Finding(start + indent, message, f"indent it by {other}")
        yield _Mend(start, start + indent, " " * other, finding)
    if indent and re.match(rf"{_KEY}:", line):
        for dash in sorted({_indent(each) for each in near if each.lstrip().startswith("- ")}):
            hint = f"put '- ' before it, and indent the '-' by {dash}"
            finding = Finding(start + indent, "a '-' is missing before this", hint)
            yield _Mend(start, start + indent, " " * dash + "- ", finding)


def _indents_of(lines: list[str]) -> set[int]:
    """How lines are indented: their dashes, and what follows these."""
    known = set()
    for line in lines:
        if line.strip() and (match := re.match(r"( *)(?:- +)*", line)):
            known |= {len(match[1]), len(match[0])}
    return known


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
