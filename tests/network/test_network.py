"""The Python API: calls, traces, wrong inputs, immutability, threads and pickles."""

from __future__ import annotations

import copy
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import NETWORKS, THREE_LAYER

import netrunner as nr
from netrunner.network.layer import more_keys

OVERFLOW = """
inputs: [x1, x2]
dtype: {dtype}
layers:
  - {{name: first, size: 2, weights: [[{big}, 0], [0, 1]], biases: 0, activation: sigmoid}}
  - {{name: second, size: 1, weights: [[1], [1]], biases: 0, activation: identity}}
"""


@pytest.fixture(scope="module")
def net() -> nr.Network:
    return nr.load(THREE_LAYER)


def test_the_numbers_of_the_book(net: nr.Network) -> None:
    trace = net.trace([1.0, 0.5])
    steps = [(layer.A.round(8).tolist(), layer.Z.round(8).tolist()) for layer in trace.layers]
    assert steps == [
        ([0.3, 0.7, 1.1], [0.57444252, 0.66818777, 0.75026011]),
        ([0.51615984, 1.21402696], [0.62624937, 0.7710107]),
        ([0.31682708, 0.69627909], [0.31682708, 0.69627909]),
    ]
    assert trace.input.tolist() == [1.0, 0.5]
    assert net([1.0, 0.5]).tolist() == trace.output.tolist()
    assert [layer.index for layer in trace.layers] == [1, 2, 3]
    assert (net.name, net.input_names, net.output_names) == (
        "three-layer", ("x1", "x2"), ("y1", "y2"),
    )  # fmt: skip


def test_a_batch_gives_two_dimensions_and_close_to_the_same_numbers(net: nr.Network) -> None:
    X = np.random.default_rng(1).normal(size=(50, 2))
    trace = net.trace(X)
    assert [layer.Z.shape for layer in trace.layers] == [(50, 3), (50, 2), (50, 2)]
    np.testing.assert_allclose(trace.output, [net(row) for row in X], rtol=1e-14)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_batch_may_have_one_row_or_none(net: nr.Network, rows: int) -> None:
    assert net(np.ones((rows, 2))).shape == (rows, 2)
    assert net.trace(np.ones((rows, 2))).layers[0].A.shape == (rows, 3)


def test_what_shows_one_row_says_that_there_is_none(net: nr.Network, tmp_path: Path) -> None:
    none = net.trace(np.ones((0, 2)))
    for show in (lambda: none.row(1), none.plot, lambda: net.diagram(none.input)):
        with pytest.raises(nr.NetrunnerError, match="no row 1: the input has 0"):
            show()
    with pytest.raises(nr.NetrunnerError, match="its input has no rows"):
        nr.compare(net, net, x=none.input)
    none.save(tmp_path / "none.npz")
    assert nr.load_trace(tmp_path / "none.npz").output.shape == (0, 2)
    none.save(tmp_path / "none.json")
    with pytest.raises(nr.NetrunnerError, match="'input' is empty: the trace has no rows"):
        nr.load_trace(tmp_path / "none.json")


@pytest.mark.parametrize(
    "x",
    [
        (1, 0.5), [np.float32(1), 0.5], np.array([1.0, 0.5], np.longdouble),
        np.array([1.0, 0.5], ">f8"), np.array([1.0, 9, 0.5, 9])[::2], range(1, 3), [10**20, 10**19],
        np.array([True, 0.5], np.float16),
    ],
)  # fmt: skip
def test_inputs_that_are_numbers(net: nr.Network, x: Any) -> None:
    np.testing.assert_array_equal(net(x), net(np.asarray(x).astype(np.float64)))


WRONG_INPUTS: list[tuple[Any, str, str]] = [
    (["1", "0.5"], "not-real-numbers", "values of type <U3, not numbers"),
    ([1.0, "0.5"], "not-real-numbers", "not numbers"),
    ([None, 1.0], "not-real-numbers", "values of type object"),
    ([True, False], "not-real-numbers", "values of type bool"),
    ([1j, 1.0], "not-real-numbers", "complex128"),
    ([10**400, 1], "not-real-numbers", "object"),
    ([np.datetime64("2026-01-01")] * 2, "not-real-numbers", "datetime64"),
    ([{}, []], "input-shape", "not equally long"),
    ([[1.0, 2.0], [3.0]], "input-shape", "not equally long"),
    ([1.0], "input-shape", "1 number, but the network takes 2 numbers ('x1', 'x2')"),
    ([1.0, 2.0, 3.0], "input-shape", "3 numbers, but"),
    ([[1.0, 2.0, 3.0]], "input-shape", "3 numbers a row, but"),
    ([], "input-shape", "0 numbers, but"),
    (1.0, "input-shape", "a single number, but"),
    (None, "input-shape", "a value of type NoneType, but the network takes 2 numbers"),
    ({"x1": 1, "x2": 0.5}, "input-shape", "a value of type dict, but the network takes"),
    ("1.0,0.5", "input-shape", "a value of type str, but the network takes 2 numbers"),
    ({1.0: 0, 0.5: 0}.keys(), "input-shape", "a value of type dict_keys, but the network"),
    (np.array({}), "input-shape", "a value of type dict, but the network takes"),
    (np.ones((1, 1, 2)), "input-shape", "an array of shape (1, 1, 2), but"),
    (np.ones((2, 0)), "input-shape", "0 numbers a row, but"),
    ([1.0, np.nan], "not-finite", "value 2 is nan"),
    ([[1.0, 0.5], [np.inf, 1.0]], "not-finite", "row 2, column 1 is inf"),
]


