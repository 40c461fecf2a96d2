"""Plugins as their authors write them, well or badly: each is a real file that is really loaded."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, spawn

import netrunner as nr
from netrunner.activations.installed import shipped_plugins
from netrunner.activations.plugins import load_registry
from netrunner.problems.problem import BrokenPluginWarning

HEAD = """import signal, numpy as np
import netrunner
from netrunner import Activation
"""
HOOK = """
@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", {function})]
"""
NETWORK = """
inputs: 2
layers:
  - {{name: first, size: 2, weights: [[1, 0], [0, 1]], biases: 0, activation: identity}}
  - {{name: second, size: 2, weights: [[1, 0], [0, 1]], biases: 0, activation: {activation}}}
examples:
  - {{input: [1.0, -2.0], output: [1.0, -2.0]}}
"""
ROWS = np.array([[1.0, -2.0], [0.5, 3.0]])


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NETWORK.format(activation="h"))
    return path


def plugin(folder: Path, code: str, function: str = "h", name: str = "plug.py") -> Path:
    """A plugin file with `code` in its fourth line and after, that registers `function` as h."""
    path = folder / name
    path.write_text(HEAD + code + "\n" + HOOK.format(function=function))
    return path


def problem(call: Any, *arguments: Any, **named: Any) -> nr.Problem:
    """The one problem that a call raises."""
    with pytest.raises(nr.NetrunnerError) as raised:
        call(*arguments, **named)
    (only,) = raised.value.problems
    return only


# What is wrong when the plugin is loaded.

WRONG_FILES = {
    "misspelt": (
        "@netrunner.hookimpl\ndef netrunner_activation(): return []",
        "unknown-hook", 5, "no hook 'netrunner_activation'",
    ),
    "another hook": ("@netrunner.hookimpl\ndef foo(): return []", "unknown-hook", 5, "'foo'"),
    "not marked": ("def netrunner_activations(): return []", "empty-plugin", 4, "not marked"),
    "arguments": (
        "@netrunner.hookimpl\ndef netrunner_activations(config): return []",
        "unknown-hook", 5, "asks for config",
    ),
    "generator": (
        "@netrunner.hookimpl\ndef netrunner_activations():\n    yield Activation('h', np.tanh)",
        "plugin-result", 5, "returned generator, not a list",
    ),
    "wrapper": (
        "@netrunner.hookimpl(wrapper=True)\ndef netrunner_activations():\n    yield",
        "plugin-result", 5, "returned generator, not a list",
    ),
    "coroutine": (
        "@netrunner.hookimpl\nasync def netrunner_activations(): return []",
        "plugin-result", 5, "returned coroutine, not a list",
    ),
    "nothing returned": (
        "@netrunner.hookimpl\ndef netrunner_activations(): pass",
        "plugin-result", 5, "returned NoneType, not a list",
    ),
    "dict": (
        "@netrunner.hookimpl\ndef netrunner_activations(): return {'h': np.tanh}",
        "plugin-result", 5, "returned dict, not a list",
    ),
    "text": (
        "@netrunner.hookimpl\ndef netrunner_activations(): return ['h']",
        "plugin-result", 5, "lists 'h', which is not an Activation",
    ),
    "no name": (
        "@netrunner.hookimpl\ndef netrunner_activations(): return [Activation(' ', np.tanh)]",
        "plugin-result", 5, "must be text",
    ),
    "blank in front": (
        "@netrunner.hookimpl\ndef netrunner_activations(): return [Activation(' relu', np.tanh)]",
        "plugin-result", 5, "activation ' relu' has invisible characters, or spaces",
    ),
    "blank of no width": (
        "@netrunner.hookimpl\n"
        "def netrunner_activations(): return [Activation('re\u200blu', np.tanh)]",
        "plugin-result", 5, "activation 're\\u200blu' has invisible characters",
    ),
    "escape": (
        "@netrunner.hookimpl\ndef netrunner_activations(): return [Activation('\\x1b', np.tanh)]",
        "plugin-result", 5, "activation '\\x1b' has invisible characters",
    ),
    "blank in the middle": (
        "@netrunner.hookimpl\ndef netrunner_activations(): return [Activation('a\u3000b', 3)]",
        "plugin-result", 5, "cannot be called",
    ),
    "nothing to be seen": (
        "@netrunner.hookimpl\ndef netrunner_activations(): return [Activation('\u200d', np.tanh)]",
        "plugin-result", 5, "activation '\\u200d' has invisible characters",
    ),
    "no function": (
        "@netrunner.hookimpl\ndef netrunner_activations(): return [Activation('h', 3)]",
        "plugin-result", 5, "cannot be called",
    ),
    "empty list": (
        "@netrunner.hookimpl\ndef netrunner_activations(): return []",
        "empty-plugin", 5, "its list is empty",
    ),
    "hook raises": (
        "@netrunner.hookimpl\ndef netrunner_activations():\n    return [undefined]",
        "plugin-raised", 6, "NameError: name 'undefined'",
    ),
    "positional": (
        "@netrunner.hookimpl\ndef netrunner_activations():\n    return [Activation('h', 3, 4)]",
        "plugin-raised", 6, "TypeError",
    ),
    "nothing": ("x = 1", "empty-plugin", 1, "adds nothing"),
    "syntax": ("def f(:\n    pass", "plugin-raised", 4, "not valid Python"),
    "indentation": ("def f():\npass", "plugin-raised", 5, "not valid Python"),
    "import": ("\nimport no_such_module_anywhere", "plugin-raised", 5, "ModuleNotFoundError"),
    "raises": ("def f():\n    raise RuntimeError('no luck')\nf()", "plugin-raised", 5, "no luck"),
    "exits": ("import sys\nsys.exit(0)", "plugin-raised", 5, "tried to exit"),
    "base exception": ("class K(BaseException): pass\nraise K", "plugin-raised", 5, "raised K"),
    "recursion": ("def f(): f()\nf()", "plugin-raised", 4, "RecursionError"),
    "memory": ("raise MemoryError", "plugin-raised", 4, "MemoryError"),
    "no array": (
        "def h(): pass\n" + HOOK.format(function="h"), "plugin-result", 4, "first argument",
    ),
    "only keywords": (
        "def h(*, a=1): pass\n" + HOOK.format(function="h"), "plugin-result", 4, "first argument",
    ),
    "no default": (
        "def h(a, beta): pass\n" + HOOK.format(function="h"),
        "plugin-result", 4, "parameter 'beta' has no default",
    ),
    "two arrays": (HOOK.format(function="np.add"), "plugin-result", 6, "one array"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_wrong_plugin_file_is_one_problem_at_its_line(case: str, tmp_path: Path) -> None:
    code, expected_code, line, words = WRONG_FILES[case]
    path = tmp_path / "plug.py"
    path.write_text(HEAD + code + "\n")
    found = problem(nr.load, ROOT / "networks/and.yaml", [path])
    assert (found.code, found.place.file, found.place.line) == (expected_code, str(path), line)
    assert "'plug.py'" in found.message
    assert words in found.message
    assert found.place.source_line in path.read_text().split("\n")


def test_a_plugin_that_is_not_utf8_is_told_to_become_it(tmp_path: Path) -> None:
    path = tmp_path / "plug.py"
    path.write_bytes("# -*- coding: latin-1 -*-\n# é\n".encode("latin-1"))
    found = problem(nr.load, ROOT / "networks/and.yaml", [path])
    assert (found.code, found.place.line, found.place.column) == ("not-utf-8", 2, 3)
    assert found.hint == "save the file as UTF-8"


def test_paths_that_name_no_plugin(tmp_path: Path, network: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "_private.py").write_text("raise RuntimeError")
    (tmp_path / "empty" / "test_it.py").write_text("raise RuntimeError")
    (tmp_path / "empty" / "notes.txt").write_text("raise RuntimeError")
    (tmp_path / "empty" / "deeper").mkdir()
    (tmp_path / "empty" / "deeper" / "plug.py").write_text("raise RuntimeError")
    assert problem(nr.load, network, [tmp_path / "empty"]).code == "empty-plugin"
    assert problem(nr.load, network, [tmp_path / "nope"]).code == "file-not-found"
    assert problem(nr.load, network, [""]).code == "file-not-found"  # not the current folder
    plugin(tmp_path, "", "np.tanh", "swish.py")
    assert "swish.py" in str(problem(nr.load, network, [tmp_path / "swich.py"]).hint)


def test_the_plugins_of_a_folder_are_all_told_of(tmp_path: Path, network: Path) -> None:
    for name in ("b.py", "a.py"):
        (tmp_path / name).write_text("x = 1\n")
    with pytest.raises(nr.NetrunnerError) as raised:
        nr.load(network, [tmp_path])
    assert [each.place.file for each in raised.value.problems] == [
        str(tmp_path / "a.py"), str(tmp_path / "b.py")
    ]  # fmt: skip


def test_named_twice_counts_once(
    tmp_path: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    path = plugin(folder, "", "np.tanh")
    (tmp_path / "link.py").symlink_to(path)
    monkeypatch.setenv("NETRUNNER_PLUGINS", f"{path}{os.pathsep}{os.pathsep}{folder}")
    monkeypatch.chdir(tmp_path)
    spellings = [path, folder, "plugins", "plugins/../plugins/plug.py", "link.py", path]
    assert nr.load(network, spellings)([1.0, 0.0]).tolist() == [np.tanh(1.0), 0.0]


def test_the_environment_variable_names_plugins(
    tmp_path: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETRUNNER_PLUGINS", str(plugin(tmp_path, "", "np.tanh")))
    assert nr.load(network)([1.0, 0.0])[0] == np.tanh(1.0)


def test_a_single_path_may_stand_without_a_list(tmp_path: Path, network: Path) -> None:
    path = plugin(tmp_path, "", "np.tanh")
    assert nr.load(network, plugins=str(path))([1.0, 0.0])[0] == np.tanh(1.0)


def test_a_plugins_folder_that_nobody_named_is_not_executed(
    tmp_path: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plugins").mkdir()
    plugin(tmp_path / "plugins", "open('executed', 'w').close()", "np.tanh")
    plugin(tmp_path, "open('executed', 'w').close()", "np.tanh", "h.py")
    monkeypatch.chdir(tmp_path)
    assert problem(nr.load, network).code == "unknown-activation"
    assert not (tmp_path / "executed").exists()


def test_a_duplicate_name_names_both_files_and_lines(tmp_path: Path, network: Path) -> None:
    first = plugin(tmp_path, "def h(a): return a * 1", name="a.py")
    second = plugin(tmp_path, "\n\ndef h(a): return a * 2", name="b.py")
    found = problem(nr.load, network, [first, second])
    assert (found.code, found.place.file, found.place.line) == (
        "duplicate-activation", str(second), 6
    )  # fmt: skip
    assert f"{first}:4" in found.message
    assert (found.related[0].place.file, found.related[0].place.line) == (str(first), 4)


def test_a_built_in_and_a_plugin_of_one_name_are_a_duplicate(tmp_path: Path) -> None:
    path = tmp_path / "plug.py"
    path.write_text(HEAD + HOOK.format(function="np.tanh").replace('"h"', '"sigmoid"'))
    found = problem(nr.load, ROOT / "networks/and.yaml", [path])
    assert (found.code, found.place.line) == ("duplicate-activation", 6)
    assert "built-in" in found.message
    built_in = found.related[0].place
    assert built_in.file.endswith("built_in.py")
    assert built_in.source_line == "def sigmoid(a: Array, out: Array | None = None) -> Array:"


def test_a_name_twice_in_one_plugin_is_a_duplicate(tmp_path: Path, network: Path) -> None:
    path = plugin(tmp_path, "def h(a): return a", 'h), Activation("h", h')
    found = problem(nr.load, network, [path])
    assert (found.code, found.place.line) == ("duplicate-activation", 4)
    assert found.related[0].place.file == str(path)


# What is wrong when the function runs.

WRONG_FUNCTIONS = {
    "return list(a)": ("plugin-result", "returned list"),
    "return 1.0": ("plugin-result", "returned float,"),
    "return a.sum()": ("plugin-result", "returned a single number"),
    "pass": ("plugin-result", "returned NoneType"),
    "return a[..., None]": ("plugin-result", "(2, 1) for an input of shape (2,)"),
    "return a[..., :1]": ("plugin-result", "(1,) for an input of shape (2,)"),
    "return a * 1j": ("plugin-result", "complex128"),
    "return a.astype(str)": ("plugin-result", "of <U32"),
    "return a.astype(object)": ("plugin-result", "of object"),
    "return a.astype('M8[s]')": ("plugin-result", "datetime64"),
    "return np.ma.array(a)": ("plugin-result", "returned MaskedArray"),
    "return a.view(np.recarray)": ("plugin-result", "returned recarray"),
    "a += 1; return a": ("plugin-changes-input", "changes its input"),
    "a[0] = 1; return a": ("plugin-changes-input", "changes its input"),
    "a.sort(); return a": ("plugin-changes-input", "changes its input"),
    "return np.exp(a, out=a)": ("plugin-changes-input", "changes its input"),
    "raise ValueError('bad\\n\\x1b[31mday')": ("plugin-raised", "ValueError: bad ␛[31mday"),
    "raise SystemExit(0)": ("plugin-raised", "tried to exit the program"),
    "raise StopIteration": ("plugin-raised", "StopIteration"),
    "raise GeneratorExit": ("plugin-raised", "GeneratorExit"),
    "raise MemoryError": ("plugin-raised", "MemoryError"),
    "return h(a)": ("plugin-raised", "RecursionError"),
    "return 1 / 0": ("plugin-raised", "ZeroDivisionError"),
    "raise Mute": ("plugin-raised", "raised Mute"),
    "return wait(a)": ("plugin-result", "returned coroutine, not a numpy array"),
}


@pytest.mark.parametrize("body", WRONG_FUNCTIONS)
def test_a_misbehaving_function_is_one_problem_that_names_the_layer(
    body: str, tmp_path: Path, network: Path
) -> None:
    code, words = WRONG_FUNCTIONS[body]
    mute = (
        "class Mute(Exception):\n    def __str__(self): raise self\nasync def wait(a): return a\n"
    )
    path = plugin(tmp_path, f"{mute}def h(a):\n    {body}")
    found = problem(nr.load(network, [path]), [1.0, -2.0])
    assert (found.code, found.place.file, found.place.line) == (code, str(path), 7)
    assert found.message.startswith("layer 2 'second': activation 'h' of plugin 'plug.py' ")
    assert words in found.message
    assert problem(nr.load(network, [path]).trace, ROWS).code == code


def test_where_a_function_raised_is_a_note(tmp_path: Path, network: Path) -> None:
    path = plugin(tmp_path, "def h(a):\n    b = a * 2\n    return b / undefined")
    found = problem(nr.load(network, [path]), [1.0, -2.0])
    assert (found.place.line, found.related[0].place.line) == (4, 6)


@pytest.mark.parametrize(
    "code",
    [
        "def h(a): signal.raise_signal(2)",
        # As the last row of the batch is tried alone.
        "def h(a):\n    if len(a) == 1: signal.raise_signal(2)\n    return a",
        "class Slow(Exception):\n    def __str__(self): signal.raise_signal(2)\n"
        "def h(a): raise Slow",
        "signal.raise_signal(2)",
    ],
)
def test_ctrl_c_is_no_misbehaviour(code: str, tmp_path: Path, network: Path) -> None:
    path = plugin(tmp_path, code)
    with pytest.raises(KeyboardInterrupt):
        nr.load(network, [path])(ROWS)


@pytest.mark.parametrize(
    "body", ["return undefined", "return np.stack([])", "return int('x')", "raise SystemExit"]
)
def test_what_fails_where_a_parameter_is_tried_is_told_by_the_run(
    body: str, tmp_path: Path, network: Path
) -> None:
    """The parameter is innocent: only a ValueError that the function raises is about it."""
    network.write_text(NETWORK.format(activation="{name: h, k: 2}"))
    net = nr.load(network, [plugin(tmp_path, f"def h(a, k=1): {body}")])
    assert problem(net, [1.0, 2.0]).code == "plugin-raised"


def test_ctrl_c_while_a_parameter_is_tried(tmp_path: Path, network: Path) -> None:
    network.write_text(NETWORK.format(activation="{name: h, k: 2}"))
    with pytest.raises(KeyboardInterrupt):
        nr.load(network, [plugin(tmp_path, "def h(a, k=1): signal.raise_signal(2)")])


CHAPTER = """
def h(a):
    c = np.max(a)
    exp_a = np.exp(a - c)
    sum_exp_a = np.sum(exp_a)
    return exp_a / sum_exp_a
