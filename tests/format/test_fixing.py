"""Fixes, in Python and by `check`: each one was tried, and leaves all else as it was."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import NETWORKS, THREE_LAYER
from corpus import INVALID, REGISTRY, checked, named

import netrunner
from netrunner.activations.plugins import load_registry
from netrunner.format.checks import Checked, Checker
from netrunner.format.fixing import Tries, with_tried_fixes
from netrunner.problems.fixes import Edit, Fix, edited, overlap
from netrunner.problems.problem import NetrunnerError, Problem


@contextlib.contextmanager
def checker(path: Path) -> Iterator[tuple[Checker, str]]:
    with contextlib.chdir(path.parent):
        text = path.read_bytes().decode(errors="replace").lstrip("\ufeff")
        yield Checker(path.name, Path(), REGISTRY), text


def kinds(problems: Any) -> Counter[tuple[str, str]]:
    return Counter((problem.code, problem.message) for problem in problems)


def test_each_fix_of_the_corpus_ends_its_problem_and_adds_none() -> None:
    offered = helped = fixed = 0
    for path in INVALID:
        if checked(path)[0][0].code == "not-utf-8":
            continue
        with checker(path) as (checks, text):
            found = checks.check(text)
            for problem in checks.with_fixes(found).problems:
                helped += problem.hint is not None
                fixed += problem.hint is not None and bool(problem.fixes)
                for fix in problem.fixes:
                    after = checks.check(edited(text, fix.edits)).problems
                    left = kinds(after)
                    was = kinds(found.problems)[problem.code, problem.message]
                    shared = sum(fix in other.fixes for other in found.problems)
                    ended = was - left[problem.code, problem.message]
                    assert 1 <= ended <= shared, (path.name, str(problem))
                    assert sum(each.severity == "error" for each in after) < found.errors
                    offered += 1
    assert offered > 140
    assert fixed > 0.75 * helped


@named([path for path in INVALID if path.stem.startswith("slips-")])
def test_several_slips_of_syntax_are_all_told_with_help_and_all_fixed(path: Path) -> None:
    with checker(path) as (checks, text):
        assert all(problem.hint for problem in checks.check(text).problems)
        assert checks.check(checks.fixed(text)).errors == 0


def test_more_slips_than_are_looked_for_have_no_help(monkeypatch: pytest.MonkeyPatch) -> None:
    path = next(path for path in INVALID if path.stem == "slips-of-several-kinds")
    for limit, value in (("MAX_SLIPS", 5), ("MAX_PARSED", 2 * path.stat().st_size)):
        with monkeypatch.context() as patch, checker(path) as (checks, text):
            patch.setattr(f"netrunner.format.syntax.{limit}", value)
            first, *_ = checks.check(text).problems
            assert (first.code, first.hint, first.fixes) == ("yaml-syntax", None, ())


def test_a_fix_that_touches_another_waits_for_its_round() -> None:
    layers = "layers: [{size: 1, weights: [[1], [2]], biases: 0, activation: step}]\n"
    text = f'inputs: [x1, "x2\n{layers}'
    checks = Checker("n.yaml", None, REGISTRY)
    problems = checks.check(text).problems
    assert [(each.hint, len(each.fixes)) for each in problems] == [
        ("put ']' after '[x1, \"x2\"'", 0),
        ("close it at the end of its line", 1),
    ]
    assert checks.fixed(text) == f'inputs: [x1, "x2"]\n{layers}'


SLIPS = {
    "one": ("activation: sigmoid", "activation: sigmod"),
    "all of them, at once": ("activation", "activaton"),
    "a number": ("biases: [0.1, 0.2, 0.3]", "biases: [0.1, 0.2_0, '0.3']"),
    "syntax": ("[0.1, 0.2, 0.3]", "[0.1, 0.2, 0.3"),
    "syntax, and a name after it": ("biases: [0.1, 0.2, 0.3]", "biases: [0.1 0.2, 0.3]"),
    "a key that is indented too little": ("    activation: identity", "activation: identity"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_check_fix_mends_and_leaves_all_else_alone(
    slip: str, tmp_path: Path, netrunner: Callable[..., Any]
) -> None:
    right = THREE_LAYER.read_bytes()
    good, bad = (each.encode() for each in SLIPS[slip])
    times = -1 if "all" in slip else 1
    wrong = b"\xef\xbb\xbf" + right.replace(good, bad, times).replace(b"\n", b"\r\n")
    path = tmp_path / "n.yaml"
    path.write_bytes(wrong)
    shown = netrunner("check", path, "--diff")
    assert (shown.code, path.read_bytes()) == (1, wrong)
    assert shown.out.startswith(f"--- {path}\n+++ {path}\n@@ ")
    result = netrunner("check", path, "--fix")
    assert (result.code, result.out) == (0, "")
    assert result.err == f"wrote {path}\n{path}: ok: 3 layers, 1 example verified\n"
    lines = zip(path.read_bytes().splitlines(), wrong.splitlines(), strict=True)
    assert sum(new != old for new, old in lines) == (3 if "all" in slip else 1)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf#")
    assert netrunner("check", path, "--fix").err == f"{path}: ok: 3 layers, 1 example verified\n"


def test_a_file_that_was_changed_meanwhile_is_left_alone(tmp_path: Path, netrunner: Any) -> None:
    path, plugin = tmp_path / "n.yaml", tmp_path / "own.py"
    plugin.write_text(
        "from pathlib import Path\nimport netrunner\n\n"
        f"def h(a):\n    if 7 in a:\n        Path({str(path)!r}).write_text('# mine')\n"
        "    return a\n\n"
        "@netrunner.hookimpl\ndef netrunner_activations():\n"
        "    return [netrunner.Activation('h', h)]\n"
    )
    path.write_text(
        "inputs: 1\nlayers:\n  - {size: 1, weights: [[1]], biases: 0, activation: h}\n"
        "examples:\n  - {input: [7], output: [8]}\n"
    )
    result = netrunner("check", path, "--plugins", plugin, "--update-examples")
    assert result.code == 1
    assert "cannot be written: it was changed meanwhile [unwritable-output]" in result.err
    assert path.read_text() == "# mine"


@pytest.mark.parametrize(("column", "is_apart"), [(1, False), (2, False), (3, False), (4, True)])
def test_edits_that_touch_are_not_applied_together(column: int, is_apart: bool) -> None:
    two = Edit(1, 1, 1, 3, "ab"), Edit(1, column, 1, column, "c")
    assert [overlap(*two), overlap(*two[::-1])] == [not is_apart] * 2
    assert overlap(two[1], two[1])  # two insertions at one place


def test_what_cannot_be_fixed_is_still_reported(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "n.yaml"
    text = THREE_LAYER.read_text("utf-8").replace("size: 3", "size: 4")
    path.write_text(text.replace("dtype", "dtpye"), "utf-8")
    result = netrunner("check", path, "--fix")
    assert result.code == 1
    assert "help: write size: 3, then all else fits; for 4 neurons, weights need" in result.err
    assert "size: 4" in path.read_text("utf-8")  # which of the two is wrong, nobody knows


def test_the_json_has_the_fixes(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "n.yaml"
    path.write_text(THREE_LAYER.read_text("utf-8").replace(": sigmoid", ": sigmod", 1), "utf-8")
    text = path.read_text("utf-8")
    (problem,) = json.loads(netrunner("check", path, "--format", "json").out)
    (fix,) = problem["fixes"]
    (edit,) = fix["edits"]
    lines = text.split("\n")
    assert lines[edit["line"] - 1][edit["column"] - 1 : edit["end_column"] - 1] == "sigmod"
    assert (edit["end_line"], edit["text"], fix["title"]) == (
        edit["line"], "sigmoid", "write sigmoid"
    )  # fmt: skip


def test_a_name_is_not_more_than_a_name_in_the_difference(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "a\x1b[31m\n+++ b.yaml"
    path.write_text(
        "inputs: 1\nlayers:\n  - {size: 1, weights: [[1]], biases: 0, activation: relo}\n"
    )
    before, after, *_ = netrunner("check", path, "--diff").out.splitlines()
    assert before.endswith("/a␛[31m␊+++ b.yaml")
    assert after.endswith("/a␛[31m␊+++ b.yaml")


@pytest.mark.parametrize("options", [["--fix", "--diff"], ["--diff", "--format", "json"]])
def test_options_that_exclude_each_other(options: list[str], netrunner: Any) -> None:
    assert netrunner("check", THREE_LAYER, *options).code == 2


def test_outputs_are_written_with_the_digits_that_the_tolerance_needs(
    tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "n.yaml"
    text = THREE_LAYER.read_text("utf-8")
    path.write_text(text.replace("[0.31682708, 0.69627909]", "[0, 1]"), "utf-8")
    result = netrunner("check", path, "--update-examples")
    assert (result.code, result.err.splitlines()[0]) == (0, f"wrote {path}")
    assert path.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("{input: [2], output: [1]}", "{input: [2], output: [0.666667]}"),
        ("{input: [2], output: [1], tolerance: 0}", "{input: [2], output: [0.6666666666666666], "),
        ("{input: [[2], [3]], output: [[0.666667],\n [7]]}", "[[0.666667],\n [1.0]]"),
        ("{input: [3.0e+300], output: [1]}", "output: [1.0e+300]"),
    ],
)
def test_outputs_of_all_sizes(wrong: str, right: str, tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "n.yaml"
    layer = "{size: 1, weights: [[0.3333333333333333]], biases: 0, activation: identity}"
    path.write_text(f"inputs: 1\nlayers:\n  - {layer}\nexamples:\n  - {wrong}\n")
    assert netrunner("check", path, "--update-examples").code == 0
    assert right in path.read_text()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("{input: [2], output: [1, 2]}", "{input: [2], output: [0.666667]}"),
        ("{input: [2], output: 1}", "{input: [2], output: [0.666667]}"),
        ("{input: [2], output: [?]}", "{input: [2], output: [0.666667]}"),
        ("{input: [2], output: todo, tolerance: 0.1}", "output: [0.7], tolerance: 0.1}"),
        ("{input: [[2], [3]], output: [7]}", "output: [[0.666667], [1.0]]}"),
        ("{input: [2], output: [[7]]}\n  - {input: [3], output: [1]}", "[0.666667]}\n  - {"),
        ("input: [2]\n    output:\n      - 1\n      - 2\n", "output:\n      [0.666667]\n"),
        ("input: [2]\n    output:\n    - 1\n    - 2   # b\n", "output:\n      [0.666667]   # b\n"),
        ("input: [2]\n    output:\n", "output: [0.666667]\n"),
        ("{input: [2], output}", "{input: [2], output: [0.666667]}"),
    ],
)
@pytest.mark.parametrize("last", ["", "dtype: float64\n"])
def test_outputs_of_another_shape(
    wrong: str, right: str, last: str, tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "n.yaml"
    layer = "{size: 1, weights: [[0.3333333333333333]], biases: 0, activation: identity}"
    path.write_text(f"inputs: 1\nlayers:\n  - {layer}\nexamples:\n  - {wrong}\n{last}")
    assert netrunner("check", path, "--update-examples").code == 0
    assert right in path.read_text()
    path.write_text(f"{{inputs: 1, layers: [{layer}], examples: [{{input: 3, output: 4}}]}}")
    assert netrunner("check", path, "--update-examples").code == 1  # an input is for people
    assert "output: 4" in path.read_text()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (
            "output: [0,  # first\n      0]",
            "example 1: the output is not updated, because there is a comment",
        ),
        ("? output", "the outputs are not updated, because that would change something else"),
    ],
)
def test_outputs_that_cannot_be_written(
    output: str, words: str, tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "n.yaml"
    text = f"inputs: 1\n{LAYER.replace('plug', 'relu')}examples:\n  - input: [2]\n    {output}\n"
    path.write_text(text)
    result = netrunner("check", path, "--update-examples")
    assert (result.code, path.read_text()) == (1, text)
    assert words in result.err


@pytest.mark.parametrize(
    ("weights", "wrong", "right"),
    [
        ("&o [[2]]", "{input: [[3]], output: *o}", "{input: [[3]], output: [[6.0]]}"),
        ("&o [[2]]", "&e {input: [[3]], output: *o}\n  - *e", "[[6.0]]}\n  - *e"),
        ("&o [[2]]", "{input: [3], output: *o}", "{input: [3], output: [6.0]}"),
        ("[[2]]", "{input: &o [2], output: # *o\n   *o}", "&o [2], output: # *o\n   [4.0]}"),
        ("[[2]]", "{input: [2], output: &o [7]}\n  - {input: [3], output: *o}", "output: [6.0]}"),
        ("[[2]]", "&e {input: [2], output: [7]}\n  - *e", "&e {input: [2], output: [4.0]}\n  - *e"),
        ("[[2]]", "{input: [2], output: &o [7]}\n  - {input: [3.5], output: *o}", None),
        ("[[2]]", "{output: &o [[7]], input: [2]}\n  - {input: *o, output: [[14]]}", None),
        ("[[2]]", "{input: [[&b 2], [5]], output: [[*b], [10]]}", None),
    ],
)
def test_an_alias_of_an_output_changes_nothing_else(
    weights: str, wrong: str, right: str | None, tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "n.yaml"
    layer = f"{{size: 1, weights: {weights}, biases: 0, activation: identity}}"
    text = f"inputs: 1\nlayers:\n  - {layer}\nexamples:\n  - {wrong}\n"
    path.write_text(text)
    result = netrunner("check", path, "--update-examples")
    if right is None:
        assert (result.code, path.read_text()) == (1, text)
        assert "example 1: the output is not updated, because an alias shares" in result.err
    else:
        assert (result.code, layer in path.read_text()) == (0, True)
        assert right in path.read_text()


@pytest.mark.skipif(shutil.which("patch") is None, reason="there is no patch")
@pytest.mark.parametrize(("mark", "end"), [("\ufeff" * 2, "\n"), ("\ufeff", "\r\n"), ("", "\r")])
def test_patch_takes_the_difference(mark: str, end: str, tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "n.yaml"
    text = mark + "inputs: 1\nlayers:\n  - {size: 1, weights: [[1]], biases: 0, activation: rlu}\n"
    path.write_bytes(text.replace("\n", end).encode())
    difference = netrunner("check", path, "--diff").out
    subprocess.run(["patch", "--binary", path], input=difference.encode(), check=True)
    assert path.read_bytes() == text.replace("rlu", "relu").replace("\n", end).encode()


TEXT = THREE_LAYER.read_text("utf-8")


def test_a_text_is_enough() -> None:
    network = netrunner.loads(TEXT, name="first.yaml")
    assert network([1.0, 0.5]).tolist() == netrunner.load(THREE_LAYER)([1.0, 0.5]).tolist()
    assert netrunner.loads(TEXT.replace("name:", "# name:", 1), "first.yaml").name == "first"
    with pytest.raises(NetrunnerError, match=r"^first.yaml:\d+:\d+: error: .*\[unknown-activation"):
        netrunner.loads(TEXT.replace(": sigmoid", ": sigmod"), "first.yaml")


def test_a_text_names_files_only_in_its_folder() -> None:
    text = (NETWORKS / "digits.yaml").read_text("utf-8")
    assert netrunner.loads(text, folder=NETWORKS).input_size == 64
    with pytest.raises(NetrunnerError, match="a text without a folder cannot name a file"):
        netrunner.loads(text)


def problems_of(text: str) -> tuple[Problem, ...]:
    return Checker("n.yaml", None, REGISTRY).check(text).problems


def test_after_an_error_of_syntax_the_rest_is_checked() -> None:
    text = "inputs: 2\nlayers:\n  - {size: 1, weights: [[1], [1]], biases: 0, activation: stp\n"
    first, second = problems_of(text)
    assert (first.code, first.place.line, second.code, second.place.line) == (
        "yaml-syntax", 3, "unknown-activation", 3
    )  # fmt: skip
    assert second.place.source_line == text.splitlines()[2]


NAMES = {
    "阶跃函数": "step", "恒等函数": "identity", "シグモイド": "sigmoid",
    "シグモイド関数": "sigmoid", "ステップ関数": "step", "恒等関数": "identity",
    "identity_function": "identity",
    "ｓｉｇｍｏｉｄ": "sigmoid", "Softmax函数": "softmax", "np.relu": "relu",
    "修正线性单元": "relu", "正規化線形関数": "relu", "ソフトマックス関数": "softmax",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_activations_by_the_names_of_books_and_scripts(name: str) -> None:
    layer = f"{{size: 1, weights: [[1], [1]], biases: 0, activation: {name}}}"
    (problem,) = problems_of(f"inputs: 2\nlayers:\n  - {layer}\n")
    assert problem.hint == f"did you mean '{NAMES[name]}'?"
    assert [fix.edits[0].text for fix in problem.fixes] == [NAMES[name]]


@pytest.mark.parametrize("name", ["双曲正切", "雙曲正切函數", "双曲線正接関数", "np.tanh"])
def test_an_activation_that_is_not_loaded_by_the_name_of_a_book(name: str) -> None:
    layer = f"{{size: 1, weights: [[1], [1]], biases: 0, activation: {name}}}"
    (problem,) = problems_of(f"inputs: 2\nlayers:\n  - {layer}\n")
    assert problem.hint
    assert problem.hint.startswith("did you mean 'tanh'? It comes with netrunner")


CALLS = {
    "leaky_relu(alpha=0.3)": "{name: leaky_relu, alpha: 0.3}",
    "leaky_relu(0.3)": "{name: leaky_relu, alpha: 0.3}",
    "leaky_relu(a, 0.3)": None,
    "leaky_relu(alpha=a)": None,
    "leaky_relu(alpha=010)": None,
    "leaky_relu alpha=0.3": None,
    "leaky_relu, alpha: 0.3": None,
    "nn.LeakyReLU(0.3)": "{name: leaky_relu, alpha: 0.3}",
    "leaky_relu(a)": "leaky_relu",
    "leaky_relu(alpha=1, alpha=2)": None,
    "leaky_relu(beta=0.3)": None,
    "relu(a)": "relu",
}


@pytest.mark.parametrize("call", CALLS)
def test_parameters_written_as_arguments_are_not_lost(call: str) -> None:
    layer = f"{{size: 1, weights: [[1]], biases: 0, activation: '{call}'}}"
    text = f"inputs: 1\nlayers:\n  - {layer}\n"
    (problem,) = Checker("net.yaml", None, load_registry(["leaky_relu"])).check(text).problems
    fixed = [fix.edits[0].text for fix in problem.fixes]
    assert fixed == [text for text in [CALLS[call]] if text is not None]


FULL_WIDTH = """\
輸入: [x1、x2]
layers:
　　- size： ２  ＃ neurons
　　  weights: [[０．１，0.2]，[0.3，0.4]]
　　  biases: 0　＃ for both
　　  activation：階躍函數＃ h
outputs: ［y1，y2］
"""


def test_many_full_width_signs_are_each_told_and_all_fixed() -> None:
    told = [(problem.place.line, problem.code) for problem in problems_of(FULL_WIDTH)]
    assert {line for line, code in told if code == "yaml-syntax"} == {3, 4, 5, 6, 7}
    checker = Checker("net.yaml", None, REGISTRY)
    mended = checker.fixed(FULL_WIDTH)
    assert checker.check(mended).problems == ()
    assert "size: 2  # neurons" in mended
    assert "weights: [[0.1, 0.2], [0.3, 0.4]]" in mended
    assert "# for both" in mended
    assert "activation: step # h" in mended
    assert checker.fixed(FULL_WIDTH.replace("layers:", "layers：")) == mended


def test_the_fix_of_very_many_signs_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrunner.format.syntax.MAX_WITH_THE_FIX", 1)
    first, *others = (each for each in problems_of(FULL_WIDTH) if each.code == "yaml-syntax")
    assert first.fixes
    assert others
    assert first.fixes not in [each.fixes for each in others]


NAMED = """\
name：实验 ＃3
description: 好 ＃ 1
inputs:
  - 班 ＃1
  - C＃
