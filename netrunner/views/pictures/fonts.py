"""The fonts for texts in any script, and one warning for what no installed font has.

matplotlib takes each character from the first font of a list that has it. DejaVu Sans, which
comes with matplotlib, has what the book's notation needs; only a name that goes beyond it, such
as 隐藏层, makes us look at other fonts.
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
# Good first guesses, so that usually no other font has to be opened.
_CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei",
)  # fmt: skip
_JAPANESE = (
    "Noto Sans CJK JP", "Noto Sans JP", "Source Han Sans JP", "Hiragino Sans", "Yu Gothic",
    "Meiryo", "MS Gothic", "IPAGothic",
)  # fmt: skip
_BOXES = "Last Resort"  # a font of matplotlib's that has a box for every character
_SHOWN = 20


@dataclass(frozen=True)
class Lettering:
    """Font families that together have the characters of some texts, and those that none has."""

    families: tuple[str, ...]
    missing: frozenset[str]

    def write(self, ax: Axes, x: float, y: float, text: str, **style: Any) -> Text:
        """Put `text`, which is never markup, at (x, y) of the axes, and return the artist."""
        style = {"ha": "center", "va": "center", "clip_on": False, **style}
        if len(self.families) > 1:
            style.pop("weight", None)  # not every font has a bold face, and matplotlib would log it
        return ax.add_artist(Text(x, y, legible(text), **self._as_text, **style))  # type: ignore[return-value]

    def legend(self, ax: Axes, handles: list[Any], labels: list[str], **style: Any) -> Legend:
        """A legend whose labels are never markup."""
        # matplotlib leaves out a label that begins with "_", unless it comes later.
        legend = Legend(ax, handles, ["-"] * len(labels), **style)
        for artist, label in zip(legend.get_texts(), labels, strict=True):
            artist.update({"text": label} | self._as_text)
        ax.legend_ = legend
        return legend

    @property
    def _as_text(self) -> dict[str, Any]:
        return {"fontfamily": list(self.families), "parse_math": False, "usetex": False}


def lettering(texts: Iterable[str]) -> Lettering:
    """The fonts for `texts`; warns, in one MissingFontWarning, of what no installed font has."""
    found = _lettering(frozenset(char for text in texts for char in legible(text)))
    if found.missing:
        warnings.warn(_advice(found.missing), MissingFontWarning, stacklevel=3)
    return found


@contextlib.contextmanager
def no_glyph_warnings() -> Iterator[None]:
    """Within, matplotlib does not warn about missing glyphs again, one by one."""
    with warnings.catch_warnings():
        says = "Glyph |Matplotlib currently does not support"
        warnings.filterwarnings("ignore", says, UserWarning)
        yield


@cache
def _lettering(characters: frozenset[str]) -> Lettering:
    missing = characters - _characters(BASE)
    families = [BASE]
    for family in _candidates(missing) if missing else ():
        if covered := missing & _characters(family):
            families.append(family)
            missing -= covered
        if not missing:
            break
    return Lettering(tuple(families), missing)


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
        yield from sorted(new.difference(likely), key=lambda name: ("Mono" in name, name))
        known |= new


def _take_in_new_fonts() -> None:
    """Tell matplotlib about fonts that were installed after it wrote its list of them."""
    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted(font_manager.findSystemFonts()):
        if path not in known:
            with contextlib.suppress(OSError, RuntimeError, ValueError):
                font_manager.fontManager.addfont(path)


@cache
def _characters(family: str) -> frozenset[str]:
    """The characters that the family's regular face can draw."""
    for entry in font_manager.fontManager.ttflist:
        regular = entry.style == "normal" and entry.weight in (400, "normal", "regular")
        if entry.name == family and regular and not family.startswith(_BOXES):
            with contextlib.suppress(OSError, RuntimeError, ValueError):
                # Before matplotlib 3.11, only the first face of a collection (.ttc) could be used.
                index = getattr(entry, "index", 0)
                font = FT2Font(entry.fname, face_index=index) if index else FT2Font(entry.fname)
                font.set_size(12, 72)  # a font made only of bitmaps, such as emoji, fails here
                return frozenset(map(chr, font.get_charmap()))
    return frozenset()


def _advice(missing: frozenset[str]) -> str:
    characters = sorted(missing)
    shown = " ".join(characters[:_SHOWN]) + (" …" if len(characters) > _SHOWN else "")
    east_asian = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "IDEOGRAPHIC")
    names = [unicodedata.name(char, "") for char in characters]
    package = "fonts-noto-cjk" if any(name.startswith(east_asian) for name in names) else "unifont"
    return (
        f"no installed font has {shown} (shown as boxes): install one that does, "
        f"such as Debian's {package}"
    )
