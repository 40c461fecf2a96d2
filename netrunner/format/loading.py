"""`netrunner.load` and `netrunner.loads`: a network from its file, or from a file's text."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from netrunner.activations.plugins import load_registry
from netrunner.format.network_text import network_of, read_network
from netrunner.network.network import Network
from netrunner.problems.source import Source

Paths = Iterable[str | os.PathLike[str]]


def load(path: str | os.PathLike[str], plugins: Paths = ()) -> Network:
    """The network in a YAML file, checked and ready to run.

    `plugins` are files and folders with activations, beside those that are installed and those
    in the environment variable NETRUNNER_PLUGINS. Raises NetrunnerError, which carries all the
    problems of the file.
    """
    return read_network(path, load_registry(plugins)).network


def loads(
    text: str,
    name: str | os.PathLike[str] = "network.yaml",
    folder: str | os.PathLike[str] | None = None,
    plugins: Paths = (),
) -> Network:
    """As `load`, for the text of a network file; messages call it `name`.

    Weight files are looked for in `folder`; without a folder, the text must not name any.
    """
    if not isinstance(text, str):
        raise TypeError(f"the text of a network file must be a str, not {type(text).__name__}")
    source = Source(os.fspath(name), text.lstrip("\ufeff"))
    return network_of(
        source, None if folder is None else Path(folder), load_registry(plugins)
    ).network
