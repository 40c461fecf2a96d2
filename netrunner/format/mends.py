"""The usual slips in YAML, each with the change to the text that would fix it.

Only if the text is YAML after the change was the guess right, so callers must try it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from itertools import combinations, islice, product
from typing import Any, NamedTuple

import yaml
from yaml import CSafeLoader
from yaml.events import CollectionEndEvent, CollectionStartEvent

from netrunner.format.document import in_quotes
from netrunner.problems.look_alikes import LOOK_ALIKES, look_alike
from netrunner.problems.words import display_width, quote


class Finding(NamedTuple):
    """What is wrong at an offset, what would help, and a related place.

    `sure` means that the help is right, although more may be wrong later in the text. `changes` are
    those that were tried: start offset, end offset, new text.
    """

    offset: int
    message: str
    hint: str | None = None
    related: tuple[int, str] | None = None
    sure: bool = False
    changes: tuple[tuple[int, int, str], ...] = ()


class Mend(NamedTuple):
    """A change to the text that may make it YAML, and what to report if it does.

    The finding has its `changes` if they are several.
    """

    start: int
    end: int
    text: str
    finding: Finding
    beyond: int = 0  # how far the parser must get with it, if getting further is not enough


OPENING, CLOSING = ("[", "{"), ("]", "}")
# Possessive, so that the time for a long line does not grow with the square of its length.
_KEY = r"\s*+(?:- +)*+[\w ]*?\w"


def mends(
    text: str, error: yaml.MarkedYAMLError, stopped: int, keys: frozenset[str] = frozenset()
) -> Iterator[Mend]:
    """The usual slips around the place where the parser stopped, the most likely first.

    `keys` are the keys of the format, in all languages.
    """
    problem = error.problem or ""
    line = start, _ = line_around(text, stopped)
    line_before = _content_before(text, start)
    # The parser notices a missing colon only at the next key, after all the lines of the value.
    key = line_around(text, error.context_mark.index) if error.context_mark else line_before
    lines = list(dict.fromkeys((key, line_before, line)))
    full_width = not text.isascii()
    blanks = [mend for blank in "\t\u3000" for mend in _blank_indents(text, blank)]
    signs = [*_all_full_width(text, keys)] if full_width else []
    glued = [*_all_keys(text, keys)]
    yield from blanks
    for one in lines if full_width else ():
        yield from _full_width(text, one[0], min(stopped + 1, one[1]))
    yield from signs
    for one in lines:
        yield from _keys(text, *one)
    yield from glued
    yield from _arrays(text)
    if full_width:
        yield from _line_ends(text)
    nothing: list[Mend | None] = [None]
    for blank, sign in product(blanks or nothing, signs or nothing):
        yield from _together(text, [each for each in (blank, sign, *glued) if each])
    yield from _dash(text, start, stopped)
    if closing := re.compile(r"[\]}]+").match(text, stopped):
        message = f"this {quote(text[stopped])} closes nothing"
        yield Mend(stopped, stopped + 1, "", Finding(stopped, message, "remove it"))
        message = f"these {quote(closing[0])} close nothing"
        yield Mend(*closing.span(), "", Finding(stopped, message, "remove them"))
    yield from _opening(text, *line, stopped)
    yield from _after_value(text, *line, stopped)
    if "expected ',' or" in problem:
        assert error.context_mark is not None  # the beginning of the list or the mapping
        yield from brackets(text, stopped, error.context_mark.index)
        yield from _commas(text, stopped)
    if "cannot start any token" in problem and text[stopped] != "\t":
        yield from _in_quotes_instead(text, stopped, line[1])
    if "escape character" in problem:
        yield _backslash(text, stopped)
    if "mapping values are not allowed" in problem:
        yield from _unquoted(text, *line)
    scanned = error.context or ""
    if "expected node content" in problem or ("scanning" in scanned and "simple" not in scanned):
        return  # a sign is wrong, and would only be hidden in the text of the line above
    # If a line is indented like others further up, the line between them is probably wrong.
    further_up = _indents_of(text[:start].split("\n")[-30:])
    further_up.discard(_indent(text[slice(*line_before)]))
    fits = _indent(text[slice(*line)]) in further_up
    lines = [line_before, line] if fits else [line, line_before]
    for one in dict.fromkeys((*lines, key, _outer(text, *line))):
        for mend in indents(text, *one):
            yield mend._replace(beyond=line[1])


def line_around(text: str, offset: int) -> tuple[int, int]:
    """Where the line of `offset` begins and ends."""
    return text.rfind("\n", 0, offset) + 1, f"{text}\n".index("\n", offset)


def _content_before(text: str, end: int) -> tuple[int, int]:
    """The last line before `end` that is not only a comment: its begin, and its content's end."""
    while end > 0:
        start = text.rfind("\n", 0, end) + 1
        content = re.sub(r"(?:^|\s)#.*", "", text[start:end]).rstrip()
        if content:
            return start, start + len(content)
        end = start - 1
    return 0, 0


