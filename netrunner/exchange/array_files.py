"""Weights without a network, in .npz and .safetensors files.

Two kinds of names are read: numbered ones, W1, b1, W2, …, and paths such as PyTorch's, fc1.weight,
fc1.bias. Which way round a matrix is stored follows from the chain of shapes, or else from
PyTorch's names, which mean (size, inputs); if neither decides it, the reader does not guess. Files
are written with W1, B1, W2, B2, …, W as (inputs, size), so that a network file can name them.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrunner.exchange.dense import DenseLayer, Imported
from netrunner.exchange.formats import ActivationName, Options
from netrunner.files.arrays import StoredArray, stored_arrays
from netrunner.files.opening import open_regular, size_of
from netrunner.files.writing import writing
from netrunner.format.save import Weights, arrays_of
from netrunner.network.building import name_and_parameters
from netrunner.network.network import Network
from netrunner.problems.problem import Fault
from netrunner.problems.words import listed, quote

MAX_ARRAYS = 10_000
SPARE_ELEMENTS = 2**22  # allowed beyond two per byte of a file, which may be compressed
MAX_TRIED = 2**22  # steps in the search for the order of the layers

_WEIGHTS = ("w", "weight", "weights", "kernel")
_BIASES = ("b", "bias", "biases")
_KIND = "|".join((*_WEIGHTS, *_BIASES))
_NUMBERED = re.compile(rf"({_KIND})[_.-]?([0-9]{{1,9}})", re.IGNORECASE)
_PATH = re.compile(rf"(?:(.+)[_./-])?({_KIND})", re.IGNORECASE | re.DOTALL)


@dataclass
class Pair:
    """The names and shapes of one layer's arrays."""

    stem: str
    weights: str = ""
    biases: str = ""
    W: tuple[int, ...] = ()
    B: int | None = None

    @property
    def numbers(self) -> list[int]:
        return [int(digits) for digits in re.findall("[0-9]+", self.stem)]

    def sizes(self, transposed: bool) -> tuple[int, int]:
        """The numbers of inputs and neurons, if W is stored transposed or not."""
        rows, columns = self.W
        return (columns, rows) if transposed else (rows, columns)

    @property
    def title(self) -> str | None:
        """The name of the layer, if it has more than a number."""
        return None if self.stem.isdigit() or not self.stem else self.stem

    @property
    def is_pytorch(self) -> bool:
        return self.weights.endswith(".weight") or self.weights == "weight"


def read(path: Path, options: Options) -> Imported:
    """The layers in an .npz or .safetensors file. Raises Fault."""
    if path.suffix.lower() == ".npz":
        _check_archive(path)
    kind = path.suffix.lower().lstrip(".")
    with stored_arrays(path) as arrays:
        return layers_of(arrays, path.stat().st_size, options, kind)


def layers_of(
    arrays: Mapping[str, StoredArray],
    file_size: int,
    options: Options,
    origin: str,
    suggestion: str = "",
) -> Imported:
    """The layers made of named arrays, with one activation for each. Raises Fault.

    `suggestion` lists activations to propose if none were given.
    """
    pairs = pairs_of(arrays)
    if sum(math.prod(pair.W) + (pair.B or 0) for pair in pairs) > SPARE_ELEMENTS + 2 * file_size:
        raise Fault("too-large", "it holds too many numbers for its size")
    pairs, transposed = in_order(pairs, options)
    chosen = _one_for_each(len(pairs), options.activations, suggestion)
    layers, types = [], set()
    for pair, activation in zip(pairs, chosen, strict=True):
        W = _floats(arrays[pair.weights], pair.weights)
        W = W.T if transposed else W
        types.add(W.dtype)
        B: NDArray[Any] = np.zeros(W.shape[1], W.dtype)
        if pair.biases:
            B = _floats(arrays[pair.biases], pair.biases).ravel()
            types.add(B.dtype)
        name, parameters = name_and_parameters(activation)
        layers.append(DenseLayer(W, B, name, parameters, pair.title))
    single = any(each.kind == "f" for each in types) and all(
        each.kind != "f" or each.itemsize <= 4 for each in types
    )
    return Imported(layers, np.dtype(np.float32 if single else np.float64), origin)


def _check_archive(path: Path) -> None:
    """Raises Fault if a zip archive claims too many members to list."""
    with open_regular(path) as file:
        file.seek(max(0, size_of(file) - 2**16 - 22))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at >= 0 and int.from_bytes(end[at + 10 : at + 12], "little") > MAX_ARRAYS:
        raise Fault("too-large", f"more than {MAX_ARRAYS:,} arrays")


