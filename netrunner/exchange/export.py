"""Writing a network for other tools; the file's name says for which."""

from __future__ import annotations

import os
from pathlib import Path

from netrunner.files.opening import writing
from netrunner.format.save import Weights, save, weights_file, write_with_arrays
from netrunner.network.network import Network
from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.problems.source import Place, nearest

SUFFIXES = (".onnx", ".safetensors", ".npz", ".yaml", ".yml", ".py")
_INSTEAD = {
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt"), "PyTorch reads .safetensors"),
    **dict.fromkeys((".h5", ".hdf5", ".keras"), "Keras takes the arrays of an .npz"),
    **dict.fromkeys((".pkl", ".pickle"), "numpy reads .npz"),
}


def export(
    network: Network, path: str | os.PathLike[str], *, weights: Weights = "auto"
) -> list[Path]:
    """Write a network in the format that the name of `path` asks for; gives the files written.

    - `.onnx`: a model with input X (rows, inputs) and the outputs A1, Z1, …, Y.
    - `.safetensors`, `.npz`: the arrays W1, B1, …, alone; W is (inputs, size).
    - `.yaml`: a network file in the usual layout.
    - `.py`: a script in plain numpy that prints every A and Z.

    `weights` says where they stand for the last two: "inline", in a "file" beside it
    (NAME.npz, or NAME_weights.npz for a script), or "auto", which takes the file for more than
    2,000. An activation of a plugin goes out under its name only if the numbers are those of
    the usual function of this name. Files appear whole or not at all. Raises NetrunnerError.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return save(network, path, weights=weights)
    try:
        if suffix == ".py":
            return _export_script(network, path, weights)
        data = _bytes(network, suffix)
        with writing(path, binary=True) as stream:
            stream.write(data)
    except Fault as fault:
        raise NetrunnerError(fault.at(Place(str(path)))) from None
    return [path]


def _bytes(network: Network, suffix: str) -> bytes:
    if suffix == ".onnx":
        from netrunner.exchange.onnx.exporter import model_bytes

        return model_bytes(network)
    if suffix == ".safetensors":
        from netrunner.exchange.export_arrays import safetensors_bytes

        return safetensors_bytes(network)
    if suffix == ".npz":
        from netrunner.exchange.export_arrays import npz_bytes

        return npz_bytes(network)
    near = nearest(suffix, SUFFIXES)
    hint = f"did you mean {near}?" if near else None
    if suffix in _INSTEAD:
        hint = f"{_INSTEAD[suffix]}, and runtimes read .onnx"
    raise Fault("unknown-file-type", f"its name ends in none of {', '.join(SUFFIXES)}", hint)


def _export_script(network: Network, path: Path, weights: Weights) -> list[Path]:
    from netrunner.exchange.export_script import script_text

    stored = weights_file(network, path, weights)
    text = script_text(network, stored.name if stored else None)
    return write_with_arrays(path, text, stored, network)
