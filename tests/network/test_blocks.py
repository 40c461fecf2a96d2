"""The fast path: the same numbers as row by row, in many threads, with nothing left behind."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import threadpoolctl
from conftest import ROOT, THREE_LAYER
from hypothesis import given, settings
from hypothesis import strategies as st

from netrunner import NetrunnerError, NetrunnerWarning, from_arrays, load
from netrunner.activations.built_in import sigmoid, softmax
from netrunner.network import blocks
from netrunner.network.engine import first_not_finite, forward
from netrunner.process import cores

BUILT_INS = ["identity", "relu", "sigmoid", "softmax", "step"]

PLUGIN = """
import threading

import netrunner
import numpy as np

threads = set()


inside = threading.Lock()


def cube(a):
    threads.add(threading.get_ident())
    assert not a.flags.writeable
    assert inside.acquire(blocking=False), "another thread is in here"
    try:
        return a * a * a
    finally:
        inside.release()


def square(a, out=None):
    return np.multiply(a, a, out=out)


def reciprocal(a):
    with np.errstate(all="ignore"):
        return 1 / a


@netrunner.hookimpl
def netrunner_activations():
    return [
        netrunner.Activation("cube", cube),
        netrunner.Activation("reciprocal", reciprocal),
        netrunner.Activation("square", square, in_place=True, thread_safe=True),
    ]