def _outer(text: str, start: int, end: int) -> tuple[int, int]:
    """The last line above another that has less indentation."""
    line, indent = _content_before(text, start), _indent(text[start:end])
    while _indent(text[slice(*line)]) >= indent:
        above = _content_before(text, line[0])
        if above == (0, 0):  # there is none
            break
        line = above
    return line


def _blank_indents(text: str, blank: str) -> Iterator[Mend]:
    """Tabs or full-width spaces in the indentation of lines, each as wide as several spaces."""
    found = [*re.finditer(rf"(?m)^[ -]*{blank}[ {blank}-]*", text)] if blank in text else []
    if not found:
        return
    at = text.index(blank, found[0].start())
    finding = tab_at(at)
    if blank != "\t":
        finding = finding._replace(message=look_alike(blank)[0])
    for width in (4, 2, 8) if blank == "\t" else (2, 1, 4):
        changes: list[tuple[int, int, str]] = []
        for indent in found:
            spaces = indent[0].expandtabs(width).replace("\u3000", " " * width)
            changes.append((*indent.span(), spaces))
        yield _several(text, finding, tuple(changes))


def tab_at(offset: int) -> Finding:
    message = "there is a tab character where spaces belong"
    return Finding(offset, message, "indent with spaces", sure=True)


# A full-width colon looks as if a space followed.
_ASCII = str.maketrans({**LOOK_ALIKES, "：": ": "})
_SPACED = {**_ASCII, **str.maketrans({"，": ", ", "、": ", ", "\u3000": "  "})}


def _full_width(text: str, start: int, end: int) -> Iterator[Mend]:
    """Full-width punctuation, as Chinese and Japanese input methods type it."""
    found = [at for at in range(start, end) if text[at] in LOOK_ALIKES]
    for at in found[:10]:
        message, hint = look_alike(text[at])
        new = text[at].translate(_ASCII)
        if text[at] == "：" and text[at + 1 : at + 2].isspace():
            new = ":"
        elif text[at] == "：":
            hint += " and a space"
        yield Mend(at, at + 1, new, Finding(at, message, hint))
    if found:
        finding = Finding(found[0], *look_alike(text[found[0]]))
        yield Mend(start, end, text[start:end].translate(_ASCII), finding)


_KEY_OF_NO_TEXT = r"(?<!name)(?<!description)[:：]"

# The blanks of an indent, its dash, the colon after a key, what follows a list, the comma beside a
# number, the sign of a comment (in a name, it is part of the name).
_SIGNS = (
    (r"(?m)^[ -]*+(\u3000[ \u3000]*+)", None),
    (r"(?m)^[ \u3000]*+(－[ \u3000]*+)(?=[^\W\d]|[\[［]|(?<=[ \u3000])[\d.])", "- "),
    (r"(?m)(?:^[ \t\u3000－-]*+|[{,，、][ \u3000]*+)(?:KEY)([ \u3000]*：[ \u3000]*+)", ": "),
    (r"(?<=[\]}])([ \u3000]*[。，、；][ \u3000]*+)$", ""),
    (r"(?<=[\d\]])([ \u3000]*[，、][ \u3000]*+)(?=[-+.\d\[])", ", "),
    (
        rf"(?m)(?:^|[\[{{,，、－-]|{_KEY_OF_NO_TEXT})[ \u3000]*+([［｛【].{{0,99}}[］｝】][，、]?)",
        None,
    ),
    (r"(?:(?<=[\]}])|(?<=\.\d))([ \u3000]*[］｝】]++)", None),
    (rf"(?m)(?:^|{_KEY_OF_NO_TEXT})[ \u3000]*+(＃)", None),
    (rf"(?:[\]}}],?|{_KEY_OF_NO_TEXT}[ \u3000]*+[-+.\d]++(?=[ \u3000]))([ \u3000]*+＃)", None),
)
# A line up to a quote or a comment: the signs after that are those of a text.
_LINE_OF_SIGNS = re.compile(
    r"""(?m)^[^\r\n"'#＃：，、；。－［｛【］｝】\u3000]*+[＃：，、；。－［｛【］｝】\u3000][^\r\n"'#＃]*+＃?"""
)


