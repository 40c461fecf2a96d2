"""'did you mean …?': the known name that is most similar to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable

from netrunner.problems.words import quote

LONGEST_NAME = 200  # longest name that is compared with the known ones


def did_you_mean(name: str | None, limit: int = 40) -> str | None:
    """The help that offers a name, if there is one."""
    return f"did you mean {quote(name, limit)}?" if name else None


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known name most similar to `name`, if any is similar; W1 for w1, though b1 is as near."""
    if len(name) > LONGEST_NAME:
        return None
    from difflib import get_close_matches  # needed only for an error

    known = list(known)
    same = [each for each in known if each.casefold() == name.casefold()]
    near = same or get_close_matches(name, known, 1, likeness)
    return near[0] if near else None
