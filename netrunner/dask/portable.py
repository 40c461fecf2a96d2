"""A network as bytes that can be opened on a machine without its plugin files."""

from __future__ import annotations

import io
import pickle
import sys
import threading
from contextlib import ExitStack
from functools import cached_property
from hashlib import sha256
from types import CodeType, MappingProxyType, ModuleType
from typing import Any

from netrunner.activations.activation import Activation, Origin, read_only
from netrunner.activations.blame import words_of
from netrunner.network.layer import Layer
from netrunner.network.network import Network
from netrunner.problems.problem import NetrunnerError, Problem
from netrunner.problems.source import Place
from netrunner.problems.words import quote

# cloudpickle has one table of the modules to pickle by value, for the whole process.
_PACKING = threading.Lock()


class Portable:
    """A network that is sent by value, and opened when it is first used.

    cloudpickle sends an activation from a plugin file along as code. A built-in or installed one is
    looked up by its name where the network is opened. The bytes can be passed on without packing
    them again.
    """

    def __init__(self, packed: bytes) -> None:
        self.packed = packed

    @classmethod
    def of(cls, network: Network) -> Portable:
        """Raises NetrunnerError if a plugin's function cannot be pickled."""
        return cls(_packed(network))

    @cached_property
    def network(self) -> Network:
        """Raises NetrunnerError if something that the network needs is missing here."""
        try:
            network = pickle.loads(self.packed)
        except NetrunnerError:
            raise
        except Exception as error:  # a plugin's objects may raise anything when they are unpickled
            did = f"{type(error).__name__}: {words_of(error)}"
            message = f"the network cannot be opened on a worker: {did}"
            place = Place("--scheduler")
            raise NetrunnerError(Problem("not-portable", place, message)) from error
        assert isinstance(network, Network)
        return network

    def __reduce__(self) -> tuple[Any, ...]:
        return Portable, (self.packed,)

    def __dask_tokenize__(self) -> tuple[str, str]:
        return "netrunner.Portable", sha256(self.packed).hexdigest()


def _packed(network: Network) -> bytes:
    import cloudpickle  # type: ignore[import-untyped]

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, thing: Any) -> Any:
            if isinstance(thing, Layer) and thing.origin.kind == "file":
                return _restore_layer, (
                    (thing.index, thing.name, thing.weights, thing.biases),
                    (thing.activation, thing.origin, dict(thing.parameters)),
                )
            if isinstance(thing, CodeType):  # cloudpickle forgets the name of its file
                make, values = self.dispatch_table[CodeType](thing)
                return _restore_code, (make, values, thing.co_filename)
            return super().reducer_override(thing)

    # Without the examples: no worker needs them.
    light = Network(
        network.name, "", network.input_size, network.input_names, network.layers,
        network.output_names, network.dtype,
    )  # fmt: skip
    files = {layer.origin.path: layer.origin for layer in network.layers}
    files = {path: origin for path, origin in files.items() if origin.kind == "file"}
    stream = io.BytesIO()
    with _PACKING, ExitStack() as stack:
        for module in _modules_of(files):
            cloudpickle.register_pickle_by_value(module)
            stack.callback(cloudpickle.unregister_pickle_by_value, module)
        try:
            Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(light)
        except Exception as error:  # a plugin's objects may raise anything when they are pickled
            whose = ", ".join(quote(origin.plugin) for origin in files.values())
            message = f"the activation cannot be sent to workers: {words_of(error)}"
            place = Place(next(iter(files.values())).file) if len(files) == 1 else Place(whose)
            raise NetrunnerError(Problem("not-portable", place, message)) from error
    return stream.getvalue()


def _modules_of(files: dict[str, Origin]) -> list[ModuleType]:
    """The modules that plugin files were executed as."""
    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("netrunner_plugin_") and getattr(module, "__file__", None) in files
    ]


def _restore_layer(
    values: tuple[int, str | None, Any, Any],
    activation: tuple[Activation, Origin, dict[str, Any]],
) -> Layer:
    index, name, weights, biases = values
    h, origin, parameters = activation
    return Layer(
        index, name, read_only(weights), read_only(biases), h, origin, MappingProxyType(parameters)
    )


def _restore_code(make: type[CodeType], values: tuple[Any, ...], file: str) -> CodeType:
    return make(*values).replace(co_filename=file)
