"""Writes the models of Keras here, each with an input and what Keras gives for it.

    python tests/data/models/write_keras.py

Takes Keras and PyTorch, which computes for it; the tests do without.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent
ACTIVATIONS = [
    "relu", "sigmoid", "tanh", "linear", "elu", "selu", "celu", "softplus", "softsign", "silu",
    "gelu", "mish", "leaky_relu", "hard_sigmoid", "hard_silu", "log_softmax", "softmax",
]  # fmt: skip


def save(name: str, model: Any, largest: float = 3) -> None:
    """Write the model, with an input and its output."""
    random = np.random.default_rng(0)
    shape = model.input_shape[1:]
    for norm in model.layers:
        if isinstance(norm, layers.BatchNormalization):
            weights = [random.uniform(0.5, 2, each.shape) for each in norm.get_weights()]
            norm.set_weights(weights)
    spread(model, random.uniform(-largest, largest, (200, *shape)))
    X = random.uniform(-largest, largest, (5, *shape)).astype(np.float32)
    Y = np.asarray(model.predict(X, verbose=0))
    model.save(HERE / name)
    content = {"options": {}, "X": X.reshape(5, -1).tolist(), "Y": Y.reshape(5, -1).tolist()}
    (HERE / f"{name}.json").write_text(json.dumps(content) + "\n", encoding="utf-8")


def spread(model: Any, x: Any) -> None:
    """Scale the weights so that the rows stay apart, however many layers there are."""
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            kernel, bias = layer.get_weights()
            a = x @ kernel + bias
            layer.set_weights([kernel * 2 / a.std(0), (bias - a.mean(0)) * 2 / a.std(0)])
        if not isinstance(layer, layers.InputLayer):
            x = np.asarray(keras.ops.convert_to_numpy(layer(x.astype(np.float32), training=False)))


def recasts() -> None:
    """What becomes another activation with a scale and a shift, or with a single slope."""
    names = ("log_sigmoid", "relu6", "hard_tanh", "sparse_sigmoid")
    dense = [layers.Dense(4, activation=each, name=f"by_{each}") for each in names]
    slopes = layers.PReLU(alpha_initializer=keras.initializers.Constant(0.3))
    more = [layers.Dense(4), layers.ReLU(max_value=1.5), layers.Dense(4), slopes, layers.Dense(2)]
    for file in ("recast.keras", "recast.h5"):
        save(file, keras.Sequential([keras.Input((4,)), *dense, *more]))


def nested() -> None:
    """Models in a model, and a layer that is used twice, of which Keras keeps the first use."""
    inner = keras.Input((4,))
    function = keras.Model(inner, layers.Dense(3, activation="tanh")(inner), name="function")
    chain = keras.Sequential([layers.Dense(4), layers.Dropout(0.5), layers.ReLU()], name="chain")
    model = keras.Sequential([keras.Input((4,)), chain, layers.Identity(), function])
    model.add(layers.Dense(2, name="end"))
    save("nested.keras", model)
    save("nested.h5", model)
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="d"), layers.ReLU()])
    outer = [layers.Dense(4, activation="tanh", name="d"), inner, layers.Dense(2)]
    outer_model = keras.Sequential([keras.Input((4,)), *outer])
    save("same_names.h5", keras.Sequential([keras.Input((4,)), outer_model]))
    twice = layers.Dense(3, name="again")
    keras.Sequential([keras.Input((3,)), twice, twice, layers.Dense(2)]).save(HERE / "twice.keras")


def shapes() -> None:
    """Rows of other shapes, and one mean for all values, also turned back at the end."""
    several = [layers.Reshape((2, -1)), layers.BatchNormalization(), layers.Reshape((3, 2))]
    model = [layers.Normalization(axis=None, mean=2.0, variance=3.0), *several, layers.Flatten()]
    end = layers.Normalization(mean=[2.0, -1.0], variance=[4.0, 9.0], invert=True)
    for file in ("shapes.keras", "shapes.h5"):
        save(file, keras.Sequential([keras.Input((6,)), *model, layers.Dense(2), end]))


def refused() -> None:
    """Models that are not read from such a file, but from ONNX."""
    inputs, shared = keras.Input((3,)), layers.Dense(3, name="again")
    keras.Model(inputs, shared(shared(inputs))).save(HERE / "shared.keras")
    keras.Model(inputs, layers.Permute((1,), name="turned")(inputs)).save(HERE / "permute.keras")
    keras.saving.register_keras_serializable("mine")(Own)
    keras.Model(inputs, Own(2, name="own")(inputs)).save(HERE / "own.h5")


class Own(layers.Dense):
    """A layer of somebody's own."""


def main() -> None:
    halves = (ACTIVATIONS[:9], ACTIVATIONS[9:])
    for names, file in zip(halves * 2, ("a.keras", "b.keras", "a.h5", "b.h5"), strict=True):
        dense = [layers.Dense(4, activation=each, name=f"by_{each}") for each in names]
        save(f"activations_{file}", keras.Sequential([keras.Input((4,)), *dense]))
    recasts()
    nested()
    shapes()
    refused()
    own = [
        layers.Dense(4, name="hidden"), layers.ReLU(), layers.Dropout(0.5),
        layers.LeakyReLU(negative_slope=0.1), layers.Dense(4),
        layers.ELU(alpha=0.7), layers.Dense(4), layers.BatchNormalization(),
        layers.Activation("tanh"),
        layers.Rescaling(2.0, 1.0), layers.Dense(3, activation=layers.LeakyReLU(0.3)),
        layers.Softmax(),
    ]  # fmt: skip
    normal = layers.Normalization()
    normal.adapt(np.random.default_rng(1).normal(3, 2, (50, 4)))
    save("layers.keras", keras.Sequential([keras.Input((4,)), normal, *own]))
    picture = keras.Input((2, 2, 2), name="picture")
    x = layers.BatchNormalization(scale=False)(layers.Rescaling(1 / 255)(picture))
    x = layers.Dense(3, activation="relu", name="first")(layers.Flatten()(x))
    model = keras.Model(picture, layers.Dense(2, activation="softmax")(x), name="functional")
    save("functional.keras", model, largest=255)
    save("functional.h5", model, largest=255)
    branch = keras.Input((3,))
    joined = layers.Add()([layers.Dense(3, name="a")(branch), branch])
    keras.Model(branch, joined).save(HERE / "two_paths.keras")
    half = keras.Sequential([keras.Input((3,)), layers.Dense(2, dtype="mixed_float16", name="h")])
    half.save(HERE / "half.keras")
    half.save_weights(HERE / "alone.weights.h5")
    recurrent = keras.Sequential([keras.Input((3, 1)), layers.LSTM(2, name="memory")])
    recurrent.save(HERE / "recurrent.keras")


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    main()
