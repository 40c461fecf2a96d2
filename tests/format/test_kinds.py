"""Values of another kind than the format expects: what is said, and which help is offered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import netrunner as nr
from netrunner.problems.words import quote

NETWORK = {
    "inputs": "2",
    "layers": "[{size: 2, weights: [[1, 2], [3, 4]], biases: 0, activation: relu}]",
}


def problem(folder: Path, key: str, value: str) -> nr.Problem:
    """The first problem of a network with this value: of the network, or of its only layer."""
    layer = ("size", "weights", "biases", "activation")
    keys = dict(NETWORK)
    if key in layer:
        values = {"size": "2", "weights": "[[1, 2], [3, 4]]", "biases": "0", "activation": "relu"}
        values[key] = value
        keys["layers"] = f"[{{{', '.join(f'{name}: {text}' for name, text in values.items())}}}]"
    else:
        keys[key] = value
    np.save(folder / "w.npy", np.eye(2))
    np.save(folder / "b.npy", np.ones(2))
    np.savez(folder / "a.npz", W=np.eye(2), b=np.ones(2))
    path = folder / "net.yaml"
    path.write_text("".join(f"{name}: {text}\n" for name, text in keys.items()), encoding="utf-8")
    with pytest.raises(nr.NetrunnerError) as raised:
        nr.load(path)
    return raised.value.problems[0]


NAMES = "a, " * 66  # 198 characters
ACTIVATION = "the name of an activation, or a mapping with its name and parameters"
ROW = ", ".join(["12345678"] * 6)  # 58 characters
WRONG: list[tuple[str, str, str, str | None]] = [
    # transpose
    (
        "weights",
        "{file: w.npy, transpose: yes}",
        "transpose: expected true or false, found 'yes'",
        "write true",
    ),
    (
        "weights",
        "{file: w.npy, transpose: OFF}",
        "transpose: expected true or false, found 'OFF'",
        "write false",
    ),
    (
        "weights",
        "{file: w.npy, transpose: '1'}",
        "transpose: expected true or false, found the text '1'",
        None,
    ),
    (
        "weights",
        "{file: w.npy, transpose: [true]}",
        "transpose: expected true or false, found a list",
        None,
    ),
    (
        "weights",
        "{file: w.npy, transpose: 'true'}",
        "transpose: expected true or false, found the text 'true'",
        "write true",
    ),
    # names
    (
        "inputs",
        "{}",
        "expected a list of names, or how many there are, found an empty mapping",
        None,
    ),
    ("inputs", "{a: 1}", "expected a list of names, or how many there are, found a mapping", None),
    ("inputs", "", "expected a list of names, or how many there are, found nothing", None),
    ("inputs", "[]", "expected a list of names, found an empty list", None),
    ("inputs", "[a, ~]", "expected text, found '~'", None),
    ("outputs", "a, b", "expected a list of names, found 'a, b'", "write [a, b]"),
    ("outputs", "(a, b)", "expected a list of names, found '(a, b)'", "write [a, b]"),
    ("outputs", "2", "expected a list of names, found '2'", None),
    (
        "outputs",
        NAMES + "bc",
        "expected a list of names, found 'a, a, a, a, a, a, a, a, a, a, a, a, a, …'",
        f"write [{NAMES}bc]",
    ),
    (
        "outputs",
        NAMES * 10 + "bcd",
        "expected a list of names, found 'a, a, a, a, a, a, a, a, a, a, a, a, a, …'",
        f"write [{NAMES * 10}bcd]",
    ),
    # YAML that is broken besides: the format is asked which mend is best
    ("outputs", "[", "not YAML: this '[' is never closed", None),
    (
        "layers",
        "[{size: 2, weights: w.npy, biases: 0, activation: relu]",
        "not YAML: this '{' is never closed",
        None,
    ),
    # rows
    ("weights", "1, 2", "expected a list of rows of numbers, found '1'", None),
    (
        "weights",
        "[1, 2], [3, 4]",
        "weights are (2,), expected (2, 2): there are 2 inputs and size is 2",
        None,
    ),
    (
        "weights",
        "'[1, 2], [3, 4]'",
        "expected a list of rows of numbers, found the text '[1, 2], [3, 4]'",
        "write [[1, 2], [3, 4]]",
    ),
    (
        "weights",
        "w.NPY",
        "expected a list of rows of numbers, found 'w.NPY'",
        "write {file: w.NPY}",
    ),
    (
        "weights",
        "file:w.npy",
        "expected a list of rows of numbers, found 'file:w.npy'",
        "write {file: w.npy}",
    ),
    (
        "weights",
        "a.npz",
        "expected a list of rows of numbers, found 'a.npz'",
        "write {file: a.npz, key: W}",
    ),
    ("biases", "a.npz", "'a.npz' is not a number", "write {file: a.npz, key: b}"),
    ("biases", "[[1, .nan]]", "biases are (1, 2), expected (2,): size is 2", None),
    (
        "weights",
        f"['{ROW[:-1]}', '1 2']",
        "row 1 is not in brackets: '12345678, 12345678, 12345678, 12345678,…'",
        f"write [{ROW[:-1]}]",
    ),
    (
        "weights",
        f"['{ROW}', '1 2']",
        "row 1 is not in brackets: '12345678, 12345678, 12345678, 12345678,…'",
        None,
    ),
    (
        "weights",
        "'1, 2'",
        "expected a list of rows of numbers, found the text '1, 2'",
        None,  # one row of two numbers, or two rows of one?
    ),
    ("weights", "[[1, 2], 3]", "expected a row, found '3'", None),
    (
        "weights",
        "[[2, 1e-400], [3, 4]]",
        "'1e-400' vanishes: it is too small for a float and would become 0",
        "write 0 if that is meant",
    ),
    (
        "biases",
        "1, 2",
        "unknown key '2'; the keys are name, size, weights, biases, activation",
        None,
    ),
    ("biases", "0x10", "'0x10' is not a decimal number", "write 16"),
    (
        "biases",
        "−1",
        "'−1' is not a number: '−' (U+2212) is not '-'",
        "write -1",  # not [-1], which would be too few
    ),
    ("biases", "1 2", "'1 2' is 2 numbers with no comma between them", "write [1, 2]"),
    ("biases", "'1, 2'", "'1, 2' in quotes is text, not a number", "write [1, 2]"),
    ("biases", "'1'", "'1' in quotes is text, not a number", "write 1 without the quotes"),
    ("biases", "b.csv", "'b.csv' is not a number", "write {file: b.csv}"),
    (
        "biases",
        "{file: b.npy, transpose: true}",
        "unknown key 'transpose'; the keys are file, key",
        None,
    ),
    (
        "examples",
        "[{input: '1, 2', output: [1, 2]}]",
        "example 1: input: expected a list of numbers, found the text '1, 2'",
        "write [1, 2]",
    ),
    (
        "examples",
        "[{input: [], output: [1, 2]}]",
        "example 1: input: expected a list of numbers, found an empty list",
        None,
    ),
    (
        "examples",
        "[{input: {}, output: [1, 2]}]",
        "example 1: input: expected a list of numbers, found an empty mapping",
        None,
    ),
    (
        "examples",
        "[{input: [1, .nan], output: [1, 2]}]",
        "example 1: input: '.nan' is not a finite number",
        None,
    ),
    # choices
    ("dtype", "Float32", "expected float64 or float32, found 'Float32'", "did you mean float32?"),
    ("dtype", "int", "expected float64 or float32, found 'int'", None),
    ("dtype", "[float64]", "expected float64 or float32, found a list", None),
    # lists of records
    (
        "layers",
        "[{size: 2}, {weights: [[1]]}, {biases: 0}, {activation: relu}]",
        "a new layer begins here: only its first key has a '-'",
        None,
    ),
    (
        "layers",
        "[{size: 2}, {weights: [[1]]}, {biases: 0, activation: relu}]",
        "a new layer begins here: only its first key has a '-'",
        None,
    ),
    ("layers", "[{size: 2}, {name: x}]", "'weights' is missing", None),
    (
        "layers",
        "[{size: 2}, {biases: 0}]",
        "a new layer begins here: only its first key has a '-'",
        None,
    ),
    (
        "layers",
        "{size: 2, weights: [[1, 2], [3, 4]], biases: 0, activation: relu}",
        "expected a list of layers, found a mapping",
        "put '- ' before each layer",
    ),
    (
        "layers",
        "{name: a, size: 2, weights: [[1]], biases: 0, activation: relu}",
        "expected a list of layers, found a mapping",
        "put '- ' before each layer",
    ),
    ("layers", "{}", "expected a list of layers, found an empty mapping", None),
    ("layers", "{first: {size: 2}}", "expected a list of layers, found a mapping", None),
    ("layers", "[]", "expected at least one layer", None),
    # activations
    ("activation", "{alpha: 1}", "'name' is missing: the name of the activation", None),
    (
        "activation",
        "{nam: relu}",
        "unknown key 'nam'; the activation's name is missing",
        "did you mean 'name'?",
    ),
    (
        "activation",
        "[relu]",
        f"expected {ACTIVATION}, found a list",
        None,
    ),
    (
        "activation",
        "~",
        f"expected {ACTIVATION}, found '~'",
        None,
    ),
    ("activation", "{name: relu, alpha: 1}", "activation 'relu' has no parameters", None),
    (
        "activation",
        "mine",
        "unknown activation 'mine'; known are identity, relu, sigmoid, softmax, step",
        "add --plugins plugins: plugins/mine.py is there",
    ),
    (
        "activation",
        "mi-ne",
        "unknown activation 'mi-ne'; known are identity, relu, sigmoid, softmax, step",
        None,
    ),
    (
        "activation",
        "linear",
        "unknown activation 'linear'; known are identity, relu, sigmoid, softmax, step",
        "did you mean 'identity'?",
    ),
]


@pytest.mark.parametrize(("key", "value", "words", "hint"), WRONG)
def test_a_value_of_another_kind(
    key: str,
    value: str,
    words: str,
    hint: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "plugins").mkdir()
    for name in ("mine.py", "mi-ne.py"):
        (tmp_path / "plugins" / name).touch()
    monkeypatch.chdir(tmp_path)
    found = problem(tmp_path, key, value)
    told = found.message.removeprefix("layer 1: ").removeprefix(f"{key}: ")
    assert (told, found.hint) == (words, hint)


def test_a_help_is_offered_only_where_it_can_be_seen(tmp_path: Path) -> None:
    found = problem(tmp_path, "outputs", "a\u200b, b")
    assert (
        found.message == "outputs: expected a list of names, found 'a\N{REPLACEMENT CHARACTER}, b'"
    )
    assert found.hint is None


PLUGIN = """
import netrunner

