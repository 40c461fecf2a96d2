"""Pictures into files, whole or not at all, and byte for byte the same each time."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netrunner.files.writing import writing
from netrunner.problems.problem import Fault
from netrunner.views.pictures.marks import Drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

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
    "pdf.fonttype": 42,  # TrueType, which every printer and editor takes
    "text.usetex": False,
    "savefig.bbox": None,
    "savefig.facecolor": "white",
    "savefig.transparent": False,
}


def save(figure: Figure | SubFigure, path: str | os.PathLike[str]) -> None:
    """Write a figure as .png, .svg or .pdf, by the name's suffix. Raises Fault."""
    _write(path, lambda kind: _rendered(figure, kind))


def save_drawing(drawing: Drawing, path: str | os.PathLike[str]) -> None:
    """Write a drawing as .png, .svg or .pdf, by the name's suffix. Raises Fault."""

    def made(kind: str) -> bytes:
        if kind == ".svg":
            from netrunner.views.pictures import svg

            return svg.document(drawing).encode()
        from netrunner.views.pictures.axes import default_settings, drawn

        with default_settings():
            return _rendered(drawn(drawing).figure, kind)

    _write(path, made)


def _write(path: str | os.PathLike[str], made: Callable[[str], bytes]) -> None:
    picture = made(kind_of(path))
    with writing(Path(path), binary=True) as stream:
        stream.write(picture)


def kind_of(path: str | os.PathLike[str]) -> str:
    """The type of a picture, by the suffix of its name. Raises Fault if it is not a known one."""
    kind = Path(path).suffix.lower()
    if kind not in _METADATA:
        known = ", ".join(_METADATA)
        raise Fault("unknown-file-type", f"the name must end in one of {known}")
    return kind


def _rendered(figure: Any, kind: str) -> bytes:
    import matplotlib

    from netrunner.views.pictures.fonts import no_glyph_warnings

    buffer = io.BytesIO()
    dpi = min(DPI, MAX_PIXELS / max(figure.get_size_inches()))
    with matplotlib.rc_context(_SETTINGS), no_glyph_warnings():
        figure.savefig(buffer, format=kind[1:], dpi=dpi, metadata=_METADATA[kind])
    return buffer.getvalue()
