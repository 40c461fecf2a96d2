"""Text to number, by the same rule everywhere: a number means what it looks like.

YAML 1.1 reads `010` as 8, `1:30` as 90, `1e-3` as text and `1e400` as infinity. Here a decimal
number is a number. Anything that a reader could misread is an error that says what to write. The
same rule holds in network files, CSV and JSON files, and on the command line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from netrunner.files.decimals import LARGEST, NUMBER, WHOLE, quick_numbers, vanishes
from netrunner.problems.problem import Fault
from netrunner.problems.words import quote


def parse_number(text: str) -> float:
    """The finite number that `text` shows. Raises Fault."""
    if not NUMBER.fullmatch(text):
        from netrunner.files.slips import what_is_wrong  # needed only for an error

        raise what_is_wrong(text)
    value = float(text)
    if math.isinf(value):
        raise Fault("not-finite", f"{quote(text)} overflows: the largest is about 1.8e308")
    if value == 0 and vanishes(text):
        raise Fault(
            "vanishing-number",
            f"{quote(text)} vanishes: it is too small for a float and would become 0",
            "write 0 if that is meant",
        )
    return value


def parse_row(fields: Sequence[str]) -> list[float]:
    """The numbers of fields that commas separated. Raises Fault with the index of a wrong one."""
    if (numbers := quick_numbers(fields)) is not None:
        return numbers
    wrong = next(index for index, field in enumerate(fields) if quick_numbers([field]) is None)
    try:
        return [parse_number(fields[wrong])]  # which raises
    except Fault as fault:
        from netrunner.files.slips import with_thousands

        fault = with_thousands(fields, wrong, fault)
        fault.index = (wrong,)
        raise fault from None


def parse_number_or_special(text: str) -> float:
    """As `parse_number`, but `.nan`, `.inf` and `-.inf` are also allowed."""
    if re.fullmatch(r"[-+]?\.inf|\.nan", text.lower()):
        return float(text.lower().replace(".", ""))
    return parse_number(text)


def parse_whole_number(text: str, at_least: int) -> int:
    """The whole number that `text` shows. Raises Fault."""
    try:
        value = parse_number(text)
    except Fault as fault:
        from netrunner.files.slips import with_whole_number

        raise with_whole_number(text, fault, at_least) from None
    if not WHOLE.fullmatch(text):
        whole = str(int(value)) if value == int(value) and abs(value) < 1e15 else None
        instead = whole if whole and int(whole) >= at_least else None
        raise Fault("not-a-number", f"{quote(text)} is not a whole number", instead=instead)
    if value < at_least:
        raise Fault("out-of-range", f"{quote(text)} is too small: at least {at_least}")
    if value > LARGEST:
        raise Fault("out-of-range", f"{quote(text)} is too large: at most {LARGEST}")
    return int(text)
