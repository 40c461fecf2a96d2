"""Networks from PyTorch's modules and state dicts, without importing PyTorch."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from netrunner.exchange.array_files import in_order, pairs_of, unknown_array
from netrunner.exchange.counterparts import COUNTERPARTS, OVER_NEURONS
from netrunner.exchange.dense import Chain, batch_normalisation
from netrunner.exchange.formats import Options
from netrunner.exchange.recast import LOG_SIGMOID, Recast, clipped, softplus
from netrunner.files.arrays import StoredArray
from netrunner.network.building import ActivationLike, from_arrays
from netrunner.network.network import Network
from netrunner.problems.problem import Fault, about
from netrunner.problems.words import count, quote

MODULES = {each.torch.name: (name, each.torch) for name, each in COUNTERPARTS.items() if each.torch}
NOT_IN_ONNX = ("LSTM", "GRU", "RNN", "LayerNorm", "RMSNorm", "Embedding")  # as a dense network
HALF_PRECISION = ("torch.bfloat16", "torch.float16")
PARAMETERS = ("weight", "bias", "running_mean", "running_var")
COMPUTING = ("__call__", "forward", "__iter__")  # a Sequential calls what it iterates over
# They change no row after training.
IGNORED = ("Identity", "Dropout", "Dropout1d", "AlphaDropout", "FeatureAlphaDropout", "Flatten")
BY_ONNX = "export it to ONNX, which netrunner import reads: torch.onnx.export(model, x, 'm.onnx')"


def _slope(module: Any) -> Recast | None:
    slopes = {float(str(each)) for each in _array(module.weight, "weight").ravel()}
    return Recast("leaky_relu", {"alpha": slopes.pop()}) if len(slopes) == 1 else None


# Modules that are one of our activations with a scale and a shift, and what they need for that.
RECASTS: dict[str, tuple[Callable[[Any], Recast | None], str]] = {
    "Softplus": (
        lambda module: softplus(module.beta) if module.threshold == 20 else None,
        "a threshold of 20 and a beta other than 0",
    ),
    "LogSigmoid": (lambda module: LOG_SIGMOID, ""),
    "Softmin": (
        lambda module: (
            Recast("softmax", before=-1.0) if module.dim in OVER_NEURONS["dim"] else None
        ),
        "a dim of -1",
    ),
    "Hardtanh": (  # and its subclass ReLU6
        lambda module: clipped(module.min_val, module.max_val),
        "finite limits, or those of ReLU",
    ),
    "PReLU": (_slope, "one slope for all neurons"),
    "RReLU": (
        lambda module: Recast("leaky_relu", {"alpha": (module.lower + module.upper) / 2}),
        "",
    ),
}
LayerParts = tuple[Any, Any, Any, "str | None"]


def from_torch(
    model: Any,
    activations: Sequence[ActivationLike] | None = None,
    *,
    order: Sequence[str] | None = None,
    name: str = "network",
    description: str = "",
    inputs: int | Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    plugins: Iterable[str | os.PathLike[str]] = (),
) -> Network:
    """The network in an nn.Sequential of dense layers, or in a state dict.

    A Sequential may hold Linear, BatchNorm1d, activations and other Sequentials. A BatchNorm1d
    becomes part of the Linear before it, or else of the one after it; Dropout, Flatten and
    Identity, which change nothing here, are left out. The network is that of `model.eval()`.

    A state dict holds `fc1.weight` of shape (size, inputs), `fc1.bias`, and so on. It does not say
    which activations follow, so `activations` does, one for each layer. Nor does it say in which
    order the layers run, only in which they were made: the numbers in their names, and the shapes,
    must settle it, or `order` names the layers from the input on.

    The network is float32 where all the tensors are that or shorter. Softplus's `threshold`, above
    which PyTorch returns a itself, is taken as infinite: off by 2e-9 / beta. Raises
    NetrunnerError, also for any other module, which it names.
    """
    kind = type(model).__name__
    with about(kind):
        if isinstance(model, Mapping):
            layers = _from_state_dict(model, activations, order)
        elif not _is_a(model, "Sequential", "Linear"):
            message = f"{quote(kind)} is not a Sequential, and what its forward does is not known"
            hint = "give its state_dict(), and activations=[...] for the layers in order; or "
            raise Fault("unknown-module", message, hint + BY_ONNX)
        elif activations is not None or order is not None:
            what = "activations are" if activations is not None else "an order is"
            raise Fault("wrong-type", f"{what} for a state dict: a {kind} has its own")
        else:
            _check_hooks(sys.modules.get("torch.nn.modules.module"), "_global", "")
            layers = _from_modules(_flat(model))
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


def _kinds(module: Any) -> list[str]:
    """PyTorch's names for a module, the closest first; none where it is the user's own."""
    kind = type(module)
    return [
        each.__name__
        for each in kind.__mro__
        if f"{each.__module__}.".startswith("torch.nn.modules.")
        and all(_method(each, name) is _method(kind, name) for name in COMPUTING)
        and "forward" not in vars(module)
    ]


def _method(kind: type, name: str) -> Any:
    return next((vars(each)[name] for each in kind.__mro__ if name in vars(each)), None)


def _is_a(module: Any, *names: str) -> bool:
    return any(name in names for name in _kinds(module))


def _flat(module: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The modules within nested Sequentials, in order, with the names they have in a state dict."""
    _check_what_is_added(module, f"module {path}, {type(module).__name__}: " if path else "")
    if not _is_a(module, "Sequential"):
        yield path, module
        return
    for name, child in module._modules.items():  # named_children leaves out one that comes again
        yield from _flat(child, f"{path}.{name}" if path else str(name))


