"""The book's sample_weight.pkl, and what else a pickle may try."""

from __future__ import annotations

import itertools
import os
import pickle
import struct
import subprocess
from collections import OrderedDict

import numpy as np
import pytest
from taken import refused

import netrunner
from netrunner.exchange.importing import import_network

pytestmark = pytest.mark.watched


def book(dtype=np.float32):
    """A dict like that of the book: 784-50-100-10."""
    random = np.random.default_rng(3)
    sizes = (784, 50, 100, 10)
    arrays = {}
    for index, (rows, columns) in enumerate(itertools.pairwise(sizes), 1):
        arrays[f"b{index}"] = random.normal(size=columns).astype(dtype)
        arrays[f"W{index}"] = random.normal(0, 0.1, (rows, columns)).astype(dtype)
    return arrays


def fault_of(path, **options):
    problem = refused(path, **options)
    return f"{problem.message} {problem.hint}"


def refusal(tmp_path, data):
    path = tmp_path / "bad.pkl"
    path.write_bytes(data if isinstance(data, bytes) else pickle.dumps(data))
    return fault_of(path, activations="relu")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("core", [b"numpy.core", b"numpy._core"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, ">f4"])
def test_every_protocol_by_every_numpy(tmp_path, protocol, core, dtype):
    arrays = book(dtype)
    data = pickle.dumps(arrays, protocol)
    if protocol < 4:  # where names stand in lines, numpy 1 can be imitated
        data = data.replace(b"cnumpy._core.", b"c" + core + b".")
        assert core in data
    path = tmp_path / "sample_weight.pkl"
    path.write_bytes(data)
    network = import_network(path, activations="sigmoid,sigmoid,softmax")
    assert network.dtype == np.dtype(dtype).newbyteorder("=")
    for index, layer in enumerate(network.layers, 1):
        np.testing.assert_array_equal(layer.weights, arrays[f"W{index}"])
        np.testing.assert_array_equal(layer.biases, arrays[f"b{index}"])


@pytest.mark.parametrize(
    "made",
    [
        lambda W, b, V, c: [W, b, V, c],
        lambda W, b, V, c: (W, b, V, c),
        lambda W, b, V, c: [(W, b), (V, c)],
        lambda W, b, V, c: ([W, V], [b, c]),
        lambda W, b, V, c: {"weights": [W, V], "biases": [b, c]},
        lambda W, b, V, c: OrderedDict(W1=W, b1=b, W2=V, b2=c),
    ],
)
def test_lists_of_arrays(tmp_path, made):
    """As Keras's get_weights gives them, or scikit-learn's coefs_ and intercepts_."""
    random = np.random.default_rng(3)
    W, b, V, c = (random.normal(size=size) for size in [(3, 4), 4, (4, 2), 2])
    (tmp_path / "net.pkl").write_bytes(pickle.dumps(made(W, b, V, c)))
    network = import_network(tmp_path / "net.pkl", activations="relu,softmax")
    for layer, (weights, biases) in zip(network.layers, [(W, b), (V, c)], strict=True):
        np.testing.assert_array_equal(layer.weights, weights)
        np.testing.assert_array_equal(layer.biases, biases)


def test_a_list_of_matrices_without_biases(tmp_path):
    (tmp_path / "net.pkl").write_bytes(pickle.dumps([np.ones((3, 4)), np.ones((4, 2))]))
    network = import_network(tmp_path / "net.pkl", activations="relu,softmax")
    assert [layer.size for layer in network.layers] == [4, 2]


def test_columns_first(tmp_path):
    arrays = {name: np.asfortranarray(array) for name, array in book().items()}
    path = tmp_path / "net.pickle"
    path.write_bytes(pickle.dumps(arrays, 3))
    network = import_network(path, activations=["sigmoid", "sigmoid", "softmax"])
    np.testing.assert_array_equal(network.layers[0].weights, arrays["W1"])


def test_as_python_2_wrote_it(tmp_path):
    """Strings of bytes, which Python 3 no longer writes."""
    values = np.arange(6, dtype="<f4").reshape(3, 2)
    raw = values.tobytes()
    data = (
        b"\x80\x02}U\x02W1cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b"
        b"\x87R(K\x01K\x03K\x02\x86cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff"
        b"\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U" + bytes([len(raw)]) + raw + b"tbs."
    )
    path = tmp_path / "old.pkl"
    path.write_bytes(data)
    network = import_network(path, activations="relu", transpose=False)
    np.testing.assert_array_equal(network.layers[0].weights, values)


