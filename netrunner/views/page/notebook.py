"""The page of a run in a notebook, where its numbers can be changed.

It is a page within the cell's output and computes by itself, so it needs no kernel and no widget
library, and stays alive in an exported notebook. Its frame has no access to the notebook.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.views.html import element
from netrunner.views.page.page import page

HEIGHT = 640  # pixels


@dataclass(frozen=True)
class Widget:
    """What a notebook shows as a live page. `html` is the page."""

    name: str
    html: str

    def __repr__(self) -> str:
        return f"<Widget of {self.name!r}: a notebook shows it>"

    def _repr_html_(self) -> str:
        frame = {
            "sandbox": "allow-scripts",
            "title": f"The network {self.name}",
            "width": "100%",
            "height": HEIGHT,
            "style": "border:1px solid rgba(128,128,128,.35);border-radius:6px",
        }
        # element() would show the line ends of the page, which its scripts are hashed with.
        return str(element("iframe", frame)).replace(" ", f' srcdoc="{escape(self.html)}" ', 1)


def widget(network: Network, trace: Trace) -> Widget:
    """The page of a run, for a notebook; of a batch, it shows the first row."""
    return Widget(network.name, page(network, trace))
