"""Lines of text that fit the terminal."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import TextIO

from netrunner.problems.words import display_width
from netrunner.process import session

WIDEST = 79  # columns, also where the terminal has more


_DIGITS = str.maketrans("¹²³", "123")


def writer(stream: TextIO) -> Callable[[str], object]:
    """What writes to a stream; ¹²³ as digits if its encoding has these alone of all indices."""
    try:
        "₁⁽⁾".encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return lambda text: stream.write(text.translate(_DIGITS))
    return stream.write


def width() -> int:
    """How many columns a line may take."""
    return min(WIDEST, session.columns())


def fits(line: str) -> bool:
    """Whether a line fits the terminal; if there is none, a program may read it, and it does."""
    return display_width(line) <= (session.terminal() or math.inf)


def wrapped(line: str, indent: str, most: float | None = None) -> Iterator[str]:
    """A line in pieces of `most` columns, broken at blanks; the later ones begin with `indent`.

    By default, `most` is the columns of the terminal; if there is none, the line stays whole.
    """
    most = most or session.terminal() or math.inf
    piece = ""
    for word in re.findall(r"\s*\S+", line):
        if piece.strip() and display_width(piece + word) > most:
            yield piece
            piece, word = indent, word.lstrip()
        piece += word
    yield piece
