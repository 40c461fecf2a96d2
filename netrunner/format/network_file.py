"""The network file's format, declared once.

The tables validate a file, make its JSON Schema, and feed the reference page `docs/format.md`.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from netrunner.format.activation_kind import ActivationName
from netrunner.format.answers import AnswersByName
from netrunner.format.kinds import (
    Choice,
    Name,
    Names,
    NamesOrCount,
    Size,
    Text,
    Tolerance,
    TrueOrFalse,
)
from netrunner.format.matrices import NumberOrRow, RowOrRows, Rows
from netrunner.format.records import Either, Field, ListOf, Record

_FILE = Field(
    "file",
    Text(),
    "A .npy, .npz, .csv or .safetensors file, relative to the network file and in its folder "
    "or below.",
    required=True,
    elsewhere="path filename",
)
_KEY = Field("key", Text(), "The array's name in an .npz or .safetensors file.")

WEIGHTS_FILE = Record(
    _FILE,
    _KEY,
    Field(
        "transpose",
        TrueOrFalse(),
        "Whether the file stores (size, inputs), as PyTorch does.",
        default="false",
    ),
)
BIASES_FILE = Record(_FILE, _KEY)

LAYER = Record(
    Field("name", Name(), "The layer's name, in any script.", elsewhere="名称 名稱 名前"),
    Field(
        "size",
        Size(),
        "How many neurons the layer has.",
        required=True,
        example="3",
        elsewhere="units neurons nodes width out_features 神经元 神經元 ニューロン "
        "大小 尺寸 神经元数 神經元數 サイズ 大きさ ニューロン数",
    ),
    Field(
        "weights",
        Either(Rows(), WEIGHTS_FILE),
        "One row per input and one column per neuron, (inputs, size); or the file that has them.",
        required=True,
        example="[[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]",
        elsewhere="weight w kernel 权重 權重 重み",
    ),
    Field(
        "biases",
        Either(NumberOrRow(), BIASES_FILE),
        "One number per neuron, or a single one for all; or the file that has them.",
        required=True,
        example="[0.1, 0.2, 0.3]",
        elsewhere="bias b offset 偏置 偏差 バイアス",
    ),
    Field(
        "activation",
        ActivationName(),
        "The activation's name, such as sigmoid, or {name: leaky_relu, alpha: 0.01}.",
        required=True,
        example="sigmoid",
        elsewhere="act function activation_function h 激活 激活函数 激活函數 活化函數 "
        "活性化 活性化関数",
    ),
)
EXAMPLE = Record(
    Field(
        "input",
        RowOrRows(),
        "One row of inputs, or a list of rows.",
        required=True,
        example="[1.0, 0.5]",
    ),
    Field(
        "output",
        RowOrRows(special=True),
        "What the network gives for it: one row, or as many as the input has.",
        required=True,
        example="[0.3168, 0.6963]",
        elsewhere="y expected target",
    ),
    Field(
        "tolerance",
        Tolerance(),
        "How far an output may be off, absolute.",
        default="1e-6 absolute plus 1e-6 relative (float32: 1e-5 each)",
        elsewhere="tol atol eps",
    ),
)
NETWORK = Record(
    Field(
        "name",
        Name(),
        "The network's name.",
        default="the file's name",
        elsewhere="title 名称 名稱 名前",
    ),
    Field(
        "description",
        Text(),
        "What the network does, for people.",
        elsewhere="about 描述 说明 說明 説明",
    ),
    Field(
        "inputs",
        NamesOrCount(),
        "The names of the input neurons, or how many there are.",
        required=True,
        example="[x1, x2]",
        elsewhere="input_size features 输入 輸入 入力",
    ),
    Field(
        "layers",
        ListOf(LAYER, "layer", at_least=1),
        "The layers, from the one after the inputs to the output layer.",
        required=True,
        elsewhere="层 層 レイヤー",
    ),
    Field(
        "outputs",
        Names(),
        "The names of the output neurons: class labels for a classifier.",
        elsewhere="classes labels class_names 输出 輸出 出力",
    ),
    Field(
        "dtype",
        Choice("float64", "float32"),
        "The type of all numbers in a run.",
        default="float64",
        elsewhere="type precision",
    ),
    Field(
        "examples",
        ListOf(EXAMPLE, "example"),
        "Inputs with the outputs that `netrunner check` verifies; `run` takes the first.",
        elsewhere="tests cases samples 例 例子 範例",
    ),
    Field(
        "answers",
        AnswersByName(),
        "The answers of an exercise, which `netrunner check` verifies with the first example, and "
        "`netrunner grade` compares with.",
    ),
)

LISTS = [each.name for each in NETWORK.fields if isinstance(each.kind, ListOf)]


@cache
def words_of_keys() -> frozenset[str]:
    """The keys of the format, with what they are called elsewhere."""
    records = (NETWORK, LAYER, EXAMPLE, WEIGHTS_FILE)
    fields = [field for record in records for field in record.fields]
    return frozenset(word for field in fields for word in (field.name, *field.elsewhere))


SCHEMA = Path(__file__).parent.parent / "network.schema.json"
_MODELINE = "# yaml-language-server: $schema="  # tells an editor where to find the schema


def modeline(folder: Path) -> str:
    """The first line of a new file in a folder, if the schema is inside that folder; else empty.

    Networks are passed on to others, so the line must not contain a path of this machine.
    """
    beside = os.path.isfile(folder / SCHEMA.name)  # noqa: PTH113 - pathlib's may raise
    return f"{_MODELINE}{SCHEMA.name}\n" if beside else ""


def schema() -> dict[str, Any]:
    """The JSON Schema of a network file, for editors."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "netrunner network",
        "description": "A neural network of dense layers, to be run by netrunner.",
        **NETWORK.schema(),
    }


def schema_text() -> str:
    """The JSON Schema as text, as it is committed in `netrunner/network.schema.json`."""
    import json

    return json.dumps(schema(), indent=2) + "\n"
