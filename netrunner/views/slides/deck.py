"""The slides of a run as one page of HTML: shown one after the other, and printed one a page."""

from __future__ import annotations

from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.views.assets import asset, hash_of, policy
from netrunner.views.html import Markup, document, element
from netrunner.views.slides.steps import Slide, slides


def deck(network: Network, batch: Trace, *, row: int = 1, precision: int = 8) -> str:
    """The slides of a run, of one row of its input: of a batch, row `row`, counted from 1.

    `precision` is the least number of digits after the point in a sum. Raises NetrunnerError if
    there is no such row, or if a plugin misbehaves.
    """
    which = "" if batch.rows is None else f"row {row} of {batch.rows}"
    shown = slides(network, batch.row(row), which, precision)
    # The page's colours, tables and curves come first: the slides change what is different here.
    style = asset("page", "page.css") + asset("slides", "slides.css")
    script = asset("slides", "slides.js")
    allowed = policy(hash_of(style), hash_of(script))
    head = (
        element("meta", {"http-equiv": "Content-Security-Policy", "content": allowed}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        element("meta", {"name": "generator", "content": "netrunner"}),
        element("link", {"rel": "icon", "href": "data:,"}),
    )
    sections = [_section(slide, k, len(shown)) for k, slide in enumerate(shown, 1)]
    main = element("main", None, *sections)
    end = element("script", None, Markup(script))
    return document(network.name, style, main, _BAR, end, head=head)


# The way through the slides, for a pointer; the script shows it, and knows the keys.
_BAR = element(
    "nav",
    {"id": "bar", "aria-label": "Slides", "hidden": True},
    element("button", {"id": "previous", "type": "button", "aria-label": "Previous slide"}, "←"),
    element("span", {"id": "counter", "role": "status"}),
    element("button", {"id": "next", "type": "button", "aria-label": "Next slide"}, "→"),
)


def _section(slide: Slide, number: int, of: int) -> Markup:
    about = {"class": f"slide {slide.kind}", "aria-label": f"Slide {number} of {of}"}
    page = element("p", {"class": "page-number"}, f"{number} / {of}")
    return element("section", about, slide.content, page)
