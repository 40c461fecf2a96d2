"""Writes a network for other tools; the file's name says for which."""

from __future__ import annotations

import os
from pathlib import Path

from netrunner.exchange.formats import WRITTEN, format_of, function, unknown
from netrunner.format.save import Weights
from netrunner.network.network import Network
from netrunner.problems.problem import about


def export(
    network: Network, path: str | os.PathLike[str], *, weights: Weights = "auto"
) -> list[Path]:
    """Write a network in the format that the name of `path` asks for; returns the files written.

    - `.onnx`: a model with input X (rows, inputs) and the outputs A1, Z1, …, Y.
    - `.safetensors`, `.npz`: the arrays W1, B1, …, alone; W is (inputs, size).
    - `.yaml`: a network file in the usual layout.
    - `.py`: a script in plain numpy that prints every A and Z.

    `weights` says where the last two keep them: "inline", in a "file" beside it (NAME.npz, or
    NAME_weights.npz for a script), or "auto", which takes the file for more than 2,000. A plugin's
    activation is exported by its name only if its numbers are those of the usual function of this
    name. Files appear whole or not at all. Raises NetrunnerError.
    """
    path = Path(path)
    with about(str(path)):
        kind = format_of(path)
        if kind is None or not kind.write:
            advice = kind and kind.not_written
            raise unknown(path, WRITTEN, f"{advice}, and runtimes read .onnx" if advice else "")
        written: list[Path] = function(kind.write)(network, path, weights=weights)
        return written
