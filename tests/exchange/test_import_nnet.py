"""Networks in the .nnet format of the verification community, against numpy by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from taken import refused

import netrunner
from netrunner.exchange.importing import import_network
from netrunner.format.save import save

SIZES = (3, 4, 5, 2)


def random_net(sizes=SIZES):
    random = np.random.default_rng(9)
    layers = [
        (random.normal(size=(size, inputs)), random.normal(size=size))  # as the format has them
        for inputs, size in itertools.pairwise(sizes)
    ]
    mean = random.normal(0, 100, sizes[0] + 1)
    scale = np.abs(random.normal(0, 100, sizes[0] + 1)) + 1
    return layers, mean, scale


def text_of(layers, mean, scale, bounds=100.0):
    """As NNet's writeNNet lays it out, with a comma at the end of each line."""
    sizes = [layers[0][0].shape[1], *(len(biases) for _, biases in layers)]
    lines = [
        "// Neural Network File Format by Kyle Julian, Stanford 2016",
        "// and another line",
        f"{len(layers)},{sizes[0]},{sizes[-1]},{max(sizes)},",
        ",".join(map(str, sizes)) + ",",
        "0,",
        ",".join([str(-bounds)] * sizes[0]) + ",",
        ",".join([str(bounds)] * sizes[0]) + ",",
        ",".join(map(repr, mean.tolist())) + ",",
        ",".join(map(repr, scale.tolist())) + ",",
    ]
    for weights, biases in layers:
        lines += [",".join(map(repr, row)) + "," for row in weights.tolist()]
        lines += [f"{bias!r}," for bias in biases.tolist()]
    return "\n".join(lines) + "\n"


def by_hand(layers, mean, scale, x):
    z = (x - mean[:-1]) / scale[:-1]
    for weights, biases in layers[:-1]:
        z = np.maximum(weights @ z + biases, 0)
    weights, biases = layers[-1]
    return (weights @ z + biases) * scale[-1] + mean[-1]


