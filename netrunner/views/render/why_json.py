"""A walk back as JSON. In each neuron, terms, rest and bias add up to a, the shares to 1."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TextIO

from netrunner.lesson.notation import apportioned, unit
from netrunner.lesson.why import Step, Why
from netrunner.views.render.json import dump, number

FORMAT = "netrunner-why/1"

# As many digits as a float can always hold.
DIGITS = 15
SHARE_UNIT = Decimal("1e-12")


def write(why: Why, stream: TextIO) -> None:
    """Write the whole walk. `a` is the sum in 15 digits, like its parts; `a_run` is the run's
    float.
    """
    content = {
        "format": FORMAT,
        "network": why.network,
        "neuron": why.neuron,
        "name": why.name,
        "rows": [
            {"row": walk.row, "steps": [_step(step) for step in walk.steps]} for walk in why.walks
        ],
    }
    dump(content, stream, indent=1)


def _step(step: Step) -> dict[str, Any]:
    *values, total = _numbers([part.value for part in step.parts], step.sum)
    shares = _shares([part.share for part in step.parts] if total else [None] * len(values))
    terms = [
        {
            "neuron": term.neuron,
            "name": term.name,
            "weight": number(float(term.weight)),
            "input": number(float(term.input)),
            "value": value,
            "share": share,
        }
        for term, value, share in zip(step.terms, values, shares, strict=False)
    ]
    rest = step.rest and {"count": step.rest.count, "sum": values[-2], "share": shares[-2]}
    return {
        "layer": step.layer.index,
        "layer_name": step.layer.name,
        "neuron": step.neuron,
        "name": step.name,
        "activation": step.layer.activation.name,
        "a": total,
        "a_run": number(float(step.a)),
        "z": number(float(step.z)),
        "terms": terms,
        "rest": rest,
        "bias": {"value": values[-1], "share": shares[-1]},
        "follows": step.follows,
    }


def _numbers(values: Sequence[Decimal], total: Decimal) -> list[float | str]:
    """The values and their total, rounded so that they add up as written."""
    if all(value.is_finite() for value in values):
        largest = max(map(abs, [*values, total]))
        rounded, total = apportioned(values, unit(largest, DIGITS - 1))
        return [number(float(value)) for value in [*rounded, total]]
    return [number(float(value)) for value in [*values, total]]


def _shares(shares: Sequence[Decimal | None]) -> list[float | None]:
    known = [share for share in shares if share is not None]
    if len(known) < len(shares):
        return [None for _ in shares]
    return [float(share) for share in apportioned(known, SHARE_UNIT)[0]]
