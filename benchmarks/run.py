"""Measures netrunner beside its peers, and the limits of the machine.

    python benchmarks/run.py              everything: about half an hour
    python benchmarks/run.py --quick      fewer rows, one round: about a minute
    python benchmarks/run.py --only forward --shapes 784-50-100-10
    python benchmarks/run.py --check      what limits.py limits; exit 1 where a limit is exceeded
    python benchmarks/run.py --docs       the table, the plot and the numbers in docs/, too

Each contender runs in a process of its own, and they take turns: in each round everybody once. A
ratio is taken within a round, where the machine was in the same mood; what is shown is the median
of the rounds, with the smallest and the largest. What is measured goes to benchmarks/latest.json,
or with --docs to results.json; a run that measures only a part renews this part of it. The peers
come with

    pip install -e '.[bench]'
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import report
from contenders import FORWARD, LOAD, layers_of, onnx_model

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PUBLISHED = HERE / "results.json"  # those in docs/performance.md
LATEST = HERE / "latest.json"

SHAPES = ["2-3-2-2", "64-50-10", "784-50-100-10", "784-512-512-10"]
DTYPES = ["float64", "float32"]
ROWS = [1, 100, 10_000, 100_000]
SECTIONS = ["forward", "growth", "plugins", "load", "start", "memory", "limits"]

# How the time grows, in float64: the shape of the network and its rows, one of which is varied.
GROWTH = {
    "rows": [("64-50-10", 10**power) for power in range(7)],
    "width": [(f"{width}-{width}-{width}", 1000) for width in (10, 32, 100, 316, 1024, 4096)],
}

NEEDS = {"onnxruntime": "onnxruntime", "torch": "torch", "scikit-learn": "sklearn"}

# What starts, and what it costs by itself to import.
STARTS = {
    "netrunner run": ["-m", "netrunner", "run", "networks/three_layer.yaml"],
    "import numpy, yaml, pluggy, click": [
        "-c",
        "import numpy, yaml, pluggy, click, importlib.metadata",
    ],
    "import onnxruntime": ["-c", "import onnxruntime"],
    "import torch": ["-c", "import torch"],
    "import sklearn.neural_network": ["-c", "import sklearn.neural_network"],
    "python": ["-c", "pass"],
}


def turn(*arguments: object) -> Any:
    """What one contender finds, in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(HERE / "contenders.py"), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def contenders(given: argparse.Namespace) -> list[str]:
    """Ours, and the peers that were asked for and are here; of the others it is told."""
    here = []
    for name in FORWARD:
        if name in report.PEERS and name not in given.peers:
            continue
        if name in NEEDS and find_spec(NEEDS[name]) is None:
            print(f"{name} is not installed, and left out", file=sys.stderr)
        else:
            here.append(name)
    return here


def forward(given: argparse.Namespace) -> dict[str, Any]:
    """Case → contender → the median seconds of each round. All must come to the same result."""
    found: dict[str, Any] = {}
    names = contenders(given)
    for shape in given.shapes:
        for dtype in given.dtypes:
            ends: dict[str, Any] = {}
            for _ in range(given.rounds):
                for name in names:
                    told = turn("forward", name, shape, dtype, given.rows, given.budget)
                    for rows, each in told.items():
                        case = found.setdefault(f"{shape} {dtype} {rows}", {})
                        case.setdefault(name, []).append(float(np.median(each["seconds"])))
                        if name != "products":
                            agree(each["ends"], ends.setdefault(rows, each["ends"]), dtype, name)
            for rows in given.rows:
                case = f"{shape} {dtype} {rows}"
                print(report.forward_line(case, found[case]), flush=True)
    return found


def growth(given: argparse.Namespace) -> dict[str, Any]:
    """What is varied → its values, `at`, and each contender's seconds there: the median round."""
    found: dict[str, Any] = {}
    for what, cases in GROWTH.items():
        for shape, rows in cases[:3] if given.quick else cases:
            seconds: dict[str, list[float]] = {}
            for _ in range(given.rounds):
                for name in (name for name in contenders(given) if name not in ("trace", "kept")):
                    told = turn("forward", name, shape, "float64", [rows], given.budget)
                    median = float(np.median(told[str(rows)]["seconds"]))
                    seconds.setdefault(name, []).append(median)
            for name, each in seconds.items():
                found.setdefault(what, {}).setdefault(name, []).append(float(np.median(each)))
            at = rows if what == "rows" else int(shape.split("-")[0])
            found[what].setdefault("at", []).append(at)
            ours = report.duration(found[what]["netrunner"][-1])
            print(f"{shape:<15} float64 {rows:>9,} rows  {ours:>8}", flush=True)
    return found


