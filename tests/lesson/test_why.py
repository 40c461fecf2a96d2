"""The walk back: its terms are ranked, add up as they are printed, and lead to the input."""

from __future__ import annotations

import io
import json
import warnings
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import assert_json_adds_up, assert_text_adds_up
from samples import HOSTILE, network_of

import netrunner
from netrunner import NetrunnerError, NetrunnerWarning
from netrunner.lesson.notation import apportioned
from netrunner.lesson.why import Why
from netrunner.problems.words import display_width
from netrunner.views.render import why_json, why_text

NUMBER = r"-?\d\S*"


def text_of(answer: Why, precision: int = 8) -> str:
    stream = io.StringIO()
    why_text.write(answer, stream, precision)
    return stream.getvalue()


def json_of(answer: Why) -> Any:
    stream = io.StringIO()
    why_json.write(answer, stream)
    return json.loads(stream.getvalue(), parse_float=Decimal, parse_int=Decimal)


def shipped(name: str) -> netrunner.Network:
    return netrunner.load(ROOT / f"networks/{name}.yaml")


def test_the_chapters_network():
    story = text_of(shipped("three_layer").why([1.0, 0.5], "y2"))
    assert story == (
        """three-layer

layer 3 'output', neuron 2 'y2'
z₂⁽³⁾ = identity(a₂⁽³⁾) = 0.69627909
a₂⁽³⁾ = 0.69627909, the sum of
  0.30840428  44.3 %  w₂₂⁽³⁾·z₂⁽²⁾ = 0.4·0.7710107
  0.18787481  27.0 %  w₂₁⁽³⁾·z₁⁽²⁾ = 0.3·0.62624937
  0.20000000  28.7 %  b₂⁽³⁾

  layer 2 'hidden 2', neuron 2
  z₂⁽²⁾ = sigmoid(a₂⁽²⁾) = 0.7710107
  a₂⁽²⁾ = 1.21402696, the sum of
    0.45015606  37.1 %  w₂₃⁽²⁾·z₃⁽¹⁾ = 0.6·0.75026011
    0.33409389  27.5 %  w₂₂⁽²⁾·z₂⁽¹⁾ = 0.5·0.66818777
    0.22977701  18.9 %  w₂₁⁽²⁾·z₁⁽¹⁾ = 0.4·0.57444252
    0.20000000  16.5 %  b₂⁽²⁾

    layer 1 'hidden 1', neuron 3
    z₃⁽¹⁾ = sigmoid(a₃⁽¹⁾) = 0.75026011
    a₃⁽¹⁾ = 1.1, the sum of
      0.5  45.4 %  w₃₁⁽¹⁾·x₁ = 0.5·1
      0.3  27.3 %  w₃₂⁽¹⁾·x₂ = 0.6·0.5
      0.3  27.3 %  b₃⁽¹⁾
"""
    )


def test_the_chapters_network_as_json():
    answer = json_of(shipped("three_layer").why([1.0, 0.5], 1, top=1))
    assert {key: answer[key] for key in ("format", "network", "neuron", "name")} == {
        "format": "netrunner-why/1",
        "network": "three-layer",
        "neuron": 1,
        "name": "y1",
    }
    (row,) = answer["rows"]
    assert row["row"] is None
    path = [(step["layer"], step["neuron"], step["follows"]) for step in row["steps"]]
    assert path == [(3, 1, 2), (2, 2, 3), (1, 3, None)]
    last = row["steps"][0]
    assert last["z"] == pytest.approx(Decimal("0.31682708"), abs=Decimal("5e-9"))
    (term,) = last["terms"]
    assert (term["neuron"], term["weight"]) == (2, Decimal("0.2"))
    assert term["value"] == pytest.approx(Decimal("0.15420214"), abs=Decimal("5e-9"))
    assert last["rest"]["count"] == 1
    assert last["bias"]["value"] == Decimal("0.1")
    for step in row["steps"]:
        assert_json_adds_up(step)


def test_a_share_of_softmax_is_told_in_percent():
    story = text_of(shipped("softmax").why([0.3, 2.9, 4.0], "class 2"))
    assert "z₃⁽¹⁾ = 0.73659691, a share of 73.7 % by softmax\n" in story


def test_digits():
    net = shipped("digits")
    answer = net.why(net.examples[0].input, 4, top=3)
    (walk,) = answer.walks
    assert [len(step.terms) for step in walk.steps] == [3, 3]
    assert walk.steps[0].rest.count == 47
    assert walk.steps[0].terms[0].neuron == walk.steps[0].follows == walk.steps[1].neuron
    story = text_of(answer)
    assert "47 smaller terms together" in story
    assert assert_text_adds_up(story) == 2
    everything = net.why(net.examples[0].input, 4, top=100)
    assert everything.walks[0].steps[0].rest is None


def test_a_batch_has_a_walk_for_each_row():
    net = shipped("xor")
    answer = net.why(net.examples[0].input, 1)
    assert [walk.row for walk in answer.walks] == [1, 2, 3, 4]
    assert assert_text_adds_up(text_of(answer)) == 8


def test_where_all_terms_are_0_the_walk_ends():
    net = network_of([(np.eye(2), [0, 0], "relu"), ([[1], [1]], [0.5], "identity")])
    (walk,) = net.why([-1, -2], 1).walks
    assert len(walk.steps) == 1
    assert walk.steps[0].follows is None