def test_the_book_gets_its_activations_proposed(tmp_path):
    path = tmp_path / "sample_weight.pkl"
    path.write_bytes(pickle.dumps(book()))
    message = fault_of(path)
    assert "3 activations are needed, one for each layer" in message
    assert "--activations sigmoid,sigmoid,softmax" in message


class Runs:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("function", "name"),
    [
        (os.system, f"{os.system.__module__}.system"),
        (subprocess.Popen, "subprocess.Popen"),
        (eval, "builtins.eval"),
        (getattr, "builtins.getattr"),
        (np.load, "numpy.load"),
    ],
)
def test_what_a_pickle_asks_for_is_named_and_not_run(tmp_path, function, name, protocol):
    marker = tmp_path / "executed"
    data = pickle.dumps({"W1": Runs(function, f"touch {marker}")}, protocol, fix_imports=False)
    message = refusal(tmp_path, data)
    assert (
        f"the pickle asks for '{name}'; only numpy arrays are read, and nothing is run" in message
    )
    assert not marker.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\x02(S'true'\nios\nsystem\n.",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
        b"\x80\x04\x8c\x15numpy.core.multiarray\x8c\x06scalar\x93.",
    ],
)
def test_names_in_any_spelling_are_refused(tmp_path, data):
    message = refusal(tmp_path, data)
    assert "the pickle asks for" in message or "INST" in message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, 2], "the pickle does not hold a dict of arrays"),
        (np.ones((3, 2)), "the pickle does not hold a dict of arrays"),
        ({1: np.ones((3, 2))}, "the pickle does not hold a dict of arrays"),
        ({"W1": [[1.0]]}, "'W1' is list, not an array"),
        ({"W1": 1.0}, "'W1' is float, not an array"),
        ({"W1": np.ones((3, 2), complex)}, "it holds values of type 'c16', not numbers"),
        ({"W1": np.array([[None]])}, "it holds values of type 'O8', not numbers"),
        ({"W1": np.array([["text"]])}, "it holds values of type 'U4', not numbers"),
        ({"W1": np.ones((3, 2), bool)}, "it holds values of type 'b1', not numbers"),
        ({"W1": np.ones((3, 2), np.int8)}, "it holds values of type 'i1', not numbers"),
        ({"x": np.ones((3, 2))}, "the name of array 'x' does not say whether"),
        ([np.ones((3, 2)), 1], "does not hold a dict of arrays"),
        ([np.ones(2), np.ones((3, 2)), np.ones(2)], "'b0' are biases without their weights"),
        ([np.ones((3, 2)), np.ones(2), np.ones(2)], "two vectors after one matrix"),
        (([np.ones((2, 2))], [np.ones((2, 2))]), "does not hold a dict of arrays"),
        (([np.ones((3, 2))] * 2, [np.ones(2)]), "do not make a chain"),
        ({"weights": [1], "biases": [np.ones(2)]}, "'weights1' is int, not an array"),
        ({}, "there are no arrays in it"),
    ],
)
def test_other_pickles_are_refused(tmp_path, value, message):
    assert message in refusal(tmp_path, value)


def array_of(shape, raw):
    """A pickle of {'W1': an array} that claims any shape."""
    return (
        b"\x80\x03}X\x02\x00\x00\x00W1cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
        b"K\x00\x85C\x01b\x87R(K\x01" + shape + b"cnumpy\ndtype\nX\x02\x00\x00\x00f8K\x00K\x01\x87R"
        b"(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89C"
        + bytes([len(raw)]) + raw + b"tbs."
    )  # fmt: skip


HUGE = b"\x8a\x05\x00\x00\x00\x00\x01"  # 2³² as LONG1

