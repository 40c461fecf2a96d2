"""Networks from arrays, and from models of scikit-learn and PyTorch."""

from __future__ import annotations

import subprocess
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import VarianceThreshold
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Perceptron, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVR

import netrunner
from netrunner import NetrunnerError
from netrunner.exchange.from_sklearn import from_sklearn
from netrunner.exchange.from_torch import from_torch
from netrunner.network.building import from_arrays

PLUGINS = Path(__file__).parents[2] / "plugins"
rng = np.random.default_rng(4)


def problems_of(call, *args, **options):
    with pytest.raises(NetrunnerError) as caught:
        call(*args, **options)
    return [(str(each.place), each.code) for each in caught.value.problems]


class Hostile:
    def __array__(self, *args, **options):
        raise RuntimeError("no array today")


MASKED = np.ma.array([[1.0, 2.0]], mask=[[False, True]])


class TestFromArrays:
    def test_a_name_has_a_limit(self):
        layer = (np.ones((1, 1)), 0, "relu", "n" * 1001)
        with pytest.raises(NetrunnerError, match="at most 1,000 characters, but this one has 1,0"):
            from_arrays([layer])
        assert problems_of(from_arrays, [layer], inputs=["x" * 1001], name="名" * 1001) == [
            (part, "wrong-type") for part in ("name", "inputs", "layer 1")
        ]

    def test_the_book(self):
        network = from_arrays(
            [
                ([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [0.1, 0.2, 0.3], "sigmoid", "hidden 1"),
                ([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]], [0.1, 0.2], "sigmoid"),
                ([[0.1, 0.3], [0.2, 0.4]], [0.1, 0.2], "identity"),
            ],
            inputs=["x1", "x2"],
            outputs=["y1", "y2"],
        )
        np.testing.assert_allclose(network([1.0, 0.5]), [0.31682708, 0.69627909], atol=5e-9)
        assert [layer.title for layer in network.layers][:2] == ["layer 1 'hidden 1'", "layer 2"]
        assert (network.input_names, network.output_names) == (("x1", "x2"), ("y1", "y2"))

    def test_the_arrays_are_copied_and_read_only(self):
        W = np.ones((2, 3))
        network = from_arrays([(W, 0, "relu")])
        W[:] = 7
        assert network.layers[0].weights.max() == 1
        assert network.layers[0].biases.tolist() == [0, 0, 0]
        with pytest.raises(ValueError, match="read-only"):
            network.layers[0].weights[0, 0] = 1

    @pytest.mark.parametrize(
        "activation",
        [
            ("leaky_relu", {"alpha": 0.25}),
            {"name": "leaky_relu", "alpha": np.float64(0.25)},
        ],
    )
    def test_parameters(self, activation):
        network = from_arrays([([[1.0]], 0, activation)], plugins=[PLUGINS / "leaky_relu.py"])
        assert network([-4.0]).tolist() == [-1.0]

    def test_float32(self):
        network = from_arrays([([[0.1]], 0.2, "identity")], dtype="float32")
        assert network([1.0]).dtype == np.float32

    def test_all_that_is_wrong_is_said_at_once(self):
        layers = [
            ([[1, 2], [3, 4]], [1, 2, 3], "sigmod"),
            ([[1, np.nan], [2, 3]], 0, ("relu", {"slope": 1})),
            ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 0, "relu"),
            "relu",
        ]
        assert problems_of(from_arrays, layers, inputs=2, outputs=["y"], dtype="int8") == [
            ("dtype", "unknown-value"),
            ("layer 1", "shape-mismatch"),
            ("layer 1", "unknown-activation"),
            ("layer 2", "not-finite"),
            ("layer 2", "unknown-parameter"),
            ("layer 4", "wrong-type"),
        ]

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"layers": []}, ("layers", "wrong-type")),
            ({"layers": None}, ("layers", "wrong-type")),
            ({"layers": [([1, 2], 0, "relu")]}, ("layer 1", "shape-mismatch")),
            ({"layers": [(np.ones((0, 2)), 0, "relu")]}, ("layer 1", "shape-mismatch")),
            ({"layers": [([[1], [2, 3]], 0, "relu")]}, ("layer 1", "ragged-rows")),
            ({"layers": [([["1"]], 0, "relu")]}, ("layer 1", "not-real-numbers")),
            ({"layers": [([[True]], 0, "relu")]}, ("layer 1", "not-real-numbers")),
            ({"layers": [([[1j]], 0, "relu")]}, ("layer 1", "not-real-numbers")),
            ({"layers": [([[1]], [[0]], "relu")]}, ("layer 1", "shape-mismatch")),
            ({"layers": [(np.ones((2, 3)), [1, 2], "relu")]}, ("layer 1", "shape-mismatch")),
            ({"layers": [(np.ones((2, 3)), [1] * 4, "relu")]}, ("layer 1", "shape-mismatch")),
            ({"layers": [(Hostile(), 0, "relu")]}, ("layer 1", "ragged-rows")),
            ({"layers": [(MASKED, 0, "relu")]}, ("layer 1", "not-real-numbers")),
            ({"layers": np.array(1)}, ("layers", "wrong-type")),
            ({"inputs": np.array("a")}, ("inputs", "wrong-type")),
            ({"layers": [([[1]], 0, 3)]}, ("layer 1", "wrong-type")),
            ({"layers": [([[1]], 0, "relu", 3)]}, ("layer 1", "wrong-type")),
            (
                {"layers": [([[1]], 0, ("elu", {"alpha": -1}))]},
                ("layer 1", "wrong-parameter"),
            ),
            ({"layers": [([[1]], 0, ("elu", {"alpha": "1"}))]}, ("layer 1", "wrong-type")),
            ({"layers": [([[1]], 0, ("elu", {"alpha": True}))]}, ("layer 1", "wrong-type")),
            ({"layers": [([[1]], 0, ("elu", {"alpha": 10**400}))]}, ("layer 1", "not-finite")),
            ({"layers": [([[1e300]], 0, "relu")], "dtype": "float32"}, ("layer 1", "not-finite")),
            ({"inputs": ["a", "b"]}, ("layer 1", "shape-mismatch")),
            ({"inputs": 0}, ("inputs", "out-of-range")),
            ({"inputs": "a"}, ("inputs", "wrong-type")),
            ({"inputs": [1]}, ("inputs", "wrong-type")),
            ({"outputs": ["a", "b"]}, ("outputs", "shape-mismatch")),
            ({"outputs": []}, ("outputs", "wrong-type")),
            ({"name": 3}, ("name", "wrong-type")),
            ({"name": "\ud800"}, ("name", "not-text")),
            ({"name": "\u3164"}, ("name", "wrong-type")),
        ],
    )
    def test_what_is_wrong(self, options, expected):
        options = {"layers": [([[1]], 0, "relu")], "plugins": [PLUGINS / "elu.py"], **options}
        assert expected in problems_of(from_arrays, **options)

    def test_biases_of_another_number(self):
        for given in ([1, 2, 3, 4, 5], [1, 2, 3, 4]):
            with pytest.raises(NetrunnerError) as caught:
                from_arrays([(np.ones((2, 3)), given, "relu")])
            assert str(caught.value) == (
                f"layer 1: error: biases are ({len(given)},), expected (3,) [shape-mismatch]"
            )

    def test_a_transposed_matrix_is_recognized(self):
        with pytest.raises(NetrunnerError) as caught:
            from_arrays([(np.ones((3, 2)), 0, "relu")], inputs=2)
        assert caught.value.problems[0].hint == "transposed they fit: give W.T"

    @pytest.mark.parametrize("inputs", [2, None])
    @pytest.mark.parametrize("biases", [True, False])
    def test_matrices_that_are_all_transposed_are_recognized(self, inputs, biases):
        """As PyTorch has them."""
        sizes = [(3, 2), (4, 3), (1, 4)]
        layers = [(np.ones(size), np.ones(size[0]) if biases else 0, "relu") for size in sizes]
        with pytest.raises(NetrunnerError) as caught:
            from_arrays(iter(layers), inputs=inputs)
        assert caught.value.problems[0].hint == "transposed they fit: give W.T for each W"
        turned = [(W.T, B, activation) for W, B, activation in layers]
        assert from_arrays(turned, inputs=inputs).input_size == 2

    @pytest.mark.parametrize(
        ("W", "outputs", "words"),
        [
            ([[1]], ["a", "b"], "outputs: error: 2 names, but the last layer has 1 neuron"),
            (np.ones((3, 2)), ["a"], "outputs: error: 1 name, but the last layer has 2 neurons"),
            (
                np.zeros((0, 1)),
                None,
                "layer 1: error: weights are (0, 1): there are no numbers in it",
            ),
        ],
    )
    def test_where_a_transposed_matrix_would_not_help(self, W, outputs, words):
        with pytest.raises(NetrunnerError) as caught:
            from_arrays([(W, 0, "step")], outputs=outputs)
        assert str(caught.value).startswith(words)
        assert caught.value.problems[0].hint is None

    def test_matrices_that_fit_neither_way(self):
        with pytest.raises(NetrunnerError) as caught:
            from_arrays([(np.ones((3, 2)), 0, "relu"), (np.ones((4, 5)), 0, "relu")])
        assert caught.value.problems[0].hint is None