"""
BY_ROW = "treat each row by itself: axis=-1, keepdims=True"
WHOLE_ROW = "declare elementwise=False"


@pytest.mark.parametrize(
    ("code", "declared", "words", "hint"),
    [
        ("def h(a): return a.max(axis=0) + 0 * a", "", "mixes the rows", BY_ROW),
        ("def h(a): return a - a.mean(axis=0)", "", "mixes the rows", BY_ROW),
        (  # a number that is not finite excuses no other in its row
            "def h(a): return np.where([True, False], np.inf, a - a.mean(axis=0))",
            "", "mixes the rows", f"{BY_ROW}; and {WHOLE_ROW}",
        ),
        (CHAPTER, ", elementwise=False", "mixes the rows of a batch", BY_ROW),
        (CHAPTER, "", "mixes the rows of a batch", f"{BY_ROW}; and {WHOLE_ROW}"),
        (
            "def h(a):\n    e = np.exp(a - a.max())\n    return e / e.sum(axis=-1, keepdims=True)",
            ", elementwise=False", "mixes the rows of a batch", BY_ROW,
        ),
        (
            "def h(a): return a - a.mean(axis=-1, keepdims=True)",
            "", "is not element-wise", f"{WHOLE_ROW}, since an output depends on its whole row",
        ),
        ("def h(a): return a * np.arange(2.0)", "", "is not element-wise", WHOLE_ROW),
        (
            "def h(a): return np.vectorize(lambda x: x if x > 0 else 0)(a)",
            "", "cuts fractions off", "np.vectorize takes the type of its first result",
        ),
        ("def h(a): return a + np.random.normal(size=a.shape)", "", "a different answer", ""),
        ("def h(a): return a + np.random.normal()", "", "a different answer", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("x", [[1.0, -2.0], ROWS, [0.0, 0.0]], ids=["row", "batch", "zeros"])
def test_an_activation_is_tried_before_it_is_used(
    code: str, declared: str, words: str, hint: str, x: Any, tmp_path: Path, network: Path
) -> None:
    path = plugin(tmp_path, code, f"h{declared}")
    net = nr.load(network, [path])
    for call in (net, net.trace):
        found = problem(call, x)
        assert (found.code, found.place.file) == ("plugin-result", str(path))
        assert found.message.startswith("layer 2 'second': activation 'h' of plugin 'plug.py' ")
        assert words in found.message
        assert (found.hint or "").startswith(hint)


def test_a_function_that_fails_for_one_neuron_is_not_tried_with_one(
    tmp_path: Path, network: Path
) -> None:
    code = "def h(a):\n    if a.shape[-1] == 1: raise ValueError('one')\n    return a * 1"
    assert nr.load(network, [plugin(tmp_path, code)])([1.0, -2.0]).tolist() == [1.0, -2.0]


ONLY_BATCHES = "for a single input, a has shape (neurons,): use axis=-1, and no loop over rows"


@pytest.mark.parametrize(
    ("code", "declared", "words", "hint"),
    [
        (
            "def h(a): return np.array([np.exp(row) / np.exp(row).sum() for row in a])",
            "shares=True, elementwise=False",
            "gives a single input, of shape (neurons,), another result than as a batch of one: "
            "tried on fixed numbers, neuron 1 of row 1 is 1 alone and 0.13065678 in a batch",
            ONLY_BATCHES,
        ),
        (
            "def h(a): return a - a.mean(axis=1, keepdims=True)",
            "elementwise=False", "raised AxisError: axis 1 is out of bounds", ONLY_BATCHES,
        ),
        (  # two rows of two neurons would be divided by the wrong sums
            "def h(a):\n    e = np.exp(a)\n    return e / e.sum(axis=-1)",
            "elementwise=False", "could not be broadcast", BY_ROW,
        ),
        (
            "def h(a): return np.where(a < -9, np.inf, a)",
            "finite=True",
            "declares finite=True, but gives NaN or infinity for finite numbers", None,
        ),
        (
            "def h(a): return a * 2",
            "shares=True, elementwise=False",
            "declares shares=True, but the results of a row add up to 10.021022", None,
        ),
        (
            "def h(a, out=None): return a * 2",
            "in_place=True", "declares in_place=True, but returns something other than what", None,
        ),
        (
            "def h(a, out=None):\n    np.multiply(a, 2, out=out)",
            "in_place=True", "declares in_place=True, but returns something other than", None,
        ),
        (
            "def h(a):\n    a.setflags(write=True)\n    a[...] = 0\n    return a * 1",
            "", "changes its input, which is not allowed", None,
        ),
    ],
)  # fmt: skip
def test_an_activation_that_is_not_what_the_engine_relies_on(
    code: str, declared: str, words: str, hint: str | None, tmp_path: Path, network: Path
) -> None:
    net = nr.load(network, [plugin(tmp_path, code, f"h, {declared}")])
    for x in ([1.0, -2.0], ROWS):
        found = problem(net, x)
        assert words in found.message
        assert found.hint == hint


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def h(a): raise RuntimeError('always')", "raised RuntimeError: always"),
        ("def h(a): return a * 1j", "returned an array of complex128"),
        ("def h(a): a += 1; return a", "changes its input, which is not allowed"),
        ("def h(a): return a[:1]", "returned shape"),
    ],
)
def test_check_finds_what_fails_for_any_numbers(
    code: str, words: str, tmp_path: Path, network: Path, netrunner: Any
) -> None:
    network.write_text(network.read_text().partition("examples:")[0])
    result = netrunner("check", network, "--plugins", plugin(tmp_path, code))
    assert result.code == 1
    assert words in result.err


def test_a_long_message_is_shortened_and_a_plugin_is_read_anew(
    tmp_path: Path, network: Path, netrunner: Any
) -> None:
    path = plugin(tmp_path, "def h(a): raise RuntimeError('long ' * 1000)")
    first = netrunner("run", network, "--input=1,2", "--plugins", path).err
    assert "raised RuntimeError: long long" in first
    assert len(first) < 1500
    plugin(tmp_path, "def h(a): raise ValueError('of another line')")
    assert (
        "def h(a): raise ValueError"
        in netrunner("run", network, "--input=1,2", "--plugins", path).err
    )


@pytest.mark.parametrize("examples", [True, False])
def test_check_tries_activations_too(
    examples: bool, tmp_path: Path, network: Path, netrunner: Any
) -> None:
    if not examples:
        network.write_text(network.read_text().partition("examples:")[0])
    path = plugin(tmp_path, CHAPTER, "h, elementwise=False")
    for command in ("check", "run"):
        result = netrunner(
            command, network, "--plugins", path, *["--input=1,2"] * (command == "run")
        )
        assert (result.code, result.out) == (1, "")
        assert "layer 2 'second': activation 'h' of plugin" in result.err
        assert f"  help: {BY_ROW}\n" in result.err


@pytest.mark.parametrize(
    "code",
    [
        "def h(a): return np.log(a)",
        "def h(a): return np.sqrt(a - 1e30)",
        "def h(a): return np.where(a > 0, np.inf, a)",
        "def h(a): return np.exp(a) - np.exp(-a)",
        "def h(a): return a ** 30",
        "def h(a):\n    if (a < -5).any(): raise ValueError('too small')\n    return a",
        "def h(a): return np.asarray(a, np.float32)",
        "def h(a): return a > 0",
        "def h(a): return np.zeros(a.shape, int) if (a < 0).all() else np.maximum(a, 0)",
        "def h(a): return np.stack([np.vectorize(float)(row) for row in a]) if a.ndim > 1 else a",
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_no_mistake_passes_the_trial(
    code: str, dtype: str, tmp_path: Path, network: Path
) -> None:
    network.write_text(network.read_text() + f"dtype: {dtype}\n")
    net = nr.load(network, [plugin(tmp_path, code)])
    assert net.silent_output(ROWS + 3)[0].shape == (2, 2)


COUNTING = """
calls = []
def h(a):
    calls.append(a.shape)
    return np.tanh(a)