def _check_what_is_added(module: Any, what: str) -> None:
    """Raises Fault for a module that may compute other numbers than its class says."""
    _check_hooks(module, "", what)
    if getattr(module, "parametrizations", None) and module.training:
        message = f"{what}it may compute its weights anew at each step of the training"
        raise Fault("unknown-module", message, "call model.eval() first")


def _check_hooks(owner: Any, prefix: str, what: str) -> None:
    for hooks in ("_forward_pre_hooks", "_forward_hooks"):
        for hook in getattr(owner, prefix + hooks, {}).values():
            name = getattr(hook, "__qualname__", type(hook).__name__)
            if name == "LazyModuleMixin._infer_parameters":
                message = f"{what}it has no weights before its first call"
                raise Fault("unknown-module", message, "call the model once: model(x)")
            message = f"{what}the hook {quote(name)} may change the numbers"
            raise Fault("unknown-module", message, f"remove it first, or {BY_ONNX}")


def _from_modules(modules: Iterable[tuple[str, Any]]) -> list[LayerParts]:
    chain: Chain | None = None  # until the width of the input is known
    computed_in = ""
    for path, module in modules:
        what = f"module {path or '0'}, {type(module).__name__}"
        for parameter in PARAMETERS:
            dtype = str(getattr(getattr(module, parameter, None), "dtype", ""))
            if dtype in HALF_PRECISION:
                message = f"{what}: it computes in half precision, and rounds to it"
                raise Fault("unknown-module", message, "give model.float()")
            computed_in = computed_in or dtype
            if dtype not in ("", computed_in):  # which PyTorch does not run either
                message = (
                    f"{what}: its {parameter} is {dtype}, but the model began in {computed_in}"
                )
                raise Fault("unknown-module", message, "give model.float() or model.double()")
        if ".quantized." in f"{type(module).__module__}.":
            message = f"{what}: it is quantised; expected float weights"
            raise Fault("unknown-module", message, "give the model before it was quantised")
        if _is_a(module, "Flatten") and getattr(module, "start_dim", 1) not in (1, -1):
            raise Fault("unknown-module", f"{what}: expected a start_dim of 1, which keeps rows")
        if _is_a(module, *IGNORED):
            continue
        if _is_a(module, "Linear"):
            W = _array(module.weight, f"{what}: weight").T
            B = getattr(module, "bias", None)
            B = 0.0 if B is None else _array(B, f"{what}: bias")
            if W.ndim != 2 or np.shape(B) not in ((), W.shape[1:]):
                message = f"weight of shape {W.T.shape} and bias of shape {np.shape(B)}"
                raise Fault("shape-mismatch", f"{what}: {message} do not fit each other")
            chain = chain or Chain(W.shape[0])
            if W.shape[0] != chain.width:
                message = f"it takes {W.shape[0]} inputs, but there are {chain.width}"
                raise Fault("shape-mismatch", f"{what}: {message}")
            chain.linear(W, B, None if path.replace(".", "").isdigit() else path or None)
        elif _is_a(module, "BatchNorm1d", "SyncBatchNorm"):
            scale, shift = _scale_and_shift(module, what)
            chain = chain or Chain(len(scale))
            if len(scale) != chain.width:
                message = f"it takes {len(scale)} features, but there are {chain.width}"
                raise Fault("shape-mismatch", f"{what}: {message}")
            chain.affine(scale, shift)
        else:
            recast = _activation(module, what)
            if chain is None:
                raise Fault("unknown-module", f"{what}: there is no Linear before this activation")
            chain.recast(recast)
    if chain is None:
        raise Fault("unknown-module", "it does not hold a Linear")
    chain.end_layer()
    single = computed_in == "torch.float32"
    return [
        (
            each.weights.astype(np.float32 if single else np.float64),
            each.biases,
            (each.activation, each.parameters),
            each.name,
        )
        for each in chain.layers
    ]


