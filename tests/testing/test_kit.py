"""The check kit: bad plugins are found, good ones are left in peace."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, sampled, spawn

from netrunner import Activation, NetrunnerError, load
from netrunner.activations.activation import Origin
from netrunner.activations.built_in import softmax
from netrunner.activations.plugins import built_in_activations, load_files, loaded_again
from netrunner.testing import BrokenPromise, activations_in, check_activation
from netrunner.testing.review import PROMISES, review, review_of_one
from netrunner.testing.trial import Trial

pytestmark = pytest.mark.watched

DATA = ROOT / "tests" / "data"
BEHAVING = sorted((DATA / "behaving").glob("*.py"))
MISBEHAVING = sorted((DATA / "misbehaving").glob("*.py"))
SHIPPED = sorted((ROOT / "plugins").glob("*.py"))
NAMES = [promise.name for promise in PROMISES]
UNDECLARED = ["declared range", "declared shares", "declared finite", "declared in place"]


# Hundreds of calls of a function, which coverage would make half as long again.
no_cover = pytest.mark.no_cover


def stem(path: Path) -> str:
    return path.stem


def expected_of(path: Path) -> list[str]:
    """The promises in the line `breaks: …` of a misbehaving plugin."""
    (line,) = re.findall(r"^breaks: (.+)$", path.read_text(encoding="utf-8"), re.M)
    return str(line).split(", ")


@pytest.fixture(autouse=True)
def _no_leftovers(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Some plugins set what is the process's, which is why they are here."""
    monkeypatch.setattr(np.random.mtrand, "_rand", np.random.mtrand._rand)
    with np.errstate(), np.printoptions():
        yield


# The corpora.


def one_for_each_promise() -> Iterator[Any]:
    """The misbehaving plugins, of which the quick tests take the first that breaks a promise."""
    seen: set[str] = set()
    for path in MISBEHAVING:
        new = {*expected_of(path)} - seen - {"..."}
        seen |= new
        yield pytest.param(path, marks=[] if new else [pytest.mark.slow])


@no_cover
@pytest.mark.parametrize("path", [*one_for_each_promise()], ids=stem)
def test_a_misbehaving_plugin_breaks_what_its_file_says(path: Path) -> None:
    (entry,), problems = load_files([path])
    assert problems == []
    found = review(entry.activation, entry.origin, again=partial(loaded_again, entry))
    expected = expected_of(path)
    if expected[-1] == "...":  # numpy's version decides what else there is, or the memory
        assert found.broken
        assert set(expected[:-1]) <= set(found.broken)
    else:
        assert list(found.broken) == expected
    for problem in found.problems:
        assert problem.code == "plugin-promise"
        assert (problem.place.file, problem.place.line) == (str(path), entry.origin.line)
        assert problem.message.startswith(f"activation 'h' of plugin '{path.name}' breaks '")
        assert "\n" not in problem.message


@no_cover
@pytest.mark.parametrize("path", sampled(BEHAVING, 3), ids=stem)
def test_a_behaving_plugin_is_not_accused(path: Path) -> None:
    (entry,), problems = load_files([path])
    assert problems == []
    found = review(entry.activation, entry.origin, again=partial(loaded_again, entry))
    assert found.problems == ()


@no_cover
@pytest.mark.parametrize("path", SHIPPED, ids=stem)
def test_the_shipped_plugins_keep_their_promises(path: Path) -> None:
    (entry,), _ = load_files([path])
    found = review(entry.activation, entry.origin)
    assert found.problems == ()
    assert entry.activation.range or entry.activation.monotonic
    assert ("declared range" in found.kept) == (entry.activation.range is not None)


@no_cover
@pytest.mark.parametrize("entry", built_in_activations(), ids=lambda each: each.activation.name)
def test_the_built_ins_keep_their_promises(entry: Any) -> None:
    found = review(entry.activation, entry.origin)
    assert found.problems == ()
    assert {"±1000", "ends of the float range", "no warning"} <= set(found.kept)


def test_every_promise_is_broken_by_a_plugin() -> None:
    broken = {name for path in MISBEHAVING for name in expected_of(path)} - {"..."}
    assert broken == set(NAMES)


def test_the_promises_have_sentences() -> None:
    assert len(set(NAMES)) == len(NAMES)
    for promise in PROMISES:
        assert promise.sentence.endswith(".")
        assert promise.why.endswith(".")