@pytest.mark.parametrize(
    ("x", "code", "words"), WRONG_INPUTS, ids=[repr(w[0]) for w in WRONG_INPUTS]
)
def test_a_wrong_input_is_one_problem(net: nr.Network, x: Any, code: str, words: str) -> None:
    for call in (net, net.trace):
        with pytest.raises(nr.NetrunnerError) as raised:
            call(x)
        (problem,) = raised.value.problems
        assert (problem.code, problem.place.file, problem.place.line) == (code, "input", None)
        assert words in problem.message
        assert str(raised.value) == f"input: error: {problem.message} [{code}]"


def test_float32_networks_compute_in_float32(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(OVERFLOW.format(dtype="float32", big=0.1))
    net = nr.load(path)
    trace = net.trace([[1, 2], [3, 4]])
    arrays = [trace.input, trace.output, *(layer.A for layer in trace.layers)]
    assert {array.dtype.name for array in [*arrays, net.layers[0].weights]} == {"float32"}
    for wrong, code in ((1e39, "not-finite"), (1e-60, "vanishing-number")):
        with pytest.raises(nr.NetrunnerError) as raised:
            net([wrong, 1.0])
        assert raised.value.problems[0].code == code


@pytest.mark.parametrize(("dtype", "big"), [("float64", "1e308"), ("float32", "1e38")])
def test_what_is_not_finite_is_warned_of_once_though_a_later_layer_hides_it(
    tmp_path: Path, dtype: str, big: str
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(OVERFLOW.format(dtype=dtype, big=big))
    net = nr.load(path)
    words = "layer 1 'first', neuron 1, row 2: A is inf, so 'sigmoid' gets no finite number"
    for call in (net, net.trace):
        with pytest.warns(nr.NetrunnerWarning) as caught:
            call([[1.0, 1.0], [10.0, 1.0], [100.0, 0.0]])
        assert [str(warning.message) for warning in caught] == [words]
        assert caught[0].filename == __file__
    y, not_finite = net.silent_output([[1.0, 1.0], [10.0, 1.0]])
    assert np.isfinite(y).all()
    assert str(not_finite) == words


def test_large_finite_numbers_are_not_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(OVERFLOW.format(dtype="float64", big="1e300"))
    with np.errstate(all="raise"):  # as a user may have set it
        assert nr.load(path)([1e5, -1e300]).tolist() == [1.0]


def test_everything_is_immutable(net: nr.Network) -> None:
    trace = net.trace(np.array([1.0, 0.5]))
    assert net.examples
    arrays = [trace.input, trace.output]
    arrays += [array for layer in trace.layers for array in (layer.A, layer.Z)]
    arrays += [array for layer in net.layers for array in (layer.weights, layer.biases)]
    arrays += [array for each in net.examples for array in (each.input, each.output)]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            array.setflags(write=True)
    for thing, name in (
        (net, "name"), (net.layers[0], "weights"), (trace, "input"), (trace.layers[0], "A"),
        (net.layers[0].activation, "function"), (net.examples[0], "input"),
    ):  # fmt: skip
        with pytest.raises(AttributeError):
            setattr(thing, name, None)
    with pytest.raises(TypeError):
        trace.layers[0].parameters["alpha"] = 1  # type: ignore[index]


def test_the_callers_array_stays_its_own(net: nr.Network) -> None:
    x = np.array([1.0, 0.5])
    trace = net.trace(x)
    x[0] = 7
    assert trace.input.tolist() == [1.0, 0.5]
    view = np.frombuffer(bytearray(x.tobytes()))
    trace = net.trace(view)
    view[0] = 8
    assert trace.input.tolist() == [7.0, 0.5]
    net(x)
    x[0] = 9


@pytest.mark.parametrize("name", sorted(path.stem for path in NETWORKS.glob("*.yaml")))
def test_networks_and_traces_may_be_pickled_and_copied(name: str) -> None:
    net = nr.load(NETWORKS / f"{name}.yaml")
    x = net.examples[0].input
    trace = net.trace(x)
    for duplicate in (pickle.loads(pickle.dumps(net)), copy.deepcopy(net), copy.copy(net)):
        np.testing.assert_array_equal(duplicate(x), net(x))
        assert (duplicate.name, duplicate.output_names) == (net.name, net.output_names)
        assert not duplicate.layers[0].weights.flags.writeable
        assert not duplicate.examples[0].input.flags.writeable
    for twin in (pickle.loads(pickle.dumps(trace)), copy.deepcopy(trace)):
        np.testing.assert_array_equal(twin.layers[0].A, trace.layers[0].A)
        assert not twin.input.flags.writeable
        assert not twin.output.flags.writeable


def test_errors_may_be_pickled(net: nr.Network) -> None:
    with pytest.raises(nr.NetrunnerError) as raised:
        net([1.0])
    again = pickle.loads(pickle.dumps(raised.value))
    assert str(again) == str(raised.value)
    assert again.problems == raised.value.problems


def test_many_threads_get_the_right_numbers() -> None:
    net = nr.load(NETWORKS / "digits.yaml")
    X = np.random.default_rng(2).uniform(0, 16, size=(64, 16, 64))
    expected = [net(x) for x in X]
    traced = [net.trace(x).layers[0].A for x in X]
    with ThreadPoolExecutor(8) as pool:
        for got, want in zip(pool.map(net, np.tile(X, (4, 1, 1))), expected * 4, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12)
        for trace, A in zip(pool.map(net.trace, X), traced, strict=True):
            np.testing.assert_allclose(trace.layers[0].A, A, rtol=1e-12)


def test_the_error_state_of_numpy_and_the_filters_of_warnings_stay(net: nr.Network) -> None:
    filters = list(warnings.filters)
    with np.errstate(over="raise", divide="print"):
        before = np.geterr()
        nr.load(THREE_LAYER)([1.0, 0.5])
        net.trace([1.0, 0.5])
        assert np.geterr() == before
    assert list(warnings.filters) == filters


def test_what_a_prompt_shows_is_one_line() -> None:
    net = nr.load(THREE_LAYER)
    assert repr(net) == ("<Network 'three-layer': 2 → 3 sigmoid → 2 sigmoid → 2 identity, float64>")
    assert repr(net.layers[0]) == "<Layer 1: 2 → 3 sigmoid>"
    assert repr(net.trace([1, 2])) == "<Trace of 'three-layer': a single input, 3 layers>"
    assert repr(net.trace([[1, 2]])) == "<Trace of 'three-layer': 1 row, 3 layers>"


class Broken:
    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        raise RuntimeError("it requires grad")


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (Broken(), "no array of numbers: it requires grad"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "masked values are not numbers"),
    ],
)
def test_what_is_no_array_of_numbers(x: object, words: str) -> None:
    net = nr.from_arrays([([[1], [2]], 0, "identity")])
    with pytest.raises(nr.NetrunnerError, match=words):
        net(x)