MAX_SIGNS = 1000


def _all_full_width(text: str, keys: frozenset[str]) -> Iterator[Mend]:
    """All the signs of YAML in a text that are full-width; a dash takes two columns, or one."""
    signs = _signs(keys)
    for dash_is_wide in (False, True):
        changes: list[tuple[int, int, str]] = []
        for line in _LINE_OF_SIGNS.finditer(text):
            for pattern, sign in signs:
                for found in pattern.finditer(text, line.start(), line.end()):
                    new = sign
                    if new is None:
                        new = found[1].translate(_SPACED)
                    elif dash_is_wide and new == "- ":
                        new = "-".ljust(display_width(found[1]))
                    if text[found.end() : found.end() + 1] in ("", "\n", "\r"):
                        new = new.rstrip()
                    changes.append((*found.span(1), new))
        apart = _apart(changes)
        if 0 < len(apart) <= MAX_SIGNS:
            first = next(at for at in range(*apart[0][:2]) if text[at] in LOOK_ALIKES)
            hint = "write full-width signs as ASCII ones"
            yield _several(text, Finding(first, look_alike(text[first])[0], hint), apart)
        if not any(new == "- " for _, _, new in apart):
            return


@cache
def _signs(keys: frozenset[str]) -> list[tuple[re.Pattern[str], str | None]]:
    any_key = _any_of(keys)
    return [(re.compile(pattern.replace("KEY", any_key)), sign) for pattern, sign in _SIGNS]


@cache
def _any_of(keys: frozenset[str]) -> str:
    return "|".join(sorted(keys, reverse=True)) or "[a-z]++"  # 激活函数 before 激活


def _apart(changes: Iterable[tuple[int, int, str]]) -> tuple[tuple[int, int, str], ...]:
    """The changes in order, without those that overlap with one before."""
    apart: list[tuple[int, int, str]] = []
    for change in sorted(changes):
        if not apart or apart[-1][1] <= change[0]:
            apart.append(change)
    return tuple(apart)


def _several(text: str, finding: Finding, changes: tuple[tuple[int, int, str], ...]) -> Mend:
    """Several changes together, as one of all from the first to the last."""
    start, end = changes[0][0], changes[-1][1]
    new = changed(text, changes)[start : end - len(text) or None]
    return Mend(start, end, new, finding._replace(changes=changes))


def _together(text: str, mends: list[Mend]) -> Iterator[Mend]:
    """Several mends of the whole text, as one."""
    if len(mends) < 2:
        return
    changes = _apart(change for mend in mends for change in mend.finding.changes)
    first = min(mends, key=lambda mend: mend.start).finding
    hint = ", and ".join(str(mend.finding.hint) for mend in mends)
    yield _several(text, first._replace(hint=hint, sure=False), changes)


def sign_at(text: str, start: int, end: int) -> int | None:
    """The first character of a part of the text, after its blanks and dashes; or the one before it.

    None if there is nothing else.
    """
    if start == end:
        return start - 1
    return next(
        (at for at in range(start, end) if not text[at].isspace() and text[at] != "-"), None
    )


