"""The least that numpy can do: the products, one exponential for each neuron, and nothing else.

    python benchmarks/floor.py

No biases, no division, no check, every array there before: once in one thread, which leaves the
products to the threads of the BLAS, and once with half of the rows in each of two. Prints the time
of this and of netrunner as a ratio of onnxruntime's, the median of interleaved rounds, each in a
process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from contenders import Layers, Run, layers_of, rows_of, seconds_of

CASES = [
    ("64-50-10", "float32", 10_000),
    ("64-50-10", "float64", 10_000),
    ("784-50-100-10", "float32", 100),
    ("784-512-512-10", "float32", 100),
]
ROUNDS, BLOCK = 7, 1024  # rows that stay in the cache
HERE = Path(__file__).parent


def least(layers: Layers, rows: int, threads: int) -> Run:
    """Y is wrong, but takes as long as the right one at the least."""
    share = rows // threads
    block = min(BLOCK, share)
    scratch = [
        [np.empty((block, W.shape[1]), W.dtype) for W, _, _ in layers[:-1]] for _ in range(threads)
    ]
    Y = np.empty((rows, layers[-1][0].shape[1]), layers[-1][0].dtype)

    def part(X: Any, thread: int) -> None:
        for start in range(thread * share, (thread + 1) * share, block):
            end = min(start + block, (thread + 1) * share)
            x = X[start:end]
            for (W, _, _), into in zip(layers, [*scratch[thread], Y[start:end]], strict=True):
                A = into[: end - start]
                np.exp(np.dot(x, W, out=A), out=A)
                x = A

    pool = ThreadPoolExecutor(threads)

    def run(X: Any) -> Any:
        others = [pool.submit(part, X, thread) for thread in range(1, threads)]
        part(X, 0)
        for other in others:
            other.result()
        return Y

    return run


def median(*command: object, threads: int = 0) -> float:
    """The median of the seconds that a process prints."""
    alone = {"OPENBLAS_NUM_THREADS": "1"} if threads > 1 else {}
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        env={**os.environ, "PYTHONPATH": str(HERE.parent), **alone},
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    (found,) = json.loads(done.stdout).values()
    return float(np.median(found["seconds"]))


def main() -> None:
    for shape, dtype, rows in CASES:
        seconds: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for name in ("netrunner", "onnxruntime"):
                told = median(HERE / "contenders.py", "forward", name, shape, dtype, [rows], 0.4)
                seconds.setdefault(name, []).append(told)
            for threads in (1, 2):
                told = median(__file__, shape, dtype, rows, threads, threads=threads)
                seconds.setdefault(f"the least in {threads}", []).append(told)
        of = seconds.pop("onnxruntime")
        ratios = {name: np.median(np.divide(each, of)) for name, each in seconds.items()}
        shown = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
        print(f"{shape} {dtype} {rows:,} rows, of onnxruntime: {shown}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        shape, dtype, rows, threads = sys.argv[1:]
        run = least(layers_of(shape, dtype), int(rows), int(threads))
        X = rows_of(shape, dtype, int(rows))
        print(json.dumps({rows: {"seconds": seconds_of(run, X, 0.4)}}))
    else:
        main()
