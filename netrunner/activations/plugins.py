"""Finds plugins, and makes the registry of activations from them.

A plugin is an installed distribution with an entry point in the group `netrunner`, or a file that
the user named; nothing else is ever executed.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

from netrunner.activations import built_in as built_ins
from netrunner.activations.activation import Activation, Origin
from netrunner.activations.installed import (
    CHOICE,
    distribution_of,
    file_of,
    installed_plugins,
    is_chosen,
    not_installed,
    shipped_plugins,
)
from netrunner.activations.loader import BUILT_IN, Loader, code_of
from netrunner.activations.registry import Registered, Registry
from netrunner.problems.problem import (
    BrokenPluginWarning,
    NetrunnerError,
    Problem,
    UnknownPluginWarning,
)
from netrunner.problems.source import Place
from netrunner.problems.words import quote
from netrunner.process import session
from netrunner.process.dataclass import dataclass

VARIABLE = "NETRUNNER_PLUGINS"


def load_registry(named: Iterable[str | os.PathLike[str]] = ()) -> Registry:
    """The built-ins, the installed plugins, and those in the files and folders in `named`.

    `named` may also have the names of plugins that come with netrunner. The plugins in the
    environment variable NETRUNNER_PLUGINS come first. A broken installed plugin is left out, with a
    warning. Raises NetrunnerError.
    """
    loader = _loaded(named)
    for name, near in not_installed():
        message = f"{CHOICE} names {quote(name)}, which is not an installed plugin"
        message += f": did you mean {quote(near)}?" if near else ""
        warnings.warn(message, UnknownPluginWarning, stacklevel=2)
    for problem in loader.broken.values():
        message = f"{problem.message} ({problem.place}); it is left out"
        warnings.warn(message, BrokenPluginWarning, stacklevel=2)
    if loader.problems:
        raise NetrunnerError(loader.problems)
    return Registry(loader.registered.values(), loader.broken)


def _loaded(named: Iterable[str | os.PathLike[str]]) -> Loader:
    loader = Loader()
    loader.register(built_ins, BUILT_IN)
    for entry in installed_plugins():
        if is_chosen(distribution_of(entry)):
            loader.register_entry_point(entry)
    if isinstance(named, (str, os.PathLike)):
        named = [named]
    variable = os.environ.get(VARIABLE, "").split(os.pathsep)
    for path in [*filter(None, variable), *named]:
        for file in loader.files(os.fspath(path)):
            loader.register_file(file)
    return loader


@dataclass(frozen=True)
class Listed:
    """A plugin, and its state.

    `state` is loaded, broken, duplicate (it is installed, and a name that it adds is taken, which
    stops every run), off (by NETRUNNER_LOAD_PLUGINS) or available (if it comes with netrunner and
    is not loaded). `adds` is the names of its activations, as far as they are known.
    """

    name: str
    source: str  # built-in, installed, file or shipped
    state: str
    file: str
    adds: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def list_plugins(named: Iterable[str | os.PathLike[str]] = ()) -> list[Listed]:
    """Every plugin: built-in, installed, named, and those that come with netrunner."""
    loader = _loaded(named)
    listed = []
    for plugin in loader.plugins:
        path = os.path.realpath(plugin.file)
        mine = [each for each in loader.found if each.origin.path == path]
        problems = tuple(
            problem
            for problem in [*loader.broken.values(), *loader.problems]
            if problem.message.startswith(f"{plugin}: ")
        )
        state = "broken" if problems else "loaded"
        if plugin.kind == "installed" and any(each in loader.problems for each in problems):
            state = "duplicate"
        names = tuple(each.activation.name for each in mine)
        listed.append(Listed(plugin.name, plugin.kind, state, plugin.file, names, problems))
    for entry in installed_plugins():
        if not is_chosen(distribution_of(entry)):
            name = f"{entry.name} of {distribution_of(entry)}"
            listed.append(Listed(name, "installed", "off", file_of(entry), ()))
    for name, file in shipped_plugins().items():
        if name not in loader.registered:
            listed.append(Listed(name, "shipped", "available", str(file), (name,)))
    return listed


def load_files(
    paths: Iterable[str | os.PathLike[str]],
) -> tuple[list[Registered], list[Problem]]:
    """What the files and folders in `paths` add, and their problems; no other plugins'.

    An activation whose name is taken is in both. Installed plugins are left out, so that one that
    is already installed can be tested as a file.
    """
    loader = Loader()
    loader.register(built_ins, BUILT_IN)
    for path in paths:
        for file in loader.files(os.fspath(path)):
            with session.at_work(f"the loading of plugin {quote(file.name)}"):
                loader.register_file(file)
    return [each for each in loader.found if each.origin.kind == "file"], loader.problems


def unused(named: Iterable[str], registry: Registry, used: Container[str]) -> list[Problem]:
    """A warning for each file or folder in `named` none of whose activations are in use."""
    problems = []
    for path in dict.fromkeys(named):
        files = {os.path.realpath(file) for file in Loader().files(path)}
        adds = [name for name, each in registry.items() if each.origin.path in files]
        if adds and not any(name in used for name in adds):
            message = f"no layer uses what {quote(path)} adds: {', '.join(adds)}"
            place = Place("--plugins")
            problems.append(Problem("unused-plugin", place, message, severity="warning"))
    return problems


def loaded_again(entry: Registered) -> Activation | None:
    """The same activation from its plugin file, executed again, so that it remembers nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its warnings have been shown
        added, _ = load_files([entry.origin.path])
    same = (each.activation for each in added if each.activation.name == entry.activation.name)
    return next(same, None)


def origin_of(activation: Activation) -> Origin:
    """The origin of an activation that is not from a plugin file."""
    function: Any = activation.function
    code = code_of(function)
    if code is None:  # such as numpy's own functions
        names = [getattr(function, name, None) for name in ("__module__", "__name__")]
        file = ".".join(filter(None, names)) or type(function).__name__
        return Origin("file", file, file, None, file)
    file, line = code.co_filename, code.co_firstlineno
    return Origin("file", Path(file).name, file, line, os.path.realpath(file))


def built_in_activations() -> list[Registered]:
    """Only the built-in activations."""
    loader = Loader()
    loader.register(built_ins, BUILT_IN)
    return list(loader.registered.values())
