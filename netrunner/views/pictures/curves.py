"""The chapter's curves: activations from -5 to 5, one or several compared."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from netrunner.activations.plugins import load_registry
from netrunner.activations.registry import Registered, Registry
from netrunner.network.layer import Layer
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.views.pictures.axes import default_settings, known_to_pyplot, new_axes
from netrunner.views.pictures.fonts import BASE, lettering
from netrunner.views.pictures.notation import cut, ems, indexed, number
from netrunner.views.pictures.sampling import BOOK_RANGE, FIXED, Applied, Values, curve, limits

LARGEST = 1e100

# Each curve has dashes and a marker of its own, so that they can be told apart in grey print.
_COLORS = ("#000000", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_DASHES: tuple[Any, ...] = (
    "solid",
    (0, (5, 2)),
    (0, (1.2, 1.4)),
    (0, (7, 2, 1.5, 2)),
    (0, (10, 3)),
    (0, (5, 1.5, 1, 1.5, 1, 1.5)),
)
_MARKERS = ("", "o", "s", "^", "D", "v", "P", "X", "*")

_LABEL_POINTS = 8.5
_LABEL_ROOM = 62.0  # ems
_LINE_INCHES = 0.185


def draw(
    activations: Iterable[str | Registered | Layer],
    range: tuple[float, float] = BOOK_RANGE,
    ax: Axes | None = None,
    *,
    registry: Registry | None = None,
) -> Axes:
    """Draw the curve of each activation over `range`, on `ax` or on axes of a new figure.

    An activation is a name, to be found in `registry` (the built-ins and installed plugins if
    None), a registered one, or a layer's with its parameters. Raises NetrunnerError if a name
    is unknown, the range is not valid, or a plugin's function misbehaves.
    """
    low, high = _checked(range)
    given = list(activations)
    if registry is None and any(isinstance(one, str) for one in given):
        registry = load_registry()
    functions = [
        Applied(_registered(one, registry or Registry([])) if isinstance(one, str) else one)
        for one in given
    ]
    labels = [_label(h) for h in functions]
    points = [curve(h, low, high)[:2] for h in functions]
    below = len(labels) > 4 or any(ems(line) > 34 for text in labels for line in text.splitlines())
    if ax is not None:
        _draw(ax, labels, points, below=False)
    else:
        with default_settings():
            ax = _new_axes(sum(text.count("\n") + 1 for text in labels) if below else 0)
            _draw(ax, labels, points, below)
    ax.set_xlim(low, high)
    return ax


def plot_activations(
    names: Iterable[str],
    ax: Axes | None = None,
    *,
    range: tuple[float, float] = BOOK_RANGE,
    plugins: Iterable[str | os.PathLike[str]] = (),
) -> Axes:
    """Draw the curves of activations, on `ax` or on a new figure; never shows it.

    `plugins` as for `load`. Raises NetrunnerError for an unknown name, for a range that is
    not valid, and for a plugin that misbehaves.
    """
    names = [names] if isinstance(names, str) else names
    with known_to_pyplot():
        return draw(names, range, ax, registry=load_registry(plugins))


def _draw(ax: Axes, labels: list[str], points: list[tuple[Values, Values]], below: bool) -> None:
    letters = lettering(line for text in labels for line in text.splitlines())
    lines = [ax.plot(a, z, **_look(index))[0] for index, (a, z) in enumerate(points)]
    decorate(ax)
    ax.set_ylim(*limits(np.concatenate([z for _, z in points] or [np.zeros(0)])))
    ax.set_xlabel("a", fontfamily=BASE)
    ax.set_ylabel("z = h(a)", fontfamily=BASE)
    place: dict[str, Any] = {"loc": "best"}
    if below:
        place = {"loc": "upper left", "bbox_to_anchor": (-0.02, -0.13), "frameon": False}
    letters.legend(ax, lines, labels, fontsize=_LABEL_POINTS, handlelength=4.5, **place)


def decorate(ax: Axes) -> None:
    """A discreet grid, and the two axes through 0."""
    ax.grid(color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    for line in (ax.axhline, ax.axvline):
        line(0, color="#9a9a9a", linewidth=0.8, zorder=0.9)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=8.5, labelfontfamily=BASE)


def _checked(range: tuple[float, float]) -> tuple[float, float]:
    low, high = map(float, range)
    if math.isfinite(low) and math.isfinite(high) and -LARGEST <= low < high <= LARGEST:
        return low, high
    message = f"{low} to {high} is not a range: give two numbers, the smaller first"
    if low < high:
        message = f"{low} to {high} is not a range within -1e100 and 1e100"
    raise NetrunnerError(Problem("wrong-range", Place("--range"), message))


def _registered(name: str, registry: Registry) -> Registered:
    if name in registry:
        return registry[name]
    raise NetrunnerError(registry.unknown(name).at(Place("activation")))


def _label(h: Applied) -> str:
    """The name, the parameters and the formula; for a function of whole rows, what is drawn."""
    label = h.activation.name
    if h.parameters:
        label += "(" + ", ".join(f"{key}={value}" for key, value in h.parameters.items()) + ")"
    if h.activation.formula:
        label += f": {h.activation.formula}"
    label = cut(label, _LABEL_ROOM)
    if not h.activation.elementwise:
        row = ", ".join([indexed("a", 1), *(number(other) for other in FIXED)])
        share = "the share of one class" if h.activation.shares else indexed("z", 1)
        label += f"\n    {share} in the row ({row}), as {indexed('a', 1)} moves"
    return label


def _look(index: int) -> dict[str, Any]:
    marker = _MARKERS[index // len(_DASHES) % len(_MARKERS)]
    return {
        "color": _COLORS[index % len(_COLORS)],
        "linestyle": _DASHES[index % len(_DASHES)],
        "linewidth": 1.8,
        "marker": marker or None,
        "markersize": 5,
        "gid": f"curve-{index + 1}",
        "markevery": (0.015 * (index % 7), 0.11),
    }


def _new_axes(lines_below: int) -> Axes:
    """Axes for the curves, with room for the lines of a legend below."""
    width, height, left, bottom, legend = 6.4, 4.3, 0.72, 0.6, _LINE_INCHES * lines_below
    if legend:
        legend += 0.25
    ax = new_axes(width, height + legend)
    total = height + legend
    ax.set_position(
        (
            left / width,
            (bottom + legend) / total,
            (width - left - 0.25) / width,
            (height - bottom - 0.25) / total,
        )
    )
    return ax
