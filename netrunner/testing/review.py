"""Judges an activation by all the promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netrunner.activations.activation import Activation, Origin
from netrunner.activations.blame import place_in_code
from netrunner.problems.codes import Code
from netrunner.problems.problem import Problem, Related
from netrunner.problems.words import quote
from netrunner.process.session import at_work
from netrunner.testing import calls, numbers
from netrunner.testing.calls import ANSWERS, REPEATABLE, SHAPE, TYPE, unanswered
from netrunner.testing.promise import Broken, Promise, Review, Verdict
from netrunner.testing.trial import Again, Trial, Unanswered, environment_kept

CODE: Code = "plugin-promise"
_FIRST = (ANSWERS, TYPE, SHAPE, REPEATABLE)
PROMISES: tuple[Promise, ...] = (*_FIRST, *calls.PROMISES, *numbers.PROMISES)


def review(
    activation: Activation,
    origin: Origin,
    parameters: Mapping[str, Any] | None = None,
    again: Again | None = None,
) -> Review:
    """The verdicts on an activation with these parameters.

    `again` returns the activation as it was before its first call. Raises TypeError if its function
    cannot be called, or has no such parameter.
    """
    trial = Trial(activation, origin, parameters, again)
    verdicts: list[Verdict] = []
    for promise in PROMISES:
        with at_work(f"{quote(promise.name)} of {_called(trial)}"):
            verdicts.append(_verdict(promise, trial, verdicts))
    return _review_of(trial, verdicts)


def review_of_one(trial: Trial, promise: Promise) -> Review:
    """As `review`, for one promise and those that must be judged before it."""
    verdicts: list[Verdict] = []
    first = _FIRST[: _FIRST.index(promise)] if promise in _FIRST else _FIRST
    for each in (*first, promise):
        verdicts.append(_verdict(each, trial, verdicts))
    return _review_of(trial, verdicts[-1:])


def _review_of(trial: Trial, verdicts: list[Verdict]) -> Review:
    problems = [_problem_of(trial, each.promise, each.broken) for each in verdicts if each.broken]
    return Review(trial.activation, trial.origin, tuple(verdicts), tuple(problems))


@environment_kept()
def _verdict(promise: Promise, trial: Trial, before: list[Verdict]) -> Verdict:
    if reason := promise.unless(trial):
        return Verdict(promise, passed=reason)
    broken = [each.promise for each in before if each.broken and each.promise in _FIRST]
    if REPEATABLE in broken and promise.compares:
        return Verdict(promise, passed=_needs(REPEATABLE))
    try:
        found = promise.judge(trial)
    except Unanswered as failure:
        if broken:  # the same mistake again
            return Verdict(promise, passed=_needs(broken[0]))
        found = unanswered(failure)
    earlier = next((each.promise for each in before if found and each.broken == found), None)
    return Verdict(promise, passed=_needs(earlier)) if earlier else Verdict(promise, found)


def _needs(promise: Promise) -> str:
    return f"{quote(promise.name)} is broken"


def _called(trial: Trial) -> str:
    return f"activation {quote(trial.activation.name)} of plugin {quote(trial.origin.plugin)}"


def _problem_of(trial: Trial, promise: Promise, broken: Broken) -> Problem:
    """A broken promise as the command line reports it, at the function."""
    origin = trial.origin
    related: tuple[Related, ...] = ()
    if broken.line is not None:
        related = (Related(place_in_code(origin.file, broken.line), "it happened here"),)
    return Problem(
        CODE,
        place_in_code(origin.file, origin.line),
        f"{_called(trial)} breaks {quote(promise.name)}: for {broken.given}, {broken.got};"
        f" expected: {broken.expected}",
        hint=broken.hint,
        related=related,
        context=f"{promise.sentence} {promise.why}",
    )
