"""Every line of `explain` is worked out again from what is printed, in exact arithmetic."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import assert_true, last_digit, numbers_of
from samples import HOSTILE, REGISTRY, network_of

import netrunner
from netrunner import Activation, NetrunnerError
from netrunner.lesson.explain import Explanation
from netrunner.problems.words import display_width
from netrunner.views.render.explain import FORMATS, write
from netrunner.views.render.explain_text import line_text

ROOT = Path(__file__).parents[2]
NETWORKS = sorted((ROOT / "networks").glob("*.yaml"))
WORKED = [name for name in REGISTRY if REGISTRY[name].activation.worked]


def text_of(explanation: Explanation, format: str = "text") -> str:
    stream = io.StringIO()
    write(explanation, stream, format)
    return stream.getvalue()


def lines_of(explanation: Explanation) -> Iterator[str]:
    for row in explanation.rows:
        for layer in row.layers:
            for line in layer.lines:
                yield line_text(line)


def assert_matches_trace(explanation: Explanation, trace: Any, precision: int) -> None:
    """Each a and z is the run's own value, or stands above a note that has it."""
    for row in explanation.rows:
        for layer in row.layers:
            traced = trace.layers[layer.index - 1]
            for line in layer.lines:
                if line.left.letter not in "az":
                    continue
                values = np.atleast_2d(traced.A if line.left.letter == "a" else traced.Z)
                run = values[(row.number or 1) - 1, line.neuron - 1]
                printed = float(line.steps[-1][0])
                if line.notes and "the run has" in str(line.notes[0]):
                    assert float(line.notes[0][0].text.split()[-1]) == float(str(run))
                elif np.isfinite(run):
                    run = float(str(run))
                    assert abs(printed - run) <= last_digit(run, precision)
                else:
                    np.testing.assert_equal(printed, run)


class TestTheChapter:
    net = netrunner.load(ROOT / "networks/three_layer.yaml")

    def test_text(self):
        text = text_of(self.net.explain([1.0, 0.5]))
        expected = [
            "layer 1 'hidden 1', sigmoid",
            "a₁⁽¹⁾ = w₁₁⁽¹⁾·x₁ + w₁₂⁽¹⁾·x₂ + b₁⁽¹⁾ = 0.1·1 + 0.2·0.5 + 0.1 = 0.3",
            "z₁⁽¹⁾ = sigmoid(a₁⁽¹⁾) = 1/(1 + exp(-0.3)) = 0.57444252",
            "a₂⁽¹⁾ = w₂₁⁽¹⁾·x₁ + w₂₂⁽¹⁾·x₂ + b₂⁽¹⁾ = 0.3·1 + 0.4·0.5 + 0.2 = 0.7",
            "z₂⁽¹⁾ = sigmoid(a₂⁽¹⁾) = 1/(1 + exp(-0.7)) = 0.66818777",
        ]
        assert "\n".join(expected) in text
        assert text.endswith(
            "a₂⁽³⁾ = w₂₁⁽³⁾·z₁⁽²⁾ + w₂₂⁽³⁾·z₂⁽²⁾ + b₂⁽³⁾"
            " = 0.3·0.62624937 + 0.4·0.7710107 + 0.2 = 0.69627909\n"
            "z₂⁽³⁾ = identity(a₂⁽³⁾) = 0.69627909\n"
        )
        assert "z₁⁽³⁾: y1\n" in text

    def test_latex_and_html_use_the_chapters_symbols(self):
        explanation = self.net.explain([1.0, 0.5], layer=1, neuron=1)
        assert "w_{12}^{(1)}\\cdot x_{2}" in text_of(explanation, "latex")
        assert "<i>w</i><sub>12</sub><sup>(1)</sup>·<i>x</i><sub>2</sub>" in text_of(
            explanation, "html"
        )

    def test_softmax(self):
        net = netrunner.load(ROOT / "networks/softmax.yaml")
        text = text_of(net.explain([0.3, 2.9, 4.0]))
        assert text.splitlines()[-8:] == [
            "c⁽¹⁾ = max(a₁⁽¹⁾, a₂⁽¹⁾, a₃⁽¹⁾) = max(0.3, 2.9, 4) = 4",
            "e₁⁽¹⁾ = exp(a₁⁽¹⁾ - c⁽¹⁾) = exp(0.3 - 4) = 0.024723526",
            "e₂⁽¹⁾ = exp(a₂⁽¹⁾ - c⁽¹⁾) = exp(2.9 - 4) = 0.33287108",
            "e₃⁽¹⁾ = exp(a₃⁽¹⁾ - c⁽¹⁾) = exp(4 - 4) = 1",
            "s⁽¹⁾ = e₁⁽¹⁾ + e₂⁽¹⁾ + e₃⁽¹⁾ = 0.024723526 + 0.33287108 + 1 = 1.35759461",
            "z₁⁽¹⁾ = e₁⁽¹⁾/s⁽¹⁾ = 0.024723526/1.35759461 = 0.018211273",
            "z₂⁽¹⁾ = e₂⁽¹⁾/s⁽¹⁾ = 0.33287108/1.35759461 = 0.24519181",
            "z₃⁽¹⁾ = e₃⁽¹⁾/s⁽¹⁾ = 1/1.35759461 = 0.73659691",
        ]
        assert "without subtracting" not in text

    @pytest.mark.parametrize(
        ("a", "what"),
        [
            ([1010, 1000, 990], "exp(1010) at neuron 1 would overflow to inf [nan nan nan]"),
            ([5, 1000, 3], "exp(1000) at neuron 2 would overflow to inf [0 nan 0]"),
            ([709.5, 709.5, 709.5], "the sum of the exponentials would overflow to inf [0 0 0]"),
            ([-800, -900, -1000], "all the exponentials would vanish to 0 [nan nan nan]"),
        ],
    )
    def test_softmax_says_what_the_naive_form_would_give(self, a, what):
        net = netrunner.load(ROOT / "networks/softmax.yaml")
        what, shares = what.split(" [")
        note = f"without subtracting c⁽¹⁾, {what}, and the shares would be [{shares}"
        assert note in text_of(net.explain(a))

    def test_step(self):
        net = netrunner.load(ROOT / "networks/and.yaml")
        text = text_of(net.explain(net.examples[0].input))
        assert "row 4\n\nlayer 1 'AND', step\n" in text
        assert "0.5·0 + 0.5·1 + (-0.7) = -0.2\n" in text
        assert "z₁⁽¹⁾ = step(a₁⁽¹⁾) = 1 if 0.3 > 0 else 0 = 1" in text