"""


def test_a_function_is_tried_once_and_called_once_a_run(tmp_path: Path, network: Path) -> None:
    net = nr.load(network, [plugin(tmp_path, COUNTING)])
    calls = net.layers[1].activation.function.__globals__["calls"]
    assert calls == []
    net([1.0, -2.0])
    tried = len(calls) - 1
    assert tried <= 10
    for x in ([1.0, 2.0], ROWS, np.ones((1000, 2))):
        for call in (net, net.trace):
            before = len(calls)
            call(x)
            assert len(calls) - before == 1
    pickle.loads(pickle.dumps(net))([1.0, -2.0])


def test_a_layer_of_another_width_is_tried_anew(tmp_path: Path) -> None:
    path = plugin(tmp_path, "def h(a): return a * (1 if a.shape[-1] != 3 else np.arange(3.0))")
    W = np.ones
    net = nr.from_arrays([(W((1, 2)), 0, "h"), (W((2, 3)), 0, "h")], plugins=[path])
    assert problem(net, [1.0]).message.startswith("layer 2: ")


def test_a_function_may_use_a_network_of_its_own(tmp_path: Path, network: Path) -> None:
    code = "inner = netrunner.from_arrays([([[2.0]], 0.0, 'identity')])\n"
    code += "def h(a): return inner(a.reshape(-1, 1)).reshape(a.shape)"
    net = nr.load(network, [plugin(tmp_path, code)])
    assert net([1.0, -2.0]).tolist() == [2.0, -4.0]
    assert net(ROWS).tolist() == (2 * ROWS).tolist()


def test_prints_and_warnings_of_the_trial_are_not_heard(
    tmp_path: Path, network: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "import warnings\ndef h(a): print(a.shape); warnings.warn(str(a.shape)); return a * 1"
    net = nr.load(network, [plugin(tmp_path, code)])
    with pytest.warns(UserWarning, match=r"^\(2,\)$") as caught:
        net([1.0, -2.0])
    assert len(caught) == 1
    assert capsys.readouterr().out == "(2,)\n"


def test_a_function_that_takes_no_batch_of_one(tmp_path: Path, network: Path) -> None:
    code = "def h(a):\n    assert a.shape != (1, 2)\n    return a * 2"
    net = nr.load(network, [plugin(tmp_path, code)])
    assert net(ROWS).tolist() == (ROWS * 2).tolist()


def test_a_function_in_c_that_does_not_tell_its_parameters(tmp_path: Path, network: Path) -> None:
    net = nr.load(network, [plugin(tmp_path, "", "max")])
    assert "returned a single number" in problem(net, [1.0, 2.0]).message


@pytest.mark.parametrize("arguments", [[], ["--format", "json"], ["--output-only"]])
@pytest.mark.parametrize("body", ["import sys; sys.exit(0)", "return list(a)", "a += 1; return a"])
def test_a_misbehaving_plugin_gives_exit_1_and_no_data(
    body: str, arguments: list[str], tmp_path: Path, network: Path, netrunner: Any
) -> None:
    path = plugin(tmp_path, f"def h(a):\n    {body}")
    output = tmp_path / "out"
    output.write_text("as it was")
    result = netrunner("run", network, "--plugins", path, *arguments)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"{path}:4:5: error: layer 2 'second': activation 'h' of plugin")
    assert netrunner("run", network, "--plugins", path, "--output", output).code == 1
    assert output.read_text() == "as it was"
    assert netrunner("check", network, "--plugins", path).code == 1


# What is right.

RIGHT = {
    "def": ("def h(a): return a * 2", "h"),
    "lambda": ("", "lambda a: a * 2"),
    "partial": ("from functools import partial", "partial(np.multiply, 2.0)"),
    "object": ("class H:\n    def __call__(self, a, k=2.0): return a * k", "H()"),
    "class method": ("class H:\n    @classmethod\n    def h(cls, a, k=2.0): return a * k", "H.h"),
    "ufunc": ("", "np.vectorize(lambda a: 2 * a)"),
    "varargs": ("def h(*args, **kwargs): return args[0] * 2", "h"),
    "keeps its result": (
        "last = []\ndef h(a):\n    for z in last: z[...] = 7\n    last.append(a * 2)\n"
        "    return last[-1]",
        "h",
    ),
    "float16 and order": ("def h(a): return np.asfortranarray((a * 2).astype(np.float16))", "h"),
    "changes numpy's settings": (
        "np.seterr(all='raise')\ndef h(a):\n    np.seterr(all='raise')\n"
        "    np.set_printoptions(precision=1)\n    return a * 2",
        "h",
    ),
}


@pytest.mark.parametrize("case", RIGHT)
def test_a_well_behaved_plugin_runs(case: str, tmp_path: Path, network: Path) -> None:
    settings = np.geterr()
    with np.printoptions():  # which a function may change, as any other code
        net = nr.load(network, [plugin(tmp_path, *RIGHT[case])])
        for x in ([1.0, -2.0], ROWS, [0.0, 0.0]):
            y = net(x)
            assert y.dtype == np.float64
            np.testing.assert_array_equal(y, 2 * np.asarray(x))
        trace = net.trace(ROWS)
        net(ROWS * 5)
        np.testing.assert_array_equal(trace.layers[1].Z, ROWS * 2)
    assert np.geterr() == settings


@pytest.mark.parametrize("returns", ["a > 0", "(a > 0).astype(int)", "(a > 0).astype('u1')"])
def test_integers_and_booleans_are_converted(returns: str, tmp_path: Path, network: Path) -> None:
    net = nr.load(network, [plugin(tmp_path, f"def h(a): return {returns}")])
    assert net([1.0, -2.0]).tolist() == [1.0, 0.0]
    assert net([1.0, -2.0]).dtype == np.float64


@pytest.mark.parametrize("returns", ["a", "a[...]", "a.view()", "np.asarray(a)"])
def test_a_function_may_return_its_input(returns: str, tmp_path: Path, network: Path) -> None:
    trace = nr.load(network, [plugin(tmp_path, f"def h(a): return {returns}")]).trace(ROWS)
    np.testing.assert_array_equal(trace.output, ROWS)
    assert not np.shares_memory(trace.layers[1].A, trace.layers[1].Z)


@pytest.mark.parametrize("kind", ["f8", "f4"])
def test_what_a_function_returns_takes_the_dtype_of_the_network(
    kind: str, tmp_path: Path, network: Path
) -> None:
    path = plugin(tmp_path, f"def h(a): return a.astype('{kind}') / 3")
    for dtype in ("float64", "float32"):
        network.write_text(NETWORK.format(activation="h") + f"dtype: {dtype}\n")
        trace = nr.load(network, [path]).trace([1.0, -2.0])
        assert {array.dtype.name for step in trace.layers for array in (step.A, step.Z)} == {dtype}


def test_nan_is_one_warning_that_names_its_place(
    tmp_path: Path, network: Path, netrunner: Any
) -> None:
    code = (
        "import warnings\nwarnings.simplefilter('ignore')\n"
        "def h(a):\n    warnings.simplefilter('error')\n    return np.where(a < 0, np.nan, a)"
    )
    path = plugin(tmp_path, code)
    where = "layer 2 'second', neuron 2: 'h' gives nan for A = -2.0"
    with warnings.catch_warnings():  # the function changes the filters
        assert str(nr.load(network, [path]).silent_trace([1.0, -2.0]).not_finite) == where
    for arguments in (["--output-only"], ["--format", "json"], []):
        result = netrunner("run", network, "--plugins", path, *arguments)
        assert result.code == 0
        assert result.err == f"{network}: warning: {where} [not-finite]\n"
        assert "nan" in result.out.lower()


def test_prints_and_warnings_of_a_plugin_do_not_reach_the_data(
    tmp_path: Path, network: Path, netrunner: Any
) -> None:
    path = plugin(
        tmp_path,
        "import warnings\nprint('importing')\nwarnings.warn('at import')\n"
        "def h(a):\n    print('running')\n    warnings.warn('in a run')\n    return a * 1",
    )
    result = netrunner("run", network, "--plugins", path, "--format", "json")
    assert json.loads(result.out)["output"] == [1.0, -2.0]
    assert result.err.split("\n") == [
        "importing",
        "running",
        f"{path}:6: warning: at import [UserWarning]",
        f"{path}:9: warning: in a run [UserWarning]",
        "",
    ]


# Parameters.

PARAMETERS = """
def h(a, beta=1.0, *, flag=True, mode="plain", other=None, count=1):
    if beta <= 0:
        raise ValueError(f"beta must be positive, not {beta}")
    return a * beta