def plugins(given: argparse.Namespace) -> dict[str, Any]:
    """Case → netrunner and numpy → the median seconds of each round; hidden layers use a plugin."""
    found: dict[str, Any] = {}
    for name in ("tanh", "leaky", "centred"):
        for dtype in given.dtypes:
            ends: dict[str, Any] = {}
            for _ in range(given.rounds):
                for who in ("netrunner", "numpy"):
                    told = turn("plugin", who, name, dtype, given.rows, given.budget)
                    for rows, each in told.items():
                        case = found.setdefault(f"{name} {dtype} {rows}", {})
                        case.setdefault(who, []).append(float(np.median(each["seconds"])))
                        agree(each["ends"], ends.setdefault(rows, each["ends"]), dtype, who)
            for rows in given.rows:
                case = f"{name} {dtype} {rows}"
                seconds = found[case]["netrunner"], found[case]["numpy"]
                print(report.plain_line(case, *seconds, "the numpy lines"), flush=True)
    return found


def agree(ends: Any, expected: Any, dtype: str, name: str) -> None:
    """A quick wrong result is worth nothing."""
    tolerance = 1e-4 if dtype == "float32" else 1e-9
    np.testing.assert_allclose(ends, expected, tolerance, tolerance, err_msg=name)


def load(given: argparse.Namespace) -> dict[str, Any]:
    """Contender → the median seconds of each round, for the weights of 784-50-100-10 as text."""
    import netrunner

    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        layers = layers_of("784-50-100-10", "float64")
        net = netrunner.from_arrays(layers)
        netrunner.save(net, Path(folder, "net.yaml"), weights="inline")
        text = json.dumps([{"W": W.tolist(), "B": B.tolist()} for W, B, _ in layers])
        Path(folder, "net.json").write_text(text)
        Path(folder, "net.onnx").write_bytes(onnx_model(layers).SerializeToString())
        for _ in range(given.rounds):
            for name in LOAD:
                seconds = turn("load", name, folder, given.budget)
                found.setdefault(name, []).append(float(np.median(seconds)))
    for name, seconds in found.items():
        print(report.plain_line(name, seconds, found["yaml.load"], "yaml.load"), flush=True)
    return found


