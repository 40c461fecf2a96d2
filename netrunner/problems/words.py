"""Words for messages: text from files made printable and quoted, counts, lists."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_NAME = 1000  # characters of a name


def printable(text: str) -> str:
    """`text` with a replacement for each control character and each invisible character.

    The length stays the same, so columns keep their meaning.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _JOINERS else _stand_in(char) for char in text
    )


_JOINERS = "\u200c\u200d"  # Persian and many emoji need these
# Letters and marks that are invisible: fillers, variation selectors.
_BLANK = {0x34F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)}


def _stand_in(char: str) -> str:
    if char in "\t\u3000\xa0":
        return " "
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "\ufffd"


def is_seen(char: str) -> bool:
    """Whether a character is visible or a space."""
    return char not in _JOINERS and ord(char) not in _BLANK


def is_blank(text: str) -> bool:
    """Whether there is nothing of `text` to be seen."""
    return all(char.isspace() or not is_seen(char) or _is_control(char) for char in text)


def has_unseen(text: str) -> bool:
    """Whether `text` has invisible characters, surrounding spaces, or nothing visible at all."""
    if text.isascii() and text.isprintable():
        return text != text.strip()
    joined = "".join(char for char in text if char not in _JOINERS)
    unseen = any(not is_seen(char) or _is_control(char) for char in joined)
    return unseen or not joined or text != text.strip()


def as_seen(text: str) -> str:
    """`text` without what is invisible, all spaces alike."""
    if text.isascii() and text.isalnum():
        return text
    shown = (char for char in text if char.isspace() or (is_seen(char) and not _is_control(char)))
    return " ".join("".join(shown).split())


def no_name(text: str) -> str | None:
    """Why `text` cannot be a name, if it cannot."""
    if len(text) > MAX_NAME:
        return f"a name has at most {MAX_NAME:,} characters, but this one has {len(text):,}"
    if text and is_blank(text):
        return "expected a name, found only invisible characters"
    return None


def _is_control(char: str) -> bool:
    if char.isprintable():
        return False
    from unicodedata import category  # needed for hardly any name

    return category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def quote(text: str, limit: int = 40) -> str:
    """`text` in quotes, for messages: printable, and cut if it is long."""
    return f"'{printable(shortened(text, limit))}'"


def shortened(text: str, limit: int) -> str:
    """`text`, or its beginning with … if it has more than `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def count(number: int, noun: str) -> str:
    """'1 number', '2 numbers'."""
    return f"{number} {noun}{'s' * (number != 1)}"


def listed(items: Iterable[str], most: int = 8) -> str:
    """The items with commas between them; of many, only the first."""
    items = list(items)
    return ", ".join(items[:most]) + ", …" * (len(items) > most)


# Outside of these, a character takes one column: Latin letters, indices, arrows, signs of sums.
_WIDE_OR_MARK = "[\u0300-\u1fff\u20d0-\u20ff\u2300-\U0010ffff]"


def display_width(text: str) -> int:
    """How many terminal columns `text` takes; Chinese and Japanese characters take two."""
    if text.isascii() or not re.search(_WIDE_OR_MARK, text):
        return len(text)
    from unicodedata import category, east_asian_width

    wide = sum(east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(category(char) in ("Mn", "Me") for char in text)
