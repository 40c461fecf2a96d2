"""Networks from PyTorch's modules and state dicts, without importing PyTorch."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from netrunner.exchange.counterparts import COUNTERPARTS
from netrunner.network.building import ActivationLike, from_arrays
from netrunner.network.network import Network
from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.problems.source import Place
from netrunner.problems.words import quote

MODULES = {each.torch.name: (name, each.torch) for name, each in COUNTERPARTS.items() if each.torch}
IGNORED = ("Identity", "Dropout", "AlphaDropout", "Flatten")  # no change to rows, once trained


def from_torch(
    model: Any,
    activations: Sequence[ActivationLike] | None = None,
    *,
    name: str = "network",
    description: str = "",
    inputs: int | Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    plugins: Iterable[str | os.PathLike[str]] = (),
) -> Network:
    """The network in an nn.Sequential of Linear and activation modules, or in a state dict.

    A Sequential may nest others; Dropout, Flatten and Identity, which change nothing here, are
    left out. A state dict holds `fc1.weight` of shape (size, inputs), `fc1.bias`, and so on; the
    layers are taken in its order, or in that of their numbers where its order is alphabetical
    (fc1, fc10, fc2). As it does not say which activations follow, `activations` does, one for
    each layer. The network is float32 where all the tensors are that or shorter. Softplus's
    `threshold`, above which PyTorch leaves a as it is, is taken for infinity: off by 2e-9.

    Raises NetrunnerError, also for any other module, by its name.
    """
    kind = type(model).__name__
    try:
        if isinstance(model, Mapping):
            layers = _from_state_dict(model, activations)
        elif activations is not None:
            message = "activations are for a state dict: a Sequential has its own"
            raise Fault("wrong-type", message)
        elif _is_a(model, "Sequential", "Linear"):
            layers = _from_modules(_flat(model))
        else:
            message = f"{quote(kind)} is no Sequential: what its forward does cannot be known"
            hint = "give its state_dict(), and activations=[...] for the layers in order"
            raise Fault("unknown-module", message, hint)
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(kind))) from None
    single = all(W.dtype == np.float32 for W, *_ in layers)
    return from_arrays(
        layers,
        name=name,
        description=description,
        inputs=inputs,
        outputs=outputs,
        dtype=np.float32 if single else np.float64,
        plugins=plugins,
    )


def _is_a(module: Any, *names: str) -> bool:
    return any(kind.__name__ in names for kind in type(module).__mro__)


def _flat(module: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The modules within nested Sequentials, in order, with the names they have in a state dict."""
    if not _is_a(module, "Sequential"):
        yield path, module
        return
    for index, child in enumerate(module):
        yield from _flat(child, f"{path}.{index}" if path else str(index))


def _from_modules(modules: Iterable[tuple[str, Any]]) -> list[tuple[Any, Any, Any]]:
    layers: list[tuple[Any, Any, Any]] = []
    open_layer: tuple[Any, Any] | None = None  # a Linear whose activation has not come yet
    for path, module in modules:
        what = f"module {path or '0'}, {type(module).__name__}"
        if _is_a(module, *IGNORED):
            continue
        if _is_a(module, "Linear"):
            if open_layer is not None:
                layers.append((*open_layer, "identity"))
            weights = _array(module.weight, f"{what}: weight").T
            size = weights.shape[-1] if weights.ndim else 1
            bias = getattr(module, "bias", None)
            biases = np.zeros(size) if bias is None else _array(bias, f"{what}: bias")
            open_layer = (weights, biases)
            continue
        activation = _activation(module, what)
        if open_layer is None:
            raise Fault("unknown-module", f"{what}: no Linear stands before this activation")
        layers.append((*open_layer, activation))
        open_layer = None
    if open_layer is not None:
        layers.append((*open_layer, "identity"))
    if not layers:
        raise Fault("unknown-module", "it holds no Linear")
    return layers


def _activation(module: Any, what: str) -> tuple[str, dict[str, Any]]:
    """The activation that a module is, with its parameters. Raises Fault."""
    for kind in type(module).__mro__:
        if known := MODULES.get(kind.__name__):
            activation, torch = known
            for attribute, allowed in torch.needs.items():
                if (value := getattr(module, attribute)) not in allowed:
                    message = f"{attribute} is {value}, where {allowed[-1]} is known"
                    raise Fault("unknown-module", f"{what}: {message}")
            return activation, {
                ours: getattr(module, theirs) if isinstance(theirs, str) else theirs
                for ours, theirs in torch.parameters.items()
            }
    raise Fault("unknown-module", f"{what}, is neither Linear nor one of {', '.join(MODULES)}")


def _from_state_dict(
    state: Mapping[str, Any], activations: Sequence[ActivationLike] | None
) -> list[tuple[Any, Any, Any]]:
    weights: dict[str, Any] = {}
    biases: dict[str, Any] = {}
    for key, tensor in state.items():
        layer, _, part = str(key).rpartition(".")
        if part not in ("weight", "bias"):
            message = f"{quote(str(key))} is neither the weight nor the bias of a Linear"
            raise Fault("unknown-module", message)
        array = _array(tensor, str(key))
        if array.ndim != (2 if part == "weight" else 1):
            message = f"{quote(str(key))} has shape {array.shape}, which no Linear has"
            raise Fault("unknown-module", message)
        (weights if part == "weight" else biases)[layer] = array
    for layer in biases:
        if layer not in weights:
            raise Fault("unknown-module", f"{quote(layer)} has a bias, but no weight")
    if not weights:
        raise Fault("unknown-module", "it holds no layer")
    count = len(weights)
    if activations is None or isinstance(activations, str) or len(activations) != count:
        found = "none" if activations is None else f"{len(activations)}"
        if isinstance(activations, str):
            found = "a single name"
        message = f"it has {count} layers, which need a list of {count} activations, found {found}"
        raise Fault("wrong-type", message)
    return [
        (weights[layer].T, biases.get(layer, np.zeros(len(weights[layer]))), activation)
        for layer, activation in zip(_in_order(list(weights)), activations, strict=True)
    ]


def _in_order(names: list[str]) -> list[str]:
    """The order of layers: as given, or by their numbers where the order given breaks these."""
    last: dict[str, list[int]] = {}
    for name in names:
        words = re.sub("[0-9]+", "#", name)
        numbers = [int(number) for number in re.findall("[0-9]+", name)]
        if last.get(words, numbers) > numbers:
            return sorted(names, key=_natural)
        last[words] = numbers
    return names


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.findall("([0-9]+)|([^0-9]+)", name)
    return [(int(digits or -1), text) for digits, text in parts]


def _array(tensor: Any, what: str) -> Any:
    """A tensor, or an array, as a numpy array. Raises Fault."""
    try:
        if hasattr(tensor, "detach"):
            tensor = tensor.detach().cpu()
            if str(tensor.dtype) in ("torch.bfloat16", "torch.float16"):  # numpy lacks the first
                tensor = tensor.float()
            tensor = tensor.numpy()
        array = np.asarray(tensor)
    except (TypeError, ValueError, RuntimeError) as error:
        message = f"{what}: not an array of numbers ({' '.join(str(error).split())})"
        raise Fault("not-real-numbers", message) from None
    return array.astype(np.float32) if array.dtype == np.float16 else array