def start(given: argparse.Namespace) -> dict[str, Any]:
    """What starts → the seconds of each round."""
    found: dict[str, list[float]] = {}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or all of ours is compiled at each start
    module = re.compile(r"import (torch|onnxruntime|sklearn)")
    starts = {
        name: command
        for name, command in STARTS.items()
        if (match := module.match(name)) is None or find_spec(match[1]) is not None
    }
    for count in range(1 + 5 * given.rounds):
        for name, command in starts.items():
            begin = time.perf_counter()
            subprocess.run(
                [sys.executable, *command], cwd=ROOT, env=environment, check=True,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
            if count:  # the first time is for the disk and the compiled files
                found.setdefault(name, []).append(time.perf_counter() - begin)
    bare = "import numpy, yaml, pluggy, click"
    for name, seconds in found.items():
        print(report.plain_line(name, seconds, found[bare], "the bare imports"), flush=True)
    return found


def memory(given: argparse.Namespace) -> dict[str, Any]:
    """Contender → bytes beyond the model and the input; and a run that streams a file."""
    if not Path("/proc/self/clear_refs").exists():
        print("memory is measured on Linux only", file=sys.stderr)
        return {}
    rows = 2_000 if given.quick else 50_000
    names = [name for name in contenders(given) if name != "products"]
    case = f"784-50-100-10 float64 {rows}"
    found = {name: turn("memory", name, *case.split()) for name in names}
    for name, size in found.items():
        print(f"{name:<44} {size / 2**20:7.0f} MiB beyond the input of {case}", flush=True)
    streamed_rows = 25_000 if given.quick else 250_000
    peak = streamed(streamed_rows)
    print(
        f"{'netrunner run, from a file':<44} {peak / 2**20:7.0f} MiB in all, {streamed_rows} rows"
    )
    return {"case": case, "beyond": found, "streamed": {"rows": streamed_rows, "bytes": peak}}


def streamed(rows: int) -> int:
    """The most anonymous memory of `netrunner run --output-only` over a file of 784 columns."""
    import netrunner

    with tempfile.TemporaryDirectory() as folder:
        net = netrunner.from_arrays(layers_of("784-50-100-10", "float64"))
        netrunner.save(net, Path(folder, "net.yaml"))
        X = np.lib.format.open_memmap(Path(folder, "x.npy"), "w+", float, (rows, 784))
        rng = np.random.default_rng(1)
        for first in range(0, rows, 5000):
            X[first : first + 5000] = rng.random((min(5000, rows - first), 784))
        X.flush()
        del X
        command = ["run", "net.yaml", "--input-file", "x.npy", "--output-only", "--format", "npz"]
        running = subprocess.Popen(
            [sys.executable, "-m", "netrunner", *command, "--output", "y.npz"],
            cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        most = 0
        while running.poll() is None:
            status = Path(f"/proc/{running.pid}/status").read_text()
            if found := re.search(r"RssAnon:\s+(\d+) kB", status):  # not once it has ended
                most = max(most, 1024 * int(found[1]))
            time.sleep(0.002)
        if running.returncode:
            raise SystemExit("the run has failed")
    return most


def limits(given: argparse.Namespace) -> dict[str, Any]:
    """Seconds for each byte that numpy's sum reads, round by round."""
    seconds = [float(np.median(turn("bandwidth", given.budget))) for _ in range(given.rounds)]
    print(f"reading memory: {1e-9 / np.median(seconds):.1f} GB/s", flush=True)
    return {"seconds a byte": seconds}


def place_in_tables(entry: tuple[str, Any]) -> tuple[int, int, int]:
    """Where a case of the forward pass belongs, in whatever order its parts were measured."""
    shape, dtype, rows = entry[0].split()
    return list(SHAPES).index(shape), list(DTYPES).index(dtype), int(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures netrunner beside its peers.")
    parser.add_argument("--quick", action="store_true", help="fewer rows, one round")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=SHAPES)
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=DTYPES)
    parser.add_argument("--rows", nargs="+", type=int)
    parser.add_argument("--peers", nargs="+", choices=report.PEERS, default=report.PEERS)
    parser.add_argument("--rounds", type=int, help="how often everybody has a turn")
    parser.add_argument("--results", type=Path, metavar="FILE")
    parser.add_argument("--check", action="store_true", help="hold the results to the limits")
    parser.add_argument("--docs", action="store_true", help="renew docs/performance.md as well")
    given = parser.parse_args()
    if given.check:
        given.only = [
            section for section in given.only if section in ("forward", "plugins", "start")
        ]
        given.rows = given.rows or [1, 100, 10_000]
    given.rows = given.rows or (ROWS[:2] if given.quick else ROWS)
    given.rounds = given.rounds or (1 if given.quick else 3)
    given.results = given.results or (PUBLISHED if given.docs else LATEST)
    given.budget = 0.02 if given.quick else 0.25

    results: dict[str, Any] = {}
    machine = turn("machine")
    if given.results.exists():
        results = json.loads(given.results.read_text())
        if results.get("machine") != machine:
            results = {}  # numbers of two machines, or of two versions, are not to be mixed
    results["machine"] = machine
    print(report.machine_text(machine), flush=True)
    for section in given.only:
        print(f"\n{section}", flush=True)
        results.setdefault(section, {}).update(globals()[section](given))
        results["forward"] = dict(sorted(results.get("forward", {}).items(), key=place_in_tables))
        given.results.write_text(json.dumps(results, indent=1) + "\n")
    if given.docs:
        report.write_docs(results, ROOT / "docs")
    if given.check:
        import limits as limits_

        looked_at, lines = limits_.beyond({name: results[name] for name in given.only})
        print(f"\n{looked_at} limits, {len(lines)} exceeded", *lines, sep="\n")
        sys.exit(bool(lines))


if __name__ == "__main__":
    main()
