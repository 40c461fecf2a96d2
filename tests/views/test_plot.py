"""`plot`: the chapter's curves, a run on its curves, and the files that pictures are saved in."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from conftest import THREE_LAYER, Result, sampled, spawn
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import netrunner
from netrunner.activations.plugins import load_registry
from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.views.pictures import curves, dots, saving

ROOT = Path(__file__).parents[2]
NETWORKS = ROOT / "networks"


def registry_with(tmp_path: Path, source: str) -> Any:
    plugin = tmp_path / "plugin.py"
    header = "import sys\nimport numpy as np\nimport netrunner\nfrom netrunner import Activation\n"
    plugin.write_text(header + textwrap.dedent(source), encoding="utf-8")
    return load_registry([plugin])


def registers(expression: str) -> str:
    return f"""
@netrunner.hookimpl
def netrunner_activations():
    return [{expression}]
"""


def legend_texts(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def curves_of(ax: Axes) -> list[Any]:
    return [line for line in ax.lines if str(line.get_gid()).startswith("curve-")]


def svg_texts(figure: Any, folder: Path) -> list[str]:
    saving.save(figure, folder / "figure.svg")
    root = ElementTree.parse(folder / "figure.svg").getroot()
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


# The chapter's figure


def test_chapters_figure_has_its_limits_points_and_two_kinds_of_line() -> None:
    ax = curves.draw(["sigmoid", "step"])
    assert ax.get_xlim() == (-5, 5)
    assert ax.get_ylim() == (-0.1, 1.1)
    sigmoid, step = curves_of(ax)
    np.testing.assert_allclose(sigmoid.get_xdata(), np.arange(-50, 51) / 10, atol=1e-12)
    at_one = np.isclose(sigmoid.get_xdata(), 1.0)
    assert sigmoid.get_ydata()[at_one] == pytest.approx(0.73105858)
    assert sigmoid.get_linestyle() == "-"
    assert step.get_linestyle() == "--"
    assert legend_texts(ax) == ["sigmoid: 1 / (1 + exp(-a))", "step: 1 if a > 0 else 0"]


def test_step_rises_in_a_vertical_line() -> None:
    (step,) = curves_of(curves.draw(["step"]))
    a, z = step.get_xdata(), step.get_ydata()
    jump = np.flatnonzero(np.diff(z))
    assert len(jump) == 1
    assert a[jump[0] + 1] - a[jump[0]] < 1e-3  # of a hair's width


def test_curves_outside_of_0_and_1_get_a_margin() -> None:
    ax = curves.draw(["relu"], range=(-2, 3))
    assert ax.get_xlim() == (-2, 3)
    low, high = ax.get_ylim()
    assert -1 < low < 0
    assert 3 < high < 4


def test_every_curve_looks_different_without_its_colour() -> None:
    registry = load_registry([ROOT / "plugins"])
    ax = curves.draw(list(registry), registry=registry)
    looks = {(str(line._unscaled_dash_pattern), line.get_marker()) for line in curves_of(ax)}
    assert len(looks) == len(registry) > 15


def test_softmax_is_the_share_of_one_class_whose_logit_moves() -> None:
    ax = curves.draw(["softmax"])
    (line,) = curves_of(ax)
    a = np.asarray(line.get_xdata())
    np.testing.assert_allclose(line.get_ydata(), np.exp(a) / (np.exp(a) + 1 + np.e), rtol=1e-12)
    assert "the share of one class in the row (a₁, 0, 1), as a₁ moves" in legend_texts(ax)[0]
    assert ax.get_ylim() == (-0.1, 1.1)


def test_parameters_of_a_layer_count(tmp_path: Path) -> None:
    path = tmp_path / "n.yaml"
    path.write_text(
        "name: n\ninputs: 1\nlayers:\n"
        "  - {size: 1, weights: [[1]], biases: 0, activation: {name: leaky_relu, alpha: 0.5}}\n",
        encoding="utf-8",
    )
    network = netrunner.load(path, plugins=[ROOT / "plugins"])
    ax = curves.draw(network.layers)
    (line,) = curves_of(ax)
    assert line.get_ydata()[0] == pytest.approx(-2.5)
    assert legend_texts(ax)[0].startswith("leaky_relu(alpha=0.5): ")


def test_given_axes_are_drawn_on() -> None:
    ax = Figure().add_subplot()
    assert curves.draw(["relu"], ax=ax) is ax
    assert ax.lines


def test_nan_and_infinity_leave_gaps(tmp_path: Path) -> None:
    registry = registry_with(tmp_path, registers('Activation("log", lambda a: np.log(a))'))
    ax = curves.draw(["log"], registry=registry)
    (line,) = curves_of(ax)
    a, z = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    assert np.isnan(z[a <= 0]).all()
    assert np.isfinite(z[a > 0]).all()
    saving.save(ax.get_figure(), tmp_path / "gaps.svg")


def test_names_and_formulas_are_text(tmp_path: Path) -> None:
    formula = r"$\frac{1}{a}$ \n & <script>"
    source = registers(f'Activation("_$x$ <b>", lambda a: +a, formula=r"{formula}")')
    ax = curves.draw(["_$x$ <b>"], registry=registry_with(tmp_path, source))
    assert f"_$x$ <b>: {formula}" in svg_texts(ax.get_figure(), tmp_path)


# What the user can do wrong


@pytest.mark.parametrize(
    "bad", [(5, -5), (1, 1), (float("nan"), 1), (0, float("inf")), (-1e308, 1e308)]
)
def test_what_is_not_a_range_is_an_error(bad: tuple[float, float]) -> None:
    with pytest.raises(NetrunnerError, match=r"is not a range.*\[wrong-range\]"):
        curves.draw(["relu"], range=bad)


def test_unknown_activation_names_the_known_and_the_nearest() -> None:
    with pytest.raises(NetrunnerError) as caught:
        curves.draw(["sigmod"])
    (problem,) = caught.value.problems
    assert problem.code == "unknown-activation"
    assert "identity, relu, sigmoid, softmax, step" in problem.message
    assert problem.hint == "did you mean 'sigmoid'?"


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ("raise ZeroDivisionError('oh no')", "plugin-raised", "raised ZeroDivisionError: oh no"),
        ("sys.exit(0)", "plugin-raised", "tried to exit"),
        ("return a[:3]", "plugin-result", "returned shape (3,) for an input of shape (101,)"),
        ("return a + 1j", "plugin-result", "complex"),
        ("a[0] = 7; return a", "plugin-changes-input", "read-only"),
    ],
)
def test_misbehaving_plugin_is_named(tmp_path: Path, body: str, code: str, says: str) -> None:
    source = f"\ndef bad(a):\n    {body}\n" + registers('Activation("bad", bad)')
    with pytest.raises(NetrunnerError) as caught:
        curves.draw(["bad"], registry=registry_with(tmp_path, source))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.place.file.endswith("plugin.py")
    assert problem.place.line
    assert "activation 'bad' of plugin 'plugin.py'" in problem.message
    assert says in problem.message


# A run on the curves


@cache
def run(name: str) -> Axes:
    network = netrunner.load(NETWORKS / f"{name}.yaml")
    return dots.plot_trace(network.trace(network.examples[0].input))


def dots_in(panel: Axes) -> dict[str, tuple[Any, Any]]:
    return {
        str(line.get_marker()): (line.get_xdata(), line.get_ydata())
        for line in panel.lines
        if line.get_marker() in ("o", "X")
    }


def test_each_layer_has_a_panel_with_the_runs_values_as_dots() -> None:
    ax = run("three_layer")
    first, second, third = ax.child_axes
    a, z = dots_in(first)["o"]
    np.testing.assert_allclose(a, [0.3, 0.7, 1.1])
    np.testing.assert_allclose(z, [0.57444252, 0.66818777, 0.75026011], atol=1e-8)
    names = [text.get_text() for panel in (first, second, third) for text in panel.texts]
    assert names == ["a₁⁽¹⁾", "a₂⁽¹⁾", "a₃⁽¹⁾", "a₁⁽²⁾", "a₂⁽²⁾", "y1", "y2"]


def test_neurons_that_are_off_are_crosses_and_counted() -> None:
    ax = run("digits")
    network = netrunner.load(NETWORKS / "digits.yaml")
    hidden = network.trace(network.examples[0].input).layers[0]
    off = np.count_nonzero(hidden.A < 0)
    a, z = dots_in(ax.child_axes[0])["X"]
    assert len(a) == off > 0
    assert not np.any(z)
    assert f"✕ {off} of 50 off for this input: z = 0" in [text.get_text() for text in ax.texts]
    assert len(ax.child_axes[0].texts) == 2  # of 50 dots the outermost are named


def test_neurons_where_the_curve_is_flat_are_crosses_and_a_step_is_not() -> None:
    iris = run("iris")
    a, _ = dots_in(iris.child_axes[0])["X"]
    np.testing.assert_allclose(a, [15.383])
    assert any("1 of 2 nearly flat here" in text.get_text() for text in iris.texts)
    xor = run("xor")
    assert not any(len(dots_in(panel)["X"][0]) for panel in xor.child_axes)


def test_the_bars_of_softmax_show_how_far_each_a_lies_below_the_largest(tmp_path: Path) -> None:
    path = tmp_path / "n.yaml"
    path.write_text(
        "name: n\ninputs: 3\nlayers:\n  - {size: 3, weights: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],\n"
        "     biases: 0, activation: softmax}\n",
        encoding="utf-8",
    )
    ax = dots.plot_trace(netrunner.load(path).trace([1010.0, 1000, 990]))
    left, right = ax.child_axes
    assert [bar.get_width() for bar in left.patches] == [0, -10, -20]
    texts = [text.get_text() for text in (*left.texts, *right.texts)]
    assert {"1010", "990", "> 99.9 %", "< 0.1 %"} <= set(texts)


def test_a_step_and_a_run_call_a_function_at_most_three_times(tmp_path: Path) -> None:
    source = """