def fitted(estimator, X, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X, y)


X = rng.normal(2, 3, (60, 4))
CLASSES = np.array(["ant", "bee", "名前"])[rng.integers(0, 3, 60)]


class TestFromSklearn:
    @pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
    def test_multi_class(self, activation):
        mlp = MLPClassifier((7, 5), activation=activation, max_iter=20, random_state=0)
        mlp = fitted(mlp, X, CLASSES)
        network = from_sklearn(mlp, plugins=[PLUGINS])
        np.testing.assert_allclose(network(X), mlp.predict_proba(X), rtol=0, atol=1e-12)
        assert network.output_names == ("ant", "bee", "名前")
        assert network.layers[-1].activation.name == "softmax"

    def test_binary_gives_the_probability_of_the_second_class(self):
        mlp = fitted(MLPClassifier((5,), max_iter=20, random_state=0), X, X[:, 0] > 2)
        network = from_sklearn(mlp)
        np.testing.assert_allclose(network(X)[:, 0], mlp.predict_proba(X)[:, 1], atol=1e-12)
        assert network.output_names == ("True",)

    def test_multilabel(self):
        mlp = MLPClassifier((5,), max_iter=20, random_state=0)
        mlp = fitted(mlp, X, (X[:, :3] > 2).astype(int))
        network = from_sklearn(mlp)
        np.testing.assert_allclose(network(X), mlp.predict_proba(X), rtol=0, atol=1e-12)
        assert network.output_names == ("0", "1", "2")

    def test_two_labels_have_two_outputs(self):
        mlp = MLPClassifier((5,), max_iter=20, random_state=0)
        mlp = fitted(mlp, X, (X[:, :2] > 2).astype(int))
        assert from_sklearn(mlp).output_names == ("0", "1")

    @pytest.mark.parametrize("outputs", [1, 2])
    def test_regressor(self, outputs):
        y = X[:, 0] if outputs == 1 else X[:, :2]
        mlp = fitted(MLPRegressor(hidden_layer_sizes=(6,), max_iter=20, random_state=0), X, y)
        network = from_sklearn(mlp, name="weight from a photo")
        np.testing.assert_allclose(network(X).reshape(y.shape), mlp.predict(X), atol=1e-12)
        assert network.output_names is None
        assert network.name == "weight from a photo"

    def test_feature_names(self):
        mlp = fitted(MLPRegressor(hidden_layer_sizes=(3,), max_iter=5, random_state=0), X, X[:, 0])
        mlp.feature_names_in_ = np.array(["a", "b", "c", "d"], dtype=object)
        assert from_sklearn(mlp).input_names == ("a", "b", "c", "d")

    def test_float32(self):
        mlp = MLPClassifier((7,), max_iter=20, random_state=0)
        mlp = fitted(mlp, X.astype(np.float32), CLASSES)
        network = from_sklearn(mlp)
        assert network.dtype == np.float32
        expected = mlp.predict_proba(X.astype(np.float32))
        np.testing.assert_allclose(network(X.astype(np.float32)), expected, atol=1e-6)

    @pytest.mark.parametrize(
        "scalers",
        [
            [StandardScaler()],
            [StandardScaler(with_mean=False)],
            [StandardScaler(with_std=False)],
            [MinMaxScaler((-1, 2))],
            [MaxAbsScaler(), "passthrough", StandardScaler()],
            [RobustScaler(unit_variance=True)],
            [RobustScaler(with_centering=False)],
            [RobustScaler(with_scaling=False)],
            [StandardScaler(), PCA(2)],
            [PCA(3, whiten=True), MinMaxScaler()],
            [make_pipeline(StandardScaler(), PCA(2)), PCA(1)],
            [],
        ],
    )
    def test_pipeline(self, scalers):
        mlp = MLPClassifier((7,), max_iter=20, random_state=0)
        model = fitted(make_pipeline(*scalers, mlp), X, CLASSES)
        network = from_sklearn(model)
        np.testing.assert_allclose(network(X), model.predict_proba(X), rtol=0, atol=1e-12)

    @pytest.mark.parametrize(
        ("estimator", "code"),
        [
            (MLPClassifier(), "not-fitted"),
            (StandardScaler(), "unknown-estimator"),
            (Pipeline([("nothing", "passthrough")]), "unknown-estimator"),
            (None, "unknown-estimator"),
        ],
    )
    def test_what_cannot_be_taken(self, estimator, code):
        place = type(estimator).__name__
        assert problems_of(from_sklearn, estimator) == [(place, code)]

    @pytest.mark.parametrize("scaler", [Normalizer(), MinMaxScaler(clip=True)])
    def test_a_step_that_cannot_be_folded_is_named(self, scaler):
        model = fitted(
            make_pipeline(scaler, MLPRegressor(hidden_layer_sizes=(2,), max_iter=2)), X, X[:, 0]
        )
        with pytest.raises(NetrunnerError, match=type(scaler).__name__):
            from_sklearn(model)

    @pytest.mark.parametrize("classes", [CLASSES, X[:, 0] > 2])
    def test_logistic_regression(self, classes):
        model = fitted(make_pipeline(StandardScaler(), LogisticRegression()), X, classes)
        network = from_sklearn(model)
        expected = model.predict_proba(X)
        expected = expected if expected.shape[1] > 2 else expected[:, 1:]
        np.testing.assert_allclose(network(X), expected, rtol=0, atol=1e-12)
        assert network.output_names[-1] == str(model.classes_[-1])
        assert network.name == "LogisticRegression"

    @pytest.mark.parametrize(
        ("solver", "way", "classes"),
        [("liblinear", "auto", 3), ("lbfgs", "ovr", 3), ("lbfgs", "multinomial", 2)],
    )
    def test_probabilities_that_older_versions_make_otherwise(self, solver, way, classes):
        model = fitted(LogisticRegression(), X, CLASSES if classes == 3 else X[:, 0] > 2)
        model.multi_class, model.solver = way, solver
        with pytest.raises(NetrunnerError, match="its probabilities are computed differently"):
            from_sklearn(model)

    def test_perceptron_with_two_classes_is_a_perceptron(self):
        model = fitted(Perceptron(random_state=0), X, np.where(X[:, 0] > 2, "yes", "no"))
        network = from_sklearn(model)
        (layer,) = network.layers
        assert (layer.activation.name, network.output_names) == ("step", ("yes",))
        expected = model.predict(X) == "yes"
        np.testing.assert_array_equal(network(X)[:, 0], expected)

    def test_perceptron_with_more_classes_gives_their_scores(self):
        model = fitted(Perceptron(random_state=0), X, CLASSES)
        network = from_sklearn(model)
        np.testing.assert_allclose(network(X), model.decision_function(X), rtol=1e-12, atol=1e-12)
        assert network.output_names == ("ant", "bee", "名前")

    @pytest.mark.parametrize("model", [LinearRegression(), Ridge(), Ridge(fit_intercept=False)])
    @pytest.mark.parametrize("outputs", [1, 2])
    def test_linear_regression(self, model, outputs):
        y = X[:, 1] if outputs == 1 else X[:, 1:3] * 2
        network = from_sklearn(model.fit(X, y))
        np.testing.assert_allclose(network(X).reshape(y.shape), model.predict(X), atol=1e-12)

    def test_the_best_estimator_of_a_search(self):
        pipeline = make_pipeline(StandardScaler(), Ridge())
        search = GridSearchCV(pipeline, {"ridge__alpha": [0.1, 10]}, cv=2)
        with pytest.raises(NetrunnerError, match="no best estimator is kept"):
            from_sklearn(search)
        search.fit(X, X[:, 0])
        np.testing.assert_allclose(from_sklearn(search)(X)[:, 0], search.predict(X), atol=1e-12)

    def test_tanh_takes_the_plugin(self):
        mlp = fitted(
            MLPRegressor(hidden_layer_sizes=(2,), activation="tanh", max_iter=2), X, X[:, 0]
        )
        with pytest.raises(NetrunnerError, match="unknown activation 'tanh'"):
            from_sklearn(mlp)

    def test_exp_of_poisson_regression_is_refused(self):
        mlp = fitted(MLPRegressor(hidden_layer_sizes=(2,), max_iter=2), X, X[:, 0])
        mlp.out_activation_ = "exp"
        with pytest.raises(NetrunnerError, match="'exp' has no counterpart"):
            from_sklearn(mlp)

    # Stand-ins for PyTorch's classes, of the same names and attributes.

    def test_a_class_of_the_same_name_is_not_guessed(self):
        own = type("Perceptron", (), {"coef_": np.eye(2), "intercept_": 0, "classes_": [0, 1]})()
        with pytest.raises(NetrunnerError, match="'Perceptron' is not scikit-learn's, so what"):
            from_sklearn(own)


