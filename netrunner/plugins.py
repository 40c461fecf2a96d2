"""Finds plugins, and makes the registry of activations from them.

A plugin is an installed distribution with an entry point in the group `netrunner`, or a file that
the user named; nothing else is ever executed. Each is loaded on its own, so that what is wrong
with one is reported under its name.
"""

from __future__ import annotations

import contextlib
import copyreg
import inspect
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any
from zlib import crc32

import numpy as np
import pluggy

from netrunner import activations as built_ins
from netrunner import hookspecs
from netrunner.engine import describe_exception
from netrunner.errors import Fault, NetrunnerError, Problem, Related
from netrunner.files import read_text
from netrunner.layer import Activation, Layer, Origin
from netrunner.source import Place, Source, nearest, quote

GROUP = "netrunner"
VARIABLE = "NETRUNNER_PLUGINS"


@dataclass(frozen=True)
class Registered:
    """An activation in the registry: with where it comes from, and its parameters' defaults."""

    activation: Activation
    origin: Origin
    defaults: Mapping[str, Any]

    def default_of(self, parameter: str) -> Any:
        """The default of a parameter. Raises Fault where the activation has none of this name."""
        if parameter in self.defaults:
            return self.defaults[parameter]
        name = quote(self.activation.name)
        if not self.defaults:
            raise Fault("unknown-parameter", f"activation {name} has no parameters")
        near = nearest(parameter, self.defaults)
        known = ", ".join(self.defaults)
        message = f"activation {name} has no parameter {quote(parameter)}; it has {known}"
        raise Fault("unknown-parameter", message, f"did you mean {near}?" if near else None)

    def try_parameters(self, parameters: Mapping[str, Any], size: int) -> None:
        """Ask the function itself, by a call on `size` neurons, whether values make sense.

        Raises Fault with the function's own words where it refuses them.
        """
        probe = np.linspace(-1.0, 1.0, min(size, 1000))
        try:
            with np.errstate(all="ignore"):
                self.activation.function(probe, **parameters)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            words = str(error) if type(error) is ValueError else describe_exception(error)
            message = f"activation {quote(self.activation.name)}: {' '.join(words.split())}"
            raise Fault("wrong-parameter", message) from None


class Registry(Mapping[str, Registered]):
    """The activations that are known, by name, sorted."""

    def __init__(self, registered: Iterable[Registered]) -> None:
        by_name = {entry.activation.name: entry for entry in registered}
        self._by_name = dict(sorted(by_name.items()))

    def __getitem__(self, name: str) -> Registered:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def load_registry(named: Iterable[str | os.PathLike[str]] = ()) -> Registry:
    """The built-ins, the installed plugins, and those in the files and folders in `named`.

    The files and folders in the environment variable NETRUNNER_PLUGINS come first.
    Raises NetrunnerError.
    """
    manager = pluggy.PluginManager("netrunner")
    manager.add_hookspecs(hookspecs)
    loader = _Loader(manager)
    loader.register(built_ins, _Plugin("built-in", "netrunner", built_ins.__file__))
    for entry in sorted(
        set(entry_points(group=GROUP)), key=lambda entry: (entry.name, entry.value)
    ):
        loader.register_entry_point(entry)
    variable = os.environ.get(VARIABLE, "").split(os.pathsep)
    for path in [*filter(None, variable), *named]:
        for file in loader.files(Path(path)):
            loader.register_file(file)
    if loader.problems:
        raise NetrunnerError(loader.problems)
    return Registry(loader.registered.values())


@dataclass(frozen=True)
class _Plugin:
    kind: str
    name: str
    file: str


