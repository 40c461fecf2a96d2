"""A comparison as text, and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TextIO

from netrunner.exchange.compare import Change, Compared, Comparison, Difference
from netrunner.problems.words import printable, quote
from netrunner.views.render.json import dump, number
from netrunner.views.render.lines import wrapped

FORMAT = "netrunner-comparison/1"


def write(comparison: Comparison, stream: TextIO) -> None:
    """Write the comparison as readable text."""
    stream.write(text_of(comparison))


def text_of(comparison: Comparison) -> str:
    """The comparison as a text."""
    lines = (piece for line in _lines(comparison) for piece in wrapped(line, "      "))
    return "".join(line + "\n" for line in lines)


def _lines(comparison: Comparison) -> Iterator[str]:
    sides = f"{printable(comparison.network)} and {printable(comparison.reference)}"
    tolerances = f"rtol {comparison.rtol:g}, atol {comparison.atol:g}"
    yield f"{sides} {'agree' if comparison.same else 'differ'} ({tolerances})"
    if comparison.on:
        yield f"  on {printable(comparison.on)}"
    for note in comparison.notes:
        yield f"  {printable(note)}"
    if comparison.mismatch:
        yield f"  {comparison.mismatch}"
    for change in comparison.changes:
        yield f"  {change.title}: {change.what} is"
        yield f"    {printable(change.value)} here, and"
        yield f"    {printable(change.reference)} in the reference"
    if first := comparison.first:
        name = f" {quote(first.neuron_name)}" if first.neuron_name else ""
        row = f", row {first.row}" if first.row is not None else ""
        where = "the output" if first.symbol == "Y" else first.title
        yield f"  first in {where}, neuron {first.neuron}{name}{row}: {first.symbol} is"
        yield f"    {first.value!r} here, and"
        yield f"    {first.reference!r} in the reference: {first.by:.3g} apart"
    if comparison.arrays:
        yield ""
        yield f"  {'':<4} {'largest':>10} {'relative':>10}   differing"
    for each in comparison.arrays:
        if each.mismatch:
            yield f"  {each.symbol:<4} {each.mismatch}"
        else:
            # From 0, there is no relative difference.
            relative = "-" if each.largest_relative == math.inf else f"{each.largest_relative:.3g}"
            numbers = f"{each.largest:>10.3g} {relative:>10}"
            yield f"  {each.symbol:<4} {numbers}   {each.differing} of {each.size}"


def write_json(comparison: Comparison, stream: TextIO) -> None:
    """Write the comparison as JSON; values that are not finite are written as in a trace."""
    first = comparison.first
    content = {
        "format": FORMAT,
        "network": comparison.network,
        "reference": comparison.reference,
        "same": comparison.same,
        "rtol": number(comparison.rtol),
        "atol": number(comparison.atol),
        "on": comparison.on,
        "rows": comparison.rows,
        "mismatch": comparison.mismatch,
        "notes": comparison.notes,
        "changes": [_spelt(each) for each in comparison.changes],
        "first": None if first is None else _spelt(first),
        "arrays": [_spelt(each) for each in comparison.arrays],
    }
    dump(content, stream)


def _spelt(record: Change | Difference | Compared) -> dict[str, Any]:
    return {
        key: number(value) if isinstance(value, float) else value
        for key, value in vars(record).items()
    }
