"""For testing plugins: does an activation keep the promises that a network relies on?

Door: `check_activation`, and this module as a plugin for pytest.

`check_activation` tests them all in one call. As a pytest plugin, this module makes a test for each
promise; a test file names the plugin, and has one function:

    pytest_plugins = ["netrunner.testing"]
    netrunner_plugin = "swish.py"  # beside the test file; or a list of files


    def test_promise(activation_promise):
        activation_promise()

(PYTEST_DONT_REWRITE: there is no assert here for pytest to explain.)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netrunner.problems.problem import NetrunnerError, Problem

if TYPE_CHECKING:
    import pytest

    from netrunner.activations.activation import Activation
    from netrunner.activations.registry import Registered
    from netrunner.testing.promise import Promise, Review

FIXTURE = "activation_promise"
VARIABLE = "netrunner_plugin"

__all__ = ["BrokenPromise", "activations_in", "check_activation"]


class BrokenPromise(NetrunnerError, AssertionError):  # noqa: N818 - the name says what it is
    """An activation breaks promises: `problems` has one for each, and `str()` lists them all."""


def check_activation(activation: Activation, **parameters: Any) -> Review:
    """Test all the promises of an activation, with its default parameters or others.

    Returns the review, with the names of the promises in `kept`. Raises BrokenPromise, which is an
    AssertionError and a NetrunnerError, if a promise is broken; TypeError if `activation` is not a
    netrunner.Activation, or has no parameter of that name.
    """
    from netrunner.activations.activation import Activation
    from netrunner.activations.blame import place_in_code
    from netrunner.activations.plugins import origin_of
    from netrunner.testing.review import review

    __tracebackhide__ = True
    if not isinstance(activation, Activation):
        raise TypeError(f"check_activation takes an Activation, not {type(activation).__name__}")
    origin = origin_of(activation)
    try:
        activation.parameters  # noqa: B018 - may raise
    except TypeError as error:
        message = f"activation {activation.name!r}: {error}"
        place = place_in_code(origin.file, origin.line)
        raise BrokenPromise(Problem("plugin-result", place, message)) from None
    found = review(activation, origin, parameters)
    if found.problems:
        raise BrokenPromise(found.problems)
    return found


def activations_in(path: str | os.PathLike[str]) -> list[Activation]:
    """The activations that a plugin file, or a folder of them, adds. Raises NetrunnerError."""
    from netrunner.activations.plugins import load_files

    added, problems = load_files([path])
    if problems:
        raise NetrunnerError(problems)
    return [each.activation for each in added]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test for each promise of each activation, if a test uses `activation_promise`."""
    if FIXTURE not in metafunc.fixturenames:
        return
    import pytest

    named = getattr(metafunc.module, VARIABLE, None)
    if not isinstance(named, (str, os.PathLike, list, tuple)):
        raise pytest.UsageError(
            f'{metafunc.module.__file__}: {FIXTURE} needs a line such as {VARIABLE} = "swish.py"'
        )
    paths = [named] if isinstance(named, (str, os.PathLike)) else named
    folder = Path(str(metafunc.module.__file__)).parent
    tests = list(_tests(_shown(folder / path) for path in paths))
    metafunc.parametrize(FIXTURE, tests, ids=[test.name for test in tests])


def _shown(path: Path) -> Path:
    """The path relative to the current folder, if it is inside: every message shows it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


class _Test:
    """What a test calls, with a name that pytest shows if the test fails."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self.name, self._run = name, run

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __call__(self) -> None:
        __tracebackhide__ = True
        self._run()


def _tests(paths: Iterable[Path]) -> Iterator[_Test]:
    """The tests of plugin files; a plugin that cannot be loaded becomes a failing test."""
    from netrunner.activations.plugins import load_files
    from netrunner.testing.review import PROMISES
    from netrunner.testing.trial import Trial, environment_kept

    added, problems = load_files(paths)
    for problem in problems:
        yield _Test(f"{Path(problem.place.file).name}-loads", partial(_fail, problem))
    for entry in added:
        trial = Trial(entry.activation, entry.origin)
        with environment_kept():
            promises = [promise for promise in PROMISES if promise.unless(trial) is None]
        for promise in promises:
            name = promise.name.replace("±", "+-")  # pytest's names are ASCII
            yield _Test(f"{entry.activation.name}-{name}", partial(_keep, entry, promise))


def _fail(problem: Problem) -> None:
    __tracebackhide__ = True
    raise BrokenPromise(problem)


def _keep(entry: Registered, promise: Promise) -> None:
    """Raise BrokenPromise if the promise is broken; skip the test if it cannot be judged."""
    import pytest

    from netrunner.activations.plugins import loaded_again
    from netrunner.testing.review import review_of_one
    from netrunner.testing.trial import Trial

    __tracebackhide__ = True
    again = partial(loaded_again, entry)
    found = review_of_one(Trial(entry.activation, entry.origin, again=again), promise)
    if found.problems:
        raise BrokenPromise(found.problems)
    if reason := found.verdicts[0].passed:
        pytest.skip(reason)
