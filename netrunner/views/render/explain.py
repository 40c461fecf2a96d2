"""An explanation in any of its formats; each has its own module."""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from typing import TextIO

from netrunner.lesson.explain import Explanation

FORMATS = ("text", "markdown", "latex", "html")


def write(explanation: Explanation, stream: TextIO, format: str = "text") -> None:
    """The whole explanation in one of FORMATS."""
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    import_module(f"netrunner.views.render.explain_{format}").write(explanation, stream)


def text_of(explanation: Explanation, format: str = "text") -> str:
    """The whole explanation in one of FORMATS, as a text."""
    stream = StringIO()
    write(explanation, stream, format)
    return stream.getvalue()