def _scale_and_shift(module: Any, what: str) -> tuple[Any, Any]:
    """A trained BatchNorm1d as x · scale + shift."""
    if getattr(module, "running_mean", None) is None:
        message = f"{what}: it keeps no running statistics, so a row depends on its batch"
        raise Fault("unknown-module", message)

    def numbers(name: str, default: float) -> Any:
        tensor = getattr(module, name, None)
        return np.float64(default if tensor is None else _array(tensor, f"{what}: {name}"))

    gamma, beta = numbers("weight", 1), numbers("bias", 0)
    mean, variance = numbers("running_mean", 0), numbers("running_var", 1)
    return batch_normalisation(gamma, beta, mean, variance, module.eps)


def _activation(module: Any, what: str) -> Recast:
    """The activation that a module is. Raises Fault."""
    for kind in _kinds(module):
        if known := MODULES.get(kind):
            activation, torch = known
            for attribute, allowed in torch.needs.items():
                if (value := getattr(module, attribute)) not in allowed:
                    message = f"{attribute} is {value}, but only {allowed[-1]} has a counterpart"
                    raise Fault("unknown-module", f"{what}: {message}")
            parameters = {
                ours: getattr(module, theirs) if isinstance(theirs, str) else theirs
                for ours, theirs in torch.parameters.items()
            }
            return Recast(activation, parameters)
        if found := RECASTS.get(kind):
            recast, needed = found
            if meant := recast(module):
                return meant
            raise Fault("unknown-module", f"{what}: expected {needed}")
    names = ", ".join([*MODULES, *RECASTS])
    message = f"{what}, is not one of PyTorch's Linear, BatchNorm1d, {names}"
    raise Fault("unknown-module", message, None if _is_a(module, *NOT_IN_ONNX) else BY_ONNX)


def _from_state_dict(
    state: Mapping[str, Any],
    activations: Sequence[ActivationLike] | None,
    order: Sequence[str] | None,
) -> list[LayerParts]:
    for key in state:
        if str(key).rpartition(".")[2] not in ("weight", "bias"):
            raise unknown_array(str(key))
    arrays = {str(key): _array(tensor, str(key)) for key, tensor in state.items()}
    pairs = pairs_of({key: StoredArray.of(array) for key, array in arrays.items()})
    pairs, _ = in_order(pairs, Options("", transpose=True, order=order))
    if activations is None or isinstance(activations, str) or len(activations) != len(pairs):
        found = "none" if activations is None else f"{len(activations)}"
        if isinstance(activations, str):
            found = "a single name"
        needed = f"a list of {count(len(pairs), 'activation')}"
        raise Fault(
            "wrong-type", f"it has {count(len(pairs), 'layer')}: needs {needed}, not {found}"
        )
    return [
        (
            arrays[pair.weights].T,
            arrays[pair.biases] if pair.biases else np.zeros(pair.W[0]),
            activation,
            pair.title,
        )
        for pair, activation in zip(pairs, activations, strict=True)
    ]


def _array(tensor: Any, what: str) -> Any:
    """A tensor, or an array, as a numpy array. Raises Fault."""
    try:
        if hasattr(tensor, "detach"):
            tensor = tensor.detach().cpu()
            if str(tensor.dtype) in HALF_PRECISION:  # numpy lacks the first
                tensor = tensor.float()
            tensor = tensor.numpy()
        array = np.asarray(tensor)
    except (TypeError, ValueError, RuntimeError) as error:
        message = f"{what}: not an array of numbers ({' '.join(str(error).split())})"
        raise Fault("not-real-numbers", message) from None
    if array.dtype.kind != "f" and (array.dtype.kind not in "iu" or array.itemsize < 4):
        raise Fault("not-real-numbers", f"{what}: values of type {array.dtype}, not floats")
    return array.astype(np.float32) if array.dtype == np.float16 else array
