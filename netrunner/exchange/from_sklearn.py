"""Networks from scikit-learn's multi-layer perceptrons, without importing scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from netrunner.exchange.counterparts import COUNTERPARTS
from netrunner.network.building import from_arrays
from netrunner.network.network import Network
from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.problems.source import Place
from netrunner.problems.words import quote

ACTIVATIONS = {each.sklearn: name for name, each in COUNTERPARTS.items() if each.sklearn}


def from_sklearn(
    estimator: Any,
    *,
    name: str | None = None,
    description: str = "",
    plugins: Iterable[str | os.PathLike[str]] = (),
) -> Network:
    """The network in a fitted MLPClassifier or MLPRegressor, or in a Pipeline that ends in one.

    It gives what `predict_proba` gives, or a regressor's `predict`: a binary classifier has one
    output, the probability of its second class. The classes become the names of the outputs, and
    `feature_names_in_` those of the inputs. The scalers of a Pipeline (StandardScaler,
    MinMaxScaler, MaxAbsScaler) are folded into the first layer: where a feature's mean is m
    times its spread, that costs up to m units in the last place.

    Activation tanh is a plugin's: installed, or in `plugins`. Raises NetrunnerError, also for any
    other estimator.
    """
    kind = type(estimator).__name__
    try:
        scalers, mlp = _steps(estimator)
        if not hasattr(mlp, "coefs_"):
            raise Fault("not-fitted", "is not fitted: call fit first")
        W, *others = (np.asarray(weights) for weights in mlp.coefs_)
        B, *other_biases = (np.asarray(biases) for biases in mlp.intercepts_)
        W, B = _folded(scalers, W, B)
        hidden, last = _activation(mlp.activation), _activation(mlp.out_activation_)
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(kind))) from None
    activations = [hidden] * len(others) + [last]
    names = getattr(estimator, "feature_names_in_", None)
    return from_arrays(
        list(zip([W, *others], [B, *other_biases], activations, strict=True)),
        name=name or type(mlp).__name__,
        description=description,
        inputs=None if names is None else [str(each) for each in names],
        outputs=_classes(mlp),
        dtype=W.dtype,
        plugins=plugins,
    )


def _is_a(estimator: Any, *names: str) -> bool:
    return any(kind.__name__ in names for kind in type(estimator).__mro__)


def _steps(estimator: Any) -> tuple[list[Any], Any]:
    """The scalers in front, and the perceptron. Raises Fault."""
    steps = [estimator]
    if _is_a(estimator, "Pipeline"):
        steps = [step for _, step in estimator.steps if step not in (None, "passthrough")]
    *scalers, mlp = steps or [None]
    if not _is_a(mlp, "MLPClassifier", "MLPRegressor"):
        what = quote(type(mlp).__name__)
        message = f"{what} cannot become a network: only MLPClassifier and MLPRegressor can"
        raise Fault("unknown-estimator", message)
    return scalers, mlp


def _folded(scalers: list[Any], W: Any, B: Any) -> tuple[Any, Any]:
    """The first layer's parameters with (x·scale + shift) of each scaler put in. Raises Fault.

    Computed in numpy's longest float, so that only the result is rounded.
    """
    weights, biases = W.astype(np.longdouble), B.astype(np.longdouble)
    for scaler in reversed(scalers):
        scale, shift = _scale_and_shift(scaler, len(W))
        biases = biases + shift @ weights
        weights = scale[:, np.newaxis] * weights
    return weights.astype(W.dtype), biases.astype(B.dtype)


def _scale_and_shift(scaler: Any, size: int) -> tuple[Any, Any]:
    scale, shift = np.ones(size, np.longdouble), np.zeros(size, np.longdouble)
    if _is_a(scaler, "StandardScaler"):
        if getattr(scaler, "scale_", None) is not None:
            scale = scale / scaler.scale_
        if getattr(scaler, "mean_", None) is not None and scaler.with_mean:
            shift = -scaler.mean_ * scale
    elif _is_a(scaler, "MinMaxScaler") and not scaler.clip:
        scale, shift = scale * scaler.scale_, shift + scaler.min_
    elif _is_a(scaler, "MaxAbsScaler") and not getattr(scaler, "clip", False):
        scale = scale / scaler.scale_
    else:
        what = quote(type(scaler).__name__) + (" with clip" if getattr(scaler, "clip", 0) else "")
        known = "StandardScaler, MinMaxScaler and MaxAbsScaler can"
        raise Fault("unknown-estimator", f"{what} cannot be folded into a layer: only {known}")
    return scale, shift


def _activation(name: str) -> str:
    if name not in ACTIVATIONS:
        known = ", ".join(ACTIVATIONS)
        message = f"activation {quote(str(name))} has no counterpart here; {known} have"
        raise Fault("unknown-activation", message)
    return ACTIVATIONS[name]


def _classes(mlp: Any) -> list[str] | None:
    classes = getattr(mlp, "classes_", None)
    if classes is None:
        return None
    names = [str(each) for each in classes]
    # Two classes share one output neuron, which gives the probability of the second.
    return names[1:] if len(names) == 2 and mlp.n_outputs_ == 1 else names