def pairs_of(arrays: Mapping[str, StoredArray]) -> list[Pair]:
    """The weights and biases that belong together. Raises Fault for any other array."""
    if len(arrays) > MAX_ARRAYS:
        raise Fault("too-large", f"more than {MAX_ARRAYS:,} arrays")
    pairs: dict[str, Pair] = {}
    for name, array in arrays.items():
        numbered, path = _NUMBERED.fullmatch(name), _PATH.fullmatch(name)
        if numbered:
            kind, stem = numbered.groups()
            stem = str(int(stem))
        elif path and not name.endswith("in_proj_weight"):
            stem, kind = path.groups("")
        else:
            raise unknown_array(name)
        pair = pairs.setdefault(stem, Pair(stem))
        is_weights = kind.lower() in _WEIGHTS
        if taken := pair.weights if is_weights else pair.biases:
            what = "weights" if is_weights else "biases"
            raise Fault("unknown-array", f"{quote(taken)} and {quote(name)} name the same {what}")
        if is_weights:
            pair.weights, pair.W = name, array.shape
        else:
            pair.biases, pair.B = name, _length(name, array.shape)
    for pair in pairs.values():
        if not pair.weights:
            raise Fault("unknown-array", f"{quote(pair.biases)} are biases without their weights")
        if len(pair.W) != 2 or 0 in pair.W:
            message = f"{quote(pair.weights)} has shape {pair.W}, but a dense layer has a matrix"
            # A vector belongs to a normalisation or a PReLU, whose place is not in such a file.
            hint = "export the whole model, as ONNX" if len(pair.W) == 1 else None
            raise Fault("not-dense", message, hint)
    if not pairs:
        raise Fault("unknown-array", "there are no arrays in it")
    return list(pairs.values())


def unknown_array(name: str) -> Fault:
    """The fault of an array that is neither weights nor biases by its name."""
    if re.search(r"[_./-]?(running_(mean|var)|num_batches_tracked|moving_(mean|variance))$", name):
        message = f"array {quote(name)} belongs to a batch normalisation"
        why = "its epsilon and its place among the layers are not in such a file"
        return Fault("unknown-array", f"{message}: {why}", "export the whole model, as ONNX")
    if ".parametrizations." in f".{name}":  # of torch.nn.utils, such as weight_norm's
        message = f"array {quote(name, 60)} is what PyTorch computes a weight from"
        hint = (
            "before saving, remove_parametrizations(layer, 'weight') of torch.nn.utils.parametrize"
        )
        return Fault("unknown-array", message, hint)
    if name.endswith("in_proj_weight"):
        message = f"array {quote(name)} belongs to PyTorch's MultiheadAttention"
        return Fault("unknown-array", f"{message}, which no dense layer computes")
    message = f"the name of array {quote(name)} does not say whether it is weights or biases"
    return Fault("unknown-array", f"{message}, as W1, b1 or fc1.weight, fc1.bias do")


def _length(name: str, shape: tuple[int, ...]) -> int:
    """How many biases an array of this shape holds: (n,), (1, n) or (n, 1). Raises Fault."""
    if len(shape) not in (1, 2) or (len(shape) == 2 and 1 not in shape):
        raise Fault("not-dense", f"{quote(name)} has shape {shape}, but biases have shape (size,)")
    return shape[0] * (shape[1] if len(shape) == 2 else 1)


def in_order(pairs: list[Pair], options: Options) -> tuple[list[Pair], bool]:
    """The layers from the input on, and whether their matrices are stored as (size, inputs).

    Layers whose names differ only in a number are sorted by it, so that fc10 follows fc2. Otherwise
    the shapes must allow exactly one order, or the user must give it. Raises Fault.
    """
    groups: dict[str, list[Pair]] = {}
    for pair in sorted(pairs, key=lambda pair: (pair.numbers, pair.stem)):
        groups.setdefault(re.sub("[0-9]+", "0", pair.stem), []).append(pair)
    if options.order is not None:
        groups = {"": _as_said(pairs, options.order)}
    if options.transpose is not None:
        ways = [[options.transpose]]
    elif all(pair.is_pytorch for pair in pairs):
        ways = [[True], [False]]
    else:
        ways = [[False, True]]
    for some in ways:
        fitting: list[tuple[list[Pair], bool]] = []
        for way in some:
            chains = _chains(list(groups.values()), way)
            if chains is None or len(chains) == 2:
                raise _order_unknown(pairs)
            fitting += [(chain, way) for chain in chains]
        if len(fitting) == 1:
            return fitting[0]
        if fitting and fitting[0][0] != fitting[1][0]:
            raise _order_unknown(pairs)
        if fitting:
            message = "the weights fit both as (inputs, size) and as (size, inputs)"
            hint = "say which: --no-transpose or --transpose (transpose=False or transpose=True)"
            raise Fault("ambiguous-orientation", message, hint)
    shown = list(itertools.chain(*groups.values()))
    shapes = listed(map(_shapes, shown), 6)
    raise Fault("shape-mismatch", f"the shapes do not make a chain: {shapes}")


