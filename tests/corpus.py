"""The network files in data/: the valid ones, and the invalid ones with their problems."""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path

import pytest

from netrunner.activations.plugins import load_registry
from netrunner.activations.registry import Registry
from netrunner.format.checks import Checker
from netrunner.format.network_text import read_source
from netrunner.problems.problem import NetrunnerError, Problem

DATA = Path(__file__).parent / "data"
VALID = sorted(DATA.glob("valid/*.yaml"))
INVALID = sorted(DATA.glob("invalid/*.yaml"))
REGISTRY = load_registry()


def named(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


def check_file(path: str, registry: Registry) -> tuple[list[Problem], str]:
    """All the problems of a network file, in file order, and a short summary."""
    try:
        source = read_source(path)
    except NetrunnerError as error:
        return list(error.problems), f"{len(error.problems)} error"
    checked = Checker(path, Path(path).parent, registry).check(source.text)
    return list(checked.problems), checked.summary


@functools.cache
def checked(path: Path) -> tuple[list[Problem], str]:
    """What `check` finds in a file, which it calls by its bare name, and how it sums it up."""
    with contextlib.chdir(path.parent):
        return check_file(path.name, REGISTRY)