"""


@pytest.mark.parametrize(
    ("given", "code", "at", "words"),
    [
        ("{name: h, bata: 2}", "unknown-parameter", "bata", "no parameter 'bata'; it has beta"),
        ("{name: h, beta: much}", "not-a-number", "much", "beta"),
        ("{name: h, beta: [1]}", "wrong-type", "[1]", "beta"),
        ("{name: h, beta: -1}", "wrong-parameter", "-1", "beta must be positive, not -1"),
        ("{name: h, flag: 3}", "wrong-type", "3}", "true or false"),
        ("{name: h, count: 2.5}", "not-a-number", "2.5", "'2.5' is not a whole number"),
        ("{name: relu, beta: 1}", "unknown-parameter", "beta", "has no parameters"),
    ],
)
def test_a_wrong_parameter_is_reported_at_its_own_place(
    given: str, code: str, at: str, words: str, tmp_path: Path, network: Path
) -> None:
    network.write_text(NETWORK.format(activation=given))
    found = problem(nr.load, network, [plugin(tmp_path, PARAMETERS)])
    line = str(found.place.source_line)
    assert (found.code, found.place.line) == (code, 5)
    assert found.place.column == line.rindex(at) + 1
    assert words in found.message
    if code == "unknown-parameter" and "bata" in given:
        assert found.hint == "did you mean beta?"


def test_an_activation_of_the_registry_is_called_with_the_same_care(tmp_path: Path) -> None:
    registry = load_registry([plugin(tmp_path, PARAMETERS)])
    assert registry["h"].h({"beta": 3})(np.array([1.0, -2.0])).tolist() == [3.0, -6.0]
    assert registry["h"].h()(np.array([1.0])).tolist() == [1.0]
    assert problem(registry["h"].h({"beta": 0}), np.array([1.0])).code == "plugin-raised"


def test_parameters_reach_the_function_and_the_trace(tmp_path: Path, network: Path) -> None:
    network.write_text(
        NETWORK.format(activation="{name: h, beta: 3, flag: false, mode: x, count: -4}")
    )
    net = nr.load(network, [plugin(tmp_path, PARAMETERS)])
    assert net([1.0, -2.0]).tolist() == [3.0, -6.0]
    parameters = net.trace([1.0, -2.0]).layers[1].parameters
    assert dict(parameters) == {"beta": 3.0, "flag": False, "mode": "x", "count": -4}
    assert isinstance(parameters["count"], int)
    with pytest.raises(TypeError):
        parameters["beta"] = 1.0  # type: ignore[index]


# Installed plugins.


def distribution(folder: Path, value: str, files: dict[str, str], name: str = "plug") -> None:
    """An installed distribution, made by hand, whose one entry point is `value`."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[netrunner]\n{name} = {value}\n")
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like site-packages, of its own for each test."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_an_installed_plugin_needs_no_naming(
    site: Path, network: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = HEAD + "def h(a): return a * 2\n" + HOOK.format(function="h")
    distribution(site, "nr_test_good", {"nr_test_good.py": code})
    assert nr.load(network)([1.0, -2.0]).tolist() == [2.0, -4.0]
    # Named as well, it is the same plugin.
    assert nr.load(network, [site / "nr_test_good.py"])([1.0, 0.0])[0] == 2.0
    listed = json.loads(netrunner("activations", "--format", "json").out)
    (entry,) = [each for each in listed if each["name"] == "h"]
    assert (entry["source"], entry["plugin"], entry["line"]) == ("installed", "plug of plug", 4)
    assert entry["file"] == str(site / "nr_test_good.py")


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("\nimport no_such_module_anywhere", 2, "ModuleNotFoundError"),
        ("raise RuntimeError('no luck')", 1, "no luck"),
        ("import sys\nsys.exit(0)", 2, "tried to exit"),
        ("def f(:", 1, "not valid Python"),
        (HEAD + "@netrunner.hookimpl\ndef netrunner_activation(): pass", 5, "no hook"),
    ],
)
def test_a_broken_installed_plugin_is_a_warning_with_its_line(
    code: str, line: int, words: str, site: Path, network: Path, netrunner: Any
) -> None:
    file = f"nr_test_{abs(hash(code))}.py"
    distribution(site, Path(file).stem, {file: code})
    with pytest.warns(BrokenPluginWarning) as caught:
        nr.load(ROOT / "networks/and.yaml")
    (said,) = (str(warning.message) for warning in caught)
    assert said.startswith("plugin 'plug of plug': ")
    assert words in said
    assert f"({site / file}:{line}" in said
    result = netrunner("run", ROOT / "networks/and.yaml", "--output-only", "--input", "1,1")
    assert (result.code, result.out) == (0, "[1.]\n")
    assert result.err == f"netrunner: warning: {said} [broken-plugin]\n"
    result = netrunner("check", network)  # whose activation nobody else has
    assert result.code == 1
    assert "left out as broken: plugin 'plug of plug' [unknown-activation]" in result.err


