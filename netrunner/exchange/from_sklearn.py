"""Networks from fitted estimators of scikit-learn, without importing scikit-learn."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from netrunner.exchange.counterparts import COUNTERPARTS
from netrunner.network.building import from_arrays
from netrunner.network.network import Network
from netrunner.problems.problem import Fault, about
from netrunner.problems.words import quote

ACTIVATIONS = {each.sklearn: name for name, each in COUNTERPARTS.items() if each.sklearn}

LINEAR = ("LinearModel", "LinearClassifierMixin", "BaseSGDRegressor", "BaseLibSVM")
LINEAR_IN_ONNX = ("SelectorMixin", "TruncatedSVD", "SimpleImputer")
BY_ONNX = "export it to ONNX, which netrunner import reads: skl2onnx.to_onnx(model, X[:1])"
COMPUTING = (
    "predict", "predict_proba", "decision_function", "transform", "_forward_pass",
    "_forward_pass_fast",
)  # fmt: skip
Layers = list[tuple[Any, Any, str]]


def from_sklearn(
    estimator: Any,
    *,
    name: str | None = None,
    description: str = "",
    plugins: Iterable[str | os.PathLike[str]] = (),
) -> Network:
    """The network in a fitted estimator, in a Pipeline that ends in one, or in a search.

    - MLPClassifier, LogisticRegression: what `predict_proba` gives. With two classes there is one
      output, the probability of the second.
    - Perceptron: with two classes, one output with the step function, 1 for the second class; with
      more, what `decision_function` gives, whose largest number is the class.
    - MLPRegressor, LinearRegression, Ridge: what `predict` gives.
    - GridSearchCV and RandomizedSearchCV: their best estimator.

    The classes become the names of the outputs, and `feature_names_in_` those of the inputs. The
    steps of a Pipeline before the last (StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler,
    PCA) are folded into the first layer: where a feature's mean is m times its spread, that costs
    up to m units in the last place.

    The activation tanh comes from a plugin, installed or in `plugins`. Raises NetrunnerError, also
    for any other estimator.
    """
    with about(type(estimator).__name__):
        *steps, last = _steps(estimator)
        (W, B, activation), *others = _layers(last)
        layers = [(*_folded(steps, W, B), activation), *others]
    names = getattr(estimator, "feature_names_in_", None)
    return from_arrays(
        layers,
        name=name or type(last).__name__,
        description=description,
        inputs=None if names is None else [str(each) for each in names],
        outputs=_classes(last, np.shape(layers[-1][0])[1]),
        dtype=layers[0][0].dtype,
        plugins=plugins,
    )


def _kinds(estimator: Any) -> list[str]:
    """scikit-learn's names for an estimator, the closest first; none if it computes otherwise."""
    kinds = type(estimator).__mro__
    theirs = [each for each in kinds if each.__module__.partition(".")[0] == "sklearn"]
    own = [each for each in kinds if each not in theirs and each is not object]
    if any(name in vars(each) for each in own for name in COMPUTING):
        return []
    return [each.__name__ for each in theirs]


def _is_a(estimator: Any, *names: str) -> bool:
    return any(name in names for name in _kinds(estimator))


def _steps(estimator: Any) -> list[Any]:
    """The steps of a Pipeline, and of Pipelines in it; or the estimator alone, the best one."""
    if _is_a(estimator, "BaseSearchCV"):
        if not hasattr(estimator, "best_estimator_"):
            raise Fault("not-fitted", "no best estimator is kept: call fit, with refit=True")
        return _steps(estimator.best_estimator_)
    if not _is_a(estimator, "Pipeline"):
        return [estimator]
    steps = [_steps(step) for _, step in estimator.steps if step not in (None, "passthrough")]
    return list(itertools.chain(*steps)) or [None]


def _layers(estimator: Any) -> Layers:
    """The layers of a fitted estimator, without what comes before it. Raises Fault."""
    read = next((READERS[kind] for kind in _kinds(estimator) if kind in READERS), None)
    if read is None:
        name = quote(type(estimator).__name__)
        names = [each.__name__ for each in type(estimator).__mro__]
        if any(each in READERS or each == "Pipeline" for each in names):
            message = f"{name} is not scikit-learn's, so what it computes is not known"
            raise Fault("unknown-estimator", message)
        message = f"{name} cannot become a network; only {', '.join(READERS)} can"
        hint = None
        if _is_a(estimator, *LINEAR) and hasattr(estimator, "coef_"):
            layer = '(numpy.atleast_2d(model.coef_).T, model.intercept_, "identity")'
            hint = f"its sums are netrunner.from_arrays([{layer}])"
        raise Fault("unknown-estimator", message, hint)
    if not hasattr(estimator, "coefs_" if read is _of_mlp else "coef_"):
        raise Fault("not-fitted", "is not fitted: call fit first")
    return read(estimator)