"""


@pytest.fixture(autouse=True)
def _new_threads() -> None:
    """Coverage sees only the threads that start during a test."""
    if hasattr(os, "register_at_fork"):
        cores._fork.before()
        cores._fork.in_parent()


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    path = tmp_path / "powers.py"
    path.write_text(PLUGIN, encoding="utf-8")
    return path


def network(sizes: list[int], names: list[str], dtype: str = "float64", **more: Any) -> Any:
    rng = np.random.default_rng(sum(sizes))
    layers = [
        (rng.normal(0, m**-0.5, (m, n)), rng.normal(size=n), name)
        for m, n, name in zip(sizes, sizes[1:], names, strict=False)
    ]
    return from_arrays(layers, dtype=dtype, **more)


def wide(dtype: str = "float64") -> Any:
    """A network that is shared out from some hundred rows up."""
    return network([200, 300, 100, 10], ["sigmoid", "relu", "softmax"], dtype)


def inputs(rows: int, size: int, dtype: str = "float64") -> Any:
    return np.random.default_rng(rows).normal(size=(rows, size)).astype(dtype)


def by_hand(net: Any, X: Any) -> Any:
    """Y by the two lines of the engine, for all rows at once."""
    with np.errstate(all="ignore"):
        *_, (_, _, Y) = forward(net.layers, X)
    return Y


def blas_threads() -> list[int]:
    return [library.num_threads for library in cores._blas().lib_controllers]


two_cores = pytest.mark.skipif(
    cores.core_count() < 2 or min(blas_threads(), default=1) < 2,
    reason="work is shared out only where there are two cores and a BLAS that takes both",
)


@settings(max_examples=30)
@given(
    sizes=st.lists(st.integers(1, 70), min_size=2, max_size=5),
    names=st.lists(st.sampled_from(BUILT_INS), min_size=4, max_size=4),
    rows=st.integers(0, 40),
    block=st.integers(1, 50),
    dtype=st.sampled_from(["float64", "float32"]),
    scale=st.sampled_from([1, 30, 1000]),
)
def test_blocks_of_any_size_give_what_the_two_lines_give(
    sizes: list[int], names: list[str], rows: int, block: int, dtype: str, scale: int
) -> None:
    net = network(sizes, names, dtype)
    net._plan.block = block
    net._plan.most_scratch = rows % 2  # whether scratch is kept for the next block
    X = inputs(rows, sizes[0], dtype) * np.dtype(dtype).type(scale)
    before = X.copy()
    trace = net._trace_of_many(X)  # however few there are
    np.testing.assert_array_equal(X, before)
    Y, _ = net._rows(X)
    np.testing.assert_array_equal(Y, trace.output)
    assert Y.dtype == dtype
    # Layer by layer, since step makes of a last digit a whole one.
    tolerance = 1e-10 if dtype == "float64" else 2e-3
    before = trace.input
    np.testing.assert_array_equal(before, X)
    for layer, step in zip(net.layers, trace.layers, strict=True):
        assert step.A.shape == step.Z.shape == (rows, layer.size)
        A = before.astype(np.float64) @ layer.weights.astype(np.float64) + layer.biases
        length = np.abs(before.astype(np.float64)) @ np.abs(layer.weights.astype(np.float64)) + 1
        assert (np.abs(step.A - A) <= tolerance * length).all()
        np.testing.assert_allclose(step.Z, layer.h(step.A), rtol=tolerance, atol=1e-300)
        before = step.Z


@settings(max_examples=30)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=5),
    names=st.lists(st.sampled_from(BUILT_INS), min_size=4, max_size=4),
    dtype=st.sampled_from(["float64", "float32"]),
    seed=st.integers(0, 2**32 - 1),
    exponent=st.floats(-30, 300),
    large=st.booleans(),
)
def test_one_row_gives_what_the_two_lines_give(
    sizes: list[int], names: list[str], dtype: str, seed: int, exponent: float, large: bool
) -> None:
    net = network(sizes, names, dtype)
    if large:  # so that sums of finite numbers overflow
        layers = [
            (layer.weights * np.float32(1e30), layer.biases, layer.activation.name)
            for layer in net.layers
        ]
        net = from_arrays(layers, dtype=dtype)
    most = 37.0 if dtype == "float32" else 300.0
    x = np.random.default_rng(seed).normal(size=sizes[0]) * 10.0 ** min(exponent, most)
    x = x.astype(dtype)
    found = None
    with np.errstate(all="ignore"):
        for layer, A, Z in forward(net.layers, x):
            found = found or first_not_finite(layer, A, Z)
    Y, not_finite = net.silent_output(x)
    np.testing.assert_array_equal(Y, Z)
    assert not_finite == found == net.silent_trace(x).not_finite
    if found is None:
        np.testing.assert_array_equal(net.trace(x).output, Z)
    several = np.array([x, -x / 2, x * 0]) / np.dtype(dtype).type(2)
    Y, not_finite = net.silent_output(several)
    trace = net.silent_trace(several)
    np.testing.assert_allclose(Y, trace.output, rtol=1e-3, atol=1e-6)
    assert (not_finite is None) == (trace.not_finite is None)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_is_finite_whatever_the_input_where_the_plan_says_so(dtype: str) -> None:
    large = 1e308 if dtype == "float64" else 3e38
    for weight, bias, finite in [(1.0, 5.0, True), (large / 2, 0, False), (1, large, False)]:
        for before in BUILT_INS:
            layers = [([[1.0, 1.0]], 0, before), ([[weight], [weight]], bias, "identity")]
            plan = from_arrays(layers, dtype=dtype)._plan
            bounded = before in ("sigmoid", "softmax", "step")
            assert [step.A_is_finite for step in plan.steps] == [False, finite and bounded]


@pytest.mark.parametrize("x", [[1e200, 1], [-300, 7], [0, 0]])
def test_one_row_of_any_size(x: list[float]) -> None:
    net = load(THREE_LAYER)
    np.testing.assert_array_equal(net(x), net.trace(x).output)
    np.testing.assert_allclose(net(np.array(x)), net.trace(x).output, rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_any_layout_of_the_input(dtype: str, tmp_path: Path) -> None:
    net = wide(dtype)
    X = inputs(900, 200, dtype)
    Y = by_hand(net, X)
    file = tmp_path / "X.npy"
    np.save(file, X)
    big_endian = X.astype(X.dtype.newbyteorder(">"))
    unaligned = np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view(X.dtype).reshape(X.shape)
    layouts = {
        "read-only": X.copy(),
        "Fortran": np.asfortranarray(X),
        "every second row": np.repeat(X, 2, axis=0)[::2],
        "every second column": np.repeat(X, 2, axis=1)[:, ::2],
        "backwards": X[::-1].copy()[::-1],
        "mirrored": X[:, ::-1].copy()[:, ::-1],
        "memmap": np.load(file, mmap_mode="r"),
        "other bytes": big_endian,
        "unaligned": unaligned,
        "list": X.tolist(),
        "float64": X.astype(np.float64),
    }
    for name, layout in layouts.items():
        if isinstance(layout, np.ndarray) and layout.flags.writeable:
            layout.setflags(write=False)
        np.testing.assert_allclose(net(layout), Y, rtol=1e-3, atol=1e-6, err_msg=name)
        np.testing.assert_array_equal(net.trace(layout).input, X, err_msg=name)
    whole = (X * 10).astype(np.int16)
    np.testing.assert_array_equal(net(whole), net(whole.astype(dtype)))


def test_what_was_given_out_is_never_written_again() -> None:
    net = wide()
    X, other = inputs(900, 200), inputs(900, 200) + 1
    Y, trace = net(X), net.trace(X)
    kept = [Y.copy(), *(array.copy() for step in trace.layers for array in (step.A, step.Z))]
    net(other)
    net.trace(other)
    now = [Y, *(array for step in trace.layers for array in (step.A, step.Z))]
    for then, array in zip(kept, now, strict=True):
        np.testing.assert_array_equal(then, array)
    assert not trace.input.flags.writeable
    assert Y.flags.writeable


def test_memory_is_for_blocks_and_not_for_the_input() -> None:
    net = wide()
    X = inputs(16_000, 200)
    tracemalloc.start()
    Y = net(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < Y.nbytes + 20_000_000 < X.nbytes


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["cube", "square"])
def test_a_plugin_in_the_middle(name: str, dtype: str, plugin: Path) -> None:
    net = network([200, 300, 100, 10], ["sigmoid", name, "softmax"], dtype, plugins=[plugin])
    X = inputs(2000, 200, dtype)
    tolerance = 1e-9 if dtype == "float64" else 1e-3
    Y = by_hand(net, X)
    for _ in range(3):
        np.testing.assert_allclose(net(X), Y, rtol=tolerance)
        trace = net.trace(X)
        np.testing.assert_allclose(trace.output, Y, rtol=tolerance)
        assert not np.shares_memory(trace.layers[1].A, trace.layers[1].Z)


@two_cores
def test_threads_take_turns_in_a_plugins_function(plugin: Path) -> None:
    net = network([200, 300, 100, 10], ["sigmoid", "cube", "softmax"], plugins=[plugin])
    X = inputs(8_000, 200)
    net(X)
    function = net.layers[1].activation.function
    assert len(function.__globals__["threads"]) > 1
    with ThreadPoolExecutor(4) as pool:  # and so do those of whoever calls
        list(pool.map(net, [X[:100]] * 50))


def test_what_goes_wrong_in_a_plugin_when_the_work_is_shared_out(tmp_path: Path) -> None:
    path = tmp_path / "late.py"
    path.write_text(
        "import netrunner, threading, time, numpy as np; wrong = set()\n"
        "def late(a):\n"
        "    if a.size > 5000 and not wrong:  # more than it is tried with\n"
        "        wrong.add(threading.get_ident()); time.sleep(0.05)  # until another has come\n"
        "    if threading.get_ident() in wrong: np.seterr(all='raise'); a += 1\n"
        "    return a * 1\n"
        "@netrunner.hookimpl\n"
        "def netrunner_activations(): return [netrunner.Activation('late', late)]\n"
    )
    net = network([200, 300, 10], ["late", "softmax"], plugins=[path])
    before = blas_threads()
    with pytest.raises(NetrunnerError) as caught:
        net(inputs(9000, 200))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.line) == ("plugin-changes-input", 2)
    assert blas_threads() == before


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("low", [-1.0, -60.0, -800.0])
def test_sigmoid_written_over_its_input(low: float, dtype: str) -> None:
    a = np.linspace(low, 50, 999).astype(dtype)
    expected = sigmoid(a)
    assert sigmoid(a, out=a) is a
    np.testing.assert_array_equal(a, expected)


def test_the_first_infinity_is_named_as_without_blocks(plugin: Path) -> None:
    layers = [
        ([[1.0, 1.0]], [0.0, 0.0], "reciprocal"),
        ([[1.0], [1.0]], 0.0, "relu"),
        ([[1e308]], 0.0, "sigmoid"),
    ]
    net = from_arrays(layers, plugins=[plugin])
    net._plan.block = 4
    X = np.arange(1.0, 15.0).reshape(-1, 1)
    X[[6, 9, 13]] = [[1e-3], [0.0], [0.0]]
    with np.errstate(all="ignore"):
        found = [
            str(words)
            for layer, A, Z in forward(net.layers, X)
            if (words := first_not_finite(layer, A, Z)) is not None
        ]
    assert found[0] == "layer 1, neuron 1, row 10: 'reciprocal' gives inf for A = 0.0"
    for call in (net, net.trace):
        with pytest.warns(NetrunnerWarning) as caught:
            call(X)
        assert [str(each.message) for each in caught] == [found[0]]
    # Without the zeros, the infinity of a later layer, which sigmoid hides.
    X[[9, 13]] = 1.0
    with pytest.warns(NetrunnerWarning, match=r"^layer 3, neuron 1, row 1: A is inf"):
        assert (net(X) == 1).all()
    with pytest.warns(NetrunnerWarning, match="layer 3, neuron 1: A is inf"):
        net(X[0])


@given(rows=st.integers(1, 10**6), rounds=st.integers(1, 20), threads=st.integers(1, 200))
def test_threads_that_take_blocks_in_turn_end_together(
    rows: int, rounds: int, threads: int
) -> None:
    block = -(-rows // (rounds * threads))
    found = list(blocks._blocks(rows, block, threads))
    assert [i for part in found for i in (part.start, part.stop)] == sorted(
        2 * [part.start for part in found[1:]] + [0, rows]
    )
    sizes = [part.stop - part.start for part in found]
    assert 0 < min(sizes) <= max(sizes) <= block
    done = [0] * threads
    for size in sizes:
        done[done.index(min(done))] += size
    assert max(done) - min(done) <= 2 * threads + len(sizes)  # a row more or less for each
    if threads > 1 and block > 3:  # and half of them go on while the others are in a block
        assert sizes[0] <= block / 2 < sizes[threads // 2]


@two_cores
@pytest.mark.parametrize("more", [0, 1])
def test_who_can_start_no_threads_does_with_those_there_are(
    more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, left = threading.Thread.start, [more]

    def few(thread: threading.Thread) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("can't start new thread")
        start(thread)

    net, X = wide(), inputs(5000, 200)
    Y = net(X)
    cores._fork._forget_threads()
    monkeypatch.setattr(threading.Thread, "start", few)
    np.testing.assert_allclose(net(X), Y, rtol=1e-12)
    assert left[0] < 0
    cores._fork._forget_threads()


def test_softmax_leaves_its_input_alone_however_it_lies_in_memory() -> None:
    a = np.asfortranarray(inputs(100, 10))
    before = a.copy()
    a.setflags(write=False)
    np.testing.assert_array_equal(softmax(a), softmax(before))
    np.testing.assert_array_equal(a, before)


@settings(max_examples=30)
@given(
    rows=st.sampled_from([1, 3, 65, 100]),
    width=st.sampled_from([1, 2, 10, 63, 64, 100]),
    dtype=st.sampled_from(["float64", "float32"]),
    scale=st.sampled_from([0.1, 30, 1e30]),
)
def test_softmax_written_over_its_input(rows: int, width: int, dtype: str, scale: float) -> None:
    for a in (inputs(rows, width) * scale, inputs(rows, width)[0] * scale):
        a = a.astype(dtype)
        expected = softmax(a)
        assert softmax(a, out=a) is a
        np.testing.assert_array_equal(a, expected)


@two_cores
def test_an_infinity_is_named_when_the_work_is_shared_out() -> None:
    net = wide()
    X = inputs(5000, 200)
    X[[4321, 3210]] = 1e308
    with pytest.warns(NetrunnerWarning, match=r"^layer 1, neuron \d+, row 3211: A is ") as caught:
        Y = net(X)
    assert len(caught) == 1
    X[[4321, 3210]] = 0
    others = np.delete(np.arange(5000), [3210, 4321])
    np.testing.assert_allclose(Y[others], net(X)[others], rtol=1e-12)


@pytest.mark.parametrize(
    ("value", "dtype", "message"),
    [
        (np.nan, "float64", "row 4001, column 8 is nan, not a finite number"),
        (-np.inf, "float32", "row 4001, column 8 is -inf, not a finite number"),
        (1e300, "float32", "row 4001, column 8, 1e+300, overflows in float32"),
        (1e-300, "float32", "row 4001, column 8, 1e-300, vanishes in float32"),
    ],
)
def test_a_bad_input_is_named_by_its_row_in_the_whole(
    value: float, dtype: str, message: str
) -> None:
    net = wide(dtype)
    X = inputs(5000, 200)
    X[[4000, 4500], 7] = value
    before = blas_threads()
    for call in (net, net.trace):
        with pytest.raises(NetrunnerError) as caught:
            call(X)
        assert caught.value.problems[0].message.startswith(message)
    assert blas_threads() == before


def test_many_threads_at_once_and_the_blas_as_it_was() -> None:
    net = wide()
    X = inputs(3000, 200)
    Y = by_hand(net, X)
    before = blas_threads()
    seen = []

    def call(i: int) -> None:
        part = X[: 500 + 300 * (i % 8)]
        seen.append(np.abs(net(part) - Y[: len(part)]).max())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(24)))
    assert max(seen) < 1e-12
    assert blas_threads() == before
    assert not cores._taken.locked()
    assert len(net._plan.scratch) <= net._plan.most_scratch


@two_cores
def test_work_is_shared_out_over_threads_with_a_blas_of_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both, seen = threading.Barrier(2, timeout=300), []

    def work(stopped: Any) -> None:
        both.wait()  # fails where there is only one
        seen.append((threading.get_ident(), max(blas_threads())))
        both.wait()

    before = blas_threads()
    with threadpoolctl.threadpool_limits(2):
        # The limit is this thread's, and the leader of the others can set none.
        alone: list[int] = []
        cores.share_out(lambda stopped: alone.append(threading.get_ident()))
    assert len(alone) == 1
    monkeypatch.setattr(cores, "core_count", lambda: 2)
    cores.share_out(work)
    idents = {ident for ident, _ in seen}
    assert len(idents) == 2
    assert threading.get_ident() not in idents
    assert [threads for _, threads in seen] == [1, 1]
    assert blas_threads() == before


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_an_error_in_a_thread_is_raised_here_and_the_blas_as_it_was(error: BaseException) -> None:
    before = blas_threads()

    def work(stopped: Any) -> None:
        raise error

    with pytest.raises(type(error)):
        cores.share_out(work)
    assert blas_threads() == before
    assert not cores._taken.locked()


def test_who_comes_while_another_is_at_it_works_alone() -> None:
    idents = []
    with cores._taken:
        cores.share_out(lambda stopped: idents.append(threading.get_ident()))
    assert idents == [threading.get_ident()]


def test_a_limit_of_the_user_is_kept() -> None:
    idents = []
    with threadpoolctl.threadpool_limits(1):
        cores.share_out(lambda stopped: idents.append(threading.get_ident()))
    assert len(idents) == 1


def run_script(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


SCRIPT = """
import os, signal, sys, threading, time
import numpy as np
import netrunner, threadpoolctl
from netrunner.process import cores

