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
from importlib.metadata import Distribution, EntryPoint, EntryPoints, distribution, distributions
from pathlib import Path

from netrunner.files.shipped import shipped

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
    # As importlib.metadata.entry_points(group=GROUP), but that also parses all other groups.
    names = {each.name for folder in sys.path for each in _with_plugins(folder)}
    found = {entry for name in names for entry in _entry_points_of(name)}
    return sorted(found, key=lambda entry: (entry.name, entry.value))


def _with_plugins(folder: str) -> Iterator[Distribution]:
    """The distributions in a folder of sys.path whose metadata names the group.

    Asking importlib.metadata for the text of each would take as long as all the rest of a run.
    """
    try:
        names = os.listdir(folder or ".")  # noqa: PTH208
    except OSError:  # it may be a zip file
        yield from (each for each in distributions(path=[folder]) if _names_the_group(each))
        return
    for name in names:
        if name.lower().endswith((".dist-info", "egg-info")):
            with (
                suppress(OSError),
                open(  # noqa: PTH123
                    f"{folder or '.'}/{name}/entry_points.txt", "rb"
                ) as file,
            ):
                if f"[{GROUP}]".encode() in file.read():
                    yield Distribution.at(f"{folder or '.'}/{name}")


def _names_the_group(distribution: Distribution) -> bool:
    try:
        return f"[{GROUP}]" in (distribution.read_text("entry_points.txt") or "")
    except Exception:  # its metadata is damaged; it is probably not a plugin
        return False


def _entry_points_of(name: str) -> EntryPoints:
    try:
        return distribution(name).entry_points.select(group=GROUP)
    except Exception:  # damaged, or in a folder of another name
        return EntryPoints()


def distribution_of(plugin: EntryPoint) -> str:
    return plugin.dist.name if plugin.dist else "?"


def is_chosen(distribution: str) -> bool:
    """Whether NETRUNNER_LOAD_PLUGINS lets the plugins of an installed distribution be loaded."""
    choice = os.environ.get(CHOICE)
    return choice is None or _normal(distribution) in map(_normal, choice.split(","))


def _normal(distribution: str) -> str:
    """The name of a distribution as installers compare it."""
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


def not_installed() -> list[str]:
    """The distributions named in NETRUNNER_LOAD_PLUGINS that have no plugin here."""
    here = {_normal(distribution_of(plugin)) for plugin in installed_plugins()}
    names = [name.strip() for name in os.environ.get(CHOICE, "").split(",")]
    return [name for name in names if name and _normal(name) not in here]


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