class _Loader:
    def __init__(self, manager: pluggy.PluginManager) -> None:
        self.manager = manager
        self.problems: list[Problem] = []
        self.registered: dict[str, Registered] = {}
        self.seen: set[str] = set()

    def files(self, path: Path) -> list[Path]:
        """The plugin files that a path named by the user stands for, sorted."""
        if not path.is_dir():
            return [path]
        files = sorted(
            file for file in path.glob("*.py") if not file.name.startswith(("_", "test_"))
        )
        if not files:
            self._report("empty-plugin", Place(str(path)), "this folder holds no plugin (*.py)")
        return files

    def register_file(self, path: Path) -> None:
        if not self._is_new(str(path)):
            return
        plugin = _Plugin("file", path.name, str(path))
        try:
            source = read_text(path, str(path))
        except Fault as fault:
            self.problems.append(fault.at(Place(str(path)), f"plugin {quote(path.name)}: "))
            return
        with self._blame(plugin):
            self.register(_run_file(path, source), plugin)

    def register_entry_point(self, entry: Any) -> None:
        distribution = entry.dist.name if entry.dist else "?"
        name = f"{entry.name} of {distribution}"
        plugin = _Plugin("installed", name, entry.value)
        with self._blame(plugin):
            loaded = entry.load()
            file = getattr(loaded, "__file__", None) or entry.value
            if self._is_new(file):
                self.register(loaded, _Plugin("installed", name, file))

    def _is_new(self, file: str) -> bool:
        real = os.path.realpath(file)
        if real in self.seen:
            return False
        self.seen.add(real)
        return True

    def register(self, module: Any, plugin: _Plugin) -> None:
        """Take in a plugin's activations, or report what is wrong with it."""
        with self._blame(plugin):
            self.manager.register(module, name=f"{plugin.name} ({plugin.file})")
            hooks = [
                (caller.name, hook)
                for caller in self.manager.get_hookcallers(module) or []
                for hook in caller.get_hookimpls()
                if hook.plugin is module
            ]
            for name, hook in hooks:
                if name == "netrunner_activations":
                    self._take(hook.function, plugin)
                else:
                    place = _place_of(hook.function, plugin)
                    near = nearest(name, ["netrunner_activations"], 0.5)
                    hint = f"did you mean {near}?" if near else None
                    self._report("unknown-hook", place, f"there is no hook {quote(name)}", hint)
            if not hooks:
                self._report(
                    "empty-plugin",
                    Place(plugin.file),
                    f"plugin {quote(plugin.name)} adds nothing: it has no function "
                    "netrunner_activations marked with @netrunner.hookimpl",
                )

    def _take(self, hook: Any, plugin: _Plugin) -> None:
        place = _place_of(hook, plugin)
        with self._blame(plugin):
            given = hook()
            if not isinstance(given, (list, tuple)):
                message = f"netrunner_activations returned {type(given).__name__}, not a list"
                self._report("plugin-result", place, message)
                return
            if not given and plugin.kind == "file":
                message = f"plugin {quote(plugin.name)} adds nothing: its list is empty"
                self._report("empty-plugin", place, message)
            for activation in given:
                if wrong := _what_is_wrong_with(activation):
                    self._report("plugin-result", place, f"plugin {quote(plugin.name)}: {wrong}")
                else:
                    self._add(activation, plugin, place)

    def _add(self, activation: Activation, plugin: _Plugin, hook_place: Place) -> None:
        place = _place_of(activation.function, plugin, hook_place)
        name = quote(activation.name)
        defaults = _parameters(activation.function)
        without = [key for key, value in defaults.items() if value is inspect.Parameter.empty]
        if without:
            message = f"parameter {quote(without[0])} of activation {name} has no default"
            self._report("plugin-result", place, message)
            return
        if first := self.registered.get(activation.name):
            there = Place(first.origin.file, first.origin.line)
            self.problems.append(
                Problem(
                    "duplicate-activation",
                    place,
                    f"activation {name} of plugin {quote(plugin.name)} has a name that is taken"
                    f" by {_whose(first.origin)} ({there})",
                    related=(Related(there, f"{name} was first registered here"),),
                )
            )
            return
        path = os.path.realpath(plugin.file)
        origin = Origin(plugin.kind, plugin.name, place.file, place.line, path)
        self.registered[activation.name] = Registered(activation, origin, defaults)

    @contextlib.contextmanager
    def _blame(self, plugin: _Plugin) -> Iterator[None]:
        """Report whatever a plugin's code does instead of its work as the plugin's problem."""
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a plugin may even call sys.exit
            message = f"plugin {quote(plugin.name)} {describe_exception(error)}"
            self._report("plugin-raised", _place_of_error(error, plugin), message)

    def _report(self, code: str, place: Place, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(code, place, message, hint=hint))


