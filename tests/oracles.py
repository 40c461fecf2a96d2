"""What is printed, worked out again from the print alone, in exact arithmetic."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import mpmath

# Numbers are exact fractions, and functions have 800 digits.

NUMBER = r"(?<![\w.])(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
KNOWN = ("exp", "log", "tanh", "erfc", "sqrt", "pi")
FUNCTIONS = {name: getattr(mpmath, name) for name in KNOWN} | {"abs": abs, "max": max, "min": min}


def evaluate(text: str) -> Fraction | mpmath.mpf:
    """What a printed expression gives; what is left out counts as what it is said to come to."""
    text = re.sub(r"⋯ \d+ more terms, together (\S+) ⋯", r"(\1)", text)
    if "(" in re.sub(r"(?<!\w)\(-[^()]*\)", "", text):
        with mpmath.workdps(800):
            source = re.sub(NUMBER, r"mpf('\g<0>')", text.replace("·", "*"))
            return eval(source, {**FUNCTIONS, "mpf": mpmath.mpf, "__builtins__": {}})
    source = re.sub(NUMBER, r"F('\g<0>')", text.replace("·", "*"))
    return eval(source, {"F": Fraction, "__builtins__": {}})


def numbers_of(line: str) -> tuple[str, str]:
    """The expression of a line that has numbers only, and its value."""
    *_, numbers, value = line.split(" = ")
    return (numbers if not re.search(r"[⁽₁]", numbers) else value), value


def assert_true(line: str, precision: int) -> None:
    """The printed expression gives the printed value, within its last digit."""
    numbers, value = numbers_of(line)
    if re.search("nan|inf", numbers + value):
        return
    got, printed = evaluate(numbers), Fraction(value)
    if float(got) == float(printed):  # what differs below half a float is no difference
        return
    got = Fraction(mpmath.nstr(got, 60)) if isinstance(got, mpmath.mpf) else got
    assert abs(got - printed) <= last_digit(printed, precision), line


def last_digit(value: Any, precision: int) -> Any:
    """What the last digit of a printed value may be worth, at most."""
    size = Fraction(abs(value))
    unit = Fraction(1, 10**precision)
    if size >= 10**15:  # in e-notation, where all digits count from the first
        return size * max(unit, Fraction(1, 10**14))
    return max(unit * (min(1, 10 * size) if size else 1), size / 10**14)


SIGNED = r"-?\d\S*"


def assert_text_adds_up(text: str) -> int:
    """Each sum in the story is that of the rows below it; how many there are."""
    sums = re.findall(rf"(?m)^ *\S+ = ({SIGNED}), the sum of\n((?:^ +{SIGNED} .*\n)+)", text + "\n")
    for total, rows in sums:
        values = re.findall(rf"(?m)^ +({SIGNED})", rows)
        with localcontext(prec=1000):
            assert sum(map(Decimal, values)) == Decimal(total)
    return len(sums)


def assert_json_adds_up(step: Any) -> None:
    parts = [*step["terms"], step["bias"]]
    values = [part["value"] for part in parts]
    shares = [part["share"] for part in parts]
    if step["rest"]:
        values.append(step["rest"]["sum"])
        shares.append(step["rest"]["share"])
    with localcontext(prec=1000):
        assert sum(values) == step["a"]
        assert shares == [None] * len(shares) or sum(shares) == 1
        assert (step["a"] == 0) == (shares[0] is None)