rng = np.random.default_rng(0)
net = netrunner.from_arrays([(rng.normal(size=(300, 300)), 0.0, "sigmoid")] * 3)
X = rng.normal(size=(5000, 300))
blas = lambda: [each["num_threads"] for each in threadpoolctl.threadpool_info()]
before = blas()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_forked_in_the_middle_of_a_run() -> None:
    code = (
        SCRIPT
        + """
Y = net(X)
begun = threading.Event()
def work(stopped):
    begun.set()
    time.sleep(0.2)
thread = threading.Thread(target=cores.share_out, args=[work])
thread.start()
begun.wait()
child = os.fork()
if child == 0:
    same = (net(X) == Y).all()  # in threads of its own
    os._exit(0 if same and blas() == before and not cores._taken.locked() else 1)
print(os.waitpid(child, 0)[1])
thread.join()
net(X)
print(blas() == before, cores._taken.locked())
"""
    )
    assert run_script(code) == "0\nTrue False\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_threads_end_before_a_fork_and_are_made_anew() -> None:
    code = (
        SCRIPT
        + """
import warnings
warnings.simplefilter("error")  # as Python 3.12 and later warn of threads
Y = net(X)
print(cores.core_count() < 2 or threading.active_count() > 1)
os.register_at_fork(after_in_parent=lambda: print(threading.active_count()))
sys.stdout.flush()
child = os.fork()
if child == 0:
    os._exit(0 if (net(X) == Y).all() else 1)
print(os.waitpid(child, 0)[1], (net(X) == Y).all(), blas() == before)
"""
    )
    assert run_script(code) == "True\n1\n0 True True\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_function_that_forks_in_the_middle_of_a_run(tmp_path: Path) -> None:
    plugin = tmp_path / "forks.py"
    plugin.write_text(
        "import netrunner, os\n"
        "def forks(a):\n"
        "    if len(a) > 100 and not (child := os.fork()): os._exit(7)\n"
        "    if len(a) > 100: assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7\n"
        "    return a * 1\n"
        "@netrunner.hookimpl\n"
        "def netrunner_activations(): return [netrunner.Activation('forks', forks)]\n"
    )
    code = (
        SCRIPT
        + f"""
layers = [(rng.normal(size=(300, 300)), 0.0, "forks")] * 2
net = netrunner.from_arrays(layers, plugins=[{str(plugin)!r}])
print(net(X).shape, blas() == before, cores._taken.locked())
"""
    )
    assert run_script(code) == "(5000, 300) True False\n"


