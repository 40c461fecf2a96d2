"""Loads plugins: runs each one's code, and takes the activations that its hook returns.

Each is loaded separately, so that its problems are reported under its name.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import sys
import warnings
from collections.abc import Iterator
from functools import partial
from importlib.metadata import EntryPoint
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import pluggy

from netrunner.activations import built_in as built_ins
from netrunner.activations import hookspecs
from netrunner.activations.activation import Activation, Origin
from netrunner.activations.blame import (
    describe_exception,
    is_interrupt,
    line_of,
    place_in_code,
)
from netrunner.activations.guard import at_work
from netrunner.activations.installed import (
    choice_without,
    distribution_of,
    option_for,
    shipped_plugins,
)
from netrunner.activations.registry import Registered
from netrunner.files.opening import near_file, read_text
from netrunner.problems.problem import Fault, Problem, Related
from netrunner.problems.source import Place, Source
from netrunner.problems.suggestions import did_you_mean, nearest
from netrunner.problems.words import has_unseen, printable, quote
from netrunner.process import session
from netrunner.process.dataclass import dataclass

if TYPE_CHECKING:
    from netrunner.problems.codes import Code

HOOK = "netrunner_activations"
MODULES = "netrunner_plugin_"  # prefix of the module names of plugin files


@dataclass(frozen=True)
class Plugin:
    """A source of activations."""

    kind: str
    name: str
    file: str

    def __str__(self) -> str:
        return f"plugin {quote(self.name)}"


BUILT_IN = Plugin("built-in", "netrunner", built_ins.__file__)


class Loader:
    """What the plugins registered so far add, and their problems."""

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager("netrunner")
        self.manager.add_hookspecs(hookspecs)
        self.problems: list[Problem] = []
        self.plugins = [BUILT_IN]
        self.broken: dict[str, Problem] = {}  # the first of each installed plugin
        self.copies: list[Path] = []  # the files of installed plugins
        self.found: list[Registered] = []  # also those whose names were taken
        self.registered: dict[str, Registered] = {}
        self.seen: set[str] = set()

    def files(self, path: str) -> list[Path]:
        """The plugin files that a user's path means, sorted."""
        if not path:
            message = "an empty path does not name a plugin"
            self.problems.append(Problem("file-not-found", Place("--plugins"), message))
            return []
        folder = Path(path)
        if not os.path.isdir(path):  # noqa: PTH112 - pathlib's may raise
            is_name = path in shipped_plugins() and not os.path.lexists(path)
            return [shipped_plugins()[path] if is_name else folder]
        try:
            with os.scandir(path) as entries:
                names = sorted(entry.name for entry in entries if not entry.is_dir())
        except OSError as error:
            message = f"cannot be read: {error.strerror}"
            self.problems.append(Problem("unreadable-file", Place(path), message))
            return []
        files = [
            folder / name
            for name in names
            if name.endswith(".py") and not name.startswith((".", "_", "test_"))
        ]
        if not files:
            message = "there is no plugin (*.py) in this folder"
            self.problems.append(Problem("empty-plugin", Place(path), message))
        return files

    def register_file(self, path: Path) -> None:
        plugin = Plugin("file", path.name, str(path))
        try:
            source = read_text(path, plugin.file)
        except Fault as fault:
            if fault.code == "file-not-found":
                fault.help_with(did_you_mean(_near(path), 200))
            self.problems.append(fault.at(Place(plugin.file), f"{plugin}: "))
            self.plugins.append(plugin)
            return
        if not self._is_new(plugin.file) or self._is_copy(path):
            return
        self.plugins.append(plugin)
        with self._blame(plugin):
            self.register(_run_file(path, source), plugin)

    def register_entry_point(self, entry: EntryPoint) -> None:
        distribution = distribution_of(entry)
        plugin = Plugin("installed", f"{entry.name} of {distribution}", entry.value)
        with self._blame(plugin):
            loaded = entry.load()
            home = loaded if hasattr(loaded, "__file__") else sys.modules[entry.module]
            file = getattr(home, "__file__", None) or entry.value
            plugin = Plugin("installed", plugin.name, file)
            if self._is_new(plugin.file):
                self.register(loaded, plugin)
                self.copies.append(Path(plugin.file))
        self.plugins.append(plugin)

    def _is_new(self, file: str) -> bool:
        real = os.path.realpath(file)
        if real in self.seen:
            return False
        self.seen.add(real)
        return True

    def _is_copy(self, path: Path) -> bool:
        """Whether a file has the same text as an installed plugin."""
        copies = [file for file in self.copies if file.suffix == ".py" and file.is_file()]
        return path.read_bytes() in [file.read_bytes() for file in copies]

    def register(self, module: Any, plugin: Plugin) -> None:
        """Add a plugin's activations, or report what is wrong with it."""
        with self._blame(plugin):
            hooks = [
                (options.get("specname") or name, getattr(module, name))
                for name in dir(module)
                if (options := self.manager.parse_hookimpl_opts(module, name)) is not None
            ]
            known = [self._is_known(name, hook, plugin) for name, hook in hooks]
            if not hooks:
                self._report_no_hook(module, plugin)
            elif all(known):
                self.manager.register(module, name=f"{plugin.name} ({plugin.file})")
                for _, hook in hooks:
                    self._take(hook, plugin)

    def _report_no_hook(self, module: Any, plugin: Plugin) -> None:
        function = getattr(module, HOOK, None)
        if inspect.isfunction(function):
            message = f"adds nothing: {HOOK} is not marked with @netrunner.hookimpl"
            self._report("empty-plugin", plugin, message, _place_of(function, plugin))
        else:
            message = f"adds nothing: it has no function {HOOK} marked with @netrunner.hookimpl"
            self._report("empty-plugin", plugin, message)

    def _is_known(self, name: str, hook: Any, plugin: Plugin) -> bool:
        """Whether this is a hook that netrunner calls, without arguments; reports it if not."""
        if name != HOOK:
            place = _place_of(hook, plugin)
            hint = f"did you mean {HOOK}?" if nearest(name, [HOOK], 0.5) else None
            message = f"there is no hook {quote(name)}; the hook is {HOOK}"
            self._report("unknown-hook", plugin, message, place, hint)
            return False
        if arguments := list(inspect.signature(hook).parameters):
            place = _place_of(hook, plugin)
            message = f"{HOOK} takes no arguments, and this one asks for {', '.join(arguments)}"
            self._report("unknown-hook", plugin, message, place)
            return False
        return True

    def _take(self, hook: Any, plugin: Plugin) -> None:
        place = _place_of(hook, plugin)
        with self._blame(plugin):
            given = hook()
            if not isinstance(given, (list, tuple)):
                if inspect.iscoroutine(given):
                    given.close()  # else Python warns that it was never awaited
                message = f"{HOOK} returned {type(given).__name__}, not a list"
                self._report("plugin-result", plugin, message, place)
                return
            if not given and plugin.kind == "file":
                self._report("empty-plugin", plugin, "adds nothing: its list is empty", place)
            for activation in given:
                self._add(activation, plugin, place)

    def _add(self, activation: Activation, plugin: Plugin, hook_place: Place) -> None:
        if wrong := _what_is_wrong_with(activation):
            self._report("plugin-result", plugin, wrong, hook_place)
            return
        name, place = quote(activation.name), _place_of(activation.function, plugin, hook_place)
        try:
            defaults = activation.parameters
        except TypeError as error:
            self._report("plugin-result", plugin, f"activation {name}: {error}", place)
            return
        path = os.path.realpath(plugin.file)
        origin = Origin(plugin.kind, plugin.name, place.file, place.line, path)
        entry = Registered(activation, origin, defaults)
        self.found.append(entry)
        if first := self.registered.get(activation.name):
            there = place_in_code(first.origin.file, first.origin.line)
            message = f"the name of activation {name} is taken by {_whose(first)} ({first.origin})"
            related = (Related(there, f"{name} was first registered here"),)
            hint = None
            if "installed" in (first.origin.kind, plugin.kind):
                installed = first.origin.plugin if first.origin.kind == "installed" else plugin.name
                without = choice_without(installed.rpartition(" of ")[2])
                hint = f"to leave the installed one out, set {without}"
            self._report("duplicate-activation", plugin, message, place, hint, related)
            return
        self.registered[activation.name] = entry

    @contextlib.contextmanager
    def _blame(self, plugin: Plugin) -> Iterator[None]:
        """Report anything that goes wrong in a plugin's code as the plugin's problem.

        Restores what the code changes for the whole process: numpy's error handling and printing,
        the warning filters, and the working directory.
        """
        token = at_work.set((plugin.file, 1))
        try:
            with (
                np.errstate(),
                np.printoptions(),
                warnings.catch_warnings(),
                session.folder_kept(),
            ):
                yield
        except BaseException as error:  # even SystemExit, by sys.exit
            if is_interrupt(error, plugin.file):
                raise
            did, place = _told_of_syntax(error) or (
                describe_exception(error),
                _place_of_error(error, plugin),
            )
            self._report("plugin-raised", plugin, did, place)
        finally:
            at_work.reset(token)

    def _report(
        self,
        code: Code,
        plugin: Plugin,
        message: str,
        place: Place | None = None,
        hint: str | None = None,
        related: tuple[Related, ...] = (),
    ) -> None:
        if place is None:
            place = place_in_code(plugin.file, 1)
        problem = Problem(code, place, f"{plugin}: {message}", hint=hint, related=related)
        if plugin.kind == "installed" and code != "duplicate-activation":
            self.broken.setdefault(str(plugin), problem)
        else:
            self.problems.append(problem)


