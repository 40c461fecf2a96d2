"""The classes that are made quickly behave as the standard library's dataclasses."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable

import pytest

import netrunner as nr
from netrunner.problems.problem import Problem
from netrunner.problems.source import Place


def h(a: object) -> object:
    return a


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nr.Activation("h"), "missing 1 required positional argument: 'function'"),
        (lambda: nr.Activation("h", h, True), "takes 3 positional arguments but 4 were given"),
        (lambda: nr.Activation("h", h, name="g"), "multiple values for argument 'name'"),
        (lambda: nr.Activation("h", h, rnage=(0, 1)), "unexpected keyword argument 'rnage'"),
    ],
)
def test_a_wrong_call_is_told_as_by_a_function(call: Callable[[], object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        call()


def test_what_the_standard_library_does_with_a_dataclass() -> None:
    place = Place("net.yaml", 3, 5)
    problem = Problem("not-a-number", place, "'x' is not a number")
    assert dataclasses.replace(problem, message="y").message == "y"
    assert [each.name for each in dataclasses.fields(place)][:3] == ["file", "line", "column"]
    assert dataclasses.asdict(problem)["place"]["column"] == 5
    assert (
        inspect.signature(nr.Activation).parameters["range"].kind == inspect.Parameter.KEYWORD_ONLY
    )
    network = nr.example("and")
    assert str(inspect.signature(network)).startswith("(x: ")
    assert dataclasses.replace(network.layers[0], name="h").title == "layer 1 'h'"


def test_equal_fields_are_equal_objects_where_the_class_says_so() -> None:
    place = Place("net.yaml", 3, 5)
    for same in (Place("net.yaml", 3, 5), copy.deepcopy(place), pickle.loads(pickle.dumps(place))):
        assert same == place
        assert hash(same) == hash(place)
    assert place != Place("net.yaml", 3, 6)
    assert place != ("net.yaml", 3, 5)
    assert repr(place).startswith("Place(file='net.yaml', line=3, column=5, ")
    network = nr.example("and")
    assert dataclasses.replace(network) != network


def test_nothing_can_be_assigned_or_deleted() -> None:
    network = nr.example("and")
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
        network.name = "or"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del network.layers