calls = []
def counted(a):
    calls.append(len(a))
    return np.where(a > 0, 1.0, 0.0)
"""
    registry = registry_with(tmp_path, source + registers('Activation("counted", counted)'))
    calls = registry["counted"].activation.function.__globals__["calls"]
    curves.draw(["counted"], registry=registry)
    assert 1 <= len(calls) <= 2


def test_softmax_is_bars_with_each_classs_percentage() -> None:
    ax = run("iris")
    texts = [text.get_text() for panel in ax.child_axes[1:] for text in panel.texts]
    assert {"setosa", "99.5 %", "versicolor", "0.4 %", "4.1950", "-2.8315"} <= set(texts)


@pytest.mark.parametrize("name", sampled(["iris", "three_layer", "xor", "and", "regression"], 2))
def test_labels_stay_apart_and_inside(name: str) -> None:
    ax = run(name)
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    for panel in ax.child_axes:
        frame = panel.get_window_extent()
        boxes = [text.get_window_extent() for text in panel.texts]
        for index, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:index])
            assert box.x1 <= frame.x1 + 1


def test_values_that_are_not_finite_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "n.yaml"
    path.write_text(
        "name: n\ninputs: 1\nlayers:\n"
        "  - {size: 2, weights: [[1.0e308, 1]], biases: 0, activation: identity}\n"
        "  - {size: 2, weights: [[100, 1], [1, 1]], biases: 0, activation: softmax}\n",
        encoding="utf-8",
    )
    network = netrunner.load(path)
    with pytest.warns(netrunner.NetrunnerWarning, match="A is inf"):
        trace = network.trace([1.0])
    ax = dots.plot_trace(trace)
    texts = svg_texts(ax.get_figure(), tmp_path)
    assert "1 too large or not finite, not drawn" in texts
    assert "inf" in texts
    assert "nan" in texts


def test_a_run_is_drawn_into_given_axes() -> None:
    network = netrunner.load(NETWORKS / "three_layer.yaml")
    figure = Figure(figsize=(5, 3))
    ax = figure.add_subplot()
    assert dots.plot_trace(network.trace([1.0, 0.5]), ax) is ax
    assert len(ax.child_axes) == 3
    assert figure.axes == [ax]


# Files


@pytest.mark.parametrize("suffix", sampled([".png", ".pdf", ".SVG", ".svg"], 2))
def test_saved_files_are_what_their_names_say(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"picture{suffix}"
    saving.save(curves.draw(["relu"]).get_figure(), path)
    begins = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[suffix.lower()]
    assert path.read_bytes().startswith(begins)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["picture.jpg", "picture", ".svg"])
def test_an_unknown_file_type_lists_the_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(Fault, match=r"\.png, \.svg, \.pdf") as caught:
        saving.save(Figure(), tmp_path / name)
    assert caught.value.code == "unknown-file-type"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="there is no folder") as caught:
        saving.save(Figure(), tmp_path / "nowhere" / "picture.svg")
    assert caught.value.code == "unwritable-output"


def test_a_failed_picture_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"
    path.write_text("before", encoding="utf-8")
    figure = Figure()
    figure.text(0.5, 0.5, r"$\nonsense$")
    with pytest.raises(ValueError, match="nonsense"):
        saving.save(figure, path)
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_files_are_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import netrunner
        from netrunner.views.pictures import curves, diagram, dots, saving
        from netrunner.views.pictures.axes import drawn
        network = netrunner.load(path)
        trace = network.trace([1.0, 0.5])
        saving.save(curves.draw(["sigmoid", "step"]).figure, f"{folder}/curves.pdf")
        saving.save(drawn(diagram.draw(network, trace)).figure, f"{folder}/diagram.png")
        saving.save(dots.plot_trace(trace).figure, f"{folder}/dots.svg")
    """)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    exec(program, {"folder": here, "path": THREE_LAYER})
    program = f"folder, path = {str(there)!r}, {str(THREE_LAYER)!r}\n{program}"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, cwd=ROOT)
    for name in ("curves.pdf", "diagram.png", "dots.svg"):  # each process has its own hashes
        assert (here / name).read_bytes() == (there / name).read_bytes()


