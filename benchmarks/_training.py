"""What the training scripts share: fitting, folding the scaling in, and laying out YAML.

Each script writes a network that anybody can regenerate: the seeds are fixed and the arithmetic
runs on one thread, so that a second run on the same machine, with the same versions of numpy
and scikit-learn, writes the same bytes.
"""

import argparse
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from threadpoolctl import threadpool_limits

Model = MLPClassifier | MLPRegressor

NETWORKS = Path(__file__).resolve().parent.parent / "networks"


def output_folder(description: str | None) -> Path:
    """The folder to write to: networks/, or the one that the command line names."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--output",
        type=Path,
        default=NETWORKS,
        metavar="FOLDER",
        help="where to write (default: %(default)s)",
    )
    folder: Path = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fit(model: Model, X: np.ndarray, target: np.ndarray) -> None:
    """Train the model. Training that stops before it has converged is an error."""
    # How sums are split among threads changes their last bits, and training magnifies that.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        model.fit(X, target)


def fold_input_scaling(model: Model, mean: np.ndarray | float, scale: np.ndarray | float) -> None:
    """Let a model trained on (X - mean) / scale take X itself.

    ((X - mean) / scale)·W + B is X·(W / scale) + (B - mean·(W / scale)).
    """
    W, B = model.coefs_[0], model.intercepts_[0]
    mean, scale = (np.broadcast_to(value, len(W)) for value in (mean, scale))
    model.coefs_[0] = W / scale[:, np.newaxis]
    model.intercepts_[0] = B - mean @ model.coefs_[0]


def round_weights(model: Model, decimals: Sequence[int]) -> None:
    """Round each layer's weights and biases to the decimals that the file will show."""
    for arrays in (model.coefs_, model.intercepts_):
        # Adding 0.0 turns -0.0 into 0.0.
        arrays[:] = [np.round(a, places) + 0.0 for a, places in zip(arrays, decimals, strict=True)]


def row(numbers: np.ndarray, decimals: int) -> str:
    """A list of numbers on one line."""
    return f"[{', '.join(f'{number:.{decimals}f}' for number in numbers)}]"


def matrix(rows: np.ndarray, decimals: int, indent: int) -> str:
    """A list of rows, one a line, with the columns aligned under the opening bracket."""
    return "[" + _aligned(rows, decimals, indent + 1, ("[", "]")) + "]"


def wrapped(numbers: np.ndarray, decimals: int, indent: int, per_line: int) -> str:
    """One flat list over several lines, so many numbers a line, aligned."""
    return "[" + _aligned(numbers.reshape(-1, per_line), decimals, indent + 1, ("", "")) + "]"


def _aligned(rows: np.ndarray, decimals: int, indent: int, brackets: tuple[str, str]) -> str:
    cells = [[f"{number:.{decimals}f}" for number in numbers] for numbers in rows]
    width = max(len(cell) for line in cells for cell in line)
    opening, closing = brackets
    lines = [opening + ", ".join(cell.rjust(width) for cell in line) + closing for line in cells]
    return (",\n" + " " * indent).join(lines)


def write(path: Path, text: str) -> None:
    """Write the file, with the same line ends on every system, and say so."""
    path.write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {path}")
