"""What Python users call."""

from __future__ import annotations

import os
from collections.abc import Iterable

from netrunner import pickling  # noqa: F401 - from here on, a network may be pickled
from netrunner.assembly import read_network
from netrunner.network import Network
from netrunner.plugins import load_registry


def load(path: str | os.PathLike[str], plugins: Iterable[str | os.PathLike[str]] = ()) -> Network:
    """The network in a YAML file, checked and ready to run.

    `plugins` are files and folders with activations, beside those that are installed and those
    in the environment variable NETRUNNER_PLUGINS. Raises NetrunnerError, which carries all the
    problems of the file.
    """
    return read_network(path, load_registry(plugins)).network