def h(a, beta=1.0, flag=True, mode="plain", count=1):
    return a * beta

@netrunner.hookimpl
def netrunner_activations():
    return [netrunner.Activation("h", h)]
"""


def with_plugin(folder: Path, activation: str) -> nr.Network:
    (folder / "h.py").write_text(PLUGIN)
    path = folder / "net.yaml"
    layer = f"{{size: 1, weights: [[1]], biases: 0, activation: {activation}}}"
    path.write_text(f"inputs: 1\nlayers: [{layer}]\n")
    return nr.load(path, [folder / "h.py"])


def test_the_parameters_of_an_activation_are_of_the_kinds_of_their_defaults(tmp_path: Path) -> None:
    chosen = "{name: h, beta: -2, flag: false, mode: 12, count: -3}"
    (layer,) = with_plugin(tmp_path, chosen).layers
    assert dict(layer.parameters) == {"beta": -2.0, "flag": False, "mode": "12", "count": -3}
    assert {type(value) for value in layer.parameters.values()} == {float, bool, str, int}
    assert with_plugin(tmp_path, "h").layers[0].parameters == {}
    assert with_plugin(tmp_path, "{name: h, mode: 'a'}")([3.0]).tolist() == [3.0]


@pytest.mark.parametrize(
    ("weights", "biases"),
    [("[[1]]", "\n      - 1 2"), ("[[1]]", "\n      - 1\n      - 2 3"), ("\n      - - 1 2", "0")],
)
def test_help_in_a_list_of_dashes(weights: str, biases: str, tmp_path: Path) -> None:
    (tmp_path / "n.yaml").write_text(
        f"inputs: 1\nlayers:\n  - size: 1\n    weights: {weights}\n    biases: {biases}\n"
        "    activation: relu\n"
    )
    with pytest.raises(nr.NetrunnerError) as raised:
        nr.load(tmp_path / "n.yaml")
    (problem,) = raised.value.problems
    assert problem.hint == "give each number a dash and a line of its own"


def test_each_wrong_parameter_is_told(tmp_path: Path) -> None:
    with pytest.raises(nr.NetrunnerError) as raised:
        with_plugin(tmp_path, "{name: h, bata: 1, beta: x, flag: 1, mode: [], count: 2147483649}")
    told = [each.message.removeprefix("layer 1: activation: ") for each in raised.value.problems]
    assert told == [
        "activation 'h' has no parameter 'bata'; it has beta, flag, mode, count",
        "h: beta: 'x' is not a number",
        "h: flag: expected true or false, found '1'",
        "h: mode: expected text, found an empty list",
        "h: count: '2147483649' is too large: at most 2147483648",
    ]
    with pytest.raises(nr.NetrunnerError, match="'-2147483649' is too small"):
        with_plugin(tmp_path, "{name: h, count: -2147483649}")


@pytest.mark.parametrize("number", ["-10,25", "0,5", f"{'1' * 40},5"])
def test_a_decimal_comma_in_a_mapping(number: str, tmp_path: Path) -> None:
    found = problem(tmp_path, "biases", number)
    assert found.code == "ambiguous-number"
    assert found.message == f"layer 1: {quote(number)} has a comma in it"
    assert found.hint == f"write {number.replace(',', '.')}"


@pytest.mark.parametrize(
    "value", ["0,25: 1", "0,25: [1]", "1.0,5", "0,x", "0, 5", "0,\n5", "'0',5"]
)
def test_a_comma_in_a_mapping_that_is_no_decimal_comma(value: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        f"inputs: 1\nlayers: [{{size: 1, weights: [[1]], biases: {value}, activation: relu}}]\n"
    )
    with pytest.raises(nr.NetrunnerError) as raised:
        nr.load(tmp_path / "net.yaml")
    assert "unknown-key" in {each.code for each in raised.value.problems}
    assert "has a comma in it" not in str(raised.value)


def test_a_key_in_the_line_below_a_number_is_no_decimal_place(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("dtype: 0\n1:\n")
    with pytest.raises(nr.NetrunnerError, match="unknown key '1'"):
        nr.load(tmp_path / "net.yaml")


def test_what_has_a_tag_is_told_of_once(tmp_path: Path) -> None:
    """However many there are."""
    layer = "{size: 1, weights: [[1]], biases: 0, activation: !relu }"
    (tmp_path / "net.yaml").write_text(f"inputs: 1\nlayers: [{', '.join([layer] * 12)}]\n")
    with pytest.raises(nr.NetrunnerError) as raised:
        nr.load(tmp_path / "net.yaml")
    assert [each.code for each in raised.value.problems] == ["tag"] * 12
