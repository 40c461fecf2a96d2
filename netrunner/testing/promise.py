"""A promise that an activation makes to a network, and the verdict on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netrunner.activations.activation import Activation, Origin
from netrunner.problems.problem import Problem
from netrunner.testing.trial import Trial


@dataclass(frozen=True)
class Broken:
    """How a promise was broken: what was given, what came back, and what was expected.

    `hint` is a change that was tested and helps; `line` is where the function raised, if it did.
    """

    given: str
    got: str
    expected: str
    hint: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Promise:
    """One thing that a network relies on: `sentence` says what, `why` says what for.

    `judge` returns the first break that it finds; `unless` returns the reason why the promise does
    not apply to this activation, if there is one. `compares` means that the promise is judged by
    comparing results, which proves nothing if the same input gives different ones.
    """

    name: str
    sentence: str
    why: str
    judge: Callable[[Trial], Broken | None]
    unless: Callable[[Trial], str | None] = lambda trial: None
    compares: bool = False


@dataclass(frozen=True)
class Verdict:
    """A promise that is kept, broken, or not judged, for the reason in `passed`."""

    promise: Promise
    broken: Broken | None = None
    passed: str | None = None

    @property
    def kept(self) -> bool:
        return self.broken is None and self.passed is None


@dataclass(frozen=True)
class Review:
    """All verdicts on an activation, in the order of the promises.

    `problems` are the broken promises as the command line reports them.
    """

    activation: Activation
    origin: Origin
    verdicts: tuple[Verdict, ...]
    problems: tuple[Problem, ...]

    @property
    def kept(self) -> tuple[str, ...]:
        """The names of the kept promises."""
        return tuple(each.promise.name for each in self.verdicts if each.kept)

    @property
    def broken(self) -> tuple[str, ...]:
        """The names of the broken promises."""
        return tuple(each.promise.name for each in self.verdicts if each.broken)