def test_a_broken_plugin_is_named_where_the_backport_of_importlib_metadata_is_at_work(
    site: Path,
) -> None:
    pytest.importorskip("importlib_metadata", reason="dask brings it, below Python 3.12")
    distribution(site, "nr_test_backport", {"nr_test_backport.py": "\nraise RuntimeError"})
    with pytest.warns(BrokenPluginWarning, match=re.escape(f"{site / 'nr_test_backport.py'}:2")):
        nr.load(ROOT / "networks/and.yaml")


@pytest.mark.parametrize("entry_points", [b"[netrunner]\nno equals sign\n", b"\xff"])
def test_a_distribution_with_damaged_metadata_has_no_plugins(
    entry_points: bytes, site: Path, netrunner: Any
) -> None:
    distribution(site, "nr_test_damaged", {})
    (site / "plug-1.0.dist-info" / "entry_points.txt").write_bytes(entry_points)
    assert netrunner("run", ROOT / "networks/and.yaml", "--input", "1,1").err == ""


def test_a_distribution_in_a_folder_of_another_name_has_no_plugins(
    site: Path, netrunner: Any
) -> None:
    distribution(site, "nr_test_elsewhere", {}, "of_one_name")
    (site / "of_one_name-1.0.dist-info").rename(site / "of-one-name-1.0.dist-info")
    assert netrunner("run", ROOT / "networks/and.yaml", "--input", "1,1").err == ""


def test_an_entry_point_without_a_module_is_named(site: Path) -> None:
    distribution(site, "nr_test_missing.module", {})
    with pytest.warns(BrokenPluginWarning, match=r"'plug of plug': .*\(nr_test_missing\.module"):
        nr.load(ROOT / "networks/and.yaml")


DOUBLE = HEAD + HOOK.format(function="lambda a: a * 2")


