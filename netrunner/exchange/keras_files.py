"""Keras's .keras and .h5 files: a chain of dense layers, read without Keras, by h5py.

Both hold the layers' configurations as JSON, and their weights as HDF5: in a .keras, which is a
zip archive, config.json and model.weights.h5; in an .h5 of the older format, the attribute
model_config and the group model_weights. Nothing that a configuration names is imported.
"""

from __future__ import annotations

import io
import json
import math
import mmap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.array_files import SPARE_ELEMENTS
from netrunner.exchange.counterparts import COUNTERPARTS
from netrunner.exchange.dense import Chain, Imported, batch_normalisation
from netrunner.exchange.formats import Options
from netrunner.exchange.keras_weights import (
    BY_ONNX,
    Named,
    Numbered,
    as_text,
    check_heaps,
    hdf5,
    item,
    texts,
)
from netrunner.exchange.recast import LOG_SIGMOID, Recast, clipped
from netrunner.files.arrays import MAX_UNFOLDED_MEMBER, member_bytes, open_archive
from netrunner.files.opening import open_regular, size_of
from netrunner.problems.codes import Code
from netrunner.problems.problem import Fault, damaged
from netrunner.problems.words import quote

MAX_CONFIG_BYTES = 4 * 2**20
MAX_LAYERS = 1000

ACTIVATIONS: dict[str, Recast | None] = {
    "log_sigmoid": LOG_SIGMOID,
    "relu6": clipped(0.0, 6.0),
    "hard_tanh": clipped(-1.0, 1.0),
    **{
        keras: Recast(name, parameters)
        for name, each in COUNTERPARTS.items()
        for keras, parameters in each.keras.items()
    },
}
IGNORED = (
    "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization",
    "Identity",
)  # fmt: skip
MODELS = ("Sequential", "Functional", "Model")
# What ONNX has as arithmetic, or as a Conv that covers its whole picture.
DENSE_IN_ONNX = ("Conv2D", "EinsumDense", "Lambda", "Permute", "SpectralNormalization")
AS_KERAS = "save it as .keras, which keeps them apart: model.save('model.keras')"
FILTERS = (1, 2, 3)  # HDF5's numbers for deflate, shuffle, fletcher32

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class _Layer:
    """A layer as its configuration describes it, with the weights that belong to it."""

    name: str
    kind: str
    config: Mapping[str, Any]
    weights: list[Any]  # datasets

    def fault(self, message: str, code: Code = "not-dense", hint: str | None = None) -> Fault:
        """What is wrong with this layer."""
        return Fault(code, f"layer {quote(self.name)} ({quote(self.kind)[1:-1]}): {message}", hint)


def read(path: Path, options: Options) -> Imported:
    """The dense layers in a .keras or .h5 file, with its activations. Raises Fault."""
    with open_regular(path) as file:
        size = size_of(file)
        beginning = file.read(4)
        is_archive = beginning == b"PK\x03\x04"
        if path.suffix.lower() == ".keras" and not is_archive and beginning != b"\x89HDF":
            raise damaged("it is not a zip archive, as a .keras file is")
        file.seek(0)
        if is_archive:
            with open_archive(file) as archive:
                text = member_bytes(archive, "config.json", MAX_CONFIG_BYTES)
                about = member_bytes(archive, "metadata.json", MAX_CONFIG_BYTES)
                data = member_bytes(archive, "model.weights.h5", max(size, MAX_UNFOLDED_MEMBER))
            check_heaps(data)
            with hdf5(io.BytesIO(data)) as weights, _as_keras_writes():
                config, version = _json(text), str(_json(about)["keras_version"])
                return _Reader(size, version, BY_ONNX).read(config, Numbered(weights))
        if size:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                check_heaps(mapped)
        with hdf5(file) as stored, _as_keras_writes():
            config = texts(stored, "model_config")
            if config is None:
                hint = "save the whole model: model.save('model.keras')"
                raise Fault("not-dense", "it holds only weights, without their layers", hint)
            version = as_text(texts(stored, "keras_version", "2"))
            weights = item(stored, "model_weights")
            return _Reader(size, version, AS_KERAS).read(_json(config), Named(weights))


@contextmanager
def _as_keras_writes() -> Iterator[None]:
    """Turns errors that come from content Keras would not write into a Fault."""
    try:
        yield
    except Fault:
        raise
    except RecursionError:
        raise Fault("too-deep", "its configuration is nested too deeply") from None
    except Exception as error:
        words = " ".join(f"{type(error).__name__}: {error}".split())
        raise damaged(f"it is not as Keras writes it ({words:.100})") from None


