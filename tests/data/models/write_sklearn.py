"""Writes the models of scikit-learn here by skl2onnx, each with an input and what they give for it.

    python tests/data/models/write_sklearn.py

Takes scikit-learn and skl2onnx, which the tests do without.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from skl2onnx import to_onnx
from sklearn.decomposition import PCA
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC

HERE = Path(__file__).parent
SMALL = {"hidden_layer_sizes": (5,), "max_iter": 20, "random_state": 0}


def save(name: str, model: Any, X: Any, zipmap: bool = False) -> None:
    """Write the model, an input, and its probabilities, scores or predictions."""
    is_classifier = hasattr(model, "classes_")
    options = {"zipmap": zipmap} if is_classifier else None
    (HERE / name).write_bytes(to_onnx(model, X[:1], options=options).SerializeToString())
    Y = model.predict_proba(X[:5]) if hasattr(model, "predict_proba") else model.predict(X[:5])
    if isinstance(model, Perceptron):
        Y = model.decision_function(X[:5])
        Y = np.stack([-Y, Y], axis=1)
    chosen = {"output_name": "output_probability" if zipmap else "probabilities"}
    content = {"options": chosen if is_classifier else {}, "X": X[:5].tolist()}
    content["Y"] = np.reshape(Y, (5, -1)).tolist()
    (HERE / f"{name}.json").write_text(json.dumps(content) + "\n", encoding="utf-8")


def save_scores(name: str, model: Any, X: Any, Y: Any, output: str = "probabilities") -> None:
    """Write a support vector machine, an input, and its scores, Y."""
    options = {"zipmap": False} if isinstance(model, SVC) else None
    (HERE / name).write_bytes(to_onnx(model, X[:1], options=options).SerializeToString())
    content = {"options": {"output_name": output}, "X": X[:5].tolist()}
    content["Y"] = np.reshape(Y[:5], (5, -1)).tolist()
    (HERE / f"{name}.json").write_text(json.dumps(content) + "\n", encoding="utf-8")


def support_vectors(X: Any, two: Any, target: Any) -> None:
    """Machines with a linear kernel; and one without, which is refused."""
    model = LinearSVC().fit(X, two)
    save_scores("svc_linear.onnx", model, X, model.decision_function(X))
    model = SVC(kernel="linear").fit(X, two)
    d = model.decision_function(X)
    save_scores("svc.onnx", model, X, np.stack([d, -d], axis=1))  # as skl2onnx has them
    model = SVR(kernel="linear").fit(X, target)
    save_scores("svr.onnx", model, X, model.predict(X), "variable")
    rbf = to_onnx(SVC().fit(X[:20], two[:20]), X[:1], options={"zipmap": False})
    (HERE / "svc_rbf.onnx").write_bytes(rbf.SerializeToString())


def picked(X: Any, target: Any) -> None:
    """Some of the inputs, none of which is missing; and no intercepts, written as a single 0."""
    steps = (SimpleImputer(), VarianceThreshold(1.0), LinearRegression(fit_intercept=False))
    targets = np.stack([target, X[:, 0]], axis=1)
    save("picked.onnx", make_pipeline(*steps).fit(X, targets), X)


def main() -> None:
    X = np.random.default_rng(0).normal(size=(150, 4)).astype(np.float32)
    three = np.array(["few", "many", "more"])[(X[:, 0] > 0.5).astype(int) + (X[:, 1] > 0)]
    two, target = X[:, 0] > 0, X @ np.array([1, 2, 3, 4], np.float32)
    save("mlp.onnx", MLPClassifier(**SMALL).fit(X, three), X)
    save("mlp_zipmap.onnx", MLPClassifier(**SMALL).fit(X, three), X, zipmap=True)
    save("mlp_binary.onnx", MLPClassifier(activation="tanh", **SMALL).fit(X, two), X)
    save("mlp_regressor.onnx", MLPRegressor(activation="logistic", **SMALL).fit(X, target), X)
    save("logistic.onnx", LogisticRegression().fit(X, three), X, zipmap=True)
    save("logistic_binary.onnx", LogisticRegression().fit(X, two), X)
    save("logistic_binary_64.onnx", LogisticRegression().fit(X, two), X.astype(np.float64))
    save("linear.onnx", LinearRegression().fit(X, target), X)
    save("ridge.onnx", Ridge().fit(X, np.stack([target, X[:, 0]], axis=1)), X)
    save("perceptron.onnx", Perceptron().fit(X, two), X)
    scalers = (StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler())
    save("scalers.onnx", make_pipeline(*scalers, MLPRegressor(**SMALL)).fit(X, target), X)
    pca = make_pipeline(StandardScaler(), PCA(2, whiten=True), LogisticRegression())
    save("pca.onnx", pca.fit(X, three), X, zipmap=True)
    support_vectors(X, two, target)
    picked(X, target)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