@pytest.mark.parametrize("model", [Lasso(alpha=0.01), SVR(kernel="linear")])
def test_another_linear_model_gives_its_arrays(model):
    X = np.array([[0.0, 1], [1, 0], [2, 3]])
    model.fit(X, [1, 2, 3])
    with pytest.raises(NetrunnerError, match="' cannot become a network") as caught:
        from_sklearn(model)
    code = caught.value.problems[0].hint.removeprefix("its sums are ")
    network = eval(code, {"netrunner": netrunner, "numpy": np, "model": model})
    np.testing.assert_allclose(network(X)[:, 0], model.predict(X), rtol=1e-12)


@pytest.mark.parametrize(
    ("base", "method"),
    [(MLPRegressor, "predict"), (Pipeline, "predict"), (StandardScaler, "transform")],
)
def test_a_subclass_that_computes_something_else_is_not_guessed(base, method):
    def doubled(self, X):
        return getattr(base, method)(self, X) * 2

    X = np.array([[0.0, 1], [1, 0], [2, 3]])
    doubling = type("Doubling", (base,), {method: doubled})
    steps = [MLPRegressor(hidden_layer_sizes=(2,), max_iter=1)]
    if base is StandardScaler:
        model: Any = make_pipeline(doubling(), *steps)
    else:
        model = doubling([("last", steps[0])]) if base is Pipeline else doubling(max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, [1, 2, 3])
    words = "'Doubling' (is not scikit-learn's|cannot be folded)"
    with pytest.raises(NetrunnerError, match=words):
        from_sklearn(model)


