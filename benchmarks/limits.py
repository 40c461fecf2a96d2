"""What must not get worse: how much of another's time netrunner may take, by `run.py --check`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Limit(NamedTuple):
    """`ours` may take `limit` of the time of `theirs`, in a case of a section of the results."""

    section: str
    case: str
    theirs: str
    limit: float
    ours: str = "netrunner"


FORWARD = {
    "64-50-10 float32 100": {"numpy": 1.1, "onnxruntime": 2.5},
    "64-50-10 float32 10000": {"onnxruntime": 1.2},
    "784-50-100-10 float32 100": {"numpy": 1.1, "onnxruntime": 1.5},
    "784-512-512-10 float32 1": {"numpy": 1.1},
    "784-512-512-10 float32 100": {"numpy": 1.0, "onnxruntime": 1.25},
    "64-50-10 float64 10000": {"onnxruntime": 0.7},
    "2-3-2-2 float64 1": {"numpy": 1.4},
}
PLUGINS = {1: 2.0, 10_000: 1.0}  # rows: of the numpy lines
LIMITS = [
    *(
        Limit("forward", case, theirs, limit)
        for case, limits in FORWARD.items()
        for theirs, limit in limits.items()
    ),
    Limit("forward", "2-3-2-2 float64 1", "kept", 1.5, "trace"),
    *(
        Limit("plugins", f"{name} {dtype} {rows}", "numpy", limit)
        for name in ("tanh", "leaky", "centred")
        for dtype in ("float64", "float32")
        for rows, limit in PLUGINS.items()
    ),
    Limit("start", "", "import numpy, yaml, pluggy, click", 1.35, "netrunner run"),
]


def beyond(results: dict[str, Any]) -> tuple[int, list[str]]:
    """How many limits the results say something of, and a line for each that they exceed."""
    looked_at, lines = 0, []
    for section, case, theirs, limit, ours in LIMITS:
        found = results.get(section, {})
        found = found.get(case, {}) if case else found
        if ours not in found or theirs not in found:
            continue
        looked_at += 1
        ratio = float(np.median(np.divide(found[ours], found[theirs])))
        if ratio > limit:
            what = f"{section} {case}".strip()
            lines.append(f"{what}: {ours} takes {ratio:.2f} of {theirs}, and may take {limit}")
    return looked_at, lines
