"""What Python users call."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from netrunner import pickling  # noqa: F401 - from here on, a network may be pickled
from netrunner.assembly import read_network
from netrunner.network import Network
from netrunner.plugins import load_registry

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Paths = Iterable[str | os.PathLike[str]]


def load(path: str | os.PathLike[str], plugins: Paths = ()) -> Network:
    """The network in a YAML file, checked and ready to run.

    `plugins` are files and folders with activations, beside those that are installed and those
    in the environment variable NETRUNNER_PLUGINS. Raises NetrunnerError, which carries all the
    problems of the file.
    """
    return read_network(path, load_registry(plugins)).network


def plot_activations(
    names: Iterable[str],
    ax: Axes | None = None,
    *,
    range: tuple[float, float] = (-5.0, 5.0),
    plugins: Paths = (),
) -> Axes:
    """Draw the curves of activations, on `ax` or on a new figure; never shows it.

    `plugins` as for `load`. Raises NetrunnerError for a name that is not known, a range that is
    none, and a plugin that misbehaves.
    """
    from netrunner.pictures import curves
    from netrunner.pictures.saving import known_to_pyplot

    names = [names] if isinstance(names, str) else names
    with known_to_pyplot():
        return curves.plot_activations(names, range, ax, registry=load_registry(plugins))
