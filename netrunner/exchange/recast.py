"""Activations of other tools that are one of ours, except for a scale and a shift."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Recast:
    """h(a·before)·after + shift, where h is the activation with its parameters."""

    activation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    before: float = 1.0
    after: float = 1.0
    shift: float = 0.0


LOG_SIGMOID = Recast("softplus", before=-1.0, after=-1.0)  # log(1 / (1 + exp(-a)))


def softplus(beta: float) -> Recast | None:
    """log(1 + exp(beta·a)) / beta"""
    return Recast("softplus", before=beta, after=1 / beta) if beta else None


def clipped(low: float, high: float) -> Recast | None:
    """a, limited to `low` and `high`; None if netrunner has no such activation."""
    if (low, high) == (0, math.inf):
        return Recast("relu")
    size = high - low
    if not 0 < size < math.inf:
        return None
    parameters = {"alpha": 1 / size, "beta": 0.0 - low / size}
    return Recast("hard_sigmoid", parameters, after=size, shift=low)
