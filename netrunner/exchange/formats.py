"""The formats of other tools, one record each: what is read, what is written, and by which module.

To add one, write a module with `read(path, options)`, `write(network, path, weights)` or both, and
add its record to `FORMATS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from netrunner.problems.problem import Fault
from netrunner.problems.suggestions import nearest

ActivationName: TypeAlias = str | tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Options:
    """What the user gives besides the file. `name` is what messages call the file.

    The rest are options of `import_network`; a reader gets only those that its format `takes`.
    """

    name: str
    activations: Sequence[ActivationName] | None = None
    separate_normalisation: bool = False
    transpose: bool | None = None
    order: Sequence[str] | None = None
    output_name: str | None = None


@dataclass(frozen=True)
class Format:
    """A file format, with its suffixes, the usual one first.

    `read` and `write` name functions of this room, as module:function. `read(path, options)`
    returns an `Imported`, `write(network, path, weights=...)` the files written; both raise Fault.
    `takes` are the options that make sense for this format, and `begins` the first bytes of such a
    file, if they identify it. `not_read` and `not_written` are advice for those who try.
    """

    suffixes: tuple[str, ...]
    read: str = ""
    write: str = ""
    takes: tuple[str, ...] = ()
    begins: bytes = b""
    not_read: str = ""
    not_written: str = ""

    @property
    def has_activations(self) -> bool:
        """Whether a file names its activations."""
        return "activations" not in self.takes


WEIGHTS_ALONE = ("activations", "transpose", "order")

FORMATS = (
    Format(
        (".onnx",),
        read="onnx.importer:read",
        write="onnx.exporter:write",
        takes=("separate_normalisation", "output_name"),
    ),
    Format(
        (".safetensors",),
        read="array_files:read",
        write="array_files:write_safetensors",
        takes=WEIGHTS_ALONE,
    ),
    Format(
        (".npz",), "array_files:read", "array_files:write_npz", WEIGHTS_ALONE, begins=b"PK\x03\x04"
    ),
    Format(
        (".pkl", ".pickle"),
        read="pickle_files:read",
        takes=WEIGHTS_ALONE,
        begins=b"\x80",
        not_written="numpy reads .npz",
    ),
    Format(
        (".pt", ".pth"),
        read="torch_files:read",
        takes=("activations", "order"),
        not_written="PyTorch reads .safetensors",
    ),
    Format(
        (".keras", ".h5", ".hdf5"),
        read="keras_files:read",
        not_written="Keras takes the arrays of an .npz",
    ),
    Format((".nnet",), read="nnet:read", takes=("separate_normalisation",), begins=b"//"),
    Format(
        (".yaml", ".yml"),
        write="netrunner.format.save:save",
        not_read="this is netrunner's own: run it as it is",
    ),
    Format((".py",), write="script:write"),
    Format(
        (".joblib",),
        not_read="it holds Python objects: load it in Python, and give them to from_sklearn",
    ),
    Format(
        (".bin", ".ckpt"),
        not_read="if PyTorch wrote it, rename it to .pt",
        not_written="PyTorch reads .safetensors",
    ),
)
READ = {suffix: each for each in FORMATS if each.read for suffix in each.suffixes}
WRITTEN = {suffix: each for each in FORMATS if each.write for suffix in each.suffixes}


def format_of(path: Path) -> Format | None:
    """The format of a file, by its name."""
    suffix = path.suffix.lower()
    return next((each for each in FORMATS if suffix in each.suffixes), None)


def one_of(known: Mapping[str, Format]) -> str:
    """The suffixes of formats in words: .npz, .yaml or .py."""
    *others, last = known
    return f"{', '.join(others)} or {last}"


def unknown(path: Path, known: Mapping[str, Format], advice: str, hint: str | None = None) -> Fault:
    """The fault of a file whose name does not end as one of the `known` does."""
    # What is read is there already, under this name.
    near = nearest(path.suffix.lower(), known) if known is WRITTEN else None
    hint = advice or hint or (f"did you mean {near}?" if near else None)
    message = f"its name does not end in {one_of(known)}"
    return Fault("unknown-file-type", message, hint)


def function(where: str) -> Any:
    """The function that a record names; its module is imported only now."""
    module, _, name = where.partition(":")
    if not module.startswith("netrunner."):
        module = f"{__package__}.{module}"
    return getattr(importlib.import_module(module), name)
