"""A layer whose outputs depend on the whole row, such as softmax: its A and Z as bars."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from netrunner.lesson.shares import percentages, winner
from netrunner.network.trace import LayerTrace
from netrunner.views.pictures import colors
from netrunner.views.pictures.fonts import BASE, Lettering
from netrunner.views.pictures.notation import cut, indexed, number
from netrunner.views.pictures.sampling import can_be_drawn

NAME_ROOM = 10.0  # ems
SHOWN_AT_MOST = 12


def draw(
    sides: list[Axes], letters: Lettering, scale: float, step: LayerTrace, names: list[str]
) -> list[str]:
    """A on the left axes and Z on the right ones; returns notes on it."""
    A, Z = (np.atleast_2d(values)[0].astype(np.float64) for values in (step.A, step.Z))
    shown = np.arange(len(Z))
    notes = []
    if step.A.ndim > 1:
        notes.append(f"row 1 of {len(step.A)}")
    if len(Z) > SHOWN_AT_MOST:
        ranked = np.argsort(np.where(np.isnan(Z), np.inf, -Z), kind="stable")
        shown = np.sort(ranked[:SHOWN_AT_MOST])
        notes.append(f"the {SHOWN_AT_MOST} largest of {len(Z)}")
    shares = step.makes_shares
    largest = winner(Z) if shares else None
    # Shares depend only on how far each a lies below the largest one.
    below = shares and bool(np.isfinite(A).all())
    lengths = A - A.max() if below else A
    left, right = sides
    _bars(left, letters, scale, lengths[shown], [number(a) for a in A[shown]])
    percents = percentages(Z) if shares else [number(z) for z in Z]
    texts = [percents[k] for k in shown]
    _bars(right, letters, scale, Z[shown], texts, 1.0 if shares else None)
    for place, neuron in enumerate(shown):
        name = names[neuron] if names else indexed("a", int(neuron) + 1, layer=step.index)
        style: dict[str, Any] = {"weight": "bold"} if neuron == largest else {}
        letters.write(
            left,
            -0.05,
            place,
            cut(name, NAME_ROOM),
            transform=left.get_yaxis_transform(),
            ha="right",
            fontsize=8.25 * scale,
            **style,
        )
    heads = ("a; bar: a - max" if below else "a", "share" if shares else "z")
    for side, head in zip(sides, heads, strict=True):
        side.set_title(head, fontsize=8.25 * scale, fontfamily=BASE, loc="left", pad=3 * scale)
    return notes


def _bars(
    ax: Axes,
    letters: Lettering,
    scale: float,
    values: np.ndarray[Any, np.dtype[np.float64]],
    texts: list[str],
    largest: float | None = None,
) -> None:
    finite = np.where(can_be_drawn(values), values, 0.0)
    low, high = min(0.0, finite.min()), max(0.0, finite.max(), largest or 0.0)
    span = (high - low) or 1.0
    ax.set(xlim=(low, high + 0.62 * span), ylim=(len(values) - 0.5, -0.5))
    ax.axvline(0, color="#9a9a9a", linewidth=0.8 * scale)
    for place, (value, text) in enumerate(zip(finite, texts, strict=True)):
        color, hatch = (colors.NEGATIVE, "////") if value < 0 else (colors.POSITIVE, None)
        ax.barh(place, value, 0.62, color=color, hatch=hatch, edgecolor="white" if hatch else color)
        letters.write(
            ax, max(value, 0) + 0.04 * span, place, text, ha="left", fontsize=8.25 * scale
        )
    ax.set_yticks([])
    ax.set_xticks([])
    ax.spines[:].set_visible(False)
