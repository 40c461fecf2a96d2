"""The network files in data/: the valid ones, and the invalid ones with their problems."""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path

import pytest

from netrunner.activations.plugins import load_registry
from netrunner.format.checks import check_file
from netrunner.problems.problem import Problem

DATA = Path(__file__).parent / "data"
VALID = sorted(DATA.glob("valid/*.yaml"))
INVALID = sorted(DATA.glob("invalid/*.yaml"))
REGISTRY = load_registry()


def named(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


@functools.cache
def checked(path: Path) -> tuple[list[Problem], str]:
    """What `check` finds in a file, which it calls by its bare name, and how it sums it up."""
    with contextlib.chdir(path.parent):
        return check_file(path.name, REGISTRY)