def _near(path: Path) -> str | None:
    """What may be meant by a plugin's path that does not exist."""
    file = near_file(path if path.suffix == ".py" else Path(f"{path}.py"))
    shipped = option_for(nearest(path.stem.lower(), shipped_plugins()) or "")
    if file is not None and (path.suffix == ".py" or file.stem == path.name):
        return str(file)
    return shipped or (str(file) if file else None)


def _run_file(path: Path, source: Source) -> ModuleType:
    """Execute a plugin file as a module with a name that no import finds by accident."""
    real = os.path.realpath(path)
    name = f"{MODULES}{path.stem}_{crc32(os.fsencode(real)):08x}"
    module = ModuleType(name)
    module.__file__ = real
    code = compile(source.text, str(path), "exec", dont_inherit=True)
    sys.modules[name] = module  # dataclasses and pickle look a class's module up by its name
    exec(code, module.__dict__)
    return module


def _what_is_wrong_with(activation: object) -> str | None:
    if not isinstance(activation, Activation):
        return f"{HOOK} lists {printable(repr(activation)[:80])}, which is not an Activation"
    if not isinstance(activation.name, str) or not activation.name.strip():
        return f"an activation's name must be text, not {printable(repr(activation.name)[:80])}"
    if has_unseen(activation.name):
        name = ascii(activation.name)[:80]
        return f"the name of activation {name} has invisible characters, or spaces around it"
    if not callable(activation.function):
        return f"the function of activation {quote(activation.name)} cannot be called"
    return None


