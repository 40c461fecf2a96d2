"""The page as a Jupyter widget, whose input the kernel knows and can set."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import anywidget
import traitlets


class LiveWidget(anywidget.AnyWidget):
    """A page in a notebook. `x` is the input that it shows: set it, and the page follows."""

    _esm = (files("netrunner.views.page") / "widget.js").read_text(encoding="utf-8")
    html = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int().tag(sync=True)
    x = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(self, frame: str, **traits: Any) -> None:
        super().__init__(**traits)
        self._frame = frame  # for a viewer without a kernel or widgets

    def __repr__(self) -> str:
        return f"<{self.title}: a notebook shows it>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = super()._repr_mimebundle_(**kwargs)
        data, more = shown if isinstance(shown, tuple) else (shown or {}, {})
        return {**data, "text/html": self._frame}, more