def test_a_trace_leaves_the_array_of_another_object_writable() -> None:
    class Holder:
        array = np.array([1.0, 2.0])

        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            return self.array

    nr.from_arrays([([[1], [2]], 0, "identity")]).trace(Holder())
    assert Holder.array.flags.writeable


def test_no_rows_of_any_type_give_no_rows() -> None:
    assert nr.load(THREE_LAYER)(np.empty((0, 2), object)).shape == (0, 2)


def test_a_layer_of_a_trace_says_what_it_is() -> None:
    (first, *_) = nr.load(THREE_LAYER).trace([[1.0, 0.5]]).layers
    assert repr(first) == "<LayerTrace 1: sigmoid, A and Z of shape (1, 3)>"


def test_a_layer_of_a_trace_may_be_pickled() -> None:
    (first, *_) = nr.load(THREE_LAYER).trace([1.0, 0.5]).layers
    again = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(again.Z, first.Z)
    assert not again.Z.flags.writeable


def test_a_learner_finds_the_rest_at_the_network_and_at_the_trace(
    net: nr.Network, tmp_path: Path
) -> None:
    trace = net.trace([1.0, 0.5])
    assert str(net.explain([1.0, 0.5])) == str(trace.explain())
    assert str(net.why([1.0, 0.5], "y2")) == str(trace.why("y2"))
    assert net.as_input([1, 2]).dtype == net.dtype
    more_keys.cache_clear()
    assert set(more_keys()) <= set(vars(net.layers[0]))
    assert "three-layer" in net._repr_html_()
    assert "0.57444252" in trace._repr_html_()
    assert net.diagram([1.0, 0.5]).figure is not net.diagram().figure
    assert len(trace.plot().child_axes) == len(net.layers)
    assert net.widget([1.0, 0.5]) is not None
    with pytest.raises(ValueError, match="no example: give an input"):
        nr.from_arrays([([[1.0]], 0, "relu")]).widget()
    trace.save(tmp_path / "trace.json")
    saved = nr.load_trace(tmp_path / "trace.json")
    assert saved.output.tolist() == trace.output.tolist()
    with pytest.raises(nr.NetrunnerError, match="a saved trace has no weights"):
        saved.why("y1")
    with pytest.raises(TypeError, match="the text of a network file must be a str, not bytes"):
        nr.loads(b"inputs: 1")  # type: ignore[arg-type]
