"""Plugins on this machine: those of installed distributions, and netrunner's own.

The plugins that come with netrunner are files like a user's own. They are loaded by name:
`--plugins tanh`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import EntryPoint, distribution, distributions
from pathlib import Path

from netrunner.files.shipped import shipped
from netrunner.problems.suggestions import nearest

GROUP = "netrunner"
CHOICE = "NETRUNNER_LOAD_PLUGINS"  # the installed distributions to load plugins from; if unset, all


def installed_plugins() -> list[EntryPoint]:
    """The entry points of installed plugins, sorted, so that their order is always the same."""
    return _plugins_in(tuple((folder, _changed(folder or ".")) for folder in sys.path))


def _changed(folder: str) -> int | None:
    """When something was last put into a folder, or taken out of it."""
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116
    except OSError:
        return None


@lru_cache(maxsize=1)  # to look through a hundred distributions takes longer than a small network
def _plugins_in(_: tuple[object, ...]) -> list[EntryPoint]:
    names, entries = set(), set[EntryPoint]()
    for each in distributions():
        with suppress(Exception):  # its metadata is damaged; it is probably not a plugin
            if each.entry_points.select(group=GROUP):
                names.add(each.name)  # which takes longer to find out
    for name in names:  # of two distributions with one name, the first on sys.path is in use
        with suppress(Exception):  # it is in a folder of another name
            entries.update(distribution(name).entry_points.select(group=GROUP))
    return sorted(entries, key=lambda entry: (entry.name, entry.value))


def distribution_of(plugin: EntryPoint) -> str:
    return plugin.dist.name if plugin.dist else "?"


def is_chosen(distribution: str) -> bool:
    """Whether NETRUNNER_LOAD_PLUGINS lets the plugins of an installed distribution be loaded."""
    choice = os.environ.get(CHOICE)
    return choice is None or _normal(distribution) in map(_normal, choice.split(","))


def _normal(distribution: str) -> str:
    """The name of a distribution as installers compare it."""
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


def not_installed() -> Iterator[tuple[str, str | None]]:
    """The distributions named in NETRUNNER_LOAD_PLUGINS that have no plugin here, and those meant:
    of a name that is near, or of a plugin or module that has the name.
    """
    here = {}
    for plugin in installed_plugins():
        of = distribution_of(plugin)
        here.update({_normal(name): of for name in (plugin.name, plugin.module)})
    distributions = {_normal(of): of for of in here.values()}
    for name in map(str.strip, os.environ.get(CHOICE, "").split(",")):
        if name and (normal := _normal(name)) not in distributions:
            near = nearest(normal, distributions)
            yield name, here.get(normal) or (distributions[near] if near else None)


def file_of(plugin: EntryPoint) -> str:
    """The file of a plugin that is not loaded, or its module if that is not where it should be."""
    module = plugin.module.replace(".", "/")
    for name in (f"{module}.py", f"{module}/__init__.py"):
        if plugin.dist and (file := Path(str(plugin.dist.locate_file(name)))).is_file():
            return str(file)
    return plugin.value


def choice_without(distribution: str) -> str:
    """The setting that leaves out one distribution and keeps the others."""
    others = {distribution_of(plugin) for plugin in installed_plugins()} - {distribution}
    return f"{CHOICE}={','.join(sorted(filter(is_chosen, others)))}"


def shipped_plugins() -> dict[str, Path]:
    """The plugins that come with netrunner, by the name of the activation that each adds."""
    return {path.stem: path for path in sorted(shipped("plugins").glob("*.py"))}


def option_for(name: str) -> str | None:
    """What `--plugins` takes for an activation that comes with netrunner."""
    path = shipped_plugins().get(name)
    if path is None:
        return None
    return str(path) if os.path.lexists(name) else name  # a path takes precedence over a name