def _of_mlp(mlp: Any) -> Layers:
    hidden, last = _activation(mlp.activation), _activation(mlp.out_activation_)
    activations = [hidden] * (len(mlp.coefs_) - 1) + [last]
    weights, biases = map(np.asarray, mlp.coefs_), map(np.asarray, mlp.intercepts_)
    return list(zip(weights, biases, activations, strict=True))


def _activation(name: str) -> str:
    if name not in ACTIVATIONS:
        known = ", ".join(filter(None, ACTIVATIONS))
        message = f"activation {quote(str(name))} has no counterpart here; {known} have"
        raise Fault("unknown-activation", message)
    return ACTIVATIONS[name]


def _linear(estimator: Any, activation: str) -> Layers:
    W = estimator.coef_
    W = np.atleast_2d(W.toarray() if hasattr(W, "toarray") else W).T  # after sparsify()
    B = np.broadcast_to(np.asarray(estimator.intercept_, W.dtype).ravel(), W.shape[1:])
    return [(W, B, activation)]


def _of_logistic_regression(estimator: Any) -> Layers:
    is_binary = len(estimator.classes_) == 2
    # Until scikit-learn 1.8, these two could be chosen.
    way = getattr(estimator, "multi_class", "auto")
    by_class = way == "ovr" or (way in ("auto", "deprecated") and estimator.solver == "liblinear")
    if (is_binary and way == "multinomial") or (not is_binary and by_class):
        how = "one probability per class, scaled to a sum of 1" if by_class else way
        raise Fault("unknown-estimator", f"its probabilities are computed differently: {how}")
    return _linear(estimator, "sigmoid" if is_binary else "softmax")


def _of_perceptron(estimator: Any) -> Layers:
    return _linear(estimator, "step" if len(estimator.classes_) == 2 else "identity")


def _of_regression(estimator: Any) -> Layers:
    return _linear(estimator, "identity")


READERS: dict[str, Callable[[Any], Layers]] = {
    "MLPClassifier": _of_mlp,
    "MLPRegressor": _of_mlp,
    "Perceptron": _of_perceptron,
    "LogisticRegression": _of_logistic_regression,
    "LinearRegression": _of_regression,
    "Ridge": _of_regression,
}


def _folded(steps: list[Any], W: Any, B: Any) -> tuple[Any, Any]:
    """The first layer's parameters, with x·matrix + shift of each step folded in. Raises Fault.

    Computed in numpy's longest float, so that only the result is rounded.
    """
    weights, biases = W.astype(np.longdouble), B.astype(np.longdouble)
    for step in reversed(steps):
        if _is_a(step, "PCA"):
            matrix, shift = _pca(step)
            biases, weights = biases + shift @ weights, matrix @ weights
        else:
            scale, shift = _scale_and_shift(step, len(weights))
            biases, weights = biases + shift @ weights, scale[:, np.newaxis] * weights
    return weights.astype(W.dtype), biases.astype(B.dtype)


def _pca(pca: Any) -> tuple[Any, Any]:
    if not hasattr(pca, "components_"):
        raise Fault("not-fitted", "its PCA is not fitted: call fit first")
    matrix = np.asarray(pca.components_, np.longdouble).T
    if pca.whiten:
        spread = np.sqrt(pca.explained_variance_)
        matrix = matrix / np.maximum(spread, np.finfo(spread.dtype).eps)
    return matrix, -(np.asarray(pca.mean_, np.longdouble) @ matrix)


def _scale_and_shift(scaler: Any, size: int) -> tuple[Any, Any]:
    scale, shift = np.ones(size, np.longdouble), np.zeros(size, np.longdouble)
    clips = getattr(scaler, "clip", False)
    if _is_a(scaler, "StandardScaler", "RobustScaler"):
        if getattr(scaler, "scale_", None) is not None:
            scale = scale / scaler.scale_
        center = scaler.mean_ if _is_a(scaler, "StandardScaler") else scaler.center_
        centers = getattr(scaler, "with_mean", getattr(scaler, "with_centering", True))
        if center is not None and centers:
            shift = -center * scale
    elif _is_a(scaler, "MinMaxScaler") and not clips:
        scale, shift = scale * scaler.scale_, shift + scaler.min_
    elif _is_a(scaler, "MaxAbsScaler") and not clips:
        scale = scale / scaler.scale_
    else:
        what = quote(type(scaler).__name__) + (" with clip" if clips else "")
        known = "StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler and PCA can"
        hint = BY_ONNX if _is_a(scaler, *LINEAR_IN_ONNX) else None
        message = f"{what} cannot be folded into a layer: only {known}"
        raise Fault("unknown-estimator", message, hint)
    return scale, shift


def _classes(estimator: Any, outputs: int) -> list[str] | None:
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        return None
    names = [str(each) for each in classes]
    # Two classes share one output neuron, which is for the second.
    return names[1:] if len(names) == 2 and outputs == 1 else names
