"""Networks and names that several tests use."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import numpy as np
from conftest import ROOT

import netrunner
from netrunner.activations.plugins import load_registry

PLUGINS = ROOT / "plugins"
REGISTRY = load_registry([PLUGINS])  # all that is built in or shipped
ACTIVATIONS = {name: REGISTRY[name].activation for name in REGISTRY}

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "`code` *bold* [link](javascript:alert(1)) https://example.com",
    r"\input{/etc/passwd} % $x$ #1 ~ ^ & _ {",
    "隐藏层 名前 é",
    "\x1b[31mred\nline",
]


def network_of(
    layers: list[tuple[Any, Any, Any]], dtype: str = "float64", **names: Any
) -> netrunner.Network:
    """A network from (weights, biases, activation) of each layer, the activation by name or not."""
    built = []
    for index, (weights, biases, activation) in enumerate(layers, 1):
        name, parameters = activation if isinstance(activation, tuple) else (activation, {})
        registered = REGISTRY[name]
        built.append(
            netrunner.Layer(
                index,
                names.get("layer"),
                np.array(weights, dtype),
                np.array(biases, dtype),
                registered.activation,
                registered.origin,
                parameters,
            )
        )
    return netrunner.Network(
        names.get("network", "random"),
        "",
        built[0].weights.shape[0],
        names.get("inputs"),
        tuple(built),
        names.get("outputs"),
        np.dtype(dtype),
    )


# What would run, close, or break out, were it markup.
MARKUP = [
    "<script>alert(1)</script>",
    "</style></script><img src=x onerror=alert(2)>",
    "]]></text></svg><svg onload=alert(3)>",
    "\" onfocus='alert(4)' x=\"",
    "-->&lt;b&gt;&amp;$name${name}%s{0}",
]
HOSTILE_NETWORK = f"""
name: {MARKUP[0]!r}
description: {MARKUP[1]!r}
inputs: [{MARKUP[2]!r}, {MARKUP[1]!r}]
layers:
  - {{name: {MARKUP[1]!r}, size: 2, weights: [[1, 2], [3, 4]], biases: 0, activation: relu}}
  - {{name: {MARKUP[4]!r}, size: 3, weights: [[1, 2, 3], [3, 4, 5]], biases: 0,
     activation: softmax}}
outputs: [{MARKUP[0]!r}, {MARKUP[2]!r}, "{MARKUP[3].replace('"', chr(92) + '"')}"]
"""


class Tags(HTMLParser):
    """The tags of a page, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.tags if name in attributes]
