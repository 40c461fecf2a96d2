"""A run is made once: no command calls a plugin's function more than three times a layer.

The trial of an activation, on numbers of its own when a network first uses it, does not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netrunner as nr

MOST = 3
PLUGIN = """\
import numpy as np
import netrunner
from pathlib import Path

def note(name):
    with (Path(__file__).parent / "calls").open("a") as file:
        file.write(f"{name}\\n")

def counted(a):
    note("counted")
    return np.maximum(a, 0.25 * a)

def together(a):
    note("together")
    return a / (1 + np.abs(a).sum(axis=-1, keepdims=True))

@netrunner.hookimpl
def netrunner_activations():
    return [
        netrunner.Activation("counted", counted),
        netrunner.Activation("together", together, elementwise=False),
    ]
"""
NETWORK = """\
inputs: 2
layers:
  - {size: 3, weights: [[0.5, -1, 2], [1, 0.25, -0.5]], biases: 0.5, activation: counted}
  - {size: 2, weights: [[1, 0.5], [-1, 2], [0.25, 1]], biases: 0, activation: together}
outputs: [no, yes]
examples:
  - {input: [1, 0.5], output: [0, 0], tolerance: 1000}
"""
INPUTS = {
    "a row": ["--input", "0.123,-0.3"],
    "a file": ["--input-file", "x.npy"],
}
COMMANDS = {
    "run": ["run", "net.yaml"],
    "run as CSV": ["run", "net.yaml", "--format", "csv"],
    "run for the output": ["run", "net.yaml", "--output-only"],
    "explain": ["explain", "net.yaml"],
    "why": ["why", "net.yaml", "--neuron", "yes"],
    "plot": ["plot", "net.yaml", "--output", "plot.svg"],
    "report": ["report", "net.yaml", "--output", "report.html"],
    "exercise": ["exercise", "net.yaml", "--output", "sheet.md"],
    "diagram": ["diagram", "net.yaml", "--output", "diagram.svg"],
    "compare": ["compare", "net.yaml", "golden.yaml"],
}


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Counter[str]]:
    """How often each function of the plugin was called since this was last asked."""
    monkeypatch.chdir(tmp_path)
    Path("count.py").write_text(PLUGIN)
    Path("net.yaml").write_text(NETWORK)
    golden = NETWORK.replace("counted", "relu").replace("together", "softmax")
    Path("golden.yaml").write_text(golden)
    np.save("x.npy", np.linspace(-3, 3, 24).reshape(12, 2))

    def count() -> Counter[str]:
        file = Path("calls")
        counts = Counter(file.read_text().splitlines() if file.exists() else [])
        file.unlink(missing_ok=True)
        return counts

    return count


@pytest.fixture
def for_the_trial(calls: Callable[[], Counter[str]]) -> Counter[str]:
    net = nr.load("net.yaml", ["count.py"])
    net([1.0, 0.5])
    calls_of_both = calls()
    net([1.0, 0.5])
    return calls_of_both - calls()


def assert_few(calls: Counter[str], for_the_trial: Counter[str]) -> None:
    for name in ("counted", "together"):
        assert 1 <= calls[name] - for_the_trial[name] <= MOST, name


@pytest.mark.parametrize("given", INPUTS.values(), ids=INPUTS)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_each_command_runs_once(
    command: list[str],
    given: list[str],
    calls: Callable[[], Counter[str]],
    for_the_trial: Counter[str],
    netrunner: Any,
) -> None:
    result = netrunner(*command, *given, "--plugins", "count.py")
    assert result.code in (0, 1), result.err
    assert_few(calls(), for_the_trial)


def test_check_runs_once(
    calls: Callable[[], Counter[str]], for_the_trial: Counter[str], netrunner: Any
) -> None:
    assert netrunner("check", "net.yaml", "--plugins", "count.py").code == 0
    assert_few(calls(), for_the_trial)


@pytest.mark.parametrize("rows", [None, 1, 30])
def test_all_views_of_one_trace(rows: int | None, calls: Callable[[], Counter[str]]) -> None:
    """However many views are made of a run in Python, the plugin is called for `explain` alone."""
    net = nr.load("net.yaml", ["count.py"])
    net([1.0, 0.5])
    calls()
    x = np.linspace(-1, 1, 2 * (rows or 1))
    trace = net.trace(x if rows is None else x.reshape(rows, 2))
    assert calls() == {"counted": 1, "together": 1}
    first = trace.row(1)
    explanation = first.explain()
    assert str(explanation) == str(first.explain(layer=None))
    for _ in range(3):
        explanation.to_html(), explanation.to_latex(), explanation.to_markdown()
    str(trace.why("yes"))
    assert not nr.compare(trace, trace)
    trace.save("trace.npz")
    trace.save("trace.json")
    assert all(count <= 2 for count in calls().values())
    str(trace.explain(neuron="yes"))
    assert all(count <= 1 for count in calls().values())