@pytest.mark.skipif(not hasattr(os, "kill"), reason="there are no signals")
def test_an_interrupt_ends_a_run_and_leaves_the_blas_as_it_was() -> None:
    code = (
        SCRIPT
        + """
work = threading.Event()
def until_stopped(stopped):
    work.set()
    while not stopped():
        time.sleep(0.001)
def interrupt():
    work.wait()
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
try:
    cores.share_out(until_stopped)
except KeyboardInterrupt:
    print(blas() == before, cores._taken.locked())
print(np.isfinite(net(X)).all())
"""
    )
    out = run_script(code).splitlines()
    assert out == ["True False", "True"]


def test_a_pickle_holds_no_plan_and_runs() -> None:
    net = wide()
    X = inputs(900, 200)
    size = len(pickle.dumps(net))
    Y = net(X)
    assert len(pickle.dumps(net)) == size
    again = pickle.loads(pickle.dumps(net))
    np.testing.assert_allclose(again(X), Y, rtol=1e-12)


def test_settings_of_numpy_are_neither_used_nor_changed() -> None:
    net = wide()
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        before = np.geterr()
        net(inputs(2000, 200) * 1e4)
        net(inputs(1, 200)[0])
        assert np.geterr() == before


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_of_0_hide_no_bad_input(dtype: str, value: float) -> None:
    net = from_arrays([([[0.0], [0.0]], 1.0, "identity")], dtype=dtype)
    for x in ([value, 1.0], [[1.0, 1.0], [1.0, value]]):
        with pytest.raises(NetrunnerError, match="not a finite number"):
            net(np.array(x, dtype))