def test_no_shares_of_0():
    (walk,) = network_of([([[1], [1]], [0], "identity")]).why([2, -2], 1).walks
    assert [part.share for part in walk.steps[0].parts] == [None, None, None]


def test_what_the_run_rounds_away_is_told():
    net = network_of([([[1e16], [1], [-1e16]], [0], "identity")])
    story = text_of(net.why([1, 1, 1], 1))
    assert "a₁⁽¹⁾ = 1, the sum of" in story
    assert "rounded to float64 at each step, the run has 0" in story


def test_what_is_not_finite_is_followed():
    net = network_of(
        [([[1, 1e300], [1, -1e300]], [0, 0], "identity"), ([[1e9], [1]], [0], "sigmoid")]
    )
    with pytest.warns(NetrunnerWarning):
        answer = net.why([1e300, 1e300], 1)
    assert answer.walks[0].steps[0].follows == 2
    a = net.silent_trace([1e300, 1e300]).layers[1].A[0]  # nan, or inf: it is up to the BLAS
    assert f"a₁⁽²⁾ = {a}" in text_of(answer)
    steps = json_of(answer)["rows"][0]["steps"]
    assert steps[0]["a"] == steps[0]["terms"][0]["value"] == ("NaN" if np.isnan(a) else "Infinity")


def test_a_sum_that_overflows_in_the_run_has_no_shares():
    net = network_of([([[1e308], [1e308]], [0], "identity")])  # 2e308, were it not for float64
    with pytest.warns(NetrunnerWarning):
        (walk,) = net.why([1, 1], 1).walks
    assert [part.share for part in walk.steps[0].parts] == [None, None, None]
    assert walk.steps[0].sum == Decimal("2e308")


def test_a_share_that_is_nan_is_not_told_in_percent():
    net = network_of([([[1e308, 1]], [0, 0], "softmax")])
    story = text_of(net.silent_trace([10]).why(2))
    assert "z₂⁽¹⁾ = softmax(a₂⁽¹⁾) = nan\n" in story


def test_shares_are_of_the_exact_sum():
    net = network_of([([[1e16], [1], [-1e16]], [0], "identity")])
    shares = [term.share for term in net.why([1, 1, 1], 1).walks[0].steps[0].terms]
    assert shares == [Decimal("1e16"), Decimal("-1e16"), 1]


def test_rows_fit_a_terminal_and_names_are_text():
    deep = [(np.eye(2) * 1.23456789, [0.1, 0.2], "identity")] * 12
    net = network_of(
        deep, layer="层" * 30, outputs=(HOSTILE[5], "出" * 60), inputs=("长" * 60, "b")
    )
    for neuron in (1, 2):
        story = text_of(net.why([1.23456789, 2.3456789], neuron), 17)
        assert max(map(display_width, story.splitlines())) <= 79
        assert "\x1b" not in story


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32),
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=4),
    reach=st.sampled_from([0, 2, 8, 30, 150]),
    dtype=st.sampled_from(["float64", "float32"]),
    top=st.integers(1, 10),
    precision=st.integers(1, 17),
)
def test_everything_adds_up(seed, sizes, reach, dtype, top, precision):
    rng = np.random.default_rng(seed)
    reach = min(reach, 12) if dtype == "float32" else reach

    def numbers(*shape: int) -> Any:
        return (rng.normal(size=shape) * 10 ** rng.uniform(-reach, reach, shape)).astype(dtype)

    net = network_of(
        [(numbers(*pair), numbers(pair[1]), "tanh") for pair in zip(sizes, sizes[1:])],  # noqa: B905, RUF007
        dtype,
    )
    x = numbers(sizes[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NetrunnerWarning)
        answer = net.why(x, 1, top=top)
    steps = answer.walks[0].steps
    assert assert_text_adds_up(text_of(answer, precision)) == len(steps)
    for step, as_json in zip(steps, json_of(answer)["rows"][0]["steps"], strict=True):
        sizes_ = [abs(term.value) for term in step.terms]
        assert sizes_ == sorted(sizes_, reverse=True)
        assert len(sizes_) + (step.rest.count if step.rest else 0) == len(step.layer.weights)
        assert_json_adds_up(as_json)


def test_apportioned():
    thirds = [Decimal(1) / 3] * 3
    with localcontext(prec=60):
        values, total = apportioned([*thirds, Decimal(0)], Decimal("0.01"))
    assert [str(value) for value in values] == ["0.34", "0.33", "0.33", "0"]
    assert total == 1


@pytest.mark.parametrize(
    ("neuron", "message"),
    [
        (3, "--neuron: error: there is no output neuron 3; there are neurons 1 to 2"),
        ("y3", "--neuron: error: there is no output 'y3'; the outputs are 'y1', 'y2'"),
        ("x1", "--neuron: error: 'x1' is an input: nothing is computed for it"),
    ],
)
def test_a_neuron_that_does_not_exist(neuron, message):
    with pytest.raises(NetrunnerError) as caught:
        shipped("three_layer").why([1.0, 0.5], neuron)
    assert str(caught.value).startswith(f"{message} [unknown-neuron]")


def test_top_is_at_least_1():
    with pytest.raises(ValueError, match="at least 1"):
        shipped("three_layer").why([1.0, 0.5], 1, top=0)