def test_installed_plugins_are_chosen_by_their_distributions(
    site: Path, network: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(site, "nr_test_chosen", {"nr_test_chosen.py": DOUBLE}, "My_Plug")
    listed = "My_Plug of My_Plug"
    for choice, loaded in (("my-plug", True), (" other, my.plug", True), ("", False), ("x", False)):
        monkeypatch.setenv("NETRUNNER_LOAD_PLUGINS", choice)
        result = netrunner("run", network, "--input", "1,-2", "--output-only")
        assert result.code == int(not loaded)
        names = ", ".join(name for name in ("other", "x") if name in choice)
        warning = f"NETRUNNER_LOAD_PLUGINS names '{names}', which is not an installed plugin"
        assert (warning in result.err) == bool(names)
        out = netrunner("plugins", "list").out
        state = "installed" if loaded else "installed, off: NETRUNNER_LOAD_PLUGINS leaves it out"
        assert f"{listed}  {state}\n" in out
        assert str(site / "nr_test_chosen.py") in out
    for name in ("my-plgu", "nr_test_chosen"):
        monkeypatch.setenv("NETRUNNER_LOAD_PLUGINS", name)
        said = f"names '{name}', which is not an installed plugin: did you mean 'My_Plug'?"
        assert said in netrunner("run", network).err
    monkeypatch.delenv("NETRUNNER_LOAD_PLUGINS")
    assert netrunner("run", network, "--input", "1,-2", "--output-only").out == "[ 2. -4.]\n"


def test_a_file_with_the_text_of_an_installed_plugin_is_no_duplicate(
    site: Path, network: Path, tmp_path: Path
) -> None:
    distribution(site, "nr_test_text", {"nr_test_text.py": DOUBLE})
    copy = tmp_path / "copy.py"
    copy.write_text(DOUBLE)
    assert nr.load(network, [copy])([1.0, -2.0]).tolist() == [2.0, -4.0]


def test_the_help_of_a_duplicate_leaves_the_installed_plugin_out(
    site: Path, network: Path, tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(site, "nr_test_taken", {"nr_test_taken.py": DOUBLE})
    own = plugin(tmp_path, "", "np.tanh")
    command = ("run", network, "--plugins", own, "--input", "0,0", "--output-only")
    result = netrunner(*command)
    assert (result.code, result.out) == (1, "")
    assert "[duplicate-activation]" in result.err
    (setting,) = re.findall("help: to leave the installed one out, set (.*)=(.*)", result.err)
    monkeypatch.setenv(*setting)
    assert netrunner(*command).out == "[0. 0.]\n"


def test_the_help_leaves_out_an_installed_plugin_with_the_name_of_a_built_in(
    site: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    relu = DOUBLE.replace('"h"', '"relu"')
    distribution(site, "nr_test_relu", {"nr_test_relu.py": relu})
    command = ("run", ROOT / "networks/and.yaml", "--input", "1,1", "--output-only")
    result = netrunner(*command)
    taken = "the name of activation 'relu' is taken by a built-in"
    assert taken in result.err
    listed = netrunner("plugins", "list")
    assert listed.code == 0
    assert "plug of plug  installed, a duplicate that stops every run\n" in listed.out
    assert taken in listed.out
    (setting,) = re.findall("help: to leave the installed one out, set (.*)=(.*)", result.err)
    monkeypatch.setenv(*setting)
    assert netrunner(*command).out == "[1.]\n"


def test_every_plugin_is_listed(
    site: Path, tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(site, "nr_test_fine", {"nr_test_fine.py": DOUBLE}, "fine")
    distribution(site, "nr_test_bad", {"nr_test_bad.py": "1 / 0"}, "bad")
    own = plugin(tmp_path, "", "np.tanh")
    own.write_text(own.read_text().replace('"h"', '"own"'))
    result = netrunner("plugins", "list", "--plugins", own, "--plugins", "tanh", "--format", "json")
    assert result.code == 0
    listed = {each["name"]: each for each in json.loads(result.out)}
    assert [name for name in listed if listed[name]["source"] != "shipped"] == [
        "netrunner", "bad of bad", "fine of fine", own.name, "tanh.py",
    ]  # fmt: skip
    assert listed["netrunner"]["activations"] == ["step", "sigmoid", "relu", "identity", "softmax"]
    assert listed["fine of fine"]["activations"] == ["h"]
    assert listed["bad of bad"]["state"] == "broken"
    assert listed["bad of bad"]["problems"][0]["code"] == "plugin-raised"
    assert listed[own.name] == {
        "name": own.name, "source": "file", "state": "loaded", "file": str(own),
        "activations": ["own"], "problems": [],
    }  # fmt: skip
    assert listed["swish"]["state"] == "available"
    text = netrunner("plugins", "list").out
    assert "bad of bad  installed, broken\n" in text
    assert "ZeroDivisionError" in text
    assert "more that come with netrunner, loaded by --plugins NAME: celu, " in text
    own.write_text("")
    assert netrunner("plugins", "list", "--plugins", own).code == 1


# Plugins that come with netrunner.


@pytest.mark.parametrize("name", shipped_plugins())
def test_a_plugin_that_comes_with_netrunner_has_one_activation_of_its_name(name: str) -> None:
    added = set(load_registry([name])) - set(load_registry())
    assert added == {name}


def test_check_tells_of_a_plugin_that_no_layer_uses(
    network: Path, netrunner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = tmp_path / "two"
    two.mkdir()
    for name in ("tanh", "swish"):
        (two / f"{name}.py").write_bytes(shipped_plugins()[name].read_bytes())
    network.write_text(NETWORK.format(activation="swish").partition("examples")[0])
    assert (
        netrunner("check", network, "--plugins", two).err
        == f"{network}: ok: 2 layers, 0 examples verified\n"
    )
    named = ("--plugins", "swish", "--plugins", "tanh", "--plugins", "tanh")
    result = netrunner("check", network, *named)
    assert (result.code, result.err.splitlines()[1:]) == (
        0, ["--plugins: warning: no layer uses what 'tanh' adds: tanh [unused-plugin]"],
    )  # fmt: skip
    (found,) = json.loads(netrunner("check", network, *named, "--format", "json").out)
    assert (found["code"], found["severity"], found["line"]) == ("unused-plugin", "warning", None)
    other = tmp_path / "other.yaml"
    other.write_text(NETWORK.format(activation="tanh").partition("examples")[0])
    assert "unused" not in netrunner("check", network, other, *named).err
    other.write_text("inputs: 1")  # which may be meant to use it
    assert "unused" not in netrunner("check", network, other, *named).err
    monkeypatch.setenv("NETRUNNER_PLUGINS", str(shipped_plugins()["tanh"]))
    assert "unused" not in netrunner("check", network, "--plugins", "swish").err


def test_an_activation_that_comes_with_netrunner_is_reported_with_what_loads_it(
    network: Path, netrunner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    network.write_text(NETWORK.format(activation="tanh").partition("examples")[0])
    help_ = "  help: it comes with netrunner: add --plugins tanh, in Python plugins=['tanh']\n"
    commands = (
        ["run", network, "--input", "0,0"],
        ["check", network],
        ["plot", "tanh", "--output", "curve.svg"],
        ["explain", network, "--input", "0,0"],
    )
    for command in commands:
        result = netrunner(*command)
        assert result.code == 1
        assert help_ in result.err
        assert netrunner(*command, "--plugins", "tanh").code == 0
    arrays = ([(np.eye(2), np.zeros(2), "tanh")],)
    assert problem(nr.from_arrays, *arrays).hint in help_
    assert nr.from_arrays(*arrays, plugins=["tanh"])([0.0, 0.0]).tolist() == [0.0, 0.0]
    (tmp_path / "tanh").mkdir()  # a path goes before a name
    assert (
        "there is no plugin (*.py) in this folder"
        in netrunner("check", network, "--plugins", "tanh").err
    )
    file = shipped_plugins()["tanh"]
    assert f"add --plugins {file}, in Python" in netrunner("check", network).err
    assert netrunner("check", network, "--plugins", file).code == 0


def test_a_misspelt_activation_that_comes_with_netrunner(network: Path, netrunner: Any) -> None:
    network.write_text(NETWORK.format(activation="leakyrelu"))
    said = "help: did you mean 'leaky_relu'? It comes with netrunner: add --plugins leaky_relu,"
    assert said in netrunner("check", network).err


def test_two_entry_points_of_one_module_count_once(site: Path, network: Path) -> None:
    code = HEAD + HOOK.format(function="np.tanh")
    distribution(site, "nr_test_twice", {"nr_test_twice.py": code})
    distribution(site, "nr_test_twice", {}, "other")
    assert nr.load(network)([1.0, 0.0])[0] == np.tanh(1.0)


def test_a_plugin_whose_file_is_elsewhere_is_listed_by_its_module(
    site: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(site, "nr_test_elsewhere.own", {})
    monkeypatch.setenv("NETRUNNER_LOAD_PLUGINS", "other")
    assert "nr_test_elsewhere.own" in netrunner("plugins", "list").out


def test_damaged_metadata_of_another_distribution_does_no_harm(site: Path, network: Path) -> None:
    code = HEAD + HOOK.format(function="np.tanh")
    distribution(site, "nr_test_tanh", {"nr_test_tanh.py": code})
    distribution(site, "x", {}, "other")
    (site / "other-1.0.dist-info" / "entry_points.txt").write_text("[console_scripts]\nbroken\n")
    assert nr.load(network)([1.0, 0.0])[0] == np.tanh(1.0)


# Pickling.


def test_a_network_travels_to_another_process_by_the_path_of_its_plugin(
    tmp_path: Path, network: Path
) -> None:
    network.write_text(NETWORK.format(activation="{name: h, beta: 3}"))
    net = nr.load(network, [plugin(tmp_path, PARAMETERS)])
    copy = pickle.loads(pickle.dumps(net))
    assert copy([1.0, -2.0]).tolist() == [3.0, -6.0]
    trace = net.trace([1.0, -2.0])
    (tmp_path / "pickled").write_bytes(pickle.dumps((net, trace)))
    code = (
        "import pickle, sys; net, trace = pickle.load(open('pickled', 'rb'));"
        "print(net([1.0, -2.0]), trace.output, trace.layers[1].parameters['beta'],"
        "net.layers[0].weights.flags.writeable, net.examples[0].input.flags.writeable,"
        "trace.input.flags.writeable, trace.layers[1].Z.flags.writeable)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.split("\n")[0] == "[ 3. -6.] [ 3. -6.] 3.0 False False False False"
    assert done.stderr == ""


def test_an_activation_is_pickled_as_it_was_declared() -> None:
    declared = nr.Activation("h", np.tanh, range=(-1, 1))
    assert declared.tried == set()  # which belongs to a process
    again = pickle.loads(pickle.dumps(declared))
    assert {again, declared} == {declared}
    assert "tried" not in vars(again)


def test_a_plugin_in_a_zip_file_is_installed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        for name in ("zipped", "another"):
            archive.writestr(f"{name}-1.dist-info/METADATA", f"Name: {name}\nVersion: 1\n")
        archive.writestr("zipped-1.dist-info/entry_points.txt", "[netrunner]\nzipped = zipped\n")
        archive.writestr("another-1.dist-info/entry_points.txt", b"\xff")  # damaged
        code = plugin(tmp_path, "def h(a): return a * 3").read_text()
        archive.writestr("zipped.py", code)
    monkeypatch.syspath_prepend(tmp_path / "site.zip")
    assert nr.load(network)([1.0, -2.0]).tolist() == [3.0, -6.0]


def test_a_pickled_network_whose_plugin_is_gone_says_so(tmp_path: Path, network: Path) -> None:
    path = plugin(tmp_path, "", "np.tanh")
    pickled = pickle.dumps(nr.load(network, [path]))
    path.write_text(path.read_text().replace('"h"', '"g"'))
    assert problem(pickle.loads, pickled).code == "unknown-activation"
    path.unlink()
    assert problem(pickle.loads, pickled).code == "file-not-found"


def test_an_installed_activation_travels_by_name(site: Path, network: Path, tmp_path: Path) -> None:
    code = HEAD + HOOK.format(function="lambda a: a * 2")
    distribution(site, "nr_test_double", {"nr_test_double.py": code})
    pickled = pickle.dumps(nr.load(network))
    (site / "nr_test_double.py").unlink()  # by name: the module is imported already
    assert pickle.loads(pickled)([1.0, -2.0]).tolist() == [2.0, -4.0]


def test_the_console_script_survives_a_plugin_that_exits(tmp_path: Path, network: Path) -> None:
    path = plugin(tmp_path, "import sys\nsys.exit(0)", "np.tanh")
    done = spawn("run", network, "--plugins", path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(f"{path}:5:1: error: plugin 'plug.py': tried to exit".encode())


def test_nothing_that_a_plugin_prints_by_any_means_spoils_the_data(
    tmp_path: Path, network: Path
) -> None:
    prints = """
import os, subprocess, sys
def say(word):
    print(word + " print")
    sys.__stdout__.write(word + " stdout\\n")
    os.write(1, (word + " write\\n").encode())
    subprocess.run(["echo", word + " echo"])
say("import")
def h(a):
    say("run")
    return a * 1
"""
    done = spawn("run", network, "--plugins", plugin(tmp_path, prints), "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["output"] == [1.0, -2.0]
    for word in ("import", "run"):
        for means in ("print", "stdout", "write", "echo"):
            assert f"{word} {means}\n".encode() in done.stderr


def test_a_slip_in_a_function_is_the_plugins_even_where_the_network_sets_parameters(
    tmp_path: Path, netrunner: Any
) -> None:
    """`if` over an array is the beginner's slip; the parameter is innocent of it."""
    plugin = tmp_path / "hard.py"
    plugin.write_text(
        "import netrunner\n"
        "def hard(a, at=0.0):\n"
        "    return a if a > at else a * 0\n"
        "@netrunner.hookimpl\n"
        "def netrunner_activations():\n"
        "    return [netrunner.Activation('hard', hard)]\n"
    )
    network = tmp_path / "net.yaml"
    network.write_text(
        "inputs: 2\nlayers: [{size: 2, weights: [[1, 0], [0, 1]], biases: 0,"
        " activation: {name: hard, at: 1}}]\n"
    )
    result = netrunner("run", network, "--input", "1,2", "--plugins", plugin)
    assert result.code == 1
    assert f"{plugin}:2:5: error: layer 1: activation 'hard'" in result.err
    assert "[plugin-raised]" in result.err
    assert f"{plugin}:3:5: note: it happened here" in result.err
    assert "help: `if`, max and min take one number" in result.err


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        ("import math\ndef h(a):\n    名 = a; return math.tanh(名)", "use np.tanh"),
        ("from math import exp as e, sqrt\ndef h(a):\n    return e(1.0) + sqrt(a)", "use np.sqrt"),
        ("import math as m\ndef h(a):\n    return [a,\n   m.exp(a[:,\nNone])]", "use np.exp"),
        ("import math\ndef h(a): return np.exp(math.lgamma(a))", None),  # numpy has none
        ("def h(a): return float(a) + 1", None),
        ("from math import exp as e\ndef h(a): return e(a)", None),  # np.e is no function
        ("import math\nh = math.tanh", None),  # in no line of the plugin's
    ],
)
def test_a_function_of_math_is_to_be_numpys(
    function: str, hint: str | None, tmp_path: Path, network: Path
) -> None:
    net = nr.load(network, [plugin(tmp_path, function)])
    with np.errstate(all="ignore"):
        found = problem(net.trace, [1.0, 2.0])
    assert (found.code, "Python scalars" in found.message) == ("plugin-raised", True)
    assert found.hint == (hint and f"math's {hint[7:]} takes one number, but a is an array: {hint}")


@pytest.mark.parametrize("kind", ["KeyboardInterrupt", "SystemExit", "ValueError('no')"])
def test_a_raise_in_the_line_of_its_if_is_the_plugins(
    kind: str, tmp_path: Path, network: Path
) -> None:
    path = plugin(tmp_path, f"def h(a):\n    if a.ndim: raise {kind}\n    return a")
    assert problem(nr.load(network, [path]), [1.0, -2.0]).code == "plugin-raised"


def test_a_verdict_on_a_parameter_in_the_line_of_its_if(tmp_path: Path, network: Path) -> None:
    network.write_text(NETWORK.format(activation="{name: h, k: -1}"))
    path = plugin(tmp_path, "def h(a, k=1):\n    if k < 0: raise ValueError('k < 0')\n    return a")
    assert problem(nr.load, network, [path]).code == "wrong-parameter"


def test_no_rows_are_given_to_a_plugin_too(tmp_path: Path, network: Path) -> None:
    net = nr.load(network, [plugin(tmp_path, "def h(a): raise RuntimeError('no')")])
    assert problem(net, np.empty((0, 2))).code == "plugin-raised"
    assert problem(net.trace, np.empty((0, 2))).code == "plugin-raised"


# Its working directory is the process's.

WANDERER = (
    HEAD
    + """
import os
{at_import}
def h(a, k=1.0):
    return np.tanh(k * a)

@netrunner.hookimpl
def netrunner_activations():
    {in_the_hook}
    return [Activation("h", h)]
"""
)
WANDERS = ["at_import", "in_the_hook"]
OTHER = """
import netrunner

@netrunner.hookimpl
def netrunner_activations():
    return [netrunner.Activation("other", lambda a: a)]
"""


@pytest.fixture
def wandering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a network that names all there is by relative paths."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for name in ("other.py", "sub/other2.py"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(OTHER.replace("other", Path(name).stem))
    layer = "weights: {file: w.npy}, biases: 0, activation: {name: h, k: 2}"
    Path("net.yaml").write_text(
        f"inputs: 1\nlayers:\n  - {{size: 1, {layer}}}\n  - {{size: 1, {layer}}}\n"
        "examples:\n  - {input: [0], output: [0]}\n"
    )
    np.save("w.npy", np.ones((1, 1)))
    Path("x.csv").write_text("0\n0\n")
    return here


def wanderer(where: str) -> None:
    parts = dict.fromkeys(WANDERS, "pass") | {where: 'os.chdir("/")'}
    Path("wander.py").write_text(WANDERER.format(**parts))


@pytest.mark.parametrize("where", WANDERS)
@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "net.yaml", "--output", "out"],
        ["run", "net.yaml", "--input-file", "x.csv", "--output", "out"],
        ["run", "net.yaml", "--input-file", "x.csv", "--output-only", "--output", "out"],
        ["diagram", "net.yaml", "--output", "out.svg"],
        ["export", "net.yaml", "--output", "out.npz"],
        ["check", "net.yaml", "./net.yaml"],
    ],
    ids=" ".join,
)
def test_a_plugin_does_not_change_what_relative_paths_mean(
    where: str, arguments: list[str], wandering: Path, netrunner: Any
) -> None:
    wanderer(where)
    before = set(wandering.iterdir())
    plugins = [
        option for each in ("wander.py", "other.py", "sub") for option in ("--plugins", each)
    ]
    assert netrunner(*arguments, *plugins).code == 0
    new = {path.name for path in set(wandering.iterdir()) - before}
    assert new == ({arguments[-1]} if "--output" in arguments else set())
    assert Path.cwd() == wandering


@pytest.mark.parametrize("where", ["at_import", "in_the_hook"])
def test_loading_leaves_the_working_directory_alone(where: str, wandering: Path) -> None:
    wanderer(where)
    net = nr.load("net.yaml", ["wander.py", "other.py"])
    assert Path.cwd() == wandering
    assert net([0.0]) == [0.0]


# What the command keeps for itself.

STREAMS = {
    "at the exit": "import atexit; atexit.register(print, 'said')\ndef h(a): return a * 1",
    "a late thread": (
        "import threading, time\n"
        "def say():\n    time.sleep(0.5)\n    print('said')\n"
        "threading.Thread(target=say).start()\ndef h(a): return a * 1"
    ),
    "as it is deleted": (
        "class C:\n    def __del__(self): print('said')\nc = C()\ndef h(a): return a * 1"
    ),
}


@pytest.mark.parametrize("code", STREAMS.values(), ids=list(STREAMS))
def test_what_a_plugin_prints_late_does_not_follow_the_data(
    code: str, tmp_path: Path, network: Path
) -> None:
    path = plugin(tmp_path, code)
    arguments = ("run", network, "--plugins", path, "--format", "json")
    done = spawn(*arguments, env={"PYTHONUNBUFFERED": ""})
    assert (done.returncode, done.stderr) == (0, b"said\n")
    assert json.loads(done.stdout)["output"] == [1.0, -2.0]


def test_no_plugin_reads_the_input_of_the_network(tmp_path: Path, network: Path) -> None:
    reads = "assert not sys.stdin.readline()\nassert not sys.stdin.buffer.read()"
    path = plugin(tmp_path, f"import sys\n{reads}\ndef h(a): return a * 1")
    arguments = ("run", network, "--plugins", path, "--input-file", "-", "--output-only")
    done = spawn(*arguments, input=b"1,2\n3,4\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"4" in done.stdout
    asks = plugin(tmp_path, "input('quick? ')", "np.tanh")
    done = spawn("run", network, "--plugins", asks, "--input-file", "-", input=b"1,2\n")
    assert (done.returncode, done.stdout) == (1, b"")
    assert f"{asks}:4:1: error: plugin 'plug.py': raised EOFError".encode() in done.stderr


# Exceptions and results that are hard to look at.


def test_a_proxy_of_what_is_gone(tmp_path: Path, network: Path) -> None:
    code = "import weakref\nclass W(np.ndarray): pass\ndef h(a): return weakref.proxy(a.view(W))"
    found = problem(nr.load(network, [plugin(tmp_path, code)]), [1.0, -2.0])
    assert (found.code, "not a numpy array" in found.message) == ("plugin-result", True)


@pytest.mark.parametrize(
    "code",
    [
        "def h(a): z = np.broadcast_to(0.5, a.shape); z += a; return z",
        "def h(a): raise ValueError('the configuration is read-only')",
    ],
)
def test_who_writes_elsewhere_is_not_blamed_for_its_input(
    code: str, tmp_path: Path, network: Path
) -> None:
    found = problem(nr.load(network, [plugin(tmp_path, code)]), [1.0, -2.0])
    assert found.code == "plugin-raised"
    assert "read-only" in found.message


@pytest.mark.parametrize(
    ("body", "ends"),
    [("sys.exit()", nr.NetrunnerError), ("signal.raise_signal(2)", KeyboardInterrupt)],
)
def test_what_else_a_function_does_where_it_may_write(
    body: str, ends: type[BaseException], tmp_path: Path, network: Path
) -> None:
    code = f"import sys\ndef h(a):\n    if a.flags.writeable: {body}\n    a[0] = 1"
    with pytest.raises(ends):
        nr.load(network, [plugin(tmp_path, code)])([1.0, -2.0])


def test_who_raises_keyboard_interrupt_is_no_interrupt(tmp_path: Path, network: Path) -> None:
    (tmp_path / "quits.py").write_text("raise KeyboardInterrupt")
    for code in ("raise KeyboardInterrupt", "def h(a): import quits"):
        code = f"import sys; sys.path.append({str(tmp_path)!r})\n{code}"
        done = spawn("run", network, "--plugins", plugin(tmp_path, f"h = np.tanh\n{code}"))
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"raised KeyboardInterrupt" in done.stderr


def test_a_parameter_is_not_blamed_for_the_numbers_it_is_tried_with(
    tmp_path: Path, network: Path
) -> None:
    code = "def h(a, k=1.0):\n    if (a < 0).any(): raise ValueError('negative')\n    return k * a"
    network.write_text(NETWORK.format(activation="{name: h, k: 1.0}"))
    assert nr.load(network, [plugin(tmp_path, code)])([1.0, 2.0]).tolist() == [1.0, 2.0]


# Where plugins are, and what they declare.


def test_what_lies_in_a_plugin_folder_and_is_no_plugin(tmp_path: Path, network: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub.py").mkdir(parents=True)
    (folder / "._h.py").write_bytes(b"\xff\0")
    (folder / ".#h.py").symlink_to("nobody@nowhere")
    plugin(folder, "", "np.tanh")
    assert nr.load(network, [folder]).layers[1].activation.function is np.tanh


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    found = problem(load_registry, [tmp_path])
    told = (found.code, found.place.file, found.message)
    assert told == ("unreadable-file", str(tmp_path), "cannot be read: Permission denied")


@pytest.mark.parametrize("path", ["a" * 300 + ".py", "a\0b.py", "\ud800.py"])
def test_a_path_that_cannot_be(path: str) -> None:
    found = problem(load_registry, [path])
    assert (found.code, found.message.partition(": ")[2].startswith("cannot be read: ")) == (
        "unreadable-file", True,
    )  # fmt: skip


def test_a_plugin_in_a_folder_whose_name_is_not_utf_8(tmp_path: Path, network: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/dir\xe9"))
    folder.mkdir()
    assert nr.load(network, [plugin(folder, "", "np.tanh")]).layers[1].h is not None


def test_a_function_of_a_text_that_was_executed(
    tmp_path: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = plugin(tmp_path, "exec('def h(a): return undefined')")
    assert problem(nr.load(network, [path]), [1.0, -2.0]).place.file == str(path)
    wrong = plugin(tmp_path, "import ast; ast.literal_eval('[1, 2')", "np.tanh")
    found = problem(load_registry, [wrong])
    assert (found.place.file, found.place.line) == (str(wrong), 4)
    assert "raised SyntaxError" in found.message


def test_a_syntax_error_that_is_made_up(tmp_path: Path) -> None:
    wrong = plugin(tmp_path, "raise SyntaxError('bad', (3, 1, 1, 'x'))", "np.tanh")
    assert "raised SyntaxError: bad" in problem(load_registry, [wrong]).message


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("formula=3", "formula must be text, not 3"),
        ("elementwise='row'", "elementwise must be True or False, not 'row'"),
        ("range=(0, 10**400)", "an end is larger than the largest float"),
        ("shares=True", "shares belong to a whole row, so elementwise must be False"),
    ],
)
def test_what_is_declared_and_makes_no_sense(declared: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "plug.py"
    path.write_text(HEAD + HOOK.format(function=f"np.tanh, {declared}"))
    assert words in problem(load_registry, [path]).message


def test_who_takes_no_out_cannot_work_in_place() -> None:
    with pytest.raises(ValueError, match="in_place is for a function that takes out="):
        nr.Activation("h", lambda a: a, in_place=True)
    assert nr.Activation("h", max, in_place=True).in_place  # written in C, it does not say