def _json(text: Any) -> Any:
    if len(text) > MAX_CONFIG_BYTES:
        raise Fault("too-large", "its configuration is larger than 4 MiB")
    return json.loads(text)


class _Reader:
    """Goes through the layers from the input on."""

    def __init__(self, file_size: int, version: str, other_file: str) -> None:
        self._left = SPARE_ELEMENTS + 2 * file_size
        self._version = version
        self._other_file = other_file  # what may help if there are more arrays than are needed
        self._double = False
        self._layers_read = 0

    def read(self, config: Any, weights: Numbered | Named) -> Imported:
        """The chain of layers in a model. Raises Fault."""
        layers = [*self._layers(config, weights)]
        shape = _input_shape(config, layers)
        chain = Chain(math.prod(shape))
        for layer in layers:
            self._check_type(layer)
            shape = self._add(chain, layer, shape)
        chain.end_layer()
        if not chain.layers:
            raise Fault("not-dense", "it has no dense layer")
        dtype = np.dtype(np.float64 if self._double else np.float32)
        return Imported(chain.layers, dtype, f"Keras {self._version:.20}")

    def _layers(self, model: Any, weights: Numbered | Named) -> Iterator[_Layer]:
        """The layers of a model, and of the models in it."""
        for content in _in_order(model):
            self._layers_read += 1
            if self._layers_read > MAX_LAYERS:
                raise Fault("too-large", f"more than {MAX_LAYERS:,} layers")
            kind, config = str(content["class_name"]), content["config"]
            name = str(content.get("name") or config["name"])
            module = str(content.get("module") or "keras.layers")  # Keras 2 does not name it
            if kind in MODELS and module.partition(".")[0] == "keras":
                yield from self._layers(content, weights.inside(name, kind))
                continue
            layer = _Layer(name, kind, config, weights.of(name, kind))
            if module.startswith("keras.src."):
                raise layer.fault("an operation on values, which is not a layer", hint=BY_ONNX)
            is_own = content.get("registered_name") or module.partition(".")[0] != "keras"
            if is_own or ">" in kind:  # as an .h5 has it
                raise layer.fault("a custom layer, whose code is not in the file", hint=BY_ONNX)
            yield layer

    @staticmethod
    def _check_type(layer: _Layer) -> None:
        """Raises Fault for a layer that computes in half precision or whole numbers."""
        policy = layer.config.get("dtype") or "float32"
        if not isinstance(policy, str):
            policy = policy["config"].get("name") or policy["class_name"]
        if policy not in ("float32", "float64"):
            raise layer.fault(f"it computes in {policy!s:.40}; expected float32 or float64")

    def _add(self, chain: Chain, layer: _Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Add what a layer does; returns the shape of a row after it."""
        config, kind = layer.config, layer.kind
        if kind == "InputLayer" or kind in IGNORED:
            return shape
        if kind == "Reshape":
            return _reshaped(layer, chain.width)
        if kind == "Flatten":
            if config.get("data_format") == "channels_first" and shape[1:]:
                raise layer.fault("it moves the channels last; expected data_format channels_last")
            return (chain.width,)
        if kind == "Dense":
            return self._dense(chain, layer, shape)
        if kind in ("BatchNormalization", "Normalization", "Rescaling"):
            scale, shift = self._scale_and_shift(layer, shape)
            chain.affine(*(np.broadcast_to(each, shape).ravel() for each in (scale, shift)))
            return shape
        recast = self._activation(layer)
        if recast.activation in ("softmax", "log_softmax") and len(shape) > 1:
            raise layer.fault(f"it goes over the last axis of {shape}; expected a Flatten before")
        chain.recast(recast, f"layer {quote(layer.name)}")
        return shape

    def _dense(self, chain: Chain, layer: _Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
        units, has_bias = layer.config["units"], layer.config.get("use_bias", True)
        if len(shape) != 1:
            message = f"it takes rows of shape {shape} along the last axis; expected a Flatten"
            raise layer.fault(message)
        found, needed = len(layer.weights), 1 + has_bias
        if found > needed:  # those of LoRA, or of a layer of the same name
            message = f"{found} arrays of weights, expected {needed}"
            raise layer.fault(message, hint=self._other_file)
        if found < needed:
            message = f"{found} arrays of weights, expected {needed}"
            raise layer.fault(message, "damaged-file")
        kernel = self._numbers(layer, 0, (*shape, units))
        biases = self._numbers(layer, 1, (units,)) if has_bias else 0.0
        chain.linear(kernel, biases, layer.name)
        recast = self._named(layer, layer.config.get("activation", "linear"))
        if recast.activation != "identity":
            chain.recast(recast, f"layer {quote(layer.name)}")
        return (units,)

    def _numbers(self, layer: _Layer, index: int, shape: tuple[int, ...] | None) -> Floats:
        """One of a layer's arrays, which must have `shape` if that is given. Raises Fault."""
        stored = layer.weights[index]
        properties = stored.id.get_create_plist()
        filters = [properties.get_filter(i)[0] for i in range(properties.get_nfilters())]
        if stored.external or stored.is_virtual or not set(filters) <= set(FILTERS):
            raise layer.fault("its weights are kept in another file, or in an unusual way")
        if shape is not None and stored.shape != shape:
            message = f"its weights are {stored.shape}, expected {shape}"
            raise layer.fault(message, "shape-mismatch")
        if stored.dtype.kind != "f" or stored.dtype.itemsize not in (4, 8):
            raise layer.fault(f"its weights are {stored.dtype}", "not-real-numbers")
        self._left -= math.prod(stored.shape)
        if self._left < 0:
            raise Fault("too-large", "it holds too many numbers for its size")
        self._double = self._double or stored.dtype.itemsize == 8
        values: Floats = stored[()].astype(stored.dtype.newbyteorder("="))
        return values

    def _scale_and_shift(self, layer: _Layer, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """A layer that scales and shifts the values along the last axis. Raises Fault."""
        config = layer.config
        if layer.kind == "Rescaling":
            return np.float64(config["scale"]), np.float64(config.get("offset", 0.0))
        axes = config.get("axis", -1)
        is_single = layer.kind == "Normalization" and axes in (None, [])  # one mean for all
        if not is_single and axes not in (-1, len(shape), [-1], [len(shape)]):
            message = f"it goes along axis {axes!s:.40}; expected the last one"
            raise layer.fault(message, hint=BY_ONNX)
        if layer.kind == "Normalization":
            if layer.weights:
                mean, variance = (np.float64(self._numbers(layer, i, None)) for i in (0, 1))
            else:
                mean, variance = np.float64(config["mean"]), np.float64(config["variance"])
            spread = np.maximum(np.sqrt(variance), 1e-7)  # as Keras does
            if config.get("invert"):
                return spread.ravel(), mean.ravel()
            return (1 / spread).ravel(), (-mean / spread).ravel()
        names = ["gamma"] * bool(config.get("scale", True)) + ["beta"] * config.get("center", True)
        names += ["mean", "variance"]
        if len(layer.weights) != len(names):
            raise layer.fault("its arrays of weights are not those that it needs", "damaged-file")
        found: dict[str, Any] = {"gamma": 1.0, "beta": 0.0}
        for index, name in enumerate(names):
            found[name] = np.float64(self._numbers(layer, index, shape[-1:]))
        return batch_normalisation(**found, epsilon=config["epsilon"])

    def _activation(self, layer: _Layer) -> Recast:
        """The activation that a layer is. Raises Fault."""
        config, kind = layer.config, layer.kind
        if kind == "Activation":
            return self._named(layer, config["activation"])
        if kind == "ReLU" and not config.get("threshold"):
            largest, slope = config.get("max_value"), config.get("negative_slope") or 0.0
            if slope and largest is None:
                return Recast("leaky_relu", {"alpha": slope})
            recast = clipped(0.0, math.inf if largest is None else float(largest))
            if recast and not slope:
                return recast
        if kind == "ReLU":
            message = "expected no threshold, and not both a max_value and a negative_slope"
            raise layer.fault(message)
        if kind == "LeakyReLU":
            slope = config.get("negative_slope", config.get("alpha", 0.3))
            return Recast("leaky_relu", {"alpha": slope})
        if kind == "PReLU":
            slopes = {float(str(each)) for each in self._numbers(layer, 0, None).ravel()}
            if len(slopes) != 1:
                raise layer.fault("its slopes differ from neuron to neuron; expected one for all")
            return Recast("leaky_relu", {"alpha": slopes.pop()})
        if kind == "ELU":
            return Recast("elu", {"alpha": config.get("alpha", 1.0)})
        if kind == "Softmax":
            if (axis := config.get("axis", -1)) not in (-1, 1, [-1], [1]):
                raise layer.fault(f"it goes along axis {axis!s:.40}; expected the last one")
            return Recast("softmax")
        message = "neither a dense layer nor an activation with a counterpart"
        raise layer.fault(message, hint=BY_ONNX if kind in DENSE_IN_ONNX else None)

    def _named(self, layer: _Layer, activation: Any) -> Recast:
        """The activation that a configuration names: a text, or a function or layer. Raises Fault.

        A custom function is refused, whatever it is called.
        """
        module = "keras"
        if isinstance(activation, dict):
            module = str(activation.get("module") or "keras")
            if activation.get("class_name", "__lambda__") == "__lambda__":
                message = "its activation is a function in Python, whose code is not in the file"
                raise layer.fault(message, "unknown-activation", BY_ONNX)
            if activation["class_name"] != "function":
                inner = {"name": layer.name, "dtype": "float32", **activation["config"]}
                return self._activation(_Layer(layer.name, activation["class_name"], inner, []))
            activation = activation["config"]
        known = ACTIVATIONS.get(activation) if isinstance(activation, str) else None
        if known is None or not module.startswith(("keras", "builtins")):
            message = f"activation {quote(str(activation))} has no counterpart here"
            is_own = ">" in str(activation) or not module.startswith(("keras", "builtins"))
            raise layer.fault(message, "unknown-activation", BY_ONNX if is_own else None)
        if activation == "hard_sigmoid" and self._version.startswith("2"):
            return Recast("hard_sigmoid", {"alpha": 0.2, "beta": 0.5})
        return known


def _in_order(config: Any) -> list[Any]:
    """The configurations of the layers, from the input to the output. Raises Fault."""
    kind, content = config["class_name"], config["config"]
    if kind == "Sequential":
        layers: list[Any] = content["layers"] if isinstance(content, dict) else content
        return layers
    if kind not in MODELS:
        message = f"the model is {quote(str(kind))}; expected a Sequential, or one of its kind"
        raise Fault("not-dense", message, BY_ONNX)
    outputs = _history(content["output_layers"])
    for names, ends in ((_history(content["input_layers"]), "inputs"), (outputs, "outputs")):
        if len(names) != 1:
            raise Fault("not-dense", f"the model has {len(names)} {ends}", BY_ONNX)
    by_name = {each.get("name") or each["config"]["name"]: each for each in content["layers"]}
    chain: list[Any] = []
    name: str | None = outputs[0]
    while name is not None:
        layer = by_name.pop(name, None)
        if layer is None:
            raise Fault("not-dense", f"layer {quote(name)} is used twice", BY_ONNX)
        chain.append(layer)
        if len(layer.get("inbound_nodes", [])) > 1:  # one for each call
            raise Fault("not-dense", f"layer {quote(name)} is used more than once", BY_ONNX)
        if _is_training(layer.get("inbound_nodes", [])):
            message = f"layer {quote(name)} is called with training=True"
            raise Fault("not-dense", f"{message}; expected it as after training", BY_ONNX)
        before = _history(layer.get("inbound_nodes", []))
        if len(before) > 1:
            joined = ", ".join(map(quote, before[:4]))
            message = f"layer {quote(name)} takes several values: {joined}; a chain has one path"
            raise Fault("not-dense", message)
        name = before[0] if before else None
    return chain[::-1]


def _reshaped(layer: _Layer, width: int) -> tuple[int, ...]:
    """The shape after a Reshape of `width` numbers, in which one size may be -1. Raises Fault."""
    sizes = layer.config["target_shape"]
    known = -math.prod(sizes) if -1 in sizes else math.prod(sizes)
    sizes = tuple(width // known if size == -1 else size for size in sizes)
    if math.prod(sizes) != width:
        raise layer.fault(f"{width} numbers do not fit into {sizes}", "damaged-file")
    return sizes


def _history(content: Any) -> list[str]:
    """The names of the layers that feed a layer, wherever its configuration has them."""
    if isinstance(content, dict):
        if content.get("class_name") == "__keras_tensor__":
            return [str(content["config"]["keras_history"][0])]
        return [name for each in content.values() for name in _history(each)]
    if isinstance(content, list):
        if len(content) >= 3 and isinstance(content[0], str) and isinstance(content[1], int):
            return [content[0]]
        return [name for each in content for name in _history(each)]
    return []


def _is_training(call: Any) -> bool:
    """Whether a layer is called in training mode, wherever its configuration says so."""
    if isinstance(call, dict):
        return call.get("training") is True or _is_training([*call.values()])
    return isinstance(call, list) and any(map(_is_training, call))


def _input_shape(config: Any, layers: list[_Layer]) -> tuple[int, ...]:
    """The shape of a row of the input. Raises Fault."""
    first = layers[0].config if layers else {}
    shape = first.get("batch_shape") or first.get("batch_input_shape")
    shape = shape or config.get("build_config", {}).get("input_shape")
    if not shape or not all(type(size) is int and size > 0 for size in shape[1:]):
        message = f"its input has shape {shape!s:.60}: how many numbers does a row have?"
        raise Fault("not-dense", message)
    if math.prod(shape[1:]) > 2**20:
        raise Fault("too-large", f"its input has {math.prod(shape[1:]):,} numbers")
    return tuple(shape[1:])
