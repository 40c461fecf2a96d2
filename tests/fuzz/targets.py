"""What is fuzzed: the doors through which a file comes in, each followed to the end of a run.

A target takes the bytes of a file and returns what became of it: 'accepted', or the codes of the
problems. Nothing but NetrunnerError may come out of a door; all else, and a broken promise about
what was accepted or told, is a finding, and raises.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from itertools import accumulate
from pathlib import Path
from random import Random
from types import ModuleType
from unittest import mock
from zlib import crc32

import numpy as np

from netrunner.activations import plugins
from netrunner.commands import cli
from netrunner.commands.options import read_input
from netrunner.exchange import importing
from netrunner.exchange.compare import compare
from netrunner.exchange.formats import READ
from netrunner.format import loading
from netrunner.format.checks import check_examples
from netrunner.format.document import how_far
from netrunner.format.lint import lint
from netrunner.format.network_text import read_network
from netrunner.format.save import network_text
from netrunner.network.network import Network
from netrunner.problems.problem import NetrunnerError, NetrunnerWarning, Problem, in_file_order
from netrunner.problems.words import printable
from netrunner.views.render import comparison as comparison_renderer
from netrunner.views.render import csv as csv_renderer
from netrunner.views.render import json as json_renderer
from netrunner.views.render import text as text_renderer

from . import mutate, networks, seeds

ACCEPTED = "accepted"
CODES = set(re.findall(r"^### (.+)$", (seeds.ROOT / "docs/errors.md").read_text("utf-8"), re.M))


class BrokenPromiseError(AssertionError):
    """A door took or told something that it must not."""


def promise(kept: object, what: str) -> None:
    if not kept:
        raise BrokenPromiseError(what)


class Doors:
    """The targets, with the folder that they write their files to, best one in memory.

    The registry is made once, of the built-ins and of plugins/, as nothing that is fuzzed has to
    do with how it is made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.registry = plugins.load_registry([seeds.ROOT / "plugins"])
        self.network, self.output = folder / "n.yaml", folder / "out.py"
        layer = "{size: 3, weights: [[1, 2, 3], [4, 5, 6], [7, 8, 9]], biases: 0, activation: relu}"
        self.network.write_text(f"inputs: 3\nlayers:\n  - {layer}\n")
        self.three = read_network(self.network, self.registry).network
        for name in ("npy", "npz", "csv", "safetensors"):
            (folder / f"w.{name}").write_bytes(seeds.array_seeds(f".{name}")[-1])
        # That unfold to much, or are wrong at their end: work that is not to be done twice.
        np.savez_compressed(folder / "packed.npz", W=np.zeros((300, 300)))
        (folder / "late.csv").write_text("1,2,3\n" * 2000 + "1,2,x\n")
        for kind in ("valid", "invalid"):
            weights = seeds.ROOT / f"tests/data/{kind}/weights"
            shutil.copytree(weights, folder / "weights", dirs_exist_ok=True)
        self._files = {
            suffix: read_only_text(suffix).encode() for suffix in (*seeds.ARRAYS, "biases")
        }

    @contextmanager
    def registry_of(self, *modules: ModuleType) -> Iterator[None]:
        """The modules take our registry; mock.patch would take longer than many a reader."""
        before = [(module, module.load_registry) for module in modules]
        for module in modules:
            module.load_registry = lambda *given, **more: self.registry
        try:
            yield
        finally:
            for module, made in before:
                module.load_registry = made

    def load(self, data: bytes) -> str:
        """Loads a network file, checks it, runs it, and writes what happened."""
        self.network.write_bytes(data)
        return self._load(data)

    def _load(self, data: bytes | None = None) -> str:
        try:
            file = read_network(str(self.network), self.registry)
            told = [*check_examples(file), *lint(file)]
        except NetrunnerError as error:
            check_problems(error.problems, data)
            promise(str(error), "an error says something")
            return outcome(error.problems)
        check_problems(told, data)
        run(file.network)
        return ACCEPTED

    def arrays(self, suffix: str, data: bytes) -> str:
        """Reads weights and biases from a file of arrays, and runs what comes of it."""
        path = self.folder / f"fuzzed{suffix}"
        path.write_bytes(data)
        self.network.write_bytes(self._files[suffix])
        outcomes = [self._load()]
        if suffix == ".npz" or suffix == ".safetensors":
            self.network.write_bytes(self._files["biases"].replace(b".npz", suffix.encode()))
            outcomes.append(self._load())
        return ACCEPTED if ACCEPTED in outcomes else ",".join(sorted(set(outcomes)))

    def inputs(self, suffix: str, data: bytes) -> str:
        """Reads a file of inputs, and runs them through a network."""
        path = self.folder / f"inputs{suffix}"
        path.write_bytes(data)
        is_text = suffix in (".csv", ".json")
        try:
            X = read_input(self.three, "n.yaml", (), str(path))
            X = self.three.as_input(X)
        except NetrunnerError as error:
            check_problems(error.problems, data if is_text else None)
            return outcome(error.problems)
        promise(X.dtype == np.float64 and np.isfinite(X).all(), "an input is of finite numbers")
        Y, _ = self.three.silent_output(X)
        promise(Y.shape == X.shape, "each row of inputs has its row of outputs")
        return ACCEPTED

    def reference(self, suffix: str, data: bytes) -> str:
        """Compares a network with a trace in a file, and writes what came of it."""
        path = self.folder / f"reference{suffix}"
        path.write_bytes(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NetrunnerWarning)  # of a run that overflows
                comparison = compare(self.three, path)
        except NetrunnerError as error:
            check_problems(error.problems, data if suffix == ".json" else None)
            return outcome(error.problems)
        comparison_renderer.write(comparison, io.StringIO())
        return ACCEPTED

    def import_(self, suffix: str, data: bytes) -> str:
        """Imports another tool's file, runs the network, and writes it as netrunner's own."""
        path = self.folder / f"import{suffix}"
        path.write_bytes(data)
        weights_alone = not READ[suffix].has_activations
        with self.registry_of(importing):
            try:
                network = importing.import_network(
                    path, activations="sigmoid,softmax" if weights_alone else None
                )
            except NetrunnerError as error:
                check_problems(error.problems, None)
                return outcome(error.problems)
        run(network)
        self.network.write_text(network_text(network), encoding="utf-8")
        again = self._load()
        promise(again == ACCEPTED, f"what was imported is written as a valid file: {again}")
        return ACCEPTED

    def command(self, arguments: list[str], data: bytes) -> str:
        """A whole command, in this process: what it says, where, and what it leaves behind."""
        self.network.write_bytes(data)
        self.output.write_bytes(b"as it was")
        arguments = [arguments[0], str(self.network), *arguments[1:]]
        arguments = [str(self.output) if each == "OUT" else each for each in arguments]
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        with (
            self.registry_of(loading, plugins),
            mock.patch.object(sys, "argv", ["netrunner", *arguments]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = cli.main()
        out.flush(), err.flush()
        said, complained = (stream.buffer.getvalue().decode() for stream in (out, err))
        promise(code in (0, 1, 2), f"exit code {code}")
        promise("Traceback" not in complained, "no traceback")
        promise([*self.folder.glob(".netrunner-*")] == [], "no partial file")
        if code:
            promise(said == "" or arguments[0] == "check", "nothing on standard output")
            promise(self.output.read_bytes() == b"as it was", "the output file is as it was")
            promise(complained or arguments[0] == "check", "it says why")
        if "json" in arguments and said:
            json.loads(said)
        codes = set(re.findall(r" \[([a-z0-9-]+)\]$", complained, re.M)) & CODES
        return ACCEPTED if code == 0 else ",".join(sorted(codes)) or f"exit {code}"


def read_only_text(suffix: str) -> str:
    """The network that names the fuzzed file: its weights, or its biases alone."""
    key = ", key: W1" if suffix in (".npz", ".safetensors", "biases") else ""
    if suffix == "biases":
        weights, biases = "[[1, 2, 3], [4, 5, 6]]", "{file: fuzzed.npz, key: b1}"
    else:
        weights, biases = f"{{file: fuzzed{suffix}{key}}}", "0.5"
    layer = f"{{size: 3, weights: {weights}, biases: {biases}, activation: softmax}}"
    return f"inputs: 2\nlayers:\n  - {layer}\n"


def outcome(problems: tuple[Problem, ...]) -> str:
    return ",".join(sorted({problem.code for problem in problems}))


def check_problems(problems: tuple[Problem, ...] | list[Problem], data: bytes | None) -> None:
    """What is told is told in known words, one line each, at places that there are."""
    lines = None
    for problem in problems[:20]:
        promise(problem.code in CODES, f"a documented code: {problem.code}")
        promise(printable(problem.message) == problem.message, "a message is one line")
        promise("MemoryError" not in problem.message, "a want of memory is not hidden")
        hint = problem.hint or ""
        promise(printable(hint) == hint, "a hint is one line")
        if data is None or problem.place.line is None:
            continue
        if lines is None:
            typed = data.decode(errors="replace").lstrip("\ufeff")
            lines = re.split(r"\r\n|\r|\n", typed)
        line, column = problem.place.line, problem.place.column or 0
        promise(1 <= line <= len(lines), "the line is one of the file's")
        promise(1 <= column <= len(lines[line - 1]) + 1, "the column is one of the line's")
    if data is not None:
        ordered = in_file_order(problems) == list(problems)
        promise(ordered or any(each.severity == "warning" for each in problems), "in file order")


def run(network: Network) -> None:
    """Runs an accepted network, alone and in a batch, and writes the trace in a format."""
    examples = network.examples
    X = examples[0].input if examples else np.linspace(-1, 1, network.input_size)
    trace = network.silent_trace(X)
    Y, not_finite = network.silent_output(X)
    promise(np.array_equal(Y, trace.output, equal_nan=True), "both ways give the same output")
    promise(Y.dtype == network.dtype, "the output is of the network's dtype")
    promise(Y.shape == (*X.shape[:-1], network.output_size), "the output has its shape")
    promise(not_finite or np.isfinite(Y).all(), "what is not finite is told")
    written = io.StringIO()
    format_ = crc32(Y.tobytes()) % 9  # one of them or none, as writing takes longer than running
    if format_ == 0:
        json_renderer.write_blocks([trace], written)
        json.loads(written.getvalue(), parse_constant=_no_constant)
    elif format_ < 3:
        (text_renderer if format_ == 1 else csv_renderer).write_blocks([trace], written)


def _no_constant(name: str) -> float:
    raise BrokenPromiseError(f"{name} in JSON")


COMMANDS = (
    ["run"], ["run", "--format", "json"], ["run", "--format", "npz", "--output", "OUT"],
    ["run", "--output-only"], ["run", "--format", "csv", "--output", "OUT"], ["check"],
    ["check", "--format", "json"], ["check", "--format", "github"], ["explain"],
    ["why", "--neuron", "1"], ["explain", "--format", "latex"], ["explain", "--format", "html"],
    ["why", "--format", "json", "--neuron", "2"], ["run", "--input", "1,2"],
    ["export", "--output", "OUT"],
)  # fmt: skip


# Executions of a thousand: most where they are cheap, and where bytes are the most hostile.
SHARES = {
    "load": 200, "files": 6, "command": 6,
    "inputs.npy": 80, "inputs.npz": 90, "inputs.csv": 80, "inputs.json": 80,
    "reference.json": 20, "reference.npz": 20,
    "arrays.npy": 15, "arrays.npz": 15, "arrays.csv": 15, "arrays.safetensors": 15,
    "import.pkl": 160, "import.pt": 125, "import.nnet": 30, "import.npz": 15,
    "import.safetensors": 15, "import.onnx": 10, "import.keras": 2, "import.h5": 1,
}  # fmt: skip
_DOORS, _UP_TO = [*SHARES], [*accumulate(SHARES.values())]


class Fuzzer:
    """Draws inputs and puts them through the doors; what is new in its outcome is a seed, too."""

    def __init__(self, doors: Doors, random: Random) -> None:
        self.doors, self.random = doors, random
        self.texts = [each for each in seeds.yaml_seeds() if how_far(each) > len(each)]
        self.broken = [each for each in seeds.yaml_seeds() if how_far(each) <= len(each)]
        self.seen: set[tuple[str, str]] = set()

    def draw(self) -> tuple[str, bytes, Callable[[], str]]:
        """The next input: which door, the bytes, and the call that puts them through it."""
        random = self.random
        (drawn,) = random.choices(_DOORS, cum_weights=_UP_TO)
        if drawn == "load":
            data = self.typed()
            return drawn, data, lambda: self.doors.load(data)
        if drawn == "files":
            data = networks.with_files(random).encode()
            return drawn, data, lambda: self.doors.load(data)
        if drawn == "command":
            name = random.choice(("run", "check", "explain", "why", "export"))
            command = random.choice([each for each in COMMANDS if each[0] == name])
            data = self.typed()
            return f"command {name}", data, lambda: self.doors.command(command, data)
        name, _, suffix = drawn.partition(".")
        suffix = f".{suffix}"
        if name == "import":
            data = mutate.import_file(random, suffix, random.choice(seeds.import_seeds(suffix)))
            return drawn, data, lambda: self.doors.import_(suffix, data)
        given = seeds.reference_seeds(suffix) if name == "reference" else seeds.array_seeds(suffix)
        data = mutate.array_file(random, suffix, random.choice(given))
        return drawn, data, lambda: getattr(self.doors, name)(suffix, data)

    def typed(self) -> bytes:
        """A network file: made anew, or a seed, and most often mutated."""
        random = self.random
        kind = random.random()
        if kind < 0.5:
            typed = networks.text(random, networks.plan(random))
            if kind < 0.1:
                return typed.encode()
        else:
            typed = random.choice(self.broken if kind < 0.52 else self.texts)
        if random.random() < 0.03:
            return mutate.raw(random, typed.encode(errors="surrogatepass"))
        tame = random.random() < 0.88
        return mutate.encoded(random, mutate.text(random, typed, random.choice(self.texts), tame))

    def learn(self, door: str, data: bytes, became: str) -> None:
        """Keep a short text whose combination of codes is new, to go on from there."""
        if (door, became) not in self.seen:
            self.seen.add((door, became))
            known = self.broken if "yaml-syntax" in became else self.texts
            if door == "load" and len(data) < 1000 and len(known) < 3000:
                known.append(data.decode(errors="replace"))


def quiet() -> None:
    """Warnings are errors, as in the tests: none may come of a file."""
    warnings.simplefilter("error")
