"""matplotlib's axes for our pictures, with its default settings, whatever the user has set."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from netrunner.views.pictures.marks import Drawing


def import_matplotlib() -> None:
    """Import matplotlib for a command, whose pictures are the same wherever it runs.

    When it is imported, matplotlib reads MPLBACKEND and a `matplotlibrc` in the current folder,
    which may say anything. So the folder with its own settings is the current one for that time.
    """
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("matplotlib")
    settings = Path(spec.origin if spec and spec.origin else "").parent / "mpl-data"
    os.environ.pop("MPLBACKEND", None)
    with contextlib.suppress(FileNotFoundError), contextlib.chdir(settings):
        import matplotlib  # noqa: F401


@contextmanager
def default_settings() -> Iterator[None]:
    """Within, matplotlib's settings are its defaults, whatever a matplotlibrc says."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield
        # A notebook's backend sets this when its first figure is made, which may be in here.
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
    from matplotlib.figure import Figure

    return Figure(**look).add_axes((0, 0, 1, 1))


def drawn(drawing: Drawing, ax: Axes | None = None) -> Axes:
    """A drawing on `ax`, or on axes of a new figure of its size."""
    from netrunner.views.pictures.canvas import paint

    if ax is not None:
        return paint(drawing, ax)
    with default_settings():
        return paint(drawing, new_axes(drawing.width / 72, drawing.height / 72))