def test_the_page_lists_the_promises_in_their_order() -> None:
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    table = page.split("| promise | what it says |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()]
    assert [name for name, _ in rows] == NAMES
    for promise, (_, said) in zip(PROMISES, rows, strict=True):
        assert said.startswith(promise.sentence)


# A review, and what it says.


def check(function: Any, **named: Any) -> Any:
    return check_activation(Activation("h", function, **named))


def test_check_activation_returns_what_is_kept() -> None:
    declared = {"range": (-1, 1), "finite": True, "in_place": True, "monotonic": "increasing"}
    found = check(np.tanh, worked="tanh({a})", **declared)
    assert found.kept == tuple(name for name in NAMES if name != "declared shares")
    assert found.broken == ()
    shares = check_activation(Activation("h", softmax, elementwise=False, shares=True))
    assert "declared shares" in shares.kept


def test_check_activation_raises_what_pytest_and_netrunner_know() -> None:
    def h(a: Any) -> Any:
        return a - a.mean(axis=0)

    with pytest.raises(AssertionError) as raised:
        check(h)
    assert isinstance(raised.value, BrokenPromise)
    assert isinstance(raised.value, NetrunnerError)
    first = raised.value.problems[0]
    assert first.place.file == __file__
    assert first.place.line == h.__code__.co_firstlineno
    assert "breaks 'row independence'" in first.message
    assert str(raised.value).startswith(f"{__file__}:{first.place.line}:")


def test_a_function_without_a_file_is_called_by_its_module() -> None:
    with pytest.raises(BrokenPromise, match=r"^numpy\.log: error: activation 'h'"):
        check(np.log)


def test_parameters_are_put_in() -> None:
    def h(a: Any, top: float = 1.0) -> Any:
        return np.minimum(a, top) if top > 0 else a[..., 0]

    activation = Activation("h", h, range=(None, 1))
    assert "declared range" in check_activation(activation).kept
    # What is declared, is so for the defaults.
    assert "declared range" not in check_activation(activation, top=2.0).kept
    with pytest.raises(BrokenPromise, match="'shape'"):
        check_activation(activation, top=-1.0)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (lambda: check_activation(np.tanh), "takes an Activation, not ufunc"),  # type: ignore[arg-type]
        (lambda: check_activation(Activation("h", np.tanh), beta=1), "no parameter 'beta'"),
    ],
)
def test_a_wrong_call_is_a_type_error(what: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        what()


def test_a_function_that_takes_no_array_is_a_broken_promise() -> None:
    with pytest.raises(BrokenPromise, match=r"parameter 'beta' has no default \[plugin-result\]"):
        check(lambda a, beta: a)


def test_ctrl_c_is_no_finding() -> None:
    def h(a: Any) -> Any:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        check(h)


def hints(path: Path) -> list[str | None]:
    (entry,), _ = load_files([path])
    return [problem.hint for problem in review(entry.activation, entry.origin).problems]


@no_cover
@pytest.mark.parametrize(
    ("name", "old", "new", "hint"),
    [
        ("softmax_axis_0", "axis=0", "axis=-1", "use axis=-1"),
        ("lies_about_its_direction", "increasing", "decreasing", "monotonic='decreasing'"),
        ("slope_by_neuron", '"h", h', '"h", h, elementwise=False', "elementwise=False"),
        ("formula_of_another_function", ", worked=", ", formula=", "leave it out"),
        ("formula_of_another_function", "{a} if {a} > 0 else ", "tanh({a}) + ", "change worked"),
    ],
)  # fmt: skip
def test_a_help_is_true(name: str, old: str, new: str, hint: str, tmp_path: Path) -> None:
    bad = DATA / "misbehaving" / f"{name}.py"
    assert hint in str(hints(bad)[0])
    mended = tmp_path / "mended.py"
    mended.write_text(bad.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert hints(mended) == []


@no_cover
@pytest.mark.parametrize("name", ["batch_mean", "seeded_noise", "largest_of_the_batch"])
def test_no_help_is_offered_that_does_not_help(name: str) -> None:
    assert hints(DATA / "misbehaving" / f"{name}.py")[0] is None


@no_cover
def test_a_function_that_fails_where_no_rule_expects_it() -> None:
    """Each call of a trial in turn fails: the review ends all the same, and says so."""
    for failing in range(0, 600, 97):
        calls = 0

        def h(a: Any, failing: int = failing) -> Any:
            nonlocal calls
            calls += 1
            if calls == failing + 1:
                raise RuntimeError("now")
            return a * 1.0

        found = review(Activation("h", h), Origin("file", "p", __file__, None, __file__))
        assert len(found.verdicts) == len(PROMISES)


# What an activation declares.


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ({"range": 1}, TypeError),
        ({"range": (1,)}, TypeError),
        ({"range": [0, 1]}, TypeError),
        ({"range": ("0", 1)}, TypeError),
        ({"range": (False, True)}, TypeError),
        ({"range": (1, 0)}, ValueError),
        ({"range": (float("nan"), 1)}, ValueError),
        ({"monotonic": "up"}, ValueError),
        ({"monotonic": True}, ValueError),
        ({"monotonic": ["increasing"]}, ValueError),
        ({"monotonic": "increasing", "elementwise": False}, ValueError),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(declared: Any, kind: type) -> None:
    with pytest.raises(kind, match=r"range must be|monotonic"):
        Activation("h", np.tanh, **declared)


@pytest.mark.parametrize(
    "range", [None, (None, None), (0, None), (None, np.float64(2)), (-np.inf, np.inf), (1, 1)]
)
def test_a_range_may_be_open(range: Any) -> None:
    assert Activation("h", np.tanh, range=range).range == range


# The formula in worked.


@no_cover
@pytest.mark.parametrize(
    ("worked", "function"),
    [
        ("1 if {a} >= 0 else 0", lambda a: np.where(a > 0, 1.0, 0.0)),
        ("0.707106·{a}", lambda a: a / np.sqrt(2)),
        ("log({a})", lambda a: np.where(a > 0, np.log(np.maximum(a, 1e-300)), 0.0)),
        ("{a}**3", lambda a: np.maximum(a, 0) ** 3),
    ],
)
def test_a_formula_that_is_not_the_functions_is_found(worked: str, function: Any) -> None:
    with pytest.raises(BrokenPromise, match="breaks 'worked formula'"):
        check(function, worked=worked)


@pytest.mark.parametrize(
    "worked",
    [
        "gamma({a})", "⌊{a}⌋", "{a}^2", "{a} % 2", "2({a})", "3{a}", "max({a})", "x[{a}]", "'{a}'",
        "exp(a={a})", "__import__('os')", "np.exp({a})", "(" * 300 + "{a}" + ")" * 300,
        "{a}" + " + 1" * 50_000, "9" * 5_000 + "·{a}", "1" * 400 + "·{a}", "1 if {a} > 0 else f(1)",
    ],
)  # fmt: skip
def test_a_formula_that_cannot_be_worked_out_is_not_judged(worked: str) -> None:
    activation = Activation("h", lambda a: a * 1.0, worked=worked)
    trial = Trial(activation, Origin("file", "p", __file__, None, __file__))
    (formula,) = [promise for promise in PROMISES if promise.name == "worked formula"]
    assert review_of_one(trial, formula).verdicts[0].passed


def test_a_formula_is_judged_with_the_parameters() -> None:
    activation = Activation("h", lambda a, n=1.0: a * abs(n), worked="{n}·{a}")
    assert "worked formula" in check_activation(activation).kept
    with pytest.raises(
        BrokenPromise, match=r"for -1\.0, \(-2\)·\(-1\) = 2\.0; expected: -2\.0, as"
    ):
        check_activation(activation, n=-2.0)


def test_a_new_plugin_whose_function_alone_was_changed_is_told(
    tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "bent.py"
    netrunner("new", "--plugin", path)
    text = path.read_text(encoding="utf-8")
    (old,) = re.findall(r"    return np\.max.*\n", text)
    path.write_text(text.replace(old, "    return np.tanh(a) + slope * a\n"), encoding="utf-8")
    result = netrunner("plugins", "check", path)
    assert result.code == 1
    assert "breaks 1 promise:\n\n  worked formula\n" in result.out
    assert "got        (-1) if (-1) > 0 else 0.1·(-1) = -0.1\n" in result.out
    people = netrunner("plugins", "check", DATA / "behaving" / "formula_for_people.py")
    assert "not judged, as worked is not in" in " ".join(people.out.split())


# The command.


def test_plugins_check_says_what_it_kept(netrunner: Any) -> None:
    result = netrunner("plugins", "check", ROOT / "plugins" / "tanh.py")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"tanh, {ROOT / 'plugins' / 'tanh.py'}:12\n")
    assert f"keeps all {len(NAMES) - 1} promises" in result.out
    assert "not judged, as nothing is declared: declared shares\n" in result.out


def test_plugins_check_reads_like_a_review(netrunner: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(DATA / "misbehaving")
    result = netrunner("plugins", "check", "softmax_axis_0.py")
    assert result.code == 1
    at = result.out.index("  row independence\n")
    assert result.out[at:].startswith(
        "  row independence\n"
        "    The result of a row does not depend on the other rows of its batch.\n"
        "    given      row [0. -1. 2.5 -0.5] in a batch of 6\n"
        "    got        [0.00557355 0.20347182 0.79382992 0.00147605]\n"
        "    expected   [1. 1. 1. 1.], as alone\n"
        "    why        Rows are different inputs; how many run together must not change\n"
        "               the result.\n"
        "    help       it works along the columns of a batch: use axis=-1\n"
    )
    assert max(map(len, result.out.splitlines())) < 80
    assert "not judged, as elementwise is False: element-wise" in result.out
    first = result.err.splitlines()[0]
    assert first.startswith("softmax_axis_0.py:12:5: error: activation 'h' of plugin")
    assert first.endswith("[plugin-promise]")


def test_plugins_check_in_formats_for_machines(netrunner: Any) -> None:
    path = DATA / "misbehaving" / "naive_sigmoid.py"
    result = netrunner("plugins", "check", path, "--format", "json")
    assert (result.code, result.err) == (1, "")
    (found,) = json.loads(result.out)
    assert (found["file"], found["code"]) == (str(path), "plugin-promise")
    assert (found["activation"], found["promise"]) == ("h", "no warning")
    assert "overflow" in found["got"]
    good = netrunner("plugins", "check", ROOT / "plugins" / "tanh.py", "--format", "json")
    assert (good.code, json.loads(good.out)) == (0, [])
    marks = netrunner("plugins", "check", path, "--format", "github")
    assert marks.code == 1
    assert marks.out.startswith(f"::error file={path},line=")


def test_a_plugin_that_cannot_be_loaded_does_not_hide_the_others(
    tmp_path: Path, netrunner: Any
) -> None:
    (tmp_path / "a.py").write_text("x = (\n")
    (tmp_path / "b.py").write_text((ROOT / "plugins" / "tanh.py").read_text(encoding="utf-8"))
    (tmp_path / "c.py").write_text((ROOT / "plugins" / "tanh.py").read_text(encoding="utf-8"))
    result = netrunner("plugins", "check", tmp_path)
    assert result.code == 1
    assert result.out.count("keeps all") == 2
    assert "[plugin-raised]" in result.err
    assert "[duplicate-activation]" in result.err
    missing = netrunner("plugins", "check", tmp_path / "nope.py")
    assert (missing.code, missing.out) == (1, "")
    assert "[file-not-found]" in missing.err


def test_plugins_check_needs_a_path(netrunner: Any) -> None:
    assert netrunner("plugins", "check").code == 2
    assert netrunner("plugins", "chekc").code == 2


def test_what_a_plugin_says_at_import_is_said_once(tmp_path: Path) -> None:
    text = (ROOT / "plugins" / "tanh.py").read_text(encoding="utf-8")
    path = tmp_path / "plug.py"
    path.write_text(text + "\nimport warnings\nprint('hello')\nwarnings.warn('early')\n")
    done = spawn("plugins", "check", path)
    assert done.returncode == 0
    line = len(path.read_text().splitlines())
    assert done.stderr.decode() == f"hello\n{path}:{line}: warning: early [UserWarning]\n"


def test_what_a_plugin_prints_on_trial_is_not_shown() -> None:
    done = spawn("plugins", "check", DATA / "behaving" / "prints.py", "--format", "json")
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, [], b"")


def test_a_plugin_harms_no_review_in_a_process_of_its_own() -> None:
    names = ["exits", "base_exception", "sets_filters_of_warnings", "warns"]
    paths = [DATA / "misbehaving" / f"{name}.py" for name in names]
    done = spawn("plugins", "check", *paths, ROOT / "plugins" / "tanh.py")
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert b"keeps all" in done.stdout  # tanh, afterwards
    broken = [promise for path in paths for promise in expected_of(path)]
    assert done.stderr.count(b"[plugin-promise]") == len(broken)


# The warnings of a plugin.

WARNING = """import warnings
import netrunner
from netrunner import Activation

calls = []


def h(a):
    calls.append(1)
    {body}
    return a * 1.0


@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
"""


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("warnings.warn('careful\\nnow')", "10: warning: careful now [UserWarning]"),
        ("[warnings.warn(f'row {i}') for i in range(len(a))]",
         "10: warning: row 0 (and 1 more) [UserWarning]"),
        ("warnings.warn('odd', stacklevel=3)", "8: warning: odd [UserWarning]"),
        ("import numpy as np; np.ma.median([], axis=3) if 0 else np.nanmean([])",
         "10: warning: Mean of empty slice [RuntimeWarning]"),
    ],
)  # fmt: skip
def test_warnings_of_a_plugin_are_one_line_that_names_it(
    body: str, line: str, tmp_path: Path, netrunner: Any
) -> None:
    path = tmp_path / "plug.py"
    path.write_text(WARNING.format(body=body))
    network = tmp_path / "net.yaml"
    network.write_text("inputs: 1\nlayers: [{size: 1, weights: [[1]], biases: 0, activation: h}]\n")
    result = netrunner("run", network, "--input=1", "--input=2", "--plugins", path)
    assert (result.code, result.err) == (0, f"{path}:{line}\n")


