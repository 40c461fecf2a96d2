"""`netrunner.load`: a network from its file."""

from __future__ import annotations

import os
from collections.abc import Iterable

from netrunner.activations.plugins import load_registry
from netrunner.format.assembly import read_network
from netrunner.network.network import Network

Paths = Iterable[str | os.PathLike[str]]


def load(path: str | os.PathLike[str], plugins: Paths = ()) -> Network:
    """The network in a YAML file, checked and ready to run.

    `plugins` are files and folders with activations, beside those that are installed and those
    in the environment variable NETRUNNER_PLUGINS. Raises NetrunnerError, which carries all the
    problems of the file.
    """
    return read_network(path, load_registry(plugins)).network
