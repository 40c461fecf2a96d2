"""The page of a run in a notebook, where its numbers can be changed.

It is a page within the cell's output and computes by itself, so it needs no kernel and no widget
library, and stays alive in an exported notebook. Its frame has no access to the notebook. With
anywidget, the kernel knows the input, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.views.html import Markup, element
from netrunner.views.page.page import page

if TYPE_CHECKING:
    from netrunner.views.page.live_widget import LiveWidget

HEIGHT = 640  # pixels


@dataclass(frozen=True)
class Widget:
    """What a notebook shows as a live page. `html` is the page."""

    name: str
    html: str

    @property
    def title(self) -> str:
        """What the frame is called."""
        return f"The network {self.name}"

    def __repr__(self) -> str:
        return f"<Widget of {self.name!r}: a notebook shows it>"

    def _repr_html_(self) -> str:
        frame = {
            # As it is: its scripts are hashed with their line ends.
            "srcdoc": Markup(escape(self.html)),
            "sandbox": "allow-scripts",
            "title": self.title,
            "width": "100%",
            "height": HEIGHT,
            "style": "border:1px solid rgba(128,128,128,.35);border-radius:6px",
        }
        return str(element("iframe", frame))


def widget(network: Network, trace: Trace) -> Widget | LiveWidget:
    """The page of a run, for a notebook; of a batch, it shows the first row."""
    shown = Widget(network.name, page(network, trace))
    try:
        from netrunner.views.page.live_widget import LiveWidget
    except ImportError:
        return shown
    traits = {"html": shown.html, "title": shown.title, "height": HEIGHT}
    return LiveWidget(shown._repr_html_(), x=trace.row(1).input.tolist(), **traits)
