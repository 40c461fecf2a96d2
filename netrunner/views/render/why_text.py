"""A walk back as a story: each neuron's largest terms, ranked, then the neuron that feeds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from io import StringIO
from typing import TextIO

from netrunner.lesson.notation import (
    FULL,
    Symbol,
    apportioned,
    factor,
    shown,
    spelled,
    symbol_text,
    unit,
)
from netrunner.lesson.why import Step, Term, Why
from netrunner.problems.words import count, display_width, printable, quote
from netrunner.views.render.lines import width, wrapped, writer

BROKEN = " " * 6  # before the rest of a line that does not fit
DEEPEST = 12  # columns of indent, at most, however deep the network
PERCENT_UNIT = Decimal("0.001")
LARGEST_SHARE = 100  # terms may cancel: a share above 10,000 % means nothing

Bold = Callable[[str], str]


def write(why: Why, stream: TextIO, precision: int = 8, bold: Bold = str) -> None:
    """Write the whole walk; a neuron's values add up as printed, and so do their shares."""
    say = writer(stream)
    say(bold(_cut(printable(why.network))) + "\n")
    for walk in why.walks:
        if walk.row is not None:
            say("\n" + bold(f"row {walk.row}") + "\n")
        for depth, step in enumerate(walk.steps):
            indent = " " * min(2 * depth, DEEPEST)
            title, *lines = _story(step, precision)
            say("\n" + bold(_cut(indent + title)) + "\n")
            for line in lines:
                for piece in wrapped(indent + line, indent + BROKEN):
                    say(_cut(piece) + "\n")


def text_of(why: Why) -> str:
    """The whole walk, as a text."""
    stream = StringIO()
    write(why, stream)
    return stream.getvalue()


def _story(step: Step, precision: int) -> list[str]:
    layer, k = step.layer, step.neuron
    name = "" if step.name is None else f" {quote(step.name)}"
    a, z = (symbol_text(Symbol(letter, (k,), layer.index)) for letter in "az")
    value = shown(step.z, precision)
    h = printable(layer.activation.name)
    if step.share is not None:
        outcome = f"{z} = {value}, a share of {step.share} by {h}"
    else:
        outcome = f"{z} = {h}({a}) = {value}"
    title = f"{layer.title}, neuron {k}{name}"
    return [title, outcome, *_sum(step, a, precision)]


def _sum(step: Step, a: str, precision: int) -> list[str]:
    """The terms, the rest and the bias in columns, below their sum."""
    total, *values = _values(step.sum, [part.value for part in step.parts], precision)
    shares = _shares([part.share for part in step.parts])
    words = [_term(term, step, precision) for term in step.terms]
    if step.rest:
        words.append(f"{count(step.rest.count, 'smaller term')} together")
    words.append(symbol_text(Symbol("b", (step.neuron,), step.layer.index)))
    width, share_width = max(map(len, values)), max(map(len, shares))
    lines = [
        f"  {value:>{width}}  {share:>{share_width}}  {word}"
        for value, share, word in zip(values, shares, words, strict=True)
    ]
    return [f"{a} = {total}, the sum of", *lines, *_rounding(step, precision)]


def _term(term: Term, step: Step, precision: int) -> str:
    index = step.layer.index
    weight = symbol_text(Symbol("w", (step.neuron, term.neuron), index))
    letter, layer = ("x", None) if index == 1 else ("z", index - 1)
    source = symbol_text(Symbol(letter, (term.neuron,), layer))
    w, x = (factor(shown(number, precision)) for number in (term.weight, term.input))
    named = term.name not in (None, f"x{term.neuron}")
    name = f"  {quote(str(term.name))}" if named else ""
    return f"{weight}·{source} = {w}·{x}{name}"


def _values(total: Decimal, values: Sequence[Decimal], precision: int) -> list[str]:
    """The total and its parts, rounded so that they add up; the parts' points are aligned."""
    if not all(value.is_finite() for value in values):
        return [shown(value, precision) for value in (total, *values)]
    largest = max(map(abs, [*values, total]))
    # When large terms cancel, rounding must not hide the small remainder.
    place = min(unit(largest, precision), unit(total or largest, 1))
    place = max(place, unit(largest, FULL))
    rounded, total = apportioned(values, place)
    texts = [spelled(value) for value in rounded]
    if not any("e" in text for text in texts):
        decimals = max(len(text.partition(".")[2]) for text in texts)
        texts = [f"{value:.{decimals}f}" for value in rounded]
    return [spelled(total), *texts]


def _shares(shares: Sequence[Decimal | None]) -> list[str]:
    known = [share for share in shares if share is not None]
    if len(known) < len(shares) or any(abs(share) > LARGEST_SHARE for share in known):
        return ["" for _ in shares]
    return [f"{100 * share:.1f} %" for share in apportioned(known, PERCENT_UNIT)[0]]


def _rounding(step: Step, precision: int) -> list[str]:
    """The run's own value of the sum, if its rounding shows."""
    if not step.sum.is_finite() or float(step.sum) == float(step.a):
        return []
    if step.a.is_finite() and abs(step.sum - step.a) <= unit(step.a, precision) / 2:
        return []
    return [f"  rounded to {step.layer.weights.dtype} at each step, the run has {spelled(step.a)}"]


def _cut(line: str) -> str:
    """A line that fits: what is too long, such as a name, ends with an ellipsis."""
    most = width()
    if display_width(line[: most + 1]) <= most and len(line) <= most:
        return line
    line = line[:most]
    while display_width(line) >= most:
        line = line[:-1]
    return line + "…"
