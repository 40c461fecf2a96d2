"""What is known about an open document: its problems, and the last network that could be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from netrunner.activations.plugins import built_in_activations, load_files
from netrunner.activations.registry import Registry
from netrunner.format.assembly import NetworkFile
from netrunner.format.checks import Checked, Checker
from netrunner.format.document import parse
from netrunner.format.network_text import network_of
from netrunner.format.nodes import Node
from netrunner.lesson.blanks import values_of_blanks
from netrunner.network.network import Network
from netrunner.network.trace import Trace
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place, Source
from netrunner.views.editor.plugin_trial import try_plugins
from netrunner.views.editor.positions import Lines


def _ours(key: str) -> re.Pattern[str]:
    return re.compile(
        rf"""(?:^|\r)\ufeff?(?:
        \#\ yaml-language-server:\s*\$schema=\S*network\.schema\.json
        | {key}[ ]*[:：] | [ \t]*+(?:\{{[ \t]*+)?"{key}"[ \t]*+:)""",
        re.M | re.X,
    )


_OURS, _STILL_OURS = _ours("layers"), _ours("(?:layers|inputs)")


def is_network(text: str, before: bool = False) -> bool:
    """Whether a document is a network file, by its `$schema` comment or its `layers`.

    One that was so before still is while it has `inputs`: its `layers` may be misspelt.
    """
    return (_STILL_OURS if before else _OURS).search(text) is not None


def registry_of(plugins: Iterable[str]) -> tuple[Registry, tuple[Problem, ...]]:
    """The built-ins and the plugins that the client names; no other is ever executed."""
    fine, unfit = try_plugins(plugins)
    added, problems = load_files(fine)
    known = {each.activation.name: each for each in built_in_activations()}
    for each in added:
        known.setdefault(each.activation.name, each)
    return Registry(known.values()), (*unfit, *problems)


@dataclass(frozen=True)
class Parsed:
    """A text that is YAML."""

    source: Source
    root: Node

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.source.text)


@dataclass(frozen=True)
class Readable(Parsed):
    """A text that could be read: its network, and the run of its first example, if it has one."""

    file: NetworkFile
    trace: Trace | None

    @property
    def network(self) -> Network:
        return self.file.network


@dataclass(frozen=True)
class Analysis:
    """A text with its problems; `readable` comes from this text or an earlier one."""

    text: str
    checker: Checker
    checked: Checked
    readable: Readable | None

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.checked.problems

    @property
    def has_blanks(self) -> bool:
        return any(each.code == "blank" for each in self.problems)

    @cached_property
    def values_of_blanks(self) -> tuple[tuple[Place, str], ...]:
        """The place of each blank among the answers, and its value, if nothing else is wrong."""
        source, folder = self.checked.source, self.checker.folder
        try:
            file = network_of(source, folder, self.checker.registry, blanks_allowed=True)
            return tuple((file.place(node), text) for _, node, text in values_of_blanks(file))
        except NetrunnerError:
            return ()

    @cached_property
    def fixable(self) -> tuple[Problem, ...]:
        """The problems, with the fixes that have been tried."""
        return self.checker.with_fixes(self.checked).problems


def analyse(text: str, path: Path, registry: Registry, before: Readable | None) -> Analysis:
    """Read, check and run a text, which is or will be saved as `path`."""
    checker = Checker(str(path), path.parent, registry)
    checked = checker.check(text)
    readable = before
    if before is not None and any(each.code == "blank" for each in checked.problems):
        readable = replace(before, trace=None)  # its numbers may be those that are asked for
    if checked.file is not None:
        readable = _readable(checked.source, checked.file)
    return Analysis(text, checker, checked, readable)


def parsed(text: str, path: Path) -> Parsed | None:
    """A text with its nodes, if it is YAML, whatever else is wrong with it."""
    source = Source(str(path), text)
    try:
        root = parse(source, [])
    except NetrunnerError:
        return None
    return None if root is None else Parsed(source, root)


def _readable(source: Source, file: NetworkFile) -> Readable:
    root, trace = parse(source, []), None
    assert root is not None  # there is a network in it
    if file.network.examples:
        try:
            trace = file.network.silent_trace(file.network.examples[0].input)
            trace = trace if trace.rows is None else trace.row(1)
        except NetrunnerError:  # it is already among the problems
            trace = None
    return Readable(source, root, file, trace)
