"""The plugin contract: what netrunner asks of a plugin."""

from __future__ import annotations

import pluggy

from netrunner.activations.activation import Activation

hookspec = pluggy.HookspecMarker("netrunner")
hookimpl = pluggy.HookimplMarker("netrunner")


@hookspec
def netrunner_activations() -> list[Activation]:  # type: ignore[empty-body]
    """The activations that this plugin adds: a list of `netrunner.Activation`.

    Called once each time a network is loaded. A name that is already taken, by a built-in
    activation or any other, is an error.
    """
