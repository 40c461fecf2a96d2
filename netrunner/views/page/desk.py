"""A network file that is served, and what the page asks of it; docs/page.md describes it."""

from __future__ import annotations

import re
import threading
import time
from base64 import b64decode
from codecs import BOM_UTF8
from collections.abc import Iterable
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from netrunner.activations.activation import read_only
from netrunner.activations.plugins import load_registry
from netrunner.activations.registry import Registry
from netrunner.files.opening import read_text
from netrunner.files.watching import GONE, look_at
from netrunner.format.checks import Checker
from netrunner.network.network import Network
from netrunner.problems.problem import NetrunnerError, Problem, about
from netrunner.process import session
from netrunner.views.editor.completion import completions
from netrunner.views.editor.structure import context_at
from netrunner.views.page.page import content
from netrunner.views.render.json import values

LOOK_EVERY = 0.03  # seconds
MOST_NETWORKS = 8  # kept for the pages that are open

Answer = dict[str, Any]

_LINE_END = re.compile(r"\r\n?|\n")  # as the editor has them


class UnknownKeyError(LookupError):
    """A page asks about a network that is no longer kept, and must look again."""


class Desk:
    """One network file and what is asked of it, with the plugins of the command line."""

    def __init__(self, path: Path, plugins: Iterable[str] = ()) -> None:
        self.path, self._plugins = path, tuple(plugins)
        self._registry: Registry | None = None  # as of the last look
        self._looks = look_at({path, *map(Path, self._plugins)})  # of the files that are followed
        # The last valid networks, by the keys of their pages.
        self._networks: dict[str, Network] = {}
        self._lock = threading.Lock()  # plugins may not be called by two threads
        self.changed = threading.Condition()
        self.version = 0

    def text(self) -> str:
        """The file's text, with its own line ends. Raises Fault."""
        return read_text(self.path, str(self.path)).text

    def stamp(self) -> str:
        """A hash that tells one state of the file from the next."""
        return sha256(self.path.read_bytes()).hexdigest()

    def look(self, asked: Answer) -> Answer:
        """The page of a text, for an input if one is given, or the problems of the text.

        Without a text, it looks at the file's, and returns that with its stamp.
        """
        if asked.get("text") is None:
            stamp = self.stamp()
            with about(str(self.path)):
                text = _LINE_END.sub("\n", self.text())
            return {"text": text, "stamp": stamp, **self.look({**asked, "text": text})}
        text = str(asked["text"])
        with self._lock:
            try:
                return self._look(text, asked.get("x"))
            finally:
                self._looks |= look_at(session.files() - self._looks.keys())

    def _look(self, text: str, x: object) -> Answer:
        try:
            self._registry = load_registry(self._plugins)
            checker = Checker(str(self.path), self.path.parent, self._registry)
            checked = checker.with_fixes(checker.check(text))
            problems = checked.problems
            if checked.file is None:
                return {"problems": [self.problem(each) for each in problems]}
            network = checked.file.network
            trace = network.silent_trace(self._input(network, x))
            made = content(network, trace, served=True, made_by=self._foot())
        except NetrunnerError as error:
            return {"problems": [self.problem(each) for each in error.problems]}
        key = sha256(made.encode()).hexdigest()  # another one if a weight file has changed
        self._networks.pop(key, None)  # the newest is the last
        self._networks[key] = network
        if len(self._networks) > MOST_NETWORKS:
            del self._networks[next(iter(self._networks))]
        return {"problems": [self.problem(each) for each in problems], "page": made, "key": key}

    def problem(self, problem: Problem) -> Answer:
        """A problem, without its place if that is in another file, such as a plugin's."""
        found = problem.as_dict()
        return found if found["file"] == str(self.path) else found | {"line": None}

    def complete(self, asked: Answer) -> Answer:
        """What may be written at a line and a column of a text, both from 1."""
        lines = str(asked["text"]).split("\n")
        line, column = int(asked["line"]), int(asked["column"])
        if not 1 <= line <= len(lines):
            raise ValueError(line)
        context = context_at(lines, line, column)
        if context is None:
            return {"items": []}
        with self._lock:
            registry = self._registry or load_registry(self._plugins)
        found = completions(context, self.path.parent, registry, with_keys=True)
        return {"items": [asdict(each) for each in found]}

    def _foot(self) -> tuple[str, ...]:
        from netrunner import __version__

        return (f"{self.path}, served by netrunner serve, version {__version__}.",)

    def _input(self, network: Network, x: object) -> Any:
        """The input that was asked for, if it fits; else the first example's, or zeros."""
        if isinstance(x, list) and len(x) == network.input_size:
            try:
                return network.as_input([float(each) for each in x])
            except (NetrunnerError, TypeError, ValueError, OverflowError):
                pass
        if network.examples:
            return np.atleast_2d(network.examples[0].input)[0]
        return np.zeros(network.input_size, network.dtype)

    def run(self, asked: Answer) -> Answer:
        """A and Z of each layer for an input, with the weights and biases of the page.

        Raises UnknownKeyError if the page's network is no longer kept.
        """
        with self._lock:
            network = self._networks.get(asked["key"])
            if network is None:
                raise UnknownKeyError
            layers = tuple(
                replace(
                    layer,
                    weights=_array(given["W"], layer.weights.shape, network.dtype),
                    biases=_array(given["B"], layer.biases.shape, network.dtype),
                )
                for layer, given in zip(network.layers, asked["layers"], strict=True)
            )
            trace = replace(network, layers=layers).silent_trace([float(x) for x in asked["x"]])
        return {
            "A": [values(step.A) for step in trace.layers],
            "Z": [values(step.Z) for step in trace.layers],
        }

    def save(self, asked: Answer) -> Answer:
        """Write the file, unless somebody else has changed it since `stamp`.

        It keeps its byte order mark, and the line ends of its first line. A file that was removed
        is written anew. Raises Fault if the file as it is cannot be shown: the text was then not
        made from it.
        """
        from netrunner.files.writing import writing

        with self._lock:
            before = mark = ""
            if self.path.exists():
                before = self.text()
                if self.stamp() != asked["stamp"]:
                    return {"conflict": True, "stamp": self.stamp()}
                mark = "\ufeff" if self.path.read_bytes().startswith(BOM_UTF8) else ""
            first = _LINE_END.search(before)
            end = first.group() if first else "\n"
            with writing(self.path, anew=True) as stream:
                stream.write(mark + _LINE_END.sub(end, str(asked["text"])))
        return {"stamp": self.stamp()}

    # Following the file

    def follow(self) -> None:
        """Tell whoever waits about each change of the file, its weight files and its plugins."""
        absent = 0.0  # seconds; an editor may rename the file
        while True:
            time.sleep(LOOK_EVERY)
            before = dict(self._looks)
            now = look_at(before)
            absent = absent + LOOK_EVERY if now[self.path] is None else 0
            if now != before and not 0 < absent < GONE:
                self._looks |= now
                with self.changed:
                    self.version += 1
                    self.changed.notify_all()


def _array(text: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    return read_only(np.frombuffer(b64decode(text), "<f8").reshape(shape).astype(dtype))