def _whose(registered: Registered) -> str:
    origin = registered.origin
    return "a built-in" if origin.kind == "built-in" else f"plugin {quote(origin.plugin)}"


def _place_of(function: Any, plugin: Plugin, otherwise: Place | None = None) -> Place:
    """Where a function is, if it is in the plugin's code; else `otherwise`, or the file."""
    code = code_of(function)
    if code is not None and plugin is BUILT_IN:
        return Place(code.co_filename, code.co_firstlineno)
    folder = Path(plugin.file).resolve().parent
    file = Path(code.co_filename if code else "")
    if code is None or not (file.is_file() and file.resolve().is_relative_to(folder)):
        return otherwise or Place(plugin.file)
    return place_in_code(code.co_filename, code.co_firstlineno)


def code_of(function: Any) -> CodeType | None:
    """The code of a function, or of the one it wraps, if it is written in Python."""
    while isinstance(function, partial):
        function = function.func
    with contextlib.suppress(ValueError):  # it wraps itself
        function = inspect.unwrap(function)
    if not hasattr(function, "__code__"):
        function = type(function).__call__  # a callable object
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _told_of_syntax(error: BaseException) -> tuple[str, Place] | None:
    """The syntax error of a file that is not valid Python, and where it is."""
    if not isinstance(error, SyntaxError) or not isinstance(error.filename, str):
        return None
    if not os.path.isfile(error.filename):  # noqa: PTH113 - pathlib's may raise
        return None
    text = (error.text or "").rstrip("\r\n") or None
    place = Place(error.filename, error.lineno or 1, error.offset or 1, text)
    return f"is not valid Python: {error.msg}", place


def _place_of_error(error: BaseException, plugin: Plugin) -> Place:
    """The innermost line of the plugin's own code in an error's traceback."""
    from traceback import walk_tb  # needed only for an error

    file = plugin.file
    if not Path(file).exists():  # an installed plugin that could not be imported
        # The backport replaces importlib.metadata as soon as anything imports it.
        machinery = (importlib, sys.modules.get("importlib_metadata"))
        homes = [__file__, *(module.__file__ for module in machinery if module is not None)]
        importing = ("<frozen", *(str(Path(home).parent) for home in homes if home is not None))
        passed = [frame.f_code.co_filename for frame, _ in walk_tb(error.__traceback__)]
        file = next((each for each in passed if not each.startswith(importing)), file)
    return place_in_code(file, line_of(error, file))