def test_weights_too_small_to_be_squared_do_not_hide_an_infinity() -> None:
    layers = [([[1.5e-162]], 0, "identity"), ([[1e154]], 0, "identity"), ([[1e154]], 0, "relu")]
    net = from_arrays(layers)
    Y, not_finite = net.silent_output([[1.7e308]] * 2)
    assert not_finite == net.silent_trace([[1.7e308]] * 2).not_finite
    assert not_finite is not None
    assert np.isinf(Y).all()


def test_a_tail_behind_a_tiny_weight_is_kept() -> None:
    net = from_arrays([([[1.5e-162]], 0, "identity"), ([[-740 / 2.55e146]], 0, "sigmoid")])
    assert net([[1.7e308]] * 2).tolist() == net.trace([[1.7e308]] * 2).output.tolist()
    assert net([[1.7e308]])[0, 0] > 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_two_rows_through_a_wide_layer_take_little_memory() -> None:
    code = """
import re
import numpy as np
import netrunner
W = np.full((2, 300_000), 1e-3)
net = netrunner.from_arrays([(W, 0, "relu"), (W.T, 0, "relu")])
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
before = peak()
net([[1, 2], [3, 4]])
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert int(done.stdout) < 100_000  # kB; 512 rows of this layer would take 1.2 GB


@pytest.mark.parametrize("x", [np.ones(4), np.ones((3, 4))], ids=["a row", "a few"])
def test_a_plugin_that_writes_in_place_may_return_nothing_or_fail(tmp_path: Path, x: Any) -> None:
    path = tmp_path / "places.py"
    path.write_text(
        "import numpy as np, netrunner\n"
        "def double(a, out=None):\n"
        "    out = np.empty_like(a) if out is None else out\n"
        "    np.multiply(a, 2, out=out)\n"
        "    if not 0 < a.flat[0] < 1e3: raise RuntimeError('too much')\n"
        "    if a is not out: return out\n"
        "@netrunner.hookimpl\n"
        "def netrunner_activations():\n"
        "    return [netrunner.Activation('double', double, in_place=True, thread_safe=True)]\n",
        encoding="utf-8",
    )
    layers = [(np.full((4, 2), 10.0), np.ones(2), "double")]
    net = from_arrays(layers, plugins=[path])
    np.testing.assert_array_equal(net(x), np.full((*x.shape[:-1], 2), 82.0))
    np.testing.assert_array_equal(net.trace(x).output, net(x))
    for run in (net, net.trace):
        with pytest.raises(NetrunnerError, match=r"double.*RuntimeError: too much"):
            run(x * 1e3)