def test_a_step_that_is_linear_in_onnx_says_so():
    X = rng.normal(size=(30, 3))
    model = make_pipeline(VarianceThreshold(), Ridge()).fit(X, X[:, 1])
    with pytest.raises(NetrunnerError, match="'VarianceThreshold' cannot be folded") as caught:
        from_sklearn(model)
    assert "skl2onnx.to_onnx(model, X[:1])" in caught.value.problems[0].hint


def test_a_model_made_sparse_and_a_search_in_a_pipeline():
    X = rng.normal(size=(30, 3))
    model = LogisticRegression().fit(X, X[:, 0] > 0)
    expected = model.predict_proba(X)[:, 1:]
    np.testing.assert_allclose(from_sklearn(model.sparsify())(X), expected, rtol=1e-12)
    search = GridSearchCV(Ridge(), {"alpha": [1.0, 2.0]}, cv=2)
    pipeline = make_pipeline(StandardScaler(), search).fit(X, X[:, 1])
    expected = pipeline.predict(X)[:, np.newaxis]
    np.testing.assert_allclose(from_sklearn(pipeline)(X), expected, rtol=1e-9, atol=1e-9)


class Tensor:
    def __init__(self, array):
        self.array = np.asarray(array)
        self.dtype = f"torch.{self.array.dtype}"

    def detach(self):
        return self

    def cpu(self):
        return self

    def float(self):
        return Tensor(self.array.astype(np.float32))

    def numpy(self):
        assert self.dtype != "torch.bfloat16"
        return self.array