def changed(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    """The text after changes that are in order."""
    parts: list[str] = []
    at = 0
    for start, end, new in changes:
        parts += (text[at:start], new)
        at = end
    return "".join([*parts, text[at:]])


def _keys(text: str, start: int, end: int) -> Iterator[Mend]:
    """A key without the space after its colon or dash, or with = instead of the colon; // for #."""
    line = text[start:end]
    if match := re.match(r"\s*-(?=[^\W\d])", line):
        at = start + match.end()
        yield Mend(at, at, " ", Finding(at - 1, "a space is missing after '-'"))
    for match in re.finditer(r"\w:(?=[^\s/])", line):
        at = start + match.end()
        yield Mend(at, at, " ", Finding(at - 1, "a space is missing after ':'"))
    if match := re.match(rf"{_KEY}(\s*([=;])\s*)", line):
        begin, at = start + match.start(1), start + match.start(2)
        finding = Finding(at, f"'{text[at]}' does not set a value: write ':'")
        yield Mend(begin, start + match.end(), ": ", finding)
    if match := re.match(r"\s*(?:- +)*(\w+)(?=\s*$| +[^\s:])", line):
        at = start + match.end()
        yield Mend(at, at, ":", Finding(at, f"a ':' is missing after {quote(match[1])}"))
    for match in re.finditer("//", line):
        at = start + match.start()
        sign = " #" if text[at - 1 : at].strip() else "#"
        finding = Finding(at, "'//' does not begin a comment: write '#'")
        yield Mend(at, at + 2, sign, finding)


def _all_keys(text: str, keys: frozenset[str]) -> Iterator[Mend]:
    """All the keys of the format that have =, no colon, or a colon without a space after it.

    Several of them in a row are one text, of which no part is YAML.
    """
    key, line = rf"(?:{_any_of(keys)})", r"(?m)^[ \t\u3000－-]*+"
    wrong = rf"{line}{key}( *= *+|:(?=[^\s/])| ++(?=[-+\[{{.\d]|[^\s:=#：]++ *$)| *+$)"
    in_braces = rf"[{{,] *+{key}( *= *+|:(?=[^\s/]))"
    found = [*re.finditer(f"{wrong}|{in_braces}", text)][:MAX_SIGNS]
    if not found:
        return
    spans = [each.span(each.lastindex or 0) for each in found]
    changes = tuple((*span, ": " if text[span[1] : span[1] + 1].strip() else ":") for span in spans)
    start, end = spans[0]
    at, message = start, "a space is missing after ':'"
    if "=" in text[start:end]:
        at, message = text.index("=", start), "'=' does not set a value: write ':'"
    elif ":" not in text[start:end]:
        message = "a ':' is missing after a key"
    yield _several(text, Finding(at, message, "write ': ' after each key"), changes)


_ARRAY = re.compile(
    r"(?<![\w.])(?:\w++\.)*+(?:array|asarray|tensor)\(\s*+"
    r"(\[(?:[][\s\d.eE+-]|,(?!\s*+dtype)|#.*+)*+),?\s*+(?:dtype *= *[\w.]++\s*+)?\)"
)


def _arrays(text: str) -> Iterator[Mend]:
    """Arrays as pasted from Python: np.array([[1, 2], [3, 4]])."""
    found = [*_ARRAY.finditer(text)]
    if found:
        call = found[0].group()[: found[0].start(1) - found[0].start()].rstrip()
        finding = Finding(
            found[0].start(),
            f"{quote(call + ')')} is Python, not YAML",
            "write only the list in it",
        )
        yield _several(text, finding, tuple((*each.span(), each[1].rstrip()) for each in found))


def _line_ends(text: str) -> Iterator[Mend]:
    """Characters that end a line for YAML, but not for an editor."""
    if found := [*re.finditer("[\x85\u2028\u2029]+", text)][:MAX_SIGNS]:
        at = found[0].start()
        message = f"U+{ord(text[at]):04X} ends the line for YAML"
        finding = Finding(at, message, "write an ordinary space")
        yield _several(text, finding, tuple((*each.span(), " ") for each in found))


def _dash(text: str, start: int, stopped: int) -> Iterator[Mend]:
    """The first item of a list lacks its '-': the parser stops at the second item's."""
    if text[stopped : stopped + 2] != "- ":
        return
    indent, first, key = stopped - start, start, stopped
    for line in reversed(text[:start].split("\n")[:-1]):
        if not (blanks := re.match(rf" {{{indent + 2},}}(?=\S)", line)):
            break
        first -= len(line) + 1
        key = first + blanks.end()
    at = first + indent
    yield Mend(at, at + 2, "- ", Finding(key, "a '-' is missing before this"))


_ROW = r"(?=[\[+.\d]|-[.\d])"


def _opening(text: str, start: int, end: int, stopped: int) -> Iterator[Mend]:
    """A row, or a list of rows, without its first bracket."""
    if row := re.compile(rf"(?:{_KEY}: +|\s*){_ROW}").match(text, start):
        finding = Finding(row.end(), "a '[' is missing before this")
        yield Mend(row.end(), row.end(), "[", finding, beyond=end)
    if text[stopped : stopped + 1] == "]":
        for row in islice(re.compile(rf"[:,\[] *{_ROW}").finditer(text, start, stopped), 20):
            finding = Finding(row.end(), "a '[' is missing before this")
            yield Mend(row.end(), row.end(), "[", finding, beyond=stopped)


def _after_value(text: str, start: int, end: int, stopped: int) -> Iterator[Mend]:
    """A comma after a value in brackets, or several values that need brackets around them."""
    if re.compile(r",\s*(?:#|$)").match(text, stopped, end):
        finding = Finding(stopped, "there is a ',' after this value", "remove the trailing ','")
        yield Mend(len(text[:stopped].rstrip(" \t")), stopped + 1, "", finding)
    line = text[start:end].rstrip()
    before = re.match(rf"{_KEY}: +(?=[\[{{])", line)
    if not before:
        return
    begin = start + before.end()
    value = line[before.end() :].removesuffix(",")
    hint = f"write [{value}]" if len(value) <= 60 and value.isprintable() else None
    finding = Finding(begin, "these are several values, with no brackets around them", hint)
    yield Mend(begin, end, f"[{value}]", finding)


def brackets(text: str, stopped: int, opening: int) -> Iterator[Mend]:
    """A bracket missing here, at the end of the lines before, or after a row."""
    found, place, noticed = "this comes where it was expected to close", stopped, stopped
    if not text[stopped:].strip():
        found, place = "the file ends here", _content_before(text, stopped)[1]
    elif text[stopped] not in CLOSING:  # a key, recognized by its colon, or an item, by its dash
        start = line_around(text, stopped)[0]
        line, place = text[start:stopped], _content_before(text, start)[1]
        noticed = start + len(line) - len(line.lstrip(" -"))
    places = [place]
    comma = r"\s*,(?:\s*+#.*+)*+\s*"
    rows = re.compile(rf"[^\s\]}},](?={comma}\[)|[^\s}},](?={comma}\w+:\s)")
    places += (row.end() for row in islice(rows.finditer(text, opening, stopped), 10))
    for place in places:
        opened = open_brackets(text[:place]) or (opening,)
        if text[opened[-1]] not in OPENING:  # the parser does not count a byte order mark
            continue
        written = text[max(opened[-1], line_around(text, place)[0]) : place].strip()
        shown = written if len(written) <= 40 else written.split()[-1]
        finding = never_closed(text, opened[-1], (noticed, found))
        closing = ""
        for at in opened[:-4:-1]:
            closing += CLOSING[OPENING.index(text[at])]
            hint = f"put {quote(closing)} after {quote(shown)}"
            yield Mend(place, place, closing, finding._replace(hint=hint))
    lists = [at for at in open_brackets(text[:stopped]) if text[at] == "["]
    if len(lists) > 1:
        finding = never_closed(text, lists[0], (noticed, found))
        ends = {row.end() for row in islice(rows.finditer(text, lists[0], stopped), 6)}
        ends.update(place for place in places[:1] if place > lists[0])
        for pair in combinations(sorted(ends), 2):
            one, other = (text[:at].split()[-1] for at in pair)
            hint = f"put ']' after {quote(one)} and after {quote(other)}"
            changes = tuple((at, at, "]") for at in pair)
            yield _several(text, finding._replace(hint=hint), changes)


@lru_cache(8)  # asked for the same beginning of a text again and again
def open_brackets(text: str) -> tuple[int, ...]:
    """The places of the brackets that are still open at the end of `text`."""
    opened: list[int] = []
    next_event: Callable[[], Any] = CSafeLoader(text).get_event
    with suppress(yaml.YAMLError):
        while (event := next_event()) is not None:
            begin, end = event.start_mark.index, event.end_mark.index
            if isinstance(event, CollectionStartEvent):
                opened.append(end - 1 if event.anchor else begin)  # the place of the anchor
            elif isinstance(event, CollectionEndEvent):
                opened.pop()
    return tuple(at for at in opened if text[at] in OPENING)


def _commas(text: str, stopped: int) -> Iterator[Mend]:
    """A comma missing before the token where the parser stopped, or before its key."""
    if text[stopped : stopped + 1] == ";":
        finding = Finding(stopped, "';' does not separate values: write ','")
        yield Mend(stopped, stopped + 1, ",", finding)
        return
    if text[stopped : stopped + 1] == ":":
        stopped = max(text.rfind(blank, 0, stopped) for blank in " \t\n") + 1
    if token := re.compile(r"[\[\]{}]|[^\s\[\]{},:]+").match(text, stopped):
        finding = Finding(stopped, f"a ',' is missing before {quote(token.group())}")
        line, before = line_around(text, stopped)[0], len(text[:stopped].rstrip())
        at = before if before > line else _content_before(text, line)[1]
        yield Mend(at, at, ",", finding)


def _backslash(text: str, at: int) -> Mend:
    hint = "write \\\\ for a backslash, or put the text in single quotes"
    finding = Finding(at, f"{quote(text[at : at + 2])} is not an escape sequence in YAML", hint)
    return Mend(at, at, "\\", finding)


def _without_comment(value: str) -> str:
    return re.split(r"\s#", value, maxsplit=1)[0].rstrip()


def cannot_begin(char: str) -> str:
    what = "a tab" if char == "\t" else quote(char)
    return f"{what} cannot begin a value"


def _in_quotes_instead(text: str, stopped: int, end: int) -> Iterator[Mend]:
    """A text that begins with a forbidden character, put in quotes up to a comma, or all of it."""
    for ends in (r"[^\n,\[\]{}]*", r"[^\n]*"):
        found = re.compile(ends).match(text, stopped, end)
        value = _without_comment(found.group()) if found else ""
        if any(map(str.isalpha, value)):  # unless it is meant as a number
            quoted = _quoted(value, stopped, stopped, cannot_begin(text[stopped]))
            bare = value.strip("@`")
            yield quoted
            yield quoted._replace(text=bare, finding=quoted.finding._replace(hint=f"write {bare}"))


def _quoted(value: str, begin: int, at: int, message: str) -> Mend:
    """A text put in quotes; `at` is the character that is wrong without them."""
    quoted = "'" + value.replace("'", "''") + "'"
    short = len(quoted) <= 60 and quoted.isprintable()
    hint = f"write {quoted}" if short else "put it in quotes"
    return Mend(begin, begin + len(value), quoted, Finding(at, message, hint))


def quotes(text: str, stopped: int) -> Iterator[Mend]:
    """A quote that is open where the line begins: it closes too late, or never."""
    try:
        CSafeLoader(text[: line_around(text, stopped)[0]]).raw_parse()
    except yaml.MarkedYAMLError as error:
        if in_quotes(error) and error.context_mark:
            opening = error.context_mark.index
            end = text.index("\n", opening)
            finding = never_closed(text, opening)
            inside = re.compile(r"([^,\]}]*[^\s,\]}])\s*+([,\]}])").match(text, opening + 1, end)
            if inside:
                hint, at = f"close it before the {quote(inside[2])}", inside.end(1)
                yield Mend(at, at, text[opening], finding._replace(hint=hint))
            hint = "close it at the end of its line"
            yield Mend(end, end, text[opening], finding._replace(hint=hint))


_BEGINNINGS = ("name: ", "file: ")  # of a mapping that the format allows in the place of a value


def _unquoted(text: str, start: int, end: int) -> Iterator[Mend]:
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
        yield Mend(begin, begin + len(value), f"{{{value}}}", finding)
    message = "a text with ': ' in it needs quotes"
    yield _quoted(value, begin, begin + value.index(": "), message)


def indents(text: str, start: int, end: int) -> Iterator[Mend]:
    """A line whose indentation differs from the lines above that it belongs to."""
    line = text[start:end]
    if not line.strip():
        return
    indent = _indent(line)
    near = [*text[:start].split("\n")[-30:], *text[end:].split("\n")[:30]]
    for other in sorted(_indents_of(near) - {indent}, key=lambda each: abs(each - indent)):
        message = f"this line is indented by {indent}, which does not fit the lines above it"
        finding = Finding(start + indent, message, f"indent it by {other}")
        yield Mend(start, start + indent, " " * other, finding)
    if indent and re.match(rf"{_KEY}:", line):
        for dash in sorted({_indent(each) for each in near if each.lstrip().startswith("- ")}):
            hint = f"put '- ' before it, and indent the '-' by {dash}"
            finding = Finding(start + indent, "a '-' is missing before this", hint)
            yield Mend(start, start + indent, " " * dash + "- ", finding)


def _indents_of(lines: list[str]) -> set[int]:
    """The indents of lines: of their dashes, and of what follows the dashes."""
    known = set()
    for line in lines:
        if line.strip() and (match := re.match(r"( *)(?:- +)*", line)):
            known |= {len(match[1]), len(match[0])}
    return known


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def never_closed(text: str, opening: int, noticed: tuple[int, str] | None = None) -> Finding:
    return Finding(opening, f"this {quote(text[opening])} is never closed", None, noticed)