layers: ＃ one
  - name: 层 ＃1
    size: 2 ＃ neurons: a and b
    weights: [[1, 2], ＃ the first row
      [3, 4]]
    biases:
      - 0 ＃ of a
      - 0
    activation: step ＃ h
outputs: [类 ＃1, 类 ＃2]
"""


def test_a_full_width_sign_begins_a_comment_except_in_a_name_or_a_description() -> None:
    checks = Checker("net.yaml", None, REGISTRY)
    right = NAMED.replace("：", ": ")
    for word in ("one", "neurons", "the first", "of a", "h\n"):
        right = right.replace(f"＃ {word}", f"# {word}")
    assert checks.check(right).problems == ()
    assert checks.fixed(NAMED) == right
    alone = right.replace("# h", "＃ h")
    (problem,) = problems_of(alone)
    assert (problem.code, problem.place.line, problem.hint) == ("yaml-syntax", 14, "write '#'")
    assert checks.fixed(alone) == right
    (nothing_before,) = problems_of(right.replace("step #", "＃"))
    assert (nothing_before.code, nothing_before.fixes) == ("unknown-activation", ())


def test_many_fixes_are_tried_together(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["[" + ", ".join(["０.5"] * 5) + "]"] * 5
    layer = "{size: 5, weights: [\n" + ",\n".join(rows) + "], biases: 0, activation: step}"
    text = f"inputs: 5\nlayers:\n  - {layer}\n"
    checks = Checker("net.yaml", None, REGISTRY)
    readings = []

    def check(text: str) -> Checked:
        readings.append(text)
        return checks.check(text)

    found = with_tried_fixes(checks.check(text), Tries(check))
    assert (sum(bool(each.fixes) for each in found.problems), len(readings)) == (25, 1)
    readings.clear()
    harmful = Fix("write x", (Edit(4, 2, 4, 5, "x"),))
    before = checks.check(text)
    first, *others = before.problems
    before = replace(before, problems=(replace(first, fixes=(harmful,)), *others))
    found = with_tried_fixes(before, Tries(check))
    assert [bool(each.fixes) for each in found.problems] == [False, *[True] * 24]
    assert len(readings) < 12
    # With more problems than are sought, those in the last line that was read may have no fix.
    for module in ("document", "fixing"):
        monkeypatch.setattr(f"netrunner.format.{module}.MAX_PROBLEMS", 13)
    found = checks.with_fixes(checks.check(text))
    assert [bool(each.fixes) for each in found.problems] == [True] * 10 + [False] * 3
    assert checks.check(checks.fixed(text)).problems == ()


def test_a_wrong_number_does_not_hide_the_shape_of_its_array() -> None:
    layer = "{size: 1, weights: [[1, 0x2], [3, x]], biases: [1, yes, 3], activation: step}"
    problems = problems_of(f"inputs: 2\nlayers: [{layer}]\n")
    assert [problem.code for problem in problems] == [
        "shape-mismatch", "ambiguous-number", "not-a-number", "shape-mismatch", "ambiguous-number"
    ]  # fmt: skip
    ragged = layer.replace("[3, x]", "[3]").replace("[1, yes, 3]", "0")
    assert [problem.code for problem in problems_of(f"inputs: 2\nlayers: [{ragged}]\n")] == [
        "ambiguous-number", "ragged-rows"
    ]  # fmt: skip


def test_an_open_bracket_after_a_byte_order_mark() -> None:
    """The command removes the mark; an editor may send it."""
    assert {each.code for each in problems_of("\ufeffinputs: [1\nlayers: []\n")} == {"yaml-syntax"}


def test_tabs_in_all_lines_are_one_problem_with_its_fix() -> None:
    text = (
        "inputs: 1\nlayers:\n\t- size: 1\n\t  weights: [[1]]\n\t  biases: 0\n\t  activation: step\n"
    )
    (problem,) = problems_of(text)
    assert problem.hint == "indent with spaces"
    mended = Checker("net.yaml", None, REGISTRY).fixed(text)
    assert mended == text.replace("\t", "    ")


def test_arrays_as_pasted_from_a_script() -> None:
    text = (
        "inputs: 2\nlayers:\n  - size: 1\n    weights: np.array([[1.0], [2.0]])\n"
        "    biases: np.array([0.5])\n    activation: step\n"
    )
    assert [problem.hint for problem in problems_of(text)] == [
        "write [[1.0], [2.0]]",
        "write [0.5]",
    ]
    assert (
        Checker("n.yaml", None, REGISTRY)
        .check(Checker("n.yaml", None, REGISTRY).fixed(text))
        .errors
        == 0
    )


def test_a_blank_is_called_one_and_a_missing_key_has_an_example() -> None:
    layer = "{size: 1, weights: [['?'], [?, ]], activation: step}"
    text = f"inputs: 2\nlayers:\n  - {layer}\n".replace("'?'", "__").replace("?, ", "__")
    missing, blank, _ = problems_of(text)
    assert missing.context == "for example biases: [0.1, 0.2, 0.3]"
    assert blank.message.endswith("'__' is a blank: write a number in its place")


def test_a_network_from_standard_input(
    netrunner: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def feed(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    feed(THREE_LAYER.read_bytes())
    assert netrunner("run", "-", "--output-only").out == "[0.31682708 0.69627909]\n"
    feed(THREE_LAYER.read_bytes().replace(b": sigmoid", b": sigmod", 1))
    result = netrunner("check", "-")
    assert (result.code, result.err.count("standard input")) == (1, 2)
    assert netrunner("check", "-", "--fix").code == 2


TRANSPOSED = {
    "with dashes": (
        "\n      - [1, 2]\n      - [3, 4]\n      - [5, 6]",
        "\n      - [1, 3, 5]\n      - [2, 4, 6]",
    ),
    "an anchor": (" &w [[1, 2], [3, 4], [5, 6]]", " &w [[1, 3, 5], [2, 4, 6]]"),
    "an anchor in a line of its own": (
        " &w\n      - [1, 2]\n      - [3, 4]\n      - [5, 6]",
        " &w\n      - [1, 3, 5]\n      - [2, 4, 6]",
    ),
    "rows in lines": (
        " [\n      [1, 2],\n      [3, 4],\n      [5, 6],\n    ]",
        " [\n      [1, 3, 5],\n      [2, 4, 6],\n    ]",
    ),
    "a comment": (" [[1, 2], # to neuron 1\n      [3, 4],\n      [5, 6]]", None),
    "a comment after a dash": ("\n      - [1, 2] # one\n      - [3, 4]\n      - [5, 6]", None),
    "several rows in a line": (" [[1, 2], [3, 4],\n      [5, 6]]", None),
    "a number in each line": (
        "\n      - - 1\n        - 2\n      - - 3\n        - 4\n      - - 5\n        - 6",
        None,
    ),
    "an alias in the list": ("\n      - &r [1, 2]\n      - [3, 4]\n      - *r", None),
    "an alias in brackets": (" [[1, 2], &r [3, 4], *r]", None),
}


@pytest.mark.parametrize("how", TRANSPOSED)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_fix_covers_all_lines_of_a_value_and_keeps_its_layout(how: str, newline: str) -> None:
    wrong, right = TRANSPOSED[how]
    text = (
        f"inputs: 2\nlayers:\n  - size: 3\n    weights:{wrong}\n    biases: 0 # none\n"
        "    activation: step\n"
    ).replace("\n", newline)
    expected = text.replace(*(each.replace("\n", newline) for each in (wrong, right or wrong)))
    checks = Checker("n.yaml", None, REGISTRY)
    assert checks.fixed(text) == expected
    (problem,) = checks.with_fixes(checks.check(text)).problems
    assert (bool(problem.fixes), problem.hint is None) == (right is not None, False)


def test_lists_with_dashes_become_what_they_should_be() -> None:
    text = (
        "inputs: 1\nlayers:\n  - size: 2\n    weights: np.array([[1,\n      2]])\n    biases:\n"
        "      - [3]\n      - [4]\n    activation: step\n  - size: 1\n    weights:\n"
        "      - 5\n      - 6\n    biases: 0\n    activation: step\n"
    )
    right = text.replace("np.array([[1,\n      2]])", "[[1,\n      2]]").replace("- [3]", "- 3")
    right = right.replace("- [4]", "- 4").replace("- 5", "- [5]").replace("- 6", "- [6]")
    assert Checker("n.yaml", None, REGISTRY).fixed(text) == right


def test_anchors_stay() -> None:
    layer = "{size: 1, weights: [[1]], biases: BIASES, activation: NAME}"
    first = layer.replace("BIASES", "&b '0'").replace("NAME", "&a sigmod")
    second = layer.replace("BIASES", "*b").replace("NAME", "*a")
    text = f"inputs: 1\nlayers:\n  - {first}\n  - {second}\n"
    checks = Checker("n.yaml", None, REGISTRY)
    assert checks.fixed(text) == text.replace("'0'", "0").replace("sigmod", "sigmoid")
    assert all(problem.fixes for problem in checks.with_fixes(checks.check(text)).problems)


def test_an_example_that_fails_once_the_network_runs_hinders_no_fix() -> None:
    layer = "{size: 1, weights: [[1]], biases: 0x1F, activation: 恒等函数}"
    text = f"inputs: 1\nlayers:\n  - {layer}\nexamples:\n  - {{input: [1], output: [2]}}\n"
    checks = Checker("n.yaml", None, REGISTRY)
    for one in (text, text.replace("0x1F", "31")):
        found = checks.with_fixes(checks.check(one)).problems
        assert all(problem.fixes for problem in found)
        mended = checks.fixed(one)
        assert mended == text.replace("0x1F", "31").replace("恒等函数", "identity")
    assert [problem.code for problem in checks.check(mended).problems] == ["example-mismatch"]


@pytest.mark.parametrize(
    "unseen", ["\ufe0f", r"\u200b", r"\u00ad", r"\u202e", r"\u034f", r"\u00a0"]
)
def test_what_nobody_sees_does_not_tell_neurons_apart(unseen: str) -> None:
    layer = "{size: 1, weights: [[1], [1]], biases: 0, activation: step}"
    text = f'inputs: ["❤{unseen}", ❤]\nlayers:\n  - {layer}\n'
    assert [problem.code for problem in problems_of(text)] == ["duplicate-name"]


def test_names_without_commas_between() -> None:
    layer = "{size: 1, weights: [[1], [1]], biases: 0, activation: step}"
    text = f"inputs: [x1 x2]\nlayers:\n  - {layer}\n"
    (problem,) = problems_of(text)
    assert problem.hint == "write inputs: [x1, x2], with commas between the names"
    assert Checker("n.yaml", None, REGISTRY).fixed(text) == text.replace("x1 x2", "x1, x2")


def test_a_value_with_two_names_is_mended_once(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "n.yaml"
    layer = "{size: 1, weights: [[1]], biases: BIASES, activation: relu}"
    first, second = layer.replace("BIASES", "&b ['1']"), layer.replace("BIASES", "*b")
    path.write_text(f"inputs: 1\nlayers:\n  - {first}\n  - {second}\n", "utf-8")
    assert netrunner("check", path, "--fix").code == 0
    assert "biases: &b [1]" in path.read_text("utf-8")


def test_fixes_end_after_some_rounds(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netrunner.format.fixing.MAX_ROUNDS", 1)
    path = tmp_path / "n.yaml"
    text = THREE_LAYER.read_text("utf-8").replace(": sigmoid", ": sigmod", 1)
    path.write_text(text.replace("0.1, 0.2, 0.3]", "0.1, 0.2, '0.3'", 1), "utf-8")
    assert netrunner("check", path, "--fix").code == 1  # only the bracket is closed
    assert "'0.3']" in path.read_text("utf-8")
    monkeypatch.setattr("netrunner.format.fixing.MAX_WORK", 1)
    assert "too many problems to try all the fixes" in netrunner("check", path, "--fix").err


LAYER = "layers: [{size: 1, weights: [[1]], biases: 0, activation: plug}]\n"


@pytest.mark.parametrize(
    "text",
    [
        "inputs: x\n" + LAYER.replace("plug", "relu"),
        f"inputs: 1\n{LAYER}examples: [{{input: [1], output: [[2, 3]]}}]\n",
        "inputs: 1\n" + LAYER.replace("plug", "relu") + "examples: [{input: [1]}]\n",
        "inputs: 1\n" + LAYER.replace("plug", "relu") + "examples: [{input: x, output: 1}]\n",
        "inputs: 1\n"
        + LAYER.replace("plug", "relu")
        + "examples:\n- input: [1]\n  output:\n    y: 1\n",
    ],
    ids=["no examples", "something else is wrong", "no output", "no input", "a mapping"],
)
def test_what_is_wrong_elsewhere_leaves_the_outputs_alone(
    text: str, tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "n.yaml"
    path.write_text(text, "utf-8")
    assert netrunner("check", path, "--update-examples").code == 1
    assert path.read_text("utf-8") == text


def test_an_output_of_another_shape_beside_a_plugin_that_fails(
    tmp_path: Path, netrunner: Any
) -> None:
    path, plugin = tmp_path / "n.yaml", tmp_path / "plug.py"
    plugin.write_text(
        "import netrunner\ndef plug(a):\n    if 7 in a: raise ValueError\n    return a * 1\n"
        "@netrunner.hookimpl\ndef netrunner_activations():\n"
        "    return [netrunner.Activation('plug', plug)]\n"
    )
    path.write_text(f"inputs: 1\n{LAYER}examples: [{{input: [7], output: [1, 2]}}]\n", "utf-8")
    result = netrunner("check", path, "--plugins", plugin, "--update-examples")
    assert result.code == 1
    assert "output: [1, 2]" in path.read_text("utf-8")


def test_a_tab_is_called_one() -> None:
    problem, *_ = problems_of("\tinputs: 2\n")
    assert problem.message == "not YAML: there is a tab character where spaces belong"
    assert problem.hint == "indent with spaces"


def test_slips_whose_fixes_undo_each_other_have_no_help() -> None:
    layers = "layers:\n    activation: step\n  - size: 1\n    weights: [[1], [2]]\n　　biases: 0\n"
    (problem,) = problems_of("inputs: 2\n" + layers)
    assert (problem.code, problem.hint, problem.fixes) == ("yaml-syntax", None, ())


def test_a_fix_that_uncovers_a_slip_is_written_with_the_fix_of_that_slip(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = THREE_LAYER.read_text("utf-8")
    text = right.replace("activation: sigmoid", "activation: {nmae: sigmod}", 1)
    checks = Checker("n.yaml", None, REGISTRY)
    assert checks.fixed(text) == right.replace(": sigmoid", ": {name: sigmoid}", 1)
    unknown = text.replace("sigmod", "nonsense")
    assert checks.fixed(unknown) == unknown
    for limit, value in (("MAX_UNCOVERED", 1), ("MAX_WORK", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(f"netrunner.format.fixing.{limit}", value)
            assert checks.fixed(text) == text


def test_a_fix_that_does_not_help_hinders_no_other() -> None:
    layer = "{size: 1, weights: [[1]], biases: 0, activation: relu}"
    unhelped = layer.replace("relu", "{nmae: nonsense}")
    text = f"inputs: 1\nlayers:\n  - {unhelped}\n  - {layer.replace('biases', 'biase')}\n"
    fixed = Checker("n.yaml", None, REGISTRY).fixed(text)
    assert fixed == text.replace("biase:", "biases:")


def test_a_list_that_ends_with_an_alias_is_left_alone() -> None:
    layer = "{size: 1, weights: [&r [1]], biases: 0, activation: relu}"
    text = f"inputs: 1\nlayers:\n  - {layer}\n  - size: 1\n    weights: [[1]]\n    biases:\n"
    text += "      - *r\n    activation: relu\n"
    (problem,) = problems_of(text)
    assert (problem.hint, problem.fixes) == ("write [1]", ())


def test_what_comes_before_an_error_of_syntax_is_read_again_only_where_it_is_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = "{size: 1, weights: [[1], [1]], biases: 0, activation: stp}"
    text = f"inputs: 2\nlayers:\n  - {layer}\ndescription: [a\n"
    codes = ["unknown-activation", "yaml-syntax"]
    assert [problem.code for problem in problems_of(text)] == codes
    monkeypatch.setattr("netrunner.format.network_text.MAX_READ_AGAIN", 10)
    assert [problem.code for problem in problems_of(text)] == codes[1:]


def test_a_size_that_nothing_fits_takes_no_memory() -> None:
    """One bias is not repeated 20 million times, nor is the activation tried on so many neurons."""
    h = "{name: leaky_relu, alpha: 0.1}"
    layer = f"{{size: 20000000, weights: [[1], [2]], biases: 0, activation: {h}}}"
    tracemalloc.start()
    try:
        with pytest.raises(NetrunnerError) as raised:
            netrunner.loads(f"inputs: 2\nlayers:\n  - {layer}\n", plugins=["leaky_relu"])
        assert tracemalloc.get_traced_memory()[1] < 2**26
    finally:
        tracemalloc.stop()
    assert [problem.code for problem in raised.value.problems] == ["shape-mismatch"]


def test_a_fix_that_helps_is_written_beside_one_that_only_uncovers() -> None:
    right = THREE_LAYER.read_text("utf-8").replace("activation: sigmoid", "activation: tanh")
    right = right.replace("tanh", "sigmoid", 1).replace("tanh", "{name: sigmoid}", 1)
    text = right.replace("activation: sigmoid", "activation: sigmod", 1)
    text = text.replace("{name: sigmoid}", "{nmae: sigmod}", 1)
    assert Checker("n.yaml", None, REGISTRY).fixed(text) == right


def test_no_fix_is_offered_that_there_is_no_time_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrunner.format.fixing.MAX_WORK", 0)
    text = THREE_LAYER.read_text("utf-8").replace(": sigmoid", ": sigmod", 1)
    checks = Checker("n.yaml", None, REGISTRY)
    (problem,) = checks.with_fixes(checks.check(text)).problems
    assert problem.fixes == ()


def test_outputs_are_written_beside_an_example_without_one(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "n.yaml"
    layer = "{size: 1, weights: [[1]], biases: 0, activation: relu}"
    text = f"inputs: 1\nlayers: [{layer}]\nexamples:\n  - {{input: [1], output: [1, 2]}}\n"
    text += "  - {input: [2]}\n"
    path.write_text(text)
    assert netrunner("check", path, "--update-examples").code == 1
    assert path.read_text() == text.replace("[1, 2]", "[1.0]")


def test_a_full_width_dash_beside_a_mistake_that_stays() -> None:
    *_, problem = problems_of("inputs: 2\nlayers:\n－size: 1\n　weights: [[1\n  name: }a: b: {\n")
    assert problem.code == "yaml-syntax"


def test_outputs_are_written_beside_long_rows(tmp_path: Path, netrunner: Any) -> None:
    path, row = tmp_path / "n.yaml", ", ".join(["0.5"] * 60)
    text = f"inputs: 1\nlayers:\n  - size: 60\n    weights:\n      - [{row}]\n    biases: 0\n"
    text += "    activation: relu\n  - {size: 1, weights: [[1]], biases: 0, activation: relu}\n"
    text = text.replace("[[1]]", f"[{', '.join(['[1]'] * 60)}]")
    path.write_text(f"{text}examples:\n  - {{input: [1], output: [1]}}\n")
    assert netrunner("check", path, "--update-examples").code == 0
    assert path.read_text() == f"{text}examples:\n  - {{input: [1], output: [30.0]}}\n"
