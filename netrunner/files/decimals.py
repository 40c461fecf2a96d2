"""What decimal numbers look like, alone and in rows."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

BLANK = "\uff1f"  # a full-width question mark: replaces each ? of a file
# Possessive quantifiers, so that no text can make matching slow.
_NUMBER = r"[-+]?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?"
_BLANKS = r"[ \n]*+"
NUMBER = re.compile(_NUMBER)
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
LARGEST = 2**31  # limit of whole numbers, which are sizes


def numbers_with_commas(at_least: int) -> str:
    """The expression for at least this many numbers, separated by commas and whitespace."""
    return rf"{_NUMBER}(?:{_BLANKS},{_BLANKS}{_NUMBER}){{{at_least - 1},}}+"


_ROW = re.compile(numbers_with_commas(at_least=1))


def numbers_in(row: str) -> list[float] | None:
    """The finite numbers of a row, or None if it needs a closer look."""
    return finite_numbers(row) if _ROW.fullmatch(row) else None


def quick_numbers(texts: Sequence[str]) -> list[float] | None:
    """The finite numbers that texts show, or None if one of them needs a closer look.

    Raises TypeError if an element is not a text.
    """
    row = ",".join(texts)
    return numbers_in(row) if row.count(",") == len(texts) - 1 else None


def finite_numbers(row: str) -> list[float] | None:
    """The numbers of a row that matches, or None if one of them overflows or vanishes."""
    texts = row.split(",")
    numbers = list(map(float, texts))
    if max(map(abs, numbers)) == math.inf:
        return None
    if 0.0 in numbers:
        zeros = {text for text, number in zip(texts, numbers, strict=True) if number == 0}
        if any(map(vanishes, zeros)):
            return None
    return numbers


def are_numbers(texts: Sequence[str]) -> bool:
    """Whether each text looks like a decimal number."""
    return all(map(NUMBER.fullmatch, texts))


def vanishes(text: str) -> bool:
    """Whether `text`, which converts to 0, has a digit other than 0."""
    return re.split("[eE]", text)[0].strip("-+.0 \n") != ""


def is_whole_number(text: str, at_least: int) -> bool:
    return bool(WHOLE.fullmatch(text)) and at_least <= int(text) <= LARGEST