# For the tests of authors.


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip


def test_a_new_plugin_is_ready_to_pass(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = netrunner("new", "--plugin", "bent.py")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        "wrote bent.py",
        "wrote test_bent.py",
        "Try: netrunner plugins check bent.py",
        "     pytest test_bent.py",
    ]
    assert netrunner("plugins", "check", "bent.py").code == 0
    assert netrunner("plugins", "check", ".").code == 0
    tested = run_pytest(tmp_path, "-v")
    assert tested.returncode == 0, tested.stdout
    for name in NAMES:
        if name not in UNDECLARED:
            assert f"test_promise[bent-{name.replace('±', '+-')}] PASSED" in tested.stdout
    (activation,) = activations_in(tmp_path / "bent.py")
    assert check_activation(activation).broken == ()
    network = tmp_path / "net.yaml"
    network.write_text(
        "inputs: 1\nlayers: [{size: 1, weights: [[1]], biases: 0,"
        " activation: {name: bent, slope: 0.5}}]\n"
    )
    assert load(network, [tmp_path / "bent.py"])([-1.0]).tolist() == [-0.5]


def test_a_plugin_that_is_broken_fails_its_tests(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "bent.py"
    assert netrunner("new", "--plugin", path).code == 0
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("return np.maximum", "return np.random.rand() + np.maximum"))
    assert netrunner("new", "--plugin", tmp_path / "torn.py").code == 0
    (tmp_path / "torn.py").write_text(text.replace("return np.maximum", "return ("))
    tested = run_pytest(tmp_path, "-rsf")
    assert tested.returncode == 1
    assert "FAILED test_bent.py::test_promise[bent-repeatable]" in tested.stdout
    assert "bent.py:12:5: error: activation 'bent' of plugin 'bent.py' breaks" in tested.stdout
    # What cannot be judged is no failure, and no success.
    assert "'repeatable' is broken" in tested.stdout
    assert "test_promise[torn.py-loads]" in tested.stdout
    assert "[plugin-raised]" in tested.stdout


