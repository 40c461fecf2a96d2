"""An activation on trial: what each call returns and raises, its warnings, and what it changes."""

from __future__ import annotations

import inspect
import os
import random
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from netrunner.activations.activation import Activation, Array, Origin
from netrunner.activations.blame import describe_exception, is_interrupt, line_of
from netrunner.activations.guard import wrong_shape, wrong_type
from netrunner.problems.words import printable
from netrunner.process.session import folder_kept

Again = Callable[[], Activation | None]
Treatment = Literal["ignore", "warn"]  # of numpy's floating-point errors
# numpy's own defaults, whatever the process has set.
_WARNING: dict[str, Any] = {"divide": "warn", "over": "warn", "invalid": "warn", "under": "ignore"}
_IGNORING: dict[str, Any] = {"all": "ignore"}


@dataclass(frozen=True)
class Outcome:
    """The outcome of one call: `result` if it returned, `error` if it raised.

    `after` is the input after the call.
    """

    result: Any
    error: BaseException | None
    warnings: tuple[str, ...]
    after: Array


class Unanswered(Exception):  # noqa: N818 - the name says what it is
    """A call that did not return real numbers in its input's shape: `did` says what it did.

    `line` is the line of the plugin's file where it raised, if it did.
    """

    def __init__(self, given: Array, did: str, line: int | None = None) -> None:
        super().__init__(did)
        self.given, self.did, self.line = given, did, line


class Trial:
    """An activation with its parameters, whose calls are observed.

    `by_default` means that all parameters have their defaults. `again` returns the activation as it
    was before its first call, if possible. Raises TypeError if the function takes no array, or a
    parameter has no default or is unknown.
    """

    def __init__(
        self,
        activation: Activation,
        origin: Origin,
        parameters: Mapping[str, Any] | None = None,
        again: Again | None = None,
    ) -> None:
        self.activation, self.origin, self._again = activation, origin, again
        self.parameters = dict(parameters or {})
        defaults = activation.parameters
        for name in self.parameters:
            if name not in defaults:
                raise TypeError(f"it has no parameter {name!r}")
        self.by_default = all(defaults[name] == value for name, value in self.parameters.items())
        self._function = partial(activation.function, **self.parameters)

    def afresh(self) -> Trial | None:
        """A trial of the same activation before its first call, if possible."""
        activation = self._again() if self._again else None
        if activation is None:
            return None
        return Trial(activation, self.origin, self.parameters)

    def call(self, a: Array, errors: Treatment = "ignore", frozen: bool = False) -> Outcome:
        """Call the function on a copy of `a`, which it can change unless it is frozen.

        Raises nothing except for Ctrl-C.
        """
        given, result, error = a.copy(), None, None
        given.setflags(write=not frozen)
        treatment = _WARNING if errors == "warn" else _IGNORING
        with warnings.catch_warnings(record=True) as caught, _settings_kept(treatment):
            warnings.simplefilter("always")
            try:
                result = self._function(given)
                if inspect.iscoroutine(result):
                    result.close()  # else Python warns that it was never awaited
            except BaseException as raised:  # even SystemExit, by sys.exit
                if is_interrupt(raised, self.origin.file):
                    raise
                error = raised
        words = dict.fromkeys(_words(each) for each in caught)
        return Outcome(result, error, tuple(words), given)

    def answer(self, a: Array) -> Array:
        """The function's result for `a`, as a network would get it. Raises Unanswered."""
        return self.checked(a, self.call(a))

    def written(self, a: Array, out: Array) -> Array:
        """What the function returns when it should write to `out`. Raises Unanswered."""
        with warnings.catch_warnings(), _settings_kept(_IGNORING):
            warnings.simplefilter("ignore")
            returned = self._returned(a, out=out)
        return self.checked(a, Outcome(returned, None, (), a))

    def checked(self, a: Array, outcome: Outcome) -> Array:
        """An outcome's result in the type of `a`, copied. Raises Unanswered."""
        if outcome.error is not None:
            raise self.failure(a, outcome.error)
        wrong = wrong_type(outcome.result, a.shape) or wrong_shape(outcome.result, a.shape)
        if wrong:
            raise Unanswered(a, wrong)
        with np.errstate(all="ignore"):
            converted: Array = np.array(outcome.result, dtype=a.dtype)
        return converted

    def failure(self, a: Array, error: BaseException) -> Unanswered:
        """The Unanswered for an exception that the function raised."""
        return Unanswered(a, describe_exception(error), line_of(error, self.origin.file))

    def changed_by_call(self, a: Array, settings: Callable[[], dict[str, Any]]) -> list[str]:
        """The names of the settings that are different after a call. Raises Unanswered."""
        with warnings.catch_warnings(), _settings_kept(_WARNING), _randomness_kept():
            warnings.simplefilter("ignore")
            # Without this, seeding as an earlier call did would not show as a change.
            random.random(), np.random.random()
            before = settings()
            self._returned(a.copy())
            after = settings()
        return [name for name, value in before.items() if after[name] != value]

    def _returned(self, a: Array, **out: Array) -> Any:
        try:
            return self._function(a, **out)
        except BaseException as error:
            if is_interrupt(error, self.origin.file):
                raise
            raise self.failure(a, error) from None


@contextmanager
def environment_kept() -> Iterator[None]:
    """Restore the environment; this takes longer than most functions, so use it for many calls."""
    environment = dict(os.environ)
    try:
        yield
    finally:
        if os.environ != environment:
            os.environ.clear()
            os.environ.update(environment)


@contextmanager
def _settings_kept(errors: dict[str, Any]) -> Iterator[None]:
    with np.errstate(**errors), np.printoptions(), folder_kept():
        yield


@contextmanager
def _randomness_kept() -> Iterator[None]:
    of_python, of_numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(of_python)
        np.random.set_state(of_numpy)


def _words(warning: warnings.WarningMessage) -> str:
    message = " ".join(str(warning.message).split())
    return printable(f"{warning.category.__name__}: {message}"[:200])