def test_the_users_settings_do_not_leak_into_files(tmp_path: Path) -> None:
    with matplotlib.rc_context({"svg.fonttype": "path", "text.usetex": True}):
        texts = svg_texts(curves.draw(["sigmoid"]).get_figure(), tmp_path)
    assert "sigmoid: 1 / (1 + exp(-a))" in texts


@pytest.mark.parametrize("command", sampled(["plot", "diagram"], 2))
def test_pictures_are_the_same_wherever_one_stands(
    command: str, tmp_path: Path, netrunner: Callable[..., Result]
) -> None:
    """What lies in the working directory is not read: this pipe would hold up who opened it."""
    assert netrunner(command, THREE_LAYER, "--output", tmp_path / "plain.png").code == 0
    os.mkfifo(tmp_path / "matplotlibrc")
    arguments = [command, THREE_LAYER, "--output", "picture.png"]
    done = spawn(*arguments, cwd=tmp_path, env={"MPLBACKEND": "nonsense"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "picture.png").read_bytes() == (tmp_path / "plain.png").read_bytes()


def test_a_picture_gets_a_name_of_its_own(
    netrunner: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments, name in [
        (("diagram", THREE_LAYER), "three_layer.svg"),
        (("plot", THREE_LAYER), "three_layer-2.svg"),
        (("plot", "--network", THREE_LAYER), "three_layer-3.svg"),
        (("plot", "step", "sigmoid"), "step_sigmoid.svg"),
    ]:
        assert netrunner(*arguments) == (0, "", f"wrote {name}\n")
    first, second, third, curves_ = (
        (tmp_path / name).read_text(encoding="utf-8")
        for name in (
            "three_layer.svg",
            "three_layer-2.svg",
            "three_layer-3.svg",
            "step_sigmoid.svg",
        )
    )
    assert second == third != first
    assert "sigmoid: 1 / (1 + exp(-a))" in curves_


@pytest.mark.parametrize(
    "arguments", [[], ["relu", "--network", "n.yaml"], ["a.yaml", "b.yaml", "--input", "1"]]
)
def test_either_names_or_a_network(netrunner: Callable[..., Result], arguments: list[str]) -> None:
    assert netrunner("plot", *arguments).code == 2


def test_the_name_of_a_network_file_without_its_suffix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, netrunner: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("first.yaml", "relu.yaml"):
        (tmp_path / name).write_bytes(THREE_LAYER.read_bytes())
    result = netrunner("plot", "first")
    assert (result.code, "help: did you mean 'first.yaml'?" in result.err) == (1, True)
    assert netrunner("plot", "relu", "--output", "h.svg").code == 0