def _order_unknown(pairs: list[Pair]) -> Fault:
    message = f"neither names nor shapes settle the order of the layers {_stems(pairs)}"
    hint = "name them from the input on: --order A,B,C (order=[...] in Python)"
    return Fault("ambiguous-order", message, hint)


def _as_said(pairs: list[Pair], order: Sequence[str]) -> list[Pair]:
    """The layers in the order that the user gave. Raises Fault unless it names each of them once.

    A layer of numbered arrays, W1 and b1, may be called W1 as well as 1.
    """
    by_name = {name: pair for pair in pairs for name in (pair.weights, pair.stem)}
    found = [by_name.get(name) for name in order]
    named = [pair for pair in found if pair is not None]
    if len(named) < len(found) or sorted(map(id, named)) != sorted(map(id, pairs)):
        message = f"the order must name each layer once: {_stems(pairs)}"
        raise Fault("ambiguous-order", message)
    return named


def _stems(pairs: list[Pair]) -> str:
    return listed((quote(pair.title or pair.weights) for pair in pairs), 16)


def _chains(groups: list[list[Pair]], transposed: bool) -> list[list[Pair]] | None:
    """Up to two ways to merge the groups into one chain, each group in its own order.

    None if there are too many to count.
    """
    # Key: how many pairs of each group are in the chain, and its last size. Value: such chains.
    states: dict[tuple[tuple[int, ...], int | None], list[Any]] = {((0,) * len(groups), None): [()]}
    tried = 0
    for _ in itertools.chain(*groups):
        after: dict[tuple[tuple[int, ...], int | None], list[Any]] = {}
        for (taken, width), chains in states.items():
            for index, group in enumerate(groups):
                tried += len(groups)
                if tried > MAX_TRIED:
                    return None
                if taken[index] == len(group):
                    continue
                pair = group[taken[index]]
                inputs, size = pair.sizes(transposed)
                if width in (None, inputs) and pair.B in (None, size):
                    more = (*taken[:index], taken[index] + 1, *taken[index + 1 :])
                    known = after.setdefault((more, size), [])
                    known += [(chain, pair) for chain in chains[: 2 - len(known)]]
        states = after
    found = [_unlinked(chain) for chains in states.values() for chain in chains]
    return found[:2]


def _unlinked(chain: Any) -> list[Pair]:
    pairs = []
    while chain:
        chain, pair = chain
        pairs.append(pair)
    return pairs[::-1]


def _shapes(pair: Pair) -> str:
    shown = f"{quote(pair.weights)} {pair.W}"
    return shown if pair.B is None else f"{shown}, {quote(pair.biases)} ({pair.B},)"


def _one_for_each(
    needed: int, activations: Sequence[ActivationName] | None, suggestion: str
) -> Sequence[ActivationName]:
    """The activations, if there is one for each layer. Raises Fault."""
    if activations is not None and len(activations) == needed:
        return activations
    words = f"{needed} activation{'s are' if needed != 1 else ' is'} needed, one for each layer"
    given = f"; {len(activations)} given" if activations is not None else ""
    suggestion = suggestion or ",".join(["relu"] * (needed - 1) + ["identity"])
    hint = f"for instance --activations {suggestion}" if needed <= 8 else None
    raise Fault("missing-activations", f"the file holds only weights: {words}{given}", hint)


def _floats(array: StoredArray, name: str) -> NDArray[Any]:
    """The values of an array, as floats for a network. Raises Fault."""
    values = array.read()
    if values.dtype.kind == "f" or values.dtype.itemsize >= 4:
        return values
    message = f"{quote(name)} holds {values.dtype}: a quantised network; expected float weights"
    raise Fault("not-real-numbers", message)


def write_npz(network: Network, path: Path, weights: Weights = "auto") -> list[Path]:
    """Write the arrays W1, B1, … as an .npz file. Raises Fault."""
    with writing(path, binary=True) as stream:
        np.savez(stream, **arrays_of(network))
    return [path]


def write_safetensors(network: Network, path: Path, weights: Weights = "auto") -> list[Path]:
    """Write the arrays as a .safetensors file, with the activations in its metadata. Raises Fault.

    The format is https://github.com/huggingface/safetensors: the length of a JSON header, the
    header, the bytes of the arrays.
    """
    activations = [[layer.activation.name, dict(layer.parameters)] for layer in network.layers]
    header: dict[str, Any] = {
        "__metadata__": {
            "format": "netrunner",
            "network": network.name,
            "activations": json.dumps(activations, ensure_ascii=False),
        }
    }
    data, end = [], 0
    for name, array in arrays_of(network).items():
        start, end = end, end + array.nbytes
        kind = {"float64": "F64", "float32": "F32"}[array.dtype.name]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [start, end]}
        data.append(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with writing(path, binary=True) as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        stream.writelines(data)
    return [path]