def _run_file(path: Path, source: Source) -> ModuleType:
    """Execute a plugin file as a module of its own, which no import finds by accident."""
    real = os.path.realpath(path)
    name = f"netrunner_plugin_{path.stem}_{crc32(real.encode()):08x}"
    module = ModuleType(name)
    module.__file__ = real
    code = compile(source.text, str(path), "exec", dont_inherit=True)
    sys.modules[name] = module  # dataclasses and pickle look a class's module up by its name
    exec(code, module.__dict__)
    return module


def _what_is_wrong_with(activation: object) -> str | None:
    if not isinstance(activation, Activation):
        return f"netrunner_activations lists {activation!r:.80}, which is no Activation"
    if not isinstance(activation.name, str) or not activation.name.strip():
        return f"an activation's name must be text, not {activation.name!r:.80}"
    if not callable(activation.function):
        return f"the function of activation {quote(activation.name)} cannot be called"
    return None


def _whose(origin: Origin) -> str:
    return "a built-in" if origin.kind == "built-in" else f"plugin {quote(origin.plugin)}"


def _parameters(function: Any) -> Mapping[str, Any]:
    """The parameters of an activation after its first, with their defaults."""
    if isinstance(function, np.ufunc):
        return MappingProxyType({})
    try:
        _, *others = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return MappingProxyType({})
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return MappingProxyType({each.name: each.default for each in others if each.kind in named})


def _place_of(function: Any, plugin: _Plugin, otherwise: Place | None = None) -> Place:
    """Where a function stands, if it has Python source; else the plugin's file or `otherwise`."""
    function = inspect.unwrap(getattr(function, "func", function))
    if not hasattr(function, "__code__"):
        function = type(function).__call__  # an object that can be called
    code = getattr(function, "__code__", None)
    if code is None:
        return otherwise or Place(plugin.file)
    return Place(code.co_filename, code.co_firstlineno)


def _place_of_error(error: BaseException, plugin: _Plugin) -> Place:
    """The deepest line of the plugin's own file that an error came through."""
    if isinstance(error, SyntaxError) and error.filename == plugin.file:
        return Place(plugin.file, error.lineno, error.offset, (error.text or "").rstrip("\n"))
    line, frames = None, error.__traceback__
    while frames is not None:
        if frames.tb_frame.f_code.co_filename == plugin.file:
            line = frames.tb_lineno
        frames = frames.tb_next
    return Place(plugin.file, line)


def _restore_layer(
    index: int,
    name: str | None,
    weights: Any,
    biases: Any,
    activation: str,
    origin: Origin,
    parameters: dict[str, Any],
) -> Layer:
    named = [origin.path] if origin.kind == "file" else []
    registered = load_registry(named)[activation]
    for array in (weights, biases):
        array.setflags(write=False)
    return Layer(
        index,
        name,
        weights,
        biases,
        registered.activation,
        registered.origin,
        MappingProxyType(parameters),
    )


def _reduce_layer(layer: Layer) -> tuple[Any, ...]:
    """A layer to pickle: its activation travels by name, or by the path of the file it is from."""
    return _restore_layer, (
        layer.index,
        layer.name,
        layer.weights,
        layer.biases,
        layer.activation.name,
        layer.origin,
        dict(layer.parameters),
    )


copyreg.pickle(Layer, _reduce_layer)