HOSTILE = {
    "nothing": b"",
    "no pickle": b"hello",
    "cut off": pickle.dumps(book())[:-1000],
    "bytes that are not there": b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b".",
    "text that is not there": b"\x80\x04\x8d" + struct.pack("<Q", 2**60) + b".",
    "a frame that is not there": b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b"N.",
    "a number of very many digits": b"I" + b"9" * 10**6 + b"\n.",
    "a memo beyond all memory": b"\x80\x02Nr\xff\xff\xff\x7f.",
    "very deep": b"\x80\x02" + b"]" * 10**6 + b"a" * 10**6 + b".",
    "tuples in tuples": b"\x80\x02N" + b"\x85" * 10**6 + b".",
    "doubled tuples": b"\x80\x02N" + b"2\x86" * 10**4 + b".",
    "empty stack": b"\x80\x02R.",
    "nothing to call": b"\x80\x02NNR.",
    "state for a number": b"\x80\x02K\x01Nb.",
    "an extension": b"\x80\x02\x82\x01.",
    "an object by its id": b"Pname\n.",
    "a new object of a function": b"\x80\x02c_codecs\nencode\n)\x81.",
    "another encoding": b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x05\x00\x00\x00utf-8\x86R.",
    "an absurd shape": array_of(b"(" + HUGE + HUGE + b"t", bytes(16)),
    "a negative shape": array_of(b"J\xff\xff\xff\xffK\x02\x86", bytes(16)),
    "a shape of text": array_of(b"X\x01\x00\x00\x003\x85", bytes(16)),
    "no shape": array_of(b"N", bytes(16)),
    "too few bytes": array_of(b"K\x03K\x02\x86", bytes(16)),
    "no type": b"\x80\x02}X\x02\x00\x00\x00W1cnumpy._core.multiarray\n_reconstruct\n)R"
    + b"(K\x01K\x01\x85NNNtbs.",
    "one text as many arrays": b"\x80\x02X"
    + struct.pack("<I", 10**6)
    + b"8" * 10**6
    + b"q\x000"
    + b"c_codecs\nencode\nh\x00\x85R" * 3000
    + b".",
    "no state": b"\x80\x02}X\x02\x00\x00\x00W1cnumpy\nndarray\n)Rs.",
}


@pytest.mark.parametrize(
    "what", ["numpy ndarray", "numpy dtype", "numpy._core.multiarray _reconstruct",
             "numpy._core.numeric _frombuffer", "_codecs encode", "collections OrderedDict"],
)  # fmt: skip
def test_what_is_made_in_unusual_ways_is_refused(tmp_path, what):
    """An ndarray that NEWOBJ makes and nothing fills, among others."""
    calls = [b")\x81", b")}\x92", b")R", b"C\x01f\x85\x81", b""]
    for call, build in itertools.product(calls, [b"", b"NB", b"(Nb" + b"tb", b"}b"]):
        made = b"c" + what.replace(" ", "\n").encode() + b"\n" + call + build
        assert refusal(tmp_path, b"\x80\x04}\x8c\x02W1" + made + b"s."), (call, build)


def test_the_order_of_bytes_of_the_machine_that_reads(tmp_path):
    data = array_of(b"K\x01K\x02\x86", np.array([1.0, 2.0]).tobytes())
    (tmp_path / "net.pkl").write_bytes(data.replace(b"\x00<NNN", b"\x00=NNN"))
    network = import_network(tmp_path / "net.pkl", activations="relu", transpose=False)
    assert network.layers[0].weights.tolist() == [[1, 2]]


def test_a_large_file_is_refused_unread(tmp_path):
    (tmp_path / "net.pkl").touch()
    os.truncate(tmp_path / "net.pkl", 2**40)
    assert "larger than 32 MiB" in fault_of(tmp_path / "net.pkl", activations="relu")


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_pickles_are_refused(tmp_path, what):
    assert refusal(tmp_path, HOSTILE[what])


def test_a_tuple_that_unfolds_into_too_many_values_is_refused(tmp_path):
    twice = b"2\x86"  # the tuple on top of the stack, and the pair of it with itself
    data = b"\x80\x02})" + 60 * twice + b"Ns."  # as a key of a dict, which must be hashed
    assert "a tuple of too many values" in refusal(tmp_path, data)


def test_truncations_and_flips_are_refused_or_harmless(tmp_path):
    arrays = {"W1": np.ones((3, 2)), "b1": np.ones(2)}
    random, path = np.random.default_rng(0), tmp_path / "net.pkl"
    refused = 0
    for protocol in (0, 2, pickle.HIGHEST_PROTOCOL):
        data = pickle.dumps(arrays, protocol)
        for _ in range(12):
            flipped = bytearray(data)
            flipped[random.integers(len(data))] = random.integers(256)
            path.write_bytes(bytes(flipped))
            try:
                import_network(path, activations="relu")
            except netrunner.NetrunnerError:
                refused += 1
        for length in range(0, len(data), 29):
            path.write_bytes(data[:length])
            with pytest.raises(netrunner.NetrunnerError):
                import_network(path, activations="relu")
    assert refused > 8