def test_several_plugins_may_be_tested_by_one_file(tmp_path: Path) -> None:
    (tmp_path / "test_all.py").write_text(
        "pytest_plugins = ['netrunner.testing']\n"
        f"netrunner_plugin = [{str(SHIPPED[0])!r}, {str(SHIPPED[1])!r}]\n"
        "def test_it(activation_promise): activation_promise()\n"
    )
    tested = run_pytest(tmp_path, "-v", "-k", "shape")
    assert tested.returncode == 0, tested.stdout
    for path in SHIPPED[:2]:
        assert f"test_it[{path.stem}-shape] PASSED" in tested.stdout


def test_a_test_file_that_names_no_plugin_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(activation_promise): pass\n")
    tested = run_pytest(tmp_path, "-p", "netrunner.testing")
    assert tested.returncode != 0
    assert 'needs a line such as netrunner_plugin = "swish.py"' in tested.stdout + tested.stderr


def test_activations_in_raises_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(NetrunnerError, match="file-not-found"):
        activations_in(tmp_path / "nope.py")


def test_testing_is_quick_to_import() -> None:
    code = "import sys, netrunner.testing; print('numpy' in sys.modules, 'pytest' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout == "False False\n"


# A new plugin's name, and its files.


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bent", "must end in .py"),
        ("bent.yaml", "must end in .py"),
        ("my-bent.py", "cannot name a function"),
        ("2.py", "cannot name a function"),
        ("class.py", "cannot name a function"),
        ("_bent.py", "begins with _ or test_"),
        ("test_bent.py", "begins with _ or test_"),
        ("sigmoid.py", "built-in activation"),
        ("np.py", "means something else"),
        ("random.py", "a Python module 'random'"),
        ("pytest.py", "a Python module 'pytest'"),
    ],
)
def test_a_name_that_will_not_do(name: str, words: str, tmp_path: Path, netrunner: Any) -> None:
    result = netrunner("new", "--plugin", tmp_path / name)
    assert (result.code, result.out) == (1, "")
    assert words in result.err
    assert result.err.endswith("[plugin-name]\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["bent.py", "test_bent.py"])
def test_new_plugin_overwrites_nothing(there: str, tmp_path: Path, netrunner: Any) -> None:
    (tmp_path / there).write_text("mine")
    result = netrunner("new", "--plugin", tmp_path / "bent.py")
    assert result.code == 1
    assert (
        result.err
        == f"{tmp_path / there}: error: already exists, and is left unchanged [file-exists]\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"


def test_new_plugin_writes_both_files_or_none(
    tmp_path: Path, netrunner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    calls: list[int] = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    result = netrunner("new", "--plugin", tmp_path / "bent.py")
    assert result.code == 1
    assert "No space left" in result.err
    assert list(tmp_path.iterdir()) == []


def test_new_plugin_in_another_script_and_folder(tmp_path: Path, netrunner: Any) -> None:
    path = tmp_path / "曲がる.py"
    assert netrunner("new", "--plugin", path).code == 0
    assert netrunner("plugins", "check", path).code == 0
    assert netrunner("new", "--plugin", tmp_path / "no" / "bent.py").code == 1


def test_plugin_and_from_are_not_given_together(netrunner: Any, tmp_path: Path) -> None:
    result = netrunner("new", "--plugin", "--from", "and", tmp_path / "bent.py")
    assert result.code == 2
    assert list(tmp_path.iterdir()) == []


BROKEN = {
    "raises": ("raise ValueError('broken')", "no exception"),
    "exits": ("import pytest; pytest.exit('done')", "no exception"),
    "lists": ("return list(a)", "type"),
    "cuts": ("return a[..., :1]", "shape"),
    "draws": ("return a + np.random.default_rng().random()", "repeatable"),
}


def test_a_promise_that_all_others_need_is_a_test_that_fails(tmp_path: Path) -> None:
    functions = "".join(f"def {name}(a): {body}\n" for name, (body, _) in BROKEN.items())
    added = ", ".join(f"netrunner.Activation('{name}', {name})" for name in BROKEN)
    (tmp_path / "plug.py").write_text(
        f"import numpy as np\nimport netrunner\n{functions}"
        "@netrunner.hookimpl\n"
        f"def netrunner_activations(): return [{added}]\n"
    )
    (tmp_path / "test_plug.py").write_text(
        "pytest_plugins = ['netrunner.testing']\n"
        "netrunner_plugin = 'plug.py'\n"
        "def test_it(activation_promise): activation_promise()\n"
    )
    tested = run_pytest(tmp_path, "-v")
    assert tested.returncode == 1, tested.stdout
    failed = dict(re.findall(r"\[([a-z]+)-(.*)\] FAILED", tested.stdout))
    assert failed == {name: promise for name, (_, promise) in BROKEN.items()}