class TestEachLineIsTrue:
    @pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
    def test_in_shipped_networks(self, path):
        net = netrunner.load(path)
        chosen = {"neuron": 7} if path.stem == "digits" else {}  # of 60, each of 50 or 64 terms
        for example in net.examples[:1]:
            trace = net.trace(example.input)
            for precision, all_terms in ((8, True), (12, False), (1, True), (17, True), (8, False)):
                explanation = trace.explain(all_terms=all_terms, precision=precision, **chosen)
                for line in lines_of(explanation):
                    assert_true(line, precision)
                assert_matches_trace(explanation, trace, precision)
                if precision < 15:  # float64's own rounding does not show yet
                    assert "rounded to" not in text_of(explanation)

    @pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
    def test_for_python_too(self, path):
        net = netrunner.load(path)
        chosen = {"neuron": 7} if path.stem == "digits" else {}
        x = net.examples[0].input
        for precision, tolerance in ((8, 1e-8), (12, 1e-9)):
            explanation = net.explain(x, all_terms=True, precision=precision, **chosen)
            for line in lines_of(explanation):
                numbers, value = numbers_of(line)
                functions = {"exp": np.exp, "max": max}
                got = eval(numbers.replace("·", "*"), {**functions, "__builtins__": {}})
                assert got == pytest.approx(float(value), rel=tolerance, abs=tolerance)

    @settings(max_examples=15, derandomize=True)
    @given(st.data())
    def test_in_random_networks(self, data):
        dtype = data.draw(st.sampled_from(["float64", "float32"]))
        reach = data.draw(st.sampled_from([0, 2, 8, 30, *([300] if dtype == "float64" else [])]))
        precision = data.draw(st.integers(1, 17))
        rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
        sizes = data.draw(st.lists(st.integers(1, 14), min_size=2, max_size=4))

        def numbers(*shape: int) -> Any:
            values = rng.normal(size=shape) * 10 ** rng.uniform(-reach, reach, shape)
            return (values * (rng.random(shape) > 0.1)).astype(dtype)

        layers = [
            (numbers(n, m), numbers(m), data.draw(st.sampled_from(WORKED)))
            for n, m in pairwise(sizes)
        ]
        net = network_of(layers, dtype)
        x = numbers(2, sizes[0]) if data.draw(st.booleans()) else numbers(sizes[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", netrunner.NetrunnerWarning)
            all_terms = data.draw(st.booleans())
            explanation = net.explain(x, all_terms=all_terms, precision=precision)
            trace = net.trace(x)
        for line in lines_of(explanation):
            assert_true(line, precision)
        assert_matches_trace(explanation, trace, precision)

    def test_wide(self):
        rng = np.random.default_rng(3)
        net = network_of([(rng.normal(size=(784, 1)), rng.normal(size=1), "sigmoid")])
        for all_terms in (False, True):
            explanation = net.explain(rng.random(784), all_terms=all_terms)
            assert "rounded to" not in text_of(explanation)
            for line in lines_of(explanation):
                assert_true(line, 8)

    @pytest.mark.parametrize(
        ("w", "x", "line"),
        [
            ([1e-300, 2.5e-301], [1, 2], "1e-300·1 + 2.5e-301·2 + 0 = 1.5e-300"),
            ([1e300, -1e300], [1, 0.5], "1e+300·1 + (-1e+300)·0.5 + 0 = 5e+299"),
            ([5e-324, 0], [1, 1], "5e-324·1 + 0·1 + 0 = 5e-324"),
            ([-0.1, 0.25], [-2, -0.0], "(-0.1)·(-2) + 0.25·0 + 0 = 0.2"),
            ([1234567, 1e14], [1, 1], "1234567·1 + 100000000000000·1 + 0 = 100000001234567"),
        ],
    )
    def test_extremes(self, w, x, line):
        net = network_of([(np.array([w]).T, [0], "identity")])
        (a, _) = lines_of(net.explain(x))
        assert a.endswith(f" = {line}")

    def test_the_largest_number_is_not_rounded_up_to_infinity(self):
        net = network_of([([[1.7976931348623157e308]], [0], "identity")])
        (a, _) = lines_of(net.explain([1], precision=3))
        assert a.endswith("1.7976931348623157e+308·1 + 0 = 1.7976931348623157e+308")

    def test_what_is_not_finite(self):
        net = network_of([([[1e300], [-1e300]], [0], "sigmoid")])
        with pytest.warns(netrunner.NetrunnerWarning):
            lines = list(lines_of(net.explain([1e300, 1e300])))
        a = net.silent_trace([1e300, 1e300]).layers[0].A[0]  # nan, or inf: it is up to the BLAS
        z = "nan" if np.isnan(a) else "1"
        assert lines[0].endswith(f"1e+300·1e+300 + (-1e+300)·1e+300 + 0 = {a}")
        assert lines[1] == f"z₁⁽¹⁾ = sigmoid(a₁⁽¹⁾) = 1/(1 + exp(-{a})) = {z}"

    def test_rounding_of_the_run_is_told_where_it_shows(self):
        net = network_of([([[0.1], [0.2]], [-0.3], "step")])
        text = text_of(net.explain([1, 1]))
        assert "0.1·1 + 0.2·1 + (-0.3) = 0\n        rounded to float64 at each step" in text
        assert "the run has 5.551115123125783e-17\n" in text
        assert "1 if 5.5511151e-17 > 0 else 0 = 1" in text or "1 if 5.55111512e-17 > 0" in text

    def test_float32_numbers_read_as_in_the_file(self):
        net = network_of([([[0.1], [0.2]], [0.1], "sigmoid")], "float32")
        (a, _) = lines_of(net.explain([1, 0.5]))
        assert a.endswith("0.1·1 + 0.2·0.5 + 0.1 = 0.3")


class TestLongSums:
    net = netrunner.load(ROOT / "networks/digits.yaml")

    def test_keep_their_ends(self):
        x = self.net.examples[0].input
        (a, _) = lines_of(self.net.explain(x, layer=1, neuron=12))
        assert re.fullmatch(
            r"a₁₂⁽¹⁾ = w₁₂,₁⁽¹⁾·x₁ \+ w₁₂,₂⁽¹⁾·x₂ \+ ⋯ 60 more terms ⋯ \+ w₁₂,₆₃⁽¹⁾·x₆₃"
            r" \+ w₁₂,₆₄⁽¹⁾·x₆₄ \+ b₁₂⁽¹⁾ = \S+·0 \+ \S+·0"
            r" \+ ⋯ 60 more terms, together \S+ ⋯ \+ \S+·0 \+ \S+·0 \+ \S+ = \S+",
            a,
        )

    def test_all_terms(self):
        x = self.net.examples[0].input
        (a, _) = lines_of(self.net.explain(x, layer=1, neuron=12, all_terms=True))
        assert a.count("w₁₂,") == 64
        assert "⋯" not in a

    def test_softmax_of_many(self):
        net = network_of([(np.eye(12), np.zeros(12), "softmax")])
        lines = list(lines_of(net.explain(np.arange(12.0), neuron=12)))
        assert lines[1] == ("c⁽¹⁾ = max(a₁⁽¹⁾, a₂⁽¹⁾, ⋯ 8 more ⋯, a₁₁⁽¹⁾, a₁₂⁽¹⁾) = a₁₂⁽¹⁾ = 11")
        assert "⋯ 8 more terms, together " in lines[3]


@pytest.mark.watched
class TestFormulas:
    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize("name", [*WORKED, ("gelu", {"approximate": "tanh"})])
    def test_of_shipped_activations_give_z(self, name, dtype):
        # 2.75 and its like are exact in float32, so that z alone is rounded there.
        a = np.array([-3, -2.75, -1, -0.5, -0.0, 0, 1e-3, 0.75, 1, 3, 20, -20, 300.25])
        net = network_of([(np.eye(len(a)), np.zeros(len(a)), name)], dtype)
        explanation = net.explain(a, precision=10)
        for line in lines_of(explanation):
            if line.startswith("z"):
                assert " h(" not in line
                assert_true(line, 10)
        assert_matches_trace(explanation, net.trace(a), 10)

    def test_parameters_are_put_in(self):
        net = network_of([([[1]], [0], ("swish", {"beta": -1.5}))])
        (_, z) = lines_of(net.explain([-0.5]))
        assert z == ("z₁⁽¹⁾ = swish(a₁⁽¹⁾) = (-0.5)/(1 + exp(-(-1.5)·(-0.5))) = -0.33958935")
        (_, z) = lines_of(network_of([([[1]], [0], "leaky_relu")]).explain([-2]))
        assert z.endswith(" = (-2) if (-2) >= 0 else 0.01·(-2) = -0.02")

    @pytest.mark.parametrize(
        ("parameters", "formula"),
        [
            ({}, "(-0.5)/2·erfc(-(-0.5)/sqrt(2)) = -0.15426877"),
            (
                {"approximate": "tanh"},
                "(-0.5)/2·(1 + tanh(sqrt(2/pi)·((-0.5) + 0.044715·(-0.5)·(-0.5)·(-0.5))))"
                " = -0.15428599",
            ),
        ],
    )
    def test_a_parameter_chooses_the_formula(self, parameters, formula):
        net = network_of([([[1]], [0], ("gelu", parameters))])
        (_, z) = lines_of(net.explain([-0.5]))
        assert z == f"z₁⁽¹⁾ = gelu(a₁⁽¹⁾) = {formula}"

    def without_formula(self, function, **more):
        layer = network_of([(np.eye(2), [0, 0], "identity")]).layers[0]
        layer = replace(layer, activation=Activation("mine", function, **more))
        return netrunner.Network("n", "", 2, None, (layer,), None, np.dtype(float))

    def test_an_activation_without_one_is_h(self):
        explanation = self.without_formula(np.sinh).explain([-0.5, 1])
        ((layer,),) = [row.layers for row in explanation.rows]
        assert layer.title == "layer 1, h = mine"
        assert list(lines_of(explanation))[1] == "z₁⁽¹⁾ = h(a₁⁽¹⁾) = h(-0.5) = -0.52109531"

    def test_one_of_the_whole_row(self):
        net = self.without_formula(lambda a: np.sort(a, axis=-1), elementwise=False)
        lines = list(lines_of(net.explain([1, -2])))
        assert lines[3] == "z₂⁽¹⁾ = h₂(a₁⁽¹⁾, a₂⁽¹⁾) = h₂(1, -2) = 1"

    def test_log_softmax(self):
        net = network_of([(np.eye(2), [0, 0], "log_softmax")])
        assert list(lines_of(net.explain([1, -2])))[2:] == [
            "c⁽¹⁾ = max(a₁⁽¹⁾, a₂⁽¹⁾) = max(1, -2) = 1",
            "e₁⁽¹⁾ = exp(a₁⁽¹⁾ - c⁽¹⁾) = exp(1 - 1) = 1",
            "e₂⁽¹⁾ = exp(a₂⁽¹⁾ - c⁽¹⁾) = exp((-2) - 1) = 0.049787068",
            "s⁽¹⁾ = e₁⁽¹⁾ + e₂⁽¹⁾ = 1 + 0.049787068 = 1.04978707",
            "z₁⁽¹⁾ = a₁⁽¹⁾ - c⁽¹⁾ - log(s⁽¹⁾) = 1 - 1 - log(1.0497870684) = -0.048587352",
            "z₂⁽¹⁾ = a₂⁽¹⁾ - c⁽¹⁾ - log(s⁽¹⁾) = (-2) - 1 - log(1.04978707) = -3.04858735",
        ]
        lines = list(lines_of(net.explain([0, -40])))
        assert lines[6].endswith(" = 0 - 0 - log(1.00000000000000000424835426) = -4.24835426e-18")
        naive = "would overflow to inf, and the logarithms would be [-inf -inf]"
        assert naive in text_of(net.explain([1010, 1000]))

    @pytest.mark.parametrize(
        ("worked", "message"),
        [
            ("{a.__class__}", "has {a.__class__} in it, where it may have {a}, {alpha}"),
            ("{a[0]}", "has {a[0]} in it"),
            ("{beta}·{a}", "has {beta} in it"),
            ("{}", "has {} in it"),
            ("{a!r}", "has {a!r} in it"),
            ("{a:>9}", "has {a:>9} in it"),
            ("{a", "is not a template: "),
            (7, "worked must be text, not 7"),
            ({"none": "{a}", "tanh": "{b}"}, "has {b} in it"),
        ],
    )
    def test_malformed_one_is_the_plugins_error(self, tmp_path, worked, message):
        plugin = tmp_path / "mine.py"
        plugin.write_text(
            "import netrunner\n"
            "def mine(a, alpha=1.0):\n"
            "    return alpha * a\n"
            "@netrunner.hookimpl\n"
            "def netrunner_activations():\n"
            f"    return [netrunner.Activation('mine', mine, worked={worked!r})]\n"
        )
        with pytest.raises(NetrunnerError) as caught:
            netrunner.load(ROOT / "networks/and.yaml", plugins=[plugin])
        (problem,) = caught.value.problems
        assert problem.place.file == str(plugin)
        assert problem.place.line == 6
        assert message in problem.message

    def test_none_for_a_function_of_the_row(self):
        with pytest.raises(ValueError, match="elementwise must be True"):
            Activation("mine", np.sort, elementwise=False, worked="{a}")

    def test_braces_and_numpys_own_functions(self):
        assert Activation("arctan", np.arctan, worked="arctan({a})").worked == "arctan({a})"


class TestChoosing:
    net = netrunner.load(ROOT / "networks/iris.yaml")
    x = net.examples[0].input

    @pytest.mark.parametrize(
        ("chosen", "lines"),
        [
            ({"layer": 1}, "a₁⁽¹⁾ z₁⁽¹⁾ a₂⁽¹⁾ z₂⁽¹⁾"),
            ({"layer": "1", "neuron": "2"}, "a₂⁽¹⁾ z₂⁽¹⁾"),
            ({"layer": "hidden", "neuron": 1}, "a₁⁽¹⁾ z₁⁽¹⁾"),
            ({"neuron": 3}, "a₃⁽²⁾ c⁽²⁾ e₃⁽²⁾ s⁽²⁾ z₃⁽²⁾"),
            ({"neuron": "versicolor"}, "a₂⁽²⁾ c⁽²⁾ e₂⁽²⁾ s⁽²⁾ z₂⁽²⁾"),
            ({"neuron": 2}, "a₂⁽¹⁾ z₂⁽¹⁾ a₂⁽²⁾ c⁽²⁾ e₂⁽²⁾ s⁽²⁾ z₂⁽²⁾"),
        ],
    )
    def test_by_number_and_name(self, chosen, lines):
        found = [line.split(" = ")[0] for line in lines_of(self.net.explain(self.x, **chosen))]
        assert found == lines.split()

    @pytest.mark.parametrize(
        ("chosen", "error"),
        [
            (
                {"layer": 3},
                "--layer: error: there is no layer 3; the network has 1 'hidden', 2 'output'"
                " [unknown-layer]",
            ),
            (
                {"layer": "hiden"},
                "--layer: error: there is no layer 'hiden'; the network has 1 'hidden', 2 'output'"
                " [unknown-layer]\n  help: did you mean 'hidden'?",
            ),
            (
                {"layer": 1, "neuron": 3},
                "--neuron: error: layer 1 'hidden' has no neuron 3; it has neurons 1 to 2"
                " [unknown-neuron]",
            ),
            (
                {"neuron": "0"},
                "--neuron: error: the layers have no neuron 0; layer 2 'output' has"
                " neurons 1 to 3 [unknown-neuron]",
            ),
            (
                {"neuron": "setoza"},
                "--neuron: error: there is no output 'setoza'; the outputs are 'setosa',"
                " 'versicolor', 'virginica' [unknown-neuron]\n  help: did you mean 'setosa'?",
            ),
            (
                {"neuron": "petal width (cm)"},
                "--neuron: error: 'petal width (cm)' is an input: nothing is computed for it"
                " [unknown-neuron]",
            ),
            (
                {"layer": 1, "neuron": "setosa"},
                "--neuron: error: the neurons of layer 1 'hidden' have no names: give a number"
                " from 1 to 2 [unknown-neuron]",
            ),
        ],
    )
    def test_what_does_not_exist(self, chosen, error):
        with pytest.raises(NetrunnerError) as caught:
            self.net.explain(self.x, **chosen)
        assert str(caught.value) == error


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)
        self.ids += [value for key, value in attrs if key == "id"]
        assert {key for key, _ in attrs} <= {"id", "class"}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def hostile() -> Explanation:
    net = network_of(
        [([[1, -2], [0.5, 3]], [0, 1], "sigmoid"), (np.eye(2), [0, 1000], "softmax")],
        network=HOSTILE[2],
        layer=HOSTILE[5],
        inputs=tuple(HOSTILE[:2]),
        outputs=tuple(HOSTILE[3:5]),
    )
    return net.explain([[1, 2], [3, 4]])


class TestFormats:
    def test_names_are_text_in_html(self):
        page = text_of(hostile(), "html")
        tags = Tags()
        tags.feed(page)
        assert not tags.open
        assert tags.tags == {"section", "h2", "h3", "h4", "dl", "dt", "dd", "div", "p", "style"} | {
            "i", "sub", "sup",
        }  # fmt: skip
        assert len(set(tags.ids)) == len(tags.ids)
        assert {"explain-1-1-2", "explain-2-2-1", "explain-2-2-shared"} <= set(tags.ids)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    def test_a_single_inputs_elements_are_layer_and_neuron(self):
        net = netrunner.load(ROOT / "networks/three_layer.yaml")
        assert 'id="explain-1-2"' in text_of(net.explain([1, 0.5]), "html")

    def test_names_are_text_in_markdown(self):
        for line in text_of(hostile(), "markdown").splitlines():
            if re.fullmatch(r" *- `[^`]+`", line):
                continue
            prose = re.sub(r"\\[!-/:-@\[-`{-~]|<!-- -->|^(#+|\s*-) ", "", line)
            assert not re.search(r"[<>`*_\[\]\\&#]|https?:", prose), line

    def test_names_do_not_move_the_cursor_in_text(self):
        assert "\x1b" not in text_of(hostile())
        assert "␛[31mred␊line" in text_of(hostile())

    def test_latex_is_ascii_and_balanced(self):
        source = re.sub(r"(?m)^%.*$", "", text_of(hostile(), "latex"))
        assert source.isascii()
        plain = re.sub(r"\\[\\{}$&#%_]", "", source)
        assert plain.count("{") == plain.count("}")
        assert plain.count("$") % 2 == 0
        assert not re.search(r"[#%~]|\\input", plain)
        assert source.count("\\begin{align*}") == source.count("\\end{align*}") > 0

    @pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
    def test_latex_compiles(self, tmp_path):
        digits = netrunner.load(ROOT / "networks/digits.yaml")
        every = [np.array([-2.0, 0.5])] * 2
        plugins = network_of([(np.diag([1, 1e-9]), every[0], name) for name in WORKED])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", netrunner.NetrunnerWarning)
            explanations = [
                hostile(),
                digits.explain(digits.examples[0].input, neuron=2, all_terms=True),
                digits.explain(digits.examples[0].input, layer=2),
                plugins.explain([-3, 1e-300]),
                network_of([([[1e300]], [0], "gelu")]).explain([1e300]),
            ]
        body = "\n".join(text_of(explanation, "latex") for explanation in explanations)
        source = "\\documentclass{article}\\usepackage{amsmath}\n\\begin{document}\n"
        (tmp_path / "it.tex").write_text(f"{source}{body}\\end{{document}}\n", encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "it.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
        log = (tmp_path / "it.log").read_text(errors="replace")
        assert "Overfull \\hbox" not in log
        assert "Missing character" not in log

    @pytest.mark.parametrize("format", FORMATS)
    def test_each_tells_what_the_run_rounded(self, format):
        net = network_of([([[0.1], [0.2]], [-0.3], "step")])
        assert "rounded to float64 at each step" in text_of(net.explain([1, 1]), format)

    def test_unknown_format(self):
        with pytest.raises(ValueError, match="text, markdown, latex, html"):
            write(hostile(), io.StringIO(), "pdf")


PLUGIN = """import numpy as np
import netrunner
def scaled(a, k=np.float64(2.0), mode="none"): return a * k
@netrunner.hookimpl
def netrunner_activations():
    return [
        netrunner.Activation("scaled", scaled, worked="{k}·{a}"),
        netrunner.Activation("moded", scaled, worked="{mode}({a})"),
    ]
"""


def with_plugin(folder: Path, activation: str) -> netrunner.Network:
    (folder / "plug.py").write_text(PLUGIN)
    (folder / "net.yaml").write_text(
        "inputs: 1\nlayers:\n  - size: 2\n    weights: [[1, 3]]\n    biases: 0\n"
        f"    activation: {activation}\n"
    )
    return netrunner.load(folder / "net.yaml", [folder / "plug.py"])


def test_a_default_of_numpys_is_a_number(tmp_path: Path) -> None:
    assert "= 2·1 = 2\n" in text_of(with_plugin(tmp_path, "scaled").explain([1.0]))


def test_no_terminal_obeys_a_parameter(tmp_path: Path) -> None:
    net = with_plugin(tmp_path, '{name: moded, mode: "x\\n\\e[31m"}')
    text = text_of(net.explain([1.0]))
    assert "\x1b" not in text
    assert "= x" in text


# The least that is different, through `explain` itself.


def sums_of(net: netrunner.Network, x: Any, **options: Any) -> list[str]:
    text = str(net.silent_trace(x).explain(**options))
    return [line for line in text.splitlines() if " = " in line]


@pytest.mark.parametrize(("inputs", "left_out"), [(10, 0), (11, 7), (12, 8)])
def test_a_sum_of_more_than_ten_products_keeps_its_ends(inputs: int, left_out: int) -> None:
    net = network_of([(np.arange(1.0, inputs + 1)[:, None], [0.5], "identity")])
    (line, _) = sums_of(net, np.ones(inputs))
    total = inputs * (inputs + 1) / 2 + 0.5
    assert line.endswith(f" = {total}")
    if not left_out:
        assert "more terms" not in line
        assert line.count("·1") == inputs
    else:
        together = sum(range(3, 3 + left_out))
        assert f"1·1 + 2·1 + ⋯ {left_out} more terms, together {together} ⋯ + " in line
    assert "more terms" not in sums_of(net, np.ones(inputs), all_terms=True)[0]


def test_the_same_row_reads_alike_in_a_batch_of_many_and_alone() -> None:
    net = network_of([([[0.5, -0.25]], [0.1, 0.2], "sigmoid")])
    X = np.linspace(-3, 3, 1003)[:, None].round(3)
    texts = [
        [line_text(line) for layer in row.layers for line in layer.lines]
        for row in net.trace(X).explain().rows
    ]
    for number in (0, 6, 7, 998, 999, 1000, 1001, 1002):
        assert texts[number] == sums_of(net, X[number]), number


def test_an_input_that_is_called_as_its_symbol_needs_no_name() -> None:
    net = network_of([([[1], [1], [1]], [0], "identity")], inputs=("x1", "x3", "cats"))
    head = str(net.trace([1, 2, 3]).explain()).partition("layer 1")[0]
    assert head == "random\nx₂: x3\nx₃: cats\n\n"


def softmax_lines_of(*logits: float, **options: Any) -> str:
    n = len(logits)
    net = network_of([(np.diag(logits), np.zeros(n), "softmax")])
    return str(net.silent_trace(np.ones(n)).explain(**options))


@pytest.mark.parametrize(
    ("logits", "said"),
    [
        ((1, 2), None),
        ((1000, 999), "exp(1000) at neuron 1 would overflow to inf"),
        ((1, 800, 900), "exp(800) at neuron 2 would overflow to inf"),
        ((709.5, 709.5), "the sum of the exponentials would overflow to inf"),
        ((-800, -900), "all the exponentials would vanish to 0"),
        ((-800, 0), None),
    ],
)
def test_what_softmax_without_taking_away_would_give(
    logits: tuple[float, ...], said: str | None
) -> None:
    text = softmax_lines_of(*logits)
    assert (said or "= max(") in text
    assert ("would" in text) == (said is not None)


def test_the_first_of_equal_logits_is_the_largest() -> None:
    text = softmax_lines_of(*[1.0] * 3, 5.0, *[2.0] * 5, 5.0, *[3.0] * 2)
    assert re.search(r"c⁽¹⁾ = max\(.*\) = a₄⁽¹⁾ = 5\n", text)


def test_a_layer_that_is_not_finite_shows_no_steps_of_softmax() -> None:
    net = network_of([([[1e308, 1]], [0, 0], "softmax")])
    text = str(net.silent_trace([10]).explain())
    assert "max(" not in text
    assert "z₁⁽¹⁾ = " in text


def test_terms_have_digits_enough_for_the_sum() -> None:
    """Rounded to eight digits, the two terms would come to 0.24691356."""
    net = network_of([([[0.123456784], [0.123456784]], [0], "identity")])
    (line, _) = sums_of(net, [1, 1])
    assert "= 0.123456784·1 + 0.123456784·1 + 0 = 0.24691357" in line


def test_a_sum_of_0_is_as_exact_as_its_terms() -> None:
    """With nine digits, these would come to -1e-18."""
    weights = [[1.2345679449e-10], [1.2345679449e-10], [-1.2345679399e-10], [-1.2345679499e-10]]
    (line, _) = sums_of(network_of([(weights, [0], "identity")]), [1, 1, 1, 1])
    assert "= 1.234567945e-10·1 + 1.234567945e-10·1 + (-1.23456794e-10)·1 + " in line
    assert line.endswith(" = 0")


def test_what_is_the_same_float_has_no_note() -> None:
    """The exact product has 26 digits, the run's 17."""
    net = network_of([([[0.1357924680135]], [0], "identity")])
    text = str(net.trace([0.2468013579246]).explain(precision=17))
    assert "0.1357924680135·0.2468013579246 + 0 = 0.033513765501664614\n" in text
    assert "rounded to float64" not in text


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_command_keeps_to_the_width(
    columns: int, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    path = ROOT / "networks/digits.yaml"
    lines = netrunner("explain", path, "--layer", "2").out.splitlines()
    assert max(map(display_width, lines)) <= columns
    assert not any(line.endswith(" ") for line in lines)
    whole = re.sub(r"\n {4}(?=\S)", " ", "\n".join(lines))
    net = loaded(path)
    assert whole == str(net.explain(net.examples[0].input, layer=2))


def loaded(path: Path) -> netrunner.Network:
    return netrunner.load(path)