class Linear:
    __module__ = "torch.nn.modules.linear"

    def __init__(self, inputs, size, bias=True, dtype=np.float32):
        self.weight = Tensor(rng.normal(size=(size, inputs)).astype(dtype))
        self.bias = Tensor(rng.normal(size=size).astype(dtype)) if bias else None


class Sequential:
    __module__ = "torch.nn.modules.container"

    def __init__(self, *modules, **named):
        self._modules = {str(i): each for i, each in enumerate(modules)} | named

    def forward(self, x):
        raise NotImplementedError


def module(name, **attributes):
    return type(name, (), {"__module__": "torch.nn.modules", **attributes})()


def infer():
    """As PyTorch's hook of a module that takes the width of its first input."""


infer.__qualname__ = "LazyModuleMixin._infer_parameters"


def by_hand(linear, x):
    bias = 0 if linear.bias is None else linear.bias.array
    return x @ linear.weight.array.T + bias


class TestFromTorch:
    def test_sequential(self):
        first, second, third = Linear(3, 5), Linear(5, 4, bias=False), Linear(4, 2)
        network = from_torch(
            Sequential(
                module("Flatten"),
                first,
                Sequential(module("Dropout"), module("ReLU"), second),
                third,
                module("Softmax", dim=1),
            ),
            outputs=["no", "yes"],
        )
        x = rng.normal(size=(9, 3)).astype(np.float32)
        a = by_hand(third, by_hand(second, np.maximum(by_hand(first, x), 0)))
        e = np.exp(a - a.max(axis=1, keepdims=True))
        np.testing.assert_allclose(network(x), e / e.sum(axis=1, keepdims=True), rtol=1e-5)
        assert network.dtype == np.float32
        assert [each.activation.name for each in network.layers] == ["relu", "identity", "softmax"]

    @pytest.mark.parametrize(
        ("activation", "expected"),
        [
            (module("LeakyReLU", negative_slope=0.2), ("leaky_relu", {"alpha": 0.2})),
            (module("ELU", alpha=1.5), ("elu", {"alpha": 1.5})),
            (module("GELU", approximate="tanh"), ("gelu", {"approximate": "tanh"})),
            (module("SiLU"), ("swish", {})),
            (module("Hardsigmoid"), ("hard_sigmoid", {"alpha": 1 / 6, "beta": 0.5})),
            (module("Softplus", beta=1, threshold=20), ("softplus", {})),
            (module("Threshold", threshold=0.1, value=0), ("thresholded_relu", {"alpha": 0.1})),
            (module("LogSoftmax", dim=-1), ("log_softmax", {})),
            (module("Tanh"), ("tanh", {})),
        ],
    )
    def test_activations(self, activation, expected):
        (layer,) = from_torch(Sequential(Linear(2, 3), activation), plugins=[PLUGINS]).layers
        assert (layer.activation.name, dict(layer.parameters)) == expected

    @pytest.mark.parametrize(
        ("activation", "of"),
        [
            (module("Softplus", beta=2, threshold=20), lambda a: np.log1p(np.exp(2 * a)) / 2),
            (module("LogSigmoid"), lambda a: -np.log1p(np.exp(-a))),
            (module("Hardtanh", min_val=-0.5, max_val=2), lambda a: np.clip(a, -0.5, 2)),
            (module("Hardtanh", min_val=0.0, max_val=np.inf), lambda a: np.maximum(a, 0)),
            (
                module("PReLU", weight=Tensor(np.full(3, 0.3))),
                lambda a: np.where(a < 0, 0.3, 1) * a,
            ),
            (module("RReLU", lower=0.1, upper=0.3), lambda a: np.where(a < 0, 0.2, 1) * a),
            (
                module("Softmin", dim=-1),
                lambda a: np.exp(-a) / np.exp(-a).sum(axis=-1, keepdims=True),
            ),
        ],
    )
    def test_activations_with_a_scale_and_a_shift(self, activation, of):
        first, last = Linear(2, 3, dtype=np.float64), Linear(3, 2, dtype=np.float64)
        network = from_torch(Sequential(first, activation, last), plugins=[PLUGINS])
        x = rng.normal(size=(9, 2))
        np.testing.assert_allclose(network(x), by_hand(last, of(by_hand(first, x))), rtol=1e-12)
        assert len(network.layers) == 2

    def test_selu_has_pytorchs_constants(self):
        linear = Linear(1, 1, dtype=np.float64)
        network = from_torch(Sequential(linear, module("SELU")), plugins=[PLUGINS])
        x = np.array([[-0.7], [0.4]])
        a = by_hand(linear, x)
        scale, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
        expected = scale * np.where(a > 0, a, alpha * np.expm1(a))
        np.testing.assert_allclose(network(x), expected, rtol=1e-14)

    @pytest.mark.parametrize(
        ("model", "words"),
        [
            (Sequential(module("Conv2d")), "module 0, Conv2d"),
            (Sequential(Linear(1, 1), Sequential(module("Softshrink"))), "module 1.0, Softshrink"),
            (Sequential(module("ReLU")), "there is no Linear before"),
            (Sequential(Linear(2, 3), Linear(2, 3)), "it takes 2 inputs, but there are 3"),
            (
                Sequential(Linear(2, 3), module("BatchNorm1d", running_mean=None)),
                "it keeps no running statistics",
            ),
            (Sequential(Linear(1, 2), module("Softmax", dim=0)), "dim is 0"),
            (
                Sequential(Linear(1, 2), module("Softplus", beta=2, threshold=10)),
                "Softplus: expected a threshold of 20",
            ),
            (
                Sequential(Linear(1, 2), module("PReLU", weight=Tensor(np.float32([0.1, 0.2])))),
                "PReLU: expected one slope for all neurons",
            ),
            (Sequential(Linear(1, 2), module("Softmin", dim=0)), "Softmin: expected a dim of -1"),
            (Sequential(Linear(1, 2), module("Threshold", threshold=0, value=1)), "value is 1"),
            (Sequential(), "does not hold a Linear"),
            (module("Net"), "'Net' is not a Sequential"),
            (Sequential(Linear(1, 1, dtype=complex)), "values of type complex128, not floats"),
            (
                Sequential(module("Linear", __module__="torch.ao.nn.qat.modules.linear")),
                "module 0, Linear, is not one of PyTorch's",
            ),
        ],
    )
    def test_what_cannot_be_taken_is_named(self, model, words):
        with pytest.raises(NetrunnerError, match=words):
            from_torch(model)

    def test_a_model_of_two_precisions_does_not_run_in_pytorch_either(self):
        model = Sequential(Linear(2, 3), Linear(3, 1, dtype=np.float64))
        words = "module 1, Linear: its weight is torch.float64, but the model began in torch.float3"
        with pytest.raises(NetrunnerError, match=words) as caught:
            from_torch(model)
        assert caught.value.problems[0].hint == "give model.float() or model.double()"

    def test_biases_must_fit(self):
        linear = Linear(2, 3)
        linear.bias = Tensor(np.ones(2, np.float32))
        assert problems_of(from_torch, Sequential(linear)) == [("Sequential", "shape-mismatch")]

    @pytest.mark.parametrize("affine", [True, False])
    @pytest.mark.parametrize("where", ["front", "after Linear", "after the activation", "end"])
    def test_batch_normalisation_is_folded(self, where, affine):
        first, last = Linear(3, 4, dtype=np.float64), Linear(4, 2, dtype=np.float64)
        width = {"front": 3, "end": 2}.get(where, 4)
        mean, variance = rng.normal(size=width), rng.uniform(0.5, 2, size=width)
        gamma, beta = (rng.normal(size=width) if affine else None for _ in range(2))
        norm = module(
            "BatchNorm1d", running_mean=Tensor(mean), running_var=Tensor(variance), eps=1e-3,
            weight=gamma if gamma is None else Tensor(gamma),
            bias=beta if beta is None else Tensor(beta),
        )  # fmt: skip

        def normalised(a):
            scaled = (a - mean) / np.sqrt(variance + 1e-3)
            return scaled * gamma + beta if affine else scaled

        x = y = rng.normal(size=(9, 3))
        y = normalised(y) if where == "front" else y
        y = by_hand(first, y)
        y = normalised(y) if where == "after Linear" else y
        y = np.maximum(y, 0)
        y = normalised(y) if where == "after the activation" else y
        y = by_hand(last, y)
        y = normalised(y) if where == "end" else y
        modules = [first, module("ReLU"), last]
        at = {"front": 0, "after Linear": 1, "after the activation": 2, "end": 3}[where]
        network = from_torch(Sequential(*modules[:at], norm, *modules[at:]))
        assert len(network.layers) == 2
        np.testing.assert_allclose(network(x), y, rtol=1e-12, atol=1e-12)

    def test_modules_keep_their_names(self):
        network = from_torch(
            Sequential(hidden=Linear(2, 3), relu=module("ReLU"), out=Sequential(Linear(3, 1)))
        )
        assert [layer.name for layer in network.layers] == ["hidden", "out.0"]

    def test_a_module_that_comes_again(self):
        """Its weights are shared, or it is an activation that is made once for all layers."""
        tied, tanh = Linear(2, 2), module("Tanh")
        network = from_torch(Sequential(tied, tanh, tied, tanh), plugins=[PLUGINS])
        x = rng.normal(size=(4, 2)).astype(np.float32)
        expected = np.tanh(by_hand(tied, np.tanh(by_hand(tied, x))))
        np.testing.assert_allclose(network(x), expected, rtol=1e-5, atol=1e-6)

    def test_a_forward_of_the_users_own_is_not_guessed(self):
        class Residual(Sequential):
            def forward(self, x):
                return x + super().forward(x)

        with pytest.raises(NetrunnerError, match="'Residual' is not a Sequential"):
            from_torch(Residual(Linear(2, 2)))
        for method in ("__call__", "__iter__"):
            other = type("Own", (Sequential,), {method: lambda self, *x: x})()
            with pytest.raises(NetrunnerError, match="'Own' is not a Sequential"):
                from_torch(other)
        other = type("Linear", (), {"weight": Tensor(np.eye(2)), "bias": None})()
        with pytest.raises(NetrunnerError, match="module 0, Linear, is not one of PyTorch's"):
            from_torch(Sequential(other))

    @pytest.mark.parametrize("hooks", ["_forward_pre_hooks", "_forward_hooks"])
    @pytest.mark.parametrize("where", ["module 1, ReLU: ", ""])
    def test_a_hook_may_change_numbers(self, hooks, where):
        model = Sequential(Linear(2, 2), module("ReLU"))
        setattr(model._modules["1"] if where else model, hooks, {0: len})
        with pytest.raises(NetrunnerError, match=f"error: {where}the hook 'len' may change"):
            from_torch(model)

    @pytest.mark.parametrize("hooks", ["_global_forward_pre_hooks", "_global_forward_hooks"])
    def test_a_hook_of_all_modules_may_change_numbers(self, hooks, monkeypatch):
        """As torch.nn.modules.module.register_module_forward_hook adds it."""
        theirs = types.SimpleNamespace(**{hooks: {0: len}})
        monkeypatch.setitem(sys.modules, "torch.nn.modules.module", theirs)
        with pytest.raises(NetrunnerError, match="error: the hook 'len' may change"):
            from_torch(Sequential(Linear(2, 2)))

    def test_a_lazy_module_has_no_weights_yet(self):
        lazy = Linear(2, 2)
        lazy._forward_pre_hooks = {0: infer}
        with pytest.raises(NetrunnerError, match=r"call the model once: model\(x\)"):
            from_torch(Sequential(lazy))

    def test_a_forward_of_the_module_itself_is_not_guessed(self):
        linear = Linear(2, 2)
        linear.forward = lambda x: x
        with pytest.raises(NetrunnerError, match="module 0, Linear, is not one of PyTorch's"):
            from_torch(Sequential(linear))

    def test_a_weight_that_training_changes(self):
        linear = Linear(2, 2)
        linear.parametrizations, linear.training = {"weight": [object()]}, True
        with pytest.raises(NetrunnerError, match=r"call model\.eval\(\) first"):
            from_torch(Sequential(linear))
        linear.training = False
        assert from_torch(Sequential(linear)).input_size == 2

    def test_state_dict_in_the_order_of_its_numbers(self):
        state = {}
        sizes = {f"fc{i}": (i, i + 1) for i in range(1, 12)}
        for name in sorted(sizes):  # fc1, fc10, fc11, fc2, as safetensors sorts them
            inputs, size = sizes[name]
            state[f"{name}.weight"] = np.full((size, inputs), 0.1)
            state[f"{name}.bias"] = np.arange(size)
        network = from_torch(state, ["relu"] * 11)
        assert [layer.weights.shape for layer in network.layers] == list(sizes.values())
        assert network.layers[1].biases.tolist() == [0, 1, 2]

    def test_state_dict_whose_shapes_settle_the_order(self):
        first, last = Linear(2, 3), Linear(3, 1, bias=False)
        state = {"end.weight": last.weight, "start.weight": first.weight, "start.bias": first.bias}
        network = from_torch(state, ["relu", ("identity", {})])
        x = np.array([[0.5, -1]], dtype=np.float32)
        expected = by_hand(last, np.maximum(by_hand(first, x), 0))
        np.testing.assert_allclose(network(x), expected, rtol=1e-6)

    def test_a_state_dict_in_another_order_than_its_module_runs_is_not_guessed(self):
        """A module may make its layers in one order, and run them in another."""
        out, hidden = Linear(3, 3), Linear(3, 3)
        state = {"out.weight": out.weight, "hid.weight": hidden.weight, "hid.bias": hidden.bias}
        with pytest.raises(NetrunnerError, match="order of the layers 'out', 'hid'") as caught:
            from_torch(state, ["relu", "identity"])
        assert [each.code for each in caught.value.problems] == ["ambiguous-order"]
        network = from_torch(state, ["relu", "identity"], order=["hid", "out"])
        x = rng.normal(size=(4, 3)).astype(np.float32)
        expected = np.maximum(by_hand(hidden, x), 0) @ out.weight.array.T
        np.testing.assert_allclose(network(x), expected, rtol=1e-5, atol=1e-6)
        assert [layer.name for layer in network.layers] == ["hid", "out"]

    @pytest.mark.parametrize(
        "order", [["hid"], ["hid", "hid"], ["hid", "o"], [], ["out", "hid", 1]]
    )
    def test_an_order_names_each_layer_once(self, order):
        state = {"out.weight": np.eye(3), "hid.weight": np.eye(3)}
        with pytest.raises(NetrunnerError, match="must name each layer once: 'out', 'hid'"):
            from_torch(state, ["relu", "identity"], order=order)

    def test_layers_of_blocks_may_follow_each_other_in_two_ways(self):
        """a1, b1, a2, b2, or a1, a2, b1, b2: only the second fits, but only in this example."""
        eye = np.eye(4)
        state = {"1.a.weight": eye, "1.b.weight": eye, "2.a.weight": eye, "2.b.weight": eye}
        with pytest.raises(NetrunnerError, match="ambiguous-order"):
            from_torch(state, ["relu"] * 4)
        state |= {"2.b.weight": np.ones((2, 4))}  # a2 or b1 may come second
        with pytest.raises(NetrunnerError, match="ambiguous-order"):
            from_torch(state, ["relu"] * 4)

    @pytest.mark.parametrize(
        ("state", "activations", "words"),
        [
            ({"a.weight": np.ones((1, 1))}, None, "needs a list of 1 activation, not none"),
            ({"a.weight": np.ones((1, 1))}, ["relu"] * 2, "not 2"),
            ({"a.weight": np.ones((1, 1))}, "relu", "not a single name"),
            ({"conv.weight": np.ones((1, 1, 3, 3))}, ["relu"], "'conv.weight' has shape"),
            ({"bn.running_mean": np.ones(1)}, ["relu"], "'bn.running_mean' belongs to a batch"),
            (
                {"a.parametrizations.weight.original0": 1},
                ["relu"],
                "what PyTorch computes a weight",
            ),
            ({"a.bias": np.ones(1)}, ["relu"], "'a.bias' are biases without"),
            ({"a.weight": "text"}, ["relu"], "a.weight: values of type <U4, not floats"),
            ({"a.weight": np.ones((1, 1), np.int8)}, ["relu"], "values of type int8"),
            ({}, [], "there are no arrays in it"),
        ],
    )
    def test_what_is_wrong_with_a_state_dict(self, state, activations, words):
        with pytest.raises(NetrunnerError, match=words):
            from_torch(state, activations)

    def test_activations_beside_a_sequential_are_refused(self):
        with pytest.raises(NetrunnerError, match="activations are for a state dict"):
            from_torch(Sequential(Linear(1, 1)), ["relu"])

    def test_half_precision_is_stored_but_not_computed_in(self):
        linear = Linear(2, 2, dtype=np.float16)
        state = {"fc.weight": linear.weight, "fc.bias": linear.bias}
        assert from_torch(state, ["relu"]).dtype == np.float32
        with pytest.raises(NetrunnerError, match="computes in half precision") as caught:
            from_torch(Sequential(linear))
        assert caught.value.problems[0].hint == "give model.float()"


def test_neither_library_is_imported():
    code = (
        "import sys, netrunner.exchange.from_sklearn, netrunner.exchange.from_torch;"
        "print({'sklearn', 'torch', 'onnx', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("parameters", "dtype", "message"),
    [
        ({"flag": 1}, "float64", "activation 'h': flag: expected true or false, found 1"),
        ({"mode": 1}, "float64", "activation 'h': mode: expected text, found 1"),
        ({}, "nonsense", "expected float64 or float32, found 'nonsense'"),
    ],
)
def test_values_of_other_kinds(
    parameters: dict[str, Any], dtype: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "plug.py").write_text(
        "import netrunner\ndef h(a, flag=True, mode='x'): return a * 1\n"
        "@netrunner.hookimpl\ndef netrunner_activations():\n"
        "    return [netrunner.Activation('h', h)]\n"
    )
    with pytest.raises(NetrunnerError, match=message):
        from_arrays([([[1.0]], 0, ("h", parameters))], dtype=dtype, plugins=[tmp_path / "plug.py"])


def test_a_single_bias_that_is_not_finite() -> None:
    with pytest.raises(NetrunnerError, match="the value is nan, not a finite number"):
        from_arrays([([[1.0]], np.nan, "relu")])
