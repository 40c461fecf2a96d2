"""The command line: help, exit codes, diagnostics, colour, pipes and interruptions."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shlex
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from click.shell_completion import BashComplete
from conftest import NETWORKS, ROOT, THREE_LAYER, spawn
from hypothesis import given, settings
from hypothesis import strategies as st

import netrunner as nr
from netrunner.commands.cli import COMMANDS, cli, main
from netrunner.files.opening import decode
from netrunner.problems.codes import Code
from netrunner.problems.problem import Fault, Problem, Related
from netrunner.problems.source import Place
from netrunner.problems.words import display_width, printable
from netrunner.views.render.github import annotation

pytestmark = pytest.mark.watched

ENDLESS = ("watch", "serve", "lsp")  # until they are interrupted

BAD = """\
inputs: [x1, x2]
layers:
  - {size: 2, weights: [[1, 0], [0, 1]], biases: 0, activation: sigmod}
  - {size: 1, weights: [[1], [1], [1]], biases: 0, activation: identity}
"""


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    return path


# Help and usage.


def test_help_lists_the_commands_in_the_order_of_use(netrunner: Any) -> None:
    result = netrunner("--help")
    assert (result.code, result.err) == (0, "")
    listed = result.out.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in listed[: len(COMMANDS)]] == list(COMMANDS)
    assert not any(line.endswith("...") for line in listed)


def test_the_listed_help_begins_that_of_the_command() -> None:
    for name, listed in COMMANDS.items():
        assert cli.commands[name].get_short_help_str(200).startswith(listed[:-1])


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(command: str, netrunner: Any) -> None:
    result = netrunner(command, "--help")
    assert result.code == 0
    assert re.search(rf"Example:\n(    netrunner .*\n)*    netrunner {command}\b", result.out)
    assert max(map(len, result.out.splitlines())) <= 80
    assert netrunner(command, "-h").out == result.out


@pytest.mark.parametrize(
    "command",
    [*cli.commands.values(), *cli.commands["plugins"].commands.values(), cli],
    ids=lambda command: command.name,
)
def test_the_example_works_in_an_empty_folder(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, netrunner: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    for line in command.help.split("Example:\n")[1].strip().splitlines():
        _, *arguments = shlex.split(line.partition(" > ")[0])
        if arguments[0] not in ENDLESS:
            assert netrunner(*arguments).code == 0, line


def test_help_explains_each_code(netrunner: Any) -> None:
    for code in get_args(Code):
        result = netrunner("help", code)
        assert (result.code, result.err) == (0, "")
        assert result.out.startswith(f"{code}\n\n")
        assert "\n\nWhat to do. " in result.out, code
        assert "```" not in result.out, code
        assert "](" not in result.out, code


@pytest.mark.parametrize(("lang", "words"), [("zh", "怎么办。"), ("ja", "直し方。")])
def test_help_in_other_languages_keeps_to_the_width(lang: str, words: str, netrunner: Any) -> None:
    result = netrunner("help", "[yaml-syntax]", "--lang", lang)
    assert (result.code, result.err) == (0, "")
    assert f"\n\n{words}" in result.out
    assert "<!--" not in result.out
    lines = [line for line in result.out.splitlines() if not line.startswith("    ")]
    assert 70 < max(map(display_width, lines)) <= 79
    assert not any(line.startswith(("。", "、", "，")) for line in lines)


@pytest.mark.parametrize(
    "command",
    [
        "run networks/iris.yaml",
        "explain networks/iris.yaml",
        "why networks/iris.yaml --neuron setosa",
        "compare networks/and.yaml networks/or.yaml",
        "plugins list",
        "plugins check plugins/tanh.py",
        "--help",
        "run --help",
    ],
)
def test_text_keeps_to_a_narrow_terminal(
    command: str, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.chdir(ROOT)
    lines = netrunner(*command.split()).out.splitlines()
    shown = [line for line in lines if not line.startswith("    netrunner ")]  # commands to copy
    assert max(map(display_width, shown)) <= 40


@pytest.mark.parametrize("columns", ["1", "2"])
def test_a_terminal_that_is_too_narrow_for_any_help(
    columns: str, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert netrunner("run", "--help").code == 0
    assert netrunner("run").code == 2


def test_help_of_a_command_and_of_all(netrunner: Any) -> None:
    assert netrunner("help", "run").out == netrunner("run", "--help").out
    assert netrunner("help").out == netrunner("--help").out
    result = netrunner("help", "shape-mismatsch")
    assert (result.code, result.out) == (2, "")
    assert "Did you mean 'shape-mismatch'?" in result.err


def test_version(netrunner: Any) -> None:
    assert netrunner("--version").out == f"netrunner, version {nr.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu", "x"], "Did you mean 'run'?"),
        (["run", "x", "--inptu", "1"], "--input"),
        (["run"], "Missing argument 'NETWORK'"),
        (["check"], "Missing argument 'NETWORK...'"),
        (
            ["run", "x", "--format", "xml"],
            "'xml' is not one of 'text', 'json', 'jsonl', 'csv', 'npz'",
        ),
        (["run", "x", "--precision", "many"], "--precision"),
        (["run", "x", "--precision", "99"], "--precision"),
        (["run", "x", "--input"], "requires an argument"),
        (["run", "x", "y"], "unexpected extra argument"),
        (["run", "x", "--input", "1", "--input-file", "y"], "cannot both be given"),
        (["schema", "x"], "unexpected extra argument"),
        (["run", "x", "--input", "1", "0.5"], "with commas: --input 1,0.5\n"),
        (["run", "--input", "1,", "-0.5", "x"], "with commas: --input 1,-0.5\n"),
        (["run", "x", "--input", "[1,", "０.5]"], "with commas: --input 1,0.5\n"),
        (["run", "x", "1,0.5"], "give the input as an option: --input 1,0.5\n"),
        (["run", "x", "1", "0.5"], "give the input as an option: --input 1,0.5\n"),
        (["run", "x", "--input", "1,2", "3,4"], "Got unexpected extra argument (3,4)"),
        (["run", "x", "--output", "a.foo"], "one of .txt, .json, .jsonl, .csv, .npz, .npy: add"),
        (["exercise", "x", "--output", "a.foo"], "one of .md, .html, .tex, .xml, .gift: add"),
    ],
)
def test_a_wrong_command_line_is_exit_2(arguments: list[str], words: str, netrunner: Any) -> None:
    result = netrunner(*arguments)
    assert (result.code, result.out) == (2, "")
    assert words in result.err


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("tnah", "'tanh'"),
        ("leaky_rleu", "'leaky_relu'"),
        ("tanh.py", "'tanh'"),
        ("own", "'own.py'"),
        ("onw.py", "'own.py'"),
        ("ownn", "'own.py'"),
        ("nope", None),
    ],
)
def test_the_help_for_a_plugin_that_does_not_exist(
    named: str, meant: str | None, tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("own.py", "tanh.yaml", "noex.yaml"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    result = netrunner("activations", "--plugins", named)
    help_ = f"\n  help: did you mean {meant}?" if meant else ""
    assert result.err.strip().endswith(f"no such file [file-not-found]{help_}")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "nope.yaml"],
        ["check", "nope.yaml"],
        ["run", THREE_LAYER, "--input", "a,b"],
        ["run", THREE_LAYER, "--input", "1,2,3"],
        ["run", THREE_LAYER, "--input-file", "nope.csv"],
        ["run", THREE_LAYER, "--plugins", "nope"],
        ["run", THREE_LAYER, "--plugins", ""],
        ["activations", "--plugins", "nope"],
        ["run", "."],
        ["new", "x.yaml", "--from", "nope"],
    ],
)
def test_something_wrong_that_was_given_is_exit_1(arguments: list[Any], netrunner: Any) -> None:
    result = netrunner(*arguments)
    assert (result.code, result.out) == (1, "")
    assert ": error: " in result.err.splitlines()[0]


def test_another_file_in_the_place_of_a_network(tmp_path: Path, netrunner: Any) -> None:
    network, model = tmp_path / "my model.yaml", tmp_path / "my model.onnx"
    network.write_text(THREE_LAYER.read_text(encoding="utf-8"), encoding="utf-8")
    assert netrunner("export", network, "--output", model).code == 0
    said = netrunner("run", model).err
    wrong = f"{model}: error: not a network file: network files are YAML text [unknown-file-type]\n"
    assert said == f"{wrong}  help: did you mean '{network}'?\n"
    network.unlink()
    said = netrunner("run", model).err
    command = f"netrunner import '{model}' --output '{network}'"
    assert said == f"{wrong}  help: make one from it: {command}\n"
    assert netrunner(*shlex.split(command)[1:]).code == 0  # the help, followed to the letter
    assert netrunner("run", network, "--input", "1.0,0.5").code == 0
    np.savez(tmp_path / "w.npz", W=[1.0])
    said = netrunner("check", tmp_path / "w.npz").err
    assert "w.yaml --activations A,B,C (one for each layer)\n" in said
    np.save(tmp_path / "w.npy", [1.0])
    said = netrunner("run", tmp_path / "w.npy").err
    assert said == wrong.replace(str(model), str(tmp_path / "w.npy"))
    assert "[file-not-found]" in netrunner("run", tmp_path / "no.onnx").err


def test_only_text_is_told_to_be_saved_as_utf_8(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "a.yaml"
    for data, text in ((b"\x89PNG\0", False), (b"caf\xe9", True), ("x".encode("utf-16"), True)):
        path.write_bytes(data)
        said = netrunner("check", path).err
        assert "[not-utf-8]" in said
        assert ("help: save the file as UTF-8" in said) == text


@pytest.mark.parametrize(
    ("text", "most", "char"),
    [
        ("x" * 64, None, ""),
        ("x" * 62 + "é", None, ""),
        ("x" * 31 + "é" * 16, None, ""),
        ("x" * 29 + "注", None, ""),
        ("x" * 30 + "注", 32, "注"),
        ("é注" + "x" * 28, 32, "注"),
        ("x" * 12 + "😀", None, ""),
        ("x" * 13 + "😀", 16, "😀"),
        ("注x😀" + "x" * 6, None, ""),
        ("注x😀" + "x" * 9, 16, "😀"),
        ("\ufffd" + "x" * 29, None, ""),
        ("\ufffd" + "x" * 30, 32, "\ufffd"),
    ],
)
def test_a_text_is_limited_as_it_is_kept_in_memory(
    text: str, most: int | None, char: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netrunner.files.opening.MAX_TEXT_BYTES", 64)
    if most is None:
        assert decode(text.encode(), "f").text == text
        return
    with pytest.raises(Fault) as caught:
        decode(text.encode(), "f")
    assert caught.value.code == "too-large"
    assert caught.value.message == f"larger than 0 MiB, the most for a text with '{char}'"


def test_a_large_file_that_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrunner.files.opening.MAX_TEXT_BYTES", 64)
    for data in (b"x" * 40 + b"\xff" * 100, b"\xf0" + b"x" * 100 + "😀".encode()):
        with pytest.raises(Fault) as caught:
            decode(data, "f")
        assert caught.value.code == "not-utf-8"


def test_a_value_may_begin_with_a_minus(netrunner: Any) -> None:
    result = netrunner("run", THREE_LAYER, "--input", "-1.0,-0.5", "--output-only")
    assert (result.code, result.err) == (0, "")


def test_a_network_without_example_wants_an_input(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(BAD.replace("sigmod", "relu").replace(", [1]]", "]"))
    assert "no --input was given [no-input]" in netrunner("run", path).err
    assert netrunner("run", path, "--input", "1,2", "--output-only").out == "[3.]\n"


# Diagnostics.


def test_problems_of_run_and_check_are_the_same_and_all_are_told(bad: Path, netrunner: Any) -> None:
    with pytest.raises(nr.NetrunnerError) as raised:
        nr.load(bad)
    text = str(raised.value) + "\n"
    assert text.startswith(f"{bad}:3:65: error: layer 1: activation: unknown activation 'sigmod'")
    assert "'sigmoid'?" in text
    assert f"{bad}:4:24: error: layer 2" in text
    assert netrunner("run", bad).err == text
    assert netrunner("check", bad).err == text + f"{bad}: 2 errors\n"


def test_check_goes_on_after_a_bad_file(bad: Path, netrunner: Any) -> None:
    result = netrunner("check", NETWORKS / "and.yaml", bad, "nope.yaml", NETWORKS / "or.yaml")
    assert (result.code, result.out) == (1, "")
    summaries = [
        line for line in result.err.splitlines() if line.endswith(("errors", "error", "verified"))
    ]
    assert [line.split(": ", 1)[1] for line in summaries] == [
        "ok: 1 layer, 1 example verified", "2 errors", "1 error", "ok: 1 layer, 1 example verified",
    ]  # fmt: skip


def test_check_as_json(bad: Path, netrunner: Any) -> None:
    result = netrunner("check", NETWORKS / "and.yaml", "--format", "json")
    assert (result.code, result.out, result.err) == (0, "[]\n", "")
    result = netrunner("check", bad, "nope.yaml", "--format", "json")
    assert (result.code, result.err) == (1, "")
    first, second, third = json.loads(result.out)
    assert list(first) == [
        "file", "line", "column", "end_line", "end_column", "severity", "code", "message", "hint",
        "context", "related", "fixes"
    ]  # fmt: skip
    assert (first["file"], first["line"], first["column"]) == (str(bad), 3, 65)
    assert (first["severity"], first["code"]) == ("error", "unknown-activation")
    assert second["related"]
    assert set(second["related"][0]) == {"file", "line", "column", "message"}
    assert (third["file"], third["line"], third["column"]) == ("nope.yaml", None, None)
    result = netrunner("check", bad, "--plugins", "nope.py", "--format", "json")
    assert [each["code"] for each in json.loads(result.out)] == ["file-not-found"]


def test_the_name_of_a_file_commands_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, netrunner: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "we\x1b[31mird\u202e.yaml"
    Path(name).write_text("inputs: 2\nlayers: 3\n")
    result = netrunner("check", name, "--format", "github")
    assert result.out.startswith("::error file=we␛[31mird\ufffd.yaml,line=2,col=9,")
    assert result.out.replace("\n", "").isprintable()


def test_check_for_github(bad: Path, netrunner: Any) -> None:
    result = netrunner("check", bad, NETWORKS / "or.yaml", "--format", "github")
    assert (result.code, result.err) == (1, "")
    first, second = result.out.splitlines()
    assert first.startswith(f"::error file={bad},line=3,col=65,title=unknown-activation::layer 1: ")
    assert second.startswith(f"::error file={bad},line=4,col=24,title=shape-mismatch::layer 2: ")
    assert "%0Anote: " in second


# Of all texts without an alphabet, Hypothesis first makes a table of UTF-8, for three seconds.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(file=TEXT, message=TEXT, note=TEXT)
@settings(deadline=None)
def test_an_annotation_is_one_line_and_can_be_read_back(file: str, message: str, note: str) -> None:
    place = Place(file, 2, 3)
    line = annotation(Problem("a-code", place, message, related=(Related(place, note),)))
    assert not set("\r\n") & set(line)
    head, _, text = line.removeprefix("::").partition("::")
    properties = dict(each.split("=", 1) for each in head.removeprefix("error ").split(","))

    def plain(escaped: str) -> str:
        for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            escaped = escaped.replace(code, char)
        return escaped

    assert plain(properties["file"]) == printable(file)
    assert plain(text).startswith(printable(message))
    assert plain(text).endswith(printable(note))


def test_warnings_are_exit_0(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(BAD.replace("sigmod", "identity").replace(", [1]]", "]"))
    result = netrunner("check", path)
    assert result.code == 0
    assert "warning: " in result.err
    assert "[identity-chain]" in result.err


# The other commands.


def test_activations_lists_names_formulas_and_origins(netrunner: Any) -> None:
    result = netrunner("activations", "--plugins", ROOT / "plugins")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    at = lines.index("softmax           exp(a_k) / Σ exp(a_i)")
    assert lines[at + 1].strip() == "built in"
    assert max(map(len, lines[at - 3 : at + 2])) <= 80
    listed = json.loads(netrunner("activations", "--format", "json").out)
    assert [each["name"] for each in listed] == [
        "identity", "relu", "sigmoid", "softmax", "step",
    ]  # fmt: skip
    assert {each["source"] for each in listed} == {"built-in"}
    assert [each["name"] for each in listed if not each["elementwise"]] == ["softmax"]


def test_activations_as_json_whatever_the_defaults(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "plug.py"
    path.write_text(
        "import numpy as np\nimport netrunner\n"
        "def h(a, b=float('inf'), c=None, d=np.float32(0.5), e='x', f=True, g=(1,)): return a\n"
        "@netrunner.hookimpl\n"
        "def netrunner_activations(): return [netrunner.Activation('h', h)]\n"
    )
    listed = json.loads(netrunner("activations", "--plugins", path, "--format", "json").out)
    assert listed[0]["parameters"] == {
        "b": "Infinity", "c": None, "d": 0.5, "e": "x", "f": True, "g": "(1,)",
    }  # fmt: skip
    assert "b: Infinity, c: None" in netrunner("activations", "--plugins", path).out


def test_schema_is_the_file_in_the_package(netrunner: Any) -> None:
    text = (ROOT / "netrunner" / "network.schema.json").read_text(encoding="utf-8")
    assert netrunner("schema").out == text


def test_new_writes_a_network_that_checks_and_overwrites_nothing(
    tmp_path: Path, netrunner: Any
) -> None:
    first = tmp_path / "first.yaml"
    result = netrunner("new", first)
    assert (result.code, result.out) == (0, "")
    assert f"netrunner run {first}" in result.err
    assert netrunner("check", first).code == 0
    again = netrunner("new", first)
    assert (again.code, again.err) == (
        1, f"{first}: error: already exists, and is left unchanged [file-exists]\n"
    )  # fmt: skip
    assert netrunner("new", tmp_path / "d.yaml", "--from", "digits").code == 0
    assert netrunner("check", tmp_path / "d.yaml").code == 0
    assert "did you mean 'iris'?" in netrunner("new", tmp_path / "i.yaml", "--from", "iriss").err
    assert "there is no folder" in netrunner("new", tmp_path / "no" / "i.yaml").err


# Colour.


@pytest.mark.parametrize(
    ("settings_", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "", "NO_COLOR": ""}, False),
    ],
)
def test_colour_in_a_pipe(
    settings_: dict[str, str],
    colored: bool,
    tmp_path: Path,
    netrunner: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in settings_.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in netrunner("run", THREE_LAYER).out) == colored
    assert ("\x1b[" in netrunner("run", "nope.yaml").err) == colored
    netrunner("run", THREE_LAYER, "--output", tmp_path / "out")
    assert "\x1b" not in (tmp_path / "out").read_text(encoding="utf-8")
    assert "\x1b" not in netrunner("run", THREE_LAYER, "--format", "json").out


@pytest.mark.parametrize(
    ("env", "colored"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"NO_COLOR": "1"}, False)],
)
def test_colour_on_a_terminal(env: dict[str, str], colored: bool) -> None:
    controller, terminal = pty.openpty()
    done = spawn(
        "run", "nope.yaml", env=env, capture_output=False, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    assert done.returncode == 1
    assert (b"\x1b[" in os.read(controller, 1000)) == colored
    os.close(controller)


# Processes.


def test_python_m_netrunner_and_ascii_output(tmp_path: Path) -> None:
    path = tmp_path / "é.yaml"
    path.write_text(BAD.replace("sigmod", "relu").replace(", [1]]", "]").replace("x1", "名"))
    env = {"PYTHONIOENCODING": "ascii"}
    done = spawn("run", path, "--input", "1,2", env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u540d, x2" in done.stdout
    done = spawn("run", path, "--input", "1,2", "--format", "json", env=env)
    assert json.loads(done.stdout.decode("ascii"))["network"] == "é"
    assert spawn("run", "隐.yaml", env=env).returncode == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "latin-1"])
@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["explain", THREE_LAYER], "a1(1) = w11(1)*x1 + w12(1)*x2 + b1(1) = 0.1*1 + 0.2*0.5 + 0.1"),
        (["run", THREE_LAYER], "layer 1 'hidden 1', sigmoid   (2,)*(2, 3) + (3,) "),
        (["run", NETWORKS / "softmax.yaml"], " largest"),
        (["why", THREE_LAYER, "--neuron", "y1"], "w12(3)*z2(2) = 0.2*0.7710107"),
        (["compare", THREE_LAYER, NETWORKS / "and.yaml"], ""),
        (["activations"], "exp(a_k) / "),
        (["check", "bad.yaml"], "x (2,) "),
    ],
)
def test_a_sign_that_the_encoding_lacks_is_written_in_ascii(
    command: list[Any], shown: str, encoding: str, bad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bad.parent)
    monkeypatch.setattr(sys, "argv", ["netrunner", *map(str, command)])
    data = io.BytesIO()
    with io.TextIOWrapper(data, encoding, write_through=True) as stream:
        for name in ("stdout", "stderr"):
            monkeypatch.setattr(sys, name, stream)
        main()
        monkeypatch.undo()
        text = data.getvalue().decode(encoding)
    assert (shown.replace("*", "·") if encoding == "latin-1" else shown) in text
    assert "\\" not in text


@pytest.mark.parametrize("shell_", ["bash", "zsh", "fish"])
def test_completion(shell_: str) -> None:
    source = spawn(env={"_NETRUNNER_COMPLETE": f"{shell_}_source"})
    assert source.returncode == 0
    assert b"_NETRUNNER_COMPLETE" in source.stdout
    env = {"_NETRUNNER_COMPLETE": f"{shell_}_complete", "COMP_WORDS": "netrunner ch"}
    env |= {"COMP_CWORD": "1"} if shell_ != "fish" else {"COMP_CWORD": "ch"}
    assert b"check" in spawn(env=env).stdout


def test_completion_offers_files_for_networks() -> None:
    env = {
        "_NETRUNNER_COMPLETE": "bash_complete",
        "COMP_WORDS": "netrunner run ",
        "COMP_CWORD": "2",
    }
    assert spawn(env=env).stdout == b"file,\n"


@pytest.mark.parametrize(
    ("arguments", "begun", "completed"),
    [
        (["plot"], "s", ["step", "sigmoid", "softmax"]),
        (["plot", "--plugins", "swish", "relu"], "s", ["step", "sigmoid", "softmax", "swish"]),
        (["plot", "--plugins", "nope.py"], "s", []),
        (["new", "net", "--from"], "x", ["xor"]),
    ],
)
def test_names_are_completed(arguments: list[str], begun: str, completed: list[str]) -> None:
    shell = BashComplete(cli, {}, "netrunner", "_NETRUNNER_COMPLETE")
    items = shell.get_completions(arguments, begun)
    assert sorted(item.value for item in items if item.type == "plain") == sorted(completed)


def test_many_rows_are_all_written(tmp_path: Path, netrunner: Any) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(1).normal(size=(1500, 2)))
    result = netrunner("run", THREE_LAYER, "--input-file", tmp_path / "x.npy", "--output-only")
    assert (result.code, result.out.count("\n")) == (0, 1500)
    assert "..." not in result.out


@pytest.mark.parametrize("command", [["check"], ["new"]])
def test_no_terminal_obeys_the_name_of_a_file(command: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31mb\nc.yaml"
    if command == ["check"]:
        path.write_text(THREE_LAYER.read_text())
    done = spawn(*command, path)
    assert done.returncode == 0
    assert b"\x1b" not in done.stderr
    assert done.stderr.count(b"\n") == 1 + (command == ["new"])


def test_a_name_that_is_too_long_is_told_of_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / f"{'x' * 300}.yaml"
    done = spawn("new", path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"File name too long" in done.stderr
    assert b"standard output" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["compare", "-", THREE_LAYER], 0, f"three-layer and {THREE_LAYER} agree"),
        (["compare", THREE_LAYER, "-", "--input", "1,2"], 0, "on the input given"),
        (["compare", "-", "-"], 2, "write - only once"),
        (["run", "-", "--input-file", "-"], 2, "write - only once"),
        (["report", "-", "--output", "-"], 0, "Made from standard input by netrunner report"),
    ],
)
def test_a_network_on_standard_input(
    arguments: list[str], code: int, words: str, monkeypatch: pytest.MonkeyPatch, netrunner: Any
) -> None:
    with THREE_LAYER.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        result = netrunner(*arguments)
    assert result.code == code
    assert words in result.out + result.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "standard input: error: there is nothing to run"),
        (["run", "--input", "1e200"], "standard input: warning: layer 1, neuron 1: A is inf"),
        (["exercise", "--input", "0", "--output", "-"], "in the network file wide.\n"),
    ],
)
def test_what_a_network_on_standard_input_is_called(
    arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch, netrunner: Any
) -> None:
    weights = ", ".join(["1.0e+200"] * 13)
    layer = f"{{size: 13, weights: [[{weights}]], biases: 0, activation: relu}}"
    text = f"name: wide\ninputs: 1\nlayers: [{layer}]\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    result = netrunner(*arguments, "-")
    assert words in result.out + result.err
