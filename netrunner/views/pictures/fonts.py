"""Letters for names in any script: which installed fonts have them, and one line if none has.

DejaVu Sans, which comes with matplotlib, has what the book's notation needs; only a name that
goes beyond it, such as 隐藏层, makes us look at other fonts.
"""

from __future__ import annotations

import contextlib
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.ft2font import FT2Font
from matplotlib.legend import Legend
from matplotlib.text import Text

from netrunner.problems.problem import MissingFontWarning
from netrunner.views.pictures.notation import legible

BASE = "DejaVu Sans"
# Good first guesses, so that mostly no other font has to be opened.
_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
)
_JAPANESE = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "Hiragino Sans",
    "Yu Gothic",
    "Meiryo",
    "MS Gothic",
    "IPAGothic",
)
_COVERS_ALL_WITH_BOXES = "Last Resort"
_SHOWN = 20


@dataclass(frozen=True)
class Lettering:
    """Font families that together have the characters of some texts, and those that none has."""

    families: tuple[str, ...]
    missing: frozenset[str]
    has_bold: bool

    def write(self, ax: Axes, x: float, y: float, text: str, **style: Any) -> Text:
        """Put `text`, which is never markup, at (x, y) of the axes, and return the artist."""
        style = {"ha": "center", "va": "center", "clip_on": False, **style}
        if not self.has_bold:
            style.pop("weight", None)  # else matplotlib would log what it takes instead
        artist = _QuietText(x, y, legible(text), **self._as_text, **style)
        ax.add_artist(artist)
        return artist

    def legend(self, ax: Axes, handles: list[Any], labels: list[str], **style: Any) -> Legend:
        """A legend whose labels are never markup."""
        # matplotlib leaves out a label that begins with "_", unless it comes later.
        legend = _QuietLegend(ax, handles, ["-"] * len(labels), **style)
        for artist, label in zip(legend.get_texts(), labels, strict=True):
            artist.update({"text": label} | self._as_text)
        ax.legend_ = legend
        return legend

    @property
    def _as_text(self) -> dict[str, Any]:
        return {"fontfamily": list(self.families), "parse_math": False, "usetex": False}


def lettering(texts: Iterable[str]) -> Lettering:
    """The letters for `texts`; warns, in one MissingFontWarning, of what no installed font has."""
    found = _lettering(frozenset(char for text in texts for char in legible(text)))
    if found.missing:
        warnings.warn(_advice(found.missing), MissingFontWarning, stacklevel=3)
    return found


@cache
def _lettering(characters: frozenset[str]) -> Lettering:
    missing = frozenset(char for char in characters if not _has(BASE, char))
    families = [BASE]
    for family in _candidates(missing) if missing else ():
        if covered := {char for char in missing if _has(family, char)}:
            families.append(family)
            missing -= covered
        if not missing:
            break
    has_bold = all(_faces(family, bold=True) for family in families)
    # Who looks at an SVG elsewhere may have a font that is missing here.
    return Lettering((*families, "sans-serif"), missing, has_bold)


def _candidates(characters: frozenset[str]) -> Iterator[str]:
    """Installed families, the likely ones first; those that matplotlib has not heard of last."""
    japanese = any(unicodedata.name(char, "").startswith(("HIRA", "KATA")) for char in characters)
    likely = (*_JAPANESE, *_CHINESE) if japanese else (*_CHINESE, *_JAPANESE)
    known: set[str] = set()
    for look_again in (False, True):
        if look_again:
            _take_in_new_fonts()
        new = {entry.name for entry in font_manager.fontManager.ttflist} - known
        yield from (family for family in likely if family in new)
        yield from sorted(new.difference(likely), key=_plainness)
        known |= new


def _plainness(family: str) -> tuple[bool, bool, str]:
    return "Mono" in family, "Serif" in family, family


def _take_in_new_fonts() -> None:
    """Tell matplotlib of fonts that were installed after it wrote its list of them."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted(font_manager.findSystemFonts()):
        if path not in known:
            with contextlib.suppress(OSError, RuntimeError, ValueError):
                font_manager.fontManager.addfont(path)


@cache
def _has(family: str, char: str) -> bool:
    """Whether matplotlib can draw the character with the family's regular face."""
    return any(_face_has(face, char) for face in _faces(family)[:1])


def _face_has(face: font_manager.FontEntry, char: str) -> bool:
    try:
        # Before matplotlib 3.11, only the first face of a collection (.ttc) could be had.
        font = _opened(face.fname, getattr(face, "index", 0))
        if not font.get_char_index(ord(char)):
            return False
        font.load_char(ord(char))
    except (OSError, RuntimeError, ValueError):
        return False
    return True


@cache
def _opened(file: str, index: int) -> FT2Font:
    font = FT2Font(file, face_index=index) if index else FT2Font(file)
    font.set_size(12, 72)  # what is only made of bitmaps, such as colour emoji, fails here
    return font


def _faces(family: str, bold: bool = False) -> list[font_manager.FontEntry]:
    """The family's upright faces that are regular, or bold; none of one that is all boxes."""
    weights = (600, 700, "bold", "semibold") if bold else (400, "normal", "regular")
    return [
        entry
        for entry in font_manager.fontManager.ttflist
        if entry.name == family
        and entry.style == "normal"
        and entry.weight in weights
        and not family.startswith(_COVERS_ALL_WITH_BOXES)
    ]


def _advice(missing: frozenset[str]) -> str:
    characters = sorted(missing)
    shown = " ".join(characters[:_SHOWN]) + (" …" if len(characters) > _SHOWN else "")
    east_asian = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "IDEOGRAPHIC")
    names = [unicodedata.name(char, "") for char in characters]
    package = "fonts-noto-cjk" if any(name.startswith(east_asian) for name in names) else "unifont"
    return (
        f"no installed font has {shown} (shown as boxes): install one that has, "
        f"such as Debian's {package}"
    )


class _Quiet:
    """An artist that keeps matplotlib's warnings of missing glyphs to itself: ours has come."""

    def draw(self, *args: Any, **kwargs: Any) -> Any:
        with _no_glyph_warnings():
            return super().draw(*args, **kwargs)  # type: ignore[misc]

    def get_window_extent(self, *args: Any, **kwargs: Any) -> Any:
        with _no_glyph_warnings():
            return super().get_window_extent(*args, **kwargs)  # type: ignore[misc]


class _QuietText(_Quiet, Text):
    pass


class _QuietLegend(_Quiet, Legend):
    pass


@contextlib.contextmanager
def _no_glyph_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Glyph |Matplotlib currently does not support", UserWarning
        )
        yield