@pytest.mark.parametrize("more", [1, 3])
def test_files_that_list_numbers_for_the_outputs_too(tmp_path, more):
    """Of which the format's own reader takes only the last mean and the last range."""
    layers, mean, scale = random_net((5, 4, 3))
    lines = text_of(layers, mean, scale).splitlines()
    outputs = [f"{number}," * more for number in (-1.5, 1.5)]
    lines[5:7] = [line + output for line, output in zip(lines[5:7], outputs, strict=True)]
    if more == 3:
        for at, numbers in ((7, mean), (8, scale)):
            lines[at] = ",".join(map(repr, [*numbers[:-1].tolist(), 7.0, 8.0, numbers[-1].item()]))
    path = tmp_path / "net.nnet"
    path.write_text("\n".join(lines))
    X = np.random.default_rng(2).normal(0, 200, (20, 5))
    expected = np.array([by_hand(layers, mean, scale, x) for x in X])
    np.testing.assert_allclose(
        import_network(path)(X), expected, rtol=1e-11, atol=1e-11 * np.abs(expected).max()
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.nnet"


@pytest.mark.parametrize("separate", [False, True])
@pytest.mark.parametrize("sizes", [SIZES, (3, 2), (5, 50, 50, 50, 50, 50, 50, 5)])
def test_agrees_with_numpy(path, sizes, separate):
    net = random_net(sizes)
    path.write_text(text_of(*net))
    network = import_network(path, separate_normalisation=separate)
    X = np.random.default_rng(2).normal(0, 200, (20, sizes[0]))
    expected = np.array([by_hand(*net, x) for x in X])
    np.testing.assert_allclose(
        network(X), expected, rtol=1e-11, atol=1e-11 * np.abs(expected).max()
    )
    activations = ["relu"] * (len(sizes) - 2) + ["identity"]
    names = [None] * (len(sizes) - 1)
    if separate:
        activations = ["identity", *activations, "identity"]
        names = ["normalisation", *names, "denormalisation"]
    assert [layer.activation.name for layer in network.layers] == activations
    assert [layer.name for layer in network.layers] == names


@pytest.mark.parametrize("separate", [False, True])
def test_without_normalisation_the_numbers_are_the_same_bits(path, separate):
    layers, _, _ = random_net()
    path.write_text(text_of(layers, np.zeros(4), np.ones(4)))
    network = import_network(path, separate_normalisation=separate)
    assert len(network.layers) == len(layers)
    for layer, (weights, biases) in zip(network.layers, layers, strict=True):
        np.testing.assert_array_equal(layer.weights, weights.T)
        np.testing.assert_array_equal(layer.biases, biases)


def test_the_example_is_the_means_and_the_bounds_are_told(path, tmp_path):
    net = random_net()
    path.write_text(text_of(*net, bounds=10.0))
    network = import_network(path)
    (example,) = network.examples
    np.testing.assert_array_equal(example.input, np.clip(net[1][:-1], -10, 10))
    np.testing.assert_allclose(example.output, by_hand(*net, example.input), rtol=1e-11)
    assert "clips inputs to -10 to 10, -10 to 10, -10 to 10" in network.description
    save(network, tmp_path / "net.yaml")
    again = netrunner.load(tmp_path / "net.yaml")
    np.testing.assert_array_equal(again.examples[0].output, example.output)


def test_blank_lines_spaces_and_no_comments(path):
    net = random_net()
    lines = text_of(*net).split("\n")[2:]
    path.write_text("\r\n\r\n".join(line.rstrip(",").replace(",", " , ") for line in lines))
    x = np.ones(3)
    np.testing.assert_allclose(import_network(path)(x), by_hand(*net, x), rtol=1e-11)


def fault_of(path):
    problem = refused(path)
    return f"{problem.place.line}:{problem.place.column}: {problem.message}"


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (3, "3,3,2", "3:1: 3 numbers, expected 4: layers, inputs, outputs, largest layer"),
        (3, "x,3,2,5", "3:1: 'x' is not a number: layers, inputs, outputs"),
        (3, "0,3,2,5", "3:1: '0' is too small: at least 1: layers"),
        (3, "3.5,3,2,5", "3:1: '3.5' is not a whole number"),
        (3, "2,3,2,5", "4:1: 4 numbers, expected 3: the sizes of the input and 2 layers"),
        (3, "999999999,3,2,5", "4:1: 4 numbers, expected 1000000000: the sizes"),
        (4, "3,4,5,3", "4:1: sizes from 3 to 3, but the line before says 3 inputs and 2 outputs"),
        (4, "3,4,6,2", "23:1: 1 number, expected 4: the weights of layer 2, neuron 6"),
        (4, "3,999999999,5,2", "14:1: 1 number, expected 3: the weights of layer 1, neuron 5"),
        (6, "1,2", "6:1: 2 numbers, expected 3: the inputs' minima"),
        (8, "0,0,0", "8:1: 3 numbers, expected 4: the means of the inputs and of the output"),
        (9, "1,0,1,1", "9:1: a range is 0, but the values are divided by it"),
        (10, "1,2", "10:1: 2 numbers, expected 3: the weights of layer 1, neuron 1"),
        (10, "1,2,3,4", "10:1: 4 numbers, expected 3: the weights of layer 1, neuron 1"),
        (10, "1, 2,  x", "10:8: 'x' is not a number: the weights of layer 1, neuron 1"),
        (10, "1,nan,3", "10:3: 'nan' is not a finite number"),
        (10, "1,1e999,3", "10:3: '1e999' overflows"),
        (10, "1,,3", "10:3: expected a number, found nothing"),
        (14, "1,2", "14:1: 2 numbers, expected 1: the bias of layer 1, neuron 1"),
        (31, "1\n2", "32:1: the file goes on after the last bias"),
        (31, "", "30:"),
    ],
)
def test_errors_name_the_line(path, line, text, message):
    lines = text_of(*random_net()).rstrip("\n").split("\n")
    assert len(lines) == 31
    lines[line - 1] = text
    path.write_text("\n".join(lines) + "\n")
    assert message in fault_of(path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_that_ends_within_its_last_number(path, end):
    lines = [line.rstrip(",") for line in text_of(*random_net()).splitlines()]
    text = f",{end}".join(lines)
    for rest in ("", "  ", end):
        path.write_text(f"{text},{end}{rest}", newline="")
        assert import_network(path)
    path.write_text(text, newline="")
    assert "the file ends within a number" in fault_of(path)


def test_a_range_that_is_nearly_0_is_an_error_and_no_warning(path):
    lines = text_of(*random_net()).split("\n")
    lines[8] = "5e-324,1,1,1"
    path.write_text("\n".join(lines))
    with pytest.raises(netrunner.NetrunnerError, match="layer 1: weights: row 1, column 1 is"):
        import_network(path)


def test_every_truncation_is_refused(path):
    lines = text_of(*random_net()).rstrip("\n").split("\n")
    for length in range(len(lines)):
        path.write_text("\n".join(lines[:length]))
        assert "the file ends where" in fault_of(path)


def test_what_is_no_text_is_refused(path):
    path.write_bytes(b"// \xff\xfe\n1,1,1,1\n")
    assert "1:4: this is not UTF-8 text" in fault_of(path)
    path.write_bytes(b"\x00" * 100)
    assert "1:1:" in fault_of(path)
    path.write_bytes(b"")
    assert "the file ends where" in fault_of(path)


def test_a_file_of_very_many_numbers_in_a_line_is_refused(path):
    path.write_text("1," * 5_000_000)
    assert "1:1: 5000000 numbers, expected 4" in fault_of(path)
