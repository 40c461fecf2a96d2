"""Pictures into files, whole or not at all, and byte for byte the same each time."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from netrunner.files.writing import writing
from netrunner.problems.problem import Fault

DPI = 160
MAX_PIXELS = 16_000  # a side of a PNG
_METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}
_SETTINGS: Any = {  # of matplotlib, whatever the user's are
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "netrunner",
    "text.usetex": False,
    "savefig.bbox": None,
    "savefig.facecolor": "white",
    "savefig.transparent": False,
}


@contextmanager
def default_settings() -> Iterator[None]:
    """Within, matplotlib's settings are its defaults, whatever a matplotlibrc says."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield
        # A notebook's backend says so when its first figure is made, which may be in here.
        interactive = matplotlib.is_interactive()
    matplotlib.interactive(interactive)


_known_to_pyplot = ContextVar("known_to_pyplot", default=False)


@contextmanager
def known_to_pyplot() -> Iterator[None]:
    """New figures are pyplot's too, so that a notebook shows them and `plt.show` knows them."""
    token = _known_to_pyplot.set(True)
    try:
        yield
    finally:
        _known_to_pyplot.reset(token)


def new_axes(width: float, height: float) -> Axes:
    """Axes that fill a new figure of that size, in inches."""
    look: dict[str, Any] = {"figsize": (width, height), "facecolor": "white"}
    if _known_to_pyplot.get():
        import matplotlib.pyplot as plt

        return plt.figure(**look).add_axes((0, 0, 1, 1))
    return Figure(**look).add_axes((0, 0, 1, 1))


def save(figure: Figure | SubFigure, path: str | os.PathLike[str]) -> None:
    """Write a figure as .png, .svg or .pdf, by the name's end. Raises Fault."""
    kind = _kind(path)
    picture = _rendered(figure, kind)
    with writing(Path(path), binary=True) as stream:
        stream.write(picture)


def check_name(path: str | os.PathLike[str]) -> None:
    """Raises Fault where `save` would not know the file's type, before anything is drawn."""
    _kind(path)


def svg_text(figure: Figure | SubFigure) -> str:
    """The figure as an <svg> element, to stand in a page: no XML declaration, no DOCTYPE."""
    text = _rendered(figure, ".svg").decode()
    return text[text.index("<svg") :]


def _kind(path: str | os.PathLike[str]) -> str:
    kind = Path(path).suffix.lower()
    if kind not in _METADATA:
        known = ", ".join(_METADATA)
        raise Fault("unknown-file-type", f"its name ends in none of {known}")
    return kind


def _rendered(figure: Figure | SubFigure, kind: str) -> bytes:
    assert isinstance(figure, Figure)
    buffer = io.BytesIO()
    dpi = min(DPI, MAX_PIXELS / max(figure.get_size_inches()))
    with matplotlib.rc_context(_SETTINGS):
        figure.savefig(buffer, format=kind[1:], dpi=dpi, metadata=_METADATA[kind])
    return buffer.getvalue()
