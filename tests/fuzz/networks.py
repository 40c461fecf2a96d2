"""Random networks as network files: valid ones, in every style that the format allows.

Everything is drawn from a `random.Random`. That is the fuzzer's own in a long run, and one that
hypothesis records, and shrinks, in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

PLAIN = ("step", "sigmoid", "relu", "identity", "softmax", "tanh", "softsign", "mish")
WITH_PARAMETERS = {"elu": "alpha", "celu": "alpha", "leaky_relu": "alpha", "swish": "beta"}
NAMES = ("x", "1", "no", "隐藏层", "a b", "it's", "ünï", "~", "0x1F", "a: b", "- c", "#")


@dataclass(frozen=True)
class Layer:
    """Weights of shape (inputs, size) and biases of shape (size,), as the texts of numbers."""

    weights: list[list[str]]
    biases: list[str]
    activation: str
    parameter: tuple[str, str] | None


@dataclass(frozen=True)
class Plan:
    """A random network: what a file says of it, before a style is chosen."""

    inputs: int
    layers: list[Layer]
    dtype: str


def number(random: Random, dtype: str = "float64") -> str:
    """A finite number that neither overflows nor vanishes in `dtype`."""
    kind = random.randrange(10)
    if kind < 4:
        return repr(round(random.uniform(-2, 2), 2))
    if kind < 7:
        return str(random.randint(-9, 9))
    if kind == 7:
        return random.choice(("-0", "0.0", ".5", "5.", "+1", "1E5", "-1e-3", "1e+2"))
    if kind == 8:
        return f"{random.uniform(-1, 1):.15f}"
    widest = 37 if dtype == "float32" else 307
    return f"{random.uniform(1, 9):.3f}e{random.randint(-widest, widest)}"


def plan(random: Random, deepest: int = 3, widest: int = 3) -> Plan:
    """A random network of at most `deepest` layers of at most `widest` neurons."""
    dtype = random.choice(("float64", "float64", "float32"))
    sizes = [random.randint(1, widest) for _ in range(1 + random.choice((1, 1, 2, deepest)))]
    layers = []
    for rows, columns in pairwise(sizes):
        weights = [[number(random, dtype) for _ in range(columns)] for _ in range(rows)]
        biases = [number(random, dtype) for _ in range(columns)]
        if random.random() < 0.2:
            name, parameter = random.choice(list(WITH_PARAMETERS.items()))
            value = repr(round(random.uniform(0.1, 2), 2))
            layers.append(Layer(weights, biases, name, (parameter, value)))
        else:
            layers.append(Layer(weights, biases, random.choice(PLAIN), None))
    return Plan(sizes[0], layers, dtype)


def text(random: Random, net: Plan) -> str:
    """A plan as a network file, in a style drawn at random."""
    gap = random.choice((" ", " ", "  "))
    lines = []
    if random.random() < 0.3:
        lines.append(f"name: {_quoted(random)}")
    if random.random() < 0.2:
        lines.append("# " + random.choice(("a comment", "注釈", "---")))
    if net.dtype != "float64":
        lines.append(f"dtype: {net.dtype}")
    if random.random() < 0.2:
        lines.append(f"inputs: [{', '.join(_quoted(random) for _ in range(net.inputs))}]")
    else:
        lines.append(f"inputs:{gap}{net.inputs}")
    write = random.choice((_flow, _block))
    lines += ["layers:", *(line for layer in net.layers for line in write(random, layer))]
    if random.random() < 0.5:
        lines += _example(random, net)
    if random.random() < 0.1:
        random.shuffle(lines[:2])
    end = random.choice(("\n", "\n", "\n", "\r\n", "\r"))
    return end.join(lines) + (end if random.random() < 0.9 else "")


def _quoted(random: Random) -> str:
    name = random.choice(NAMES)
    return "'" + name.replace("'", "''") + "'" if random.random() < 0.5 else f'"{name}"'


def _row(row: list[str]) -> str:
    return f"[{', '.join(row)}]"


def _keys(random: Random, layer: Layer, matrix: Callable[[list[list[str]]], str]) -> list[str]:
    """The keys of a layer, in any order, the activation in one of its forms."""
    if layer.parameter is None:
        activation = layer.activation
    else:
        activation = f"{{name: {layer.activation}, {layer.parameter[0]}: {layer.parameter[1]}}}"
    keys = [
        f"size: {len(layer.biases)}",
        f"weights: {matrix(layer.weights)}",
        f"biases: {_row(layer.biases)}",
        f"activation: {activation}",
    ]
    if random.random() < 0.2:
        keys.append(f"name: {_quoted(random)}")
    if random.random() < 0.3:
        random.shuffle(keys)
    return keys


def _flow(random: Random, layer: Layer) -> list[str]:
    matrix = f"[{', '.join(map(_row, layer.weights))}]"
    return ["  - {" + ", ".join(_keys(random, layer, lambda rows: matrix)) + "}"]


def _block(random: Random, layer: Layer) -> list[str]:
    if random.random() < 0.5:
        keys = _keys(random, layer, lambda rows: f"[{', '.join(map(_row, rows))}]")
    else:
        keys = _keys(random, layer, lambda rows: "".join(f"\n    - {_row(row)}" for row in rows))
    return "\n".join(("  - " if i == 0 else "    ") + key for i, key in enumerate(keys)).split("\n")


def _example(random: Random, net: Plan) -> list[str]:
    given = _row([repr(round(random.uniform(-1, 1), 1)) for _ in range(net.inputs)])
    wanted = _row(["0"] * len(net.layers[-1].biases))
    return ["examples:", f"  - {{input: {given}, output: {wanted}, tolerance: 1e300}}"]


FILES = (
    "packed.npz, key: W", "packed.npz, key: nothing", "late.csv", "w.npy", "w.npz, key: W1",
    "nothing.npy", "w.csv", "w.safetensors, key: W1", "weights/none.npz, key: W", "../w.npy",
)  # fmt: skip


def with_files(random: Random) -> str:
    """A network whose layers name a few files many times."""
    files = random.sample(FILES, random.randint(1, 3))
    layers = []
    (often,) = random.choices((1, 3, 10, 100, 400), (90, 90, 90, 1, 1))
    for _ in range(often):
        weights, biases = random.choice(files), random.choice((*files, None))
        layers.append(
            f"  - {{size: {random.choice((1, 3, 300))}, weights: {{file: {weights}}},"
            f" biases: {'0' if biases is None else f'{{file: {biases}}}'}, activation: relu}}"
        )
    return "\n".join([f"inputs: {random.choice((2, 300))}", "layers:", *layers]) + "\n"
