"""The book's sample_weight.pkl: a pickled dict of weights and biases."""

from __future__ import annotations

from pathlib import Path

from netrunner.exchange.array_files import layers_of
from netrunner.exchange.dense import Imported
from netrunner.exchange.formats import Options
from netrunner.files.pickles import arrays_in_pickle

_BOOK = [(784, 50), (50, 100), (100, 10)]


def read(path: Path, options: Options) -> Imported:
    """The layers in a pickled dict of W1, b1, W2, … Raises Fault."""
    arrays = arrays_in_pickle(path)
    shapes = [array.shape for name, array in sorted(arrays.items()) if name in ("W1", "W2", "W3")]
    suggestion = "sigmoid,sigmoid,softmax" if shapes == _BOOK else ""
    return layers_of(arrays, path.stat().st_size, options, "pickle", suggestion)
