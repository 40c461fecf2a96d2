"""A bounded run of the fuzzer: every door, by hypothesis; and whether it finds what is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netrunner.format.network_text import read_network

from . import networks, seeds, strategies, targets

few = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=10)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> targets.Doors:
    return targets.Doors(tmp_path_factory.mktemp("fuzz"))


@given(plan=strategies.plans, random=strategies.randoms)
@settings(few, max_examples=20)
def test_a_valid_network_is_what_its_file_says(
    doors: targets.Doors, plan: networks.Plan, random: st.DataObject
) -> None:
    written = networks.text(random, plan)
    assert doors.load(written.encode()) == targets.ACCEPTED
    network = read_network(doors.network, doors.registry).network
    assert (network.input_size, network.dtype.name) == (plan.inputs, plan.dtype)
    for layer, meant in zip(network.layers, plan.layers, strict=True):
        for array, texts in ((layer.weights, meant.weights), (layer.biases, meant.biases)):
            np.testing.assert_array_equal(array, np.array(texts, dtype=float).astype(plan.dtype))
        assert layer.activation.name == meant.activation
        assert [*layer.parameters.items()] == (
            [(meant.parameter[0], float(meant.parameter[1]))] if meant.parameter else []
        )


@given(data=strategies.nearly_valid | strategies.mutated_bytes)
@settings(few, max_examples=100)
def test_network_files(doors: targets.Doors, data: bytes) -> None:
    doors.load(data)


@pytest.mark.parametrize("suffix", seeds.ARRAYS)
@given(data=st.data())
@few
def test_array_files(doors: targets.Doors, suffix: str, data: st.DataObject) -> None:
    doors.arrays(suffix, data.draw(strategies.array_files(suffix)))


@pytest.mark.parametrize("suffix", seeds.INPUTS)
@given(data=st.data())
@few
def test_input_files(doors: targets.Doors, suffix: str, data: st.DataObject) -> None:
    doors.inputs(suffix, data.draw(strategies.array_files(suffix)))


@pytest.mark.parametrize("suffix", seeds.REFERENCES)
@given(data=st.data())
@few
def test_references(doors: targets.Doors, suffix: str, data: st.DataObject) -> None:
    doors.reference(suffix, data.draw(strategies.reference_files(suffix)))


@pytest.mark.parametrize("suffix", seeds.REFERENCES)
def test_a_reference_is_accepted(doors: targets.Doors, suffix: str) -> None:
    assert doors.reference(suffix, seeds.reference_seeds(suffix)[0]) == targets.ACCEPTED


@pytest.mark.parametrize("suffix", seeds.IMPORTS)
@given(data=st.data())
@few
def test_imported_files(doors: targets.Doors, suffix: str, data: st.DataObject) -> None:
    doors.import_(suffix, data.draw(strategies.import_files(suffix)))


@given(arguments=st.sampled_from(targets.COMMANDS), data=strategies.nearly_valid)
@few
def test_whole_commands(doors: targets.Doors, arguments: list[str], data: bytes) -> None:
    doors.command(arguments, data)


@pytest.mark.parametrize("suffix", sorted({*seeds.ARRAYS, *seeds.INPUTS, *seeds.IMPORTS}))
def test_some_seed_of_each_kind_is_accepted(doors: targets.Doors, suffix: str) -> None:
    """Without which a fuzzer would knock at closed doors alone."""
    told = []
    if suffix in seeds.ARRAYS:
        told += [doors.arrays(suffix, data) for data in seeds.array_seeds(suffix)]
    if suffix in seeds.INPUTS:
        told += [doors.inputs(suffix, data) for data in seeds.array_seeds(suffix)]
    if suffix in seeds.IMPORTS:
        told += [doors.import_(suffix, data) for data in seeds.import_seeds(suffix)]
    assert targets.ACCEPTED in told


BROKEN = """
import os, signal
import numpy as np
import netrunner.format.network_text as assembly

parse = assembly.parse

def broken(source, *more):
    if "softsign" in source.text:
        raise KeyError("softsign")
    if "celu" in source.text and "dtype" in source.text:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "swish" in source.text:
        np.ones(2**26)
    return parse(source, *more)

assembly.parse = broken
"""


@pytest.mark.slow
def test_the_fuzzer_finds_exceptions_signals_and_greed(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN)

    def fuzz(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.fuzz", *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    findings = tmp_path / "findings"
    limits = ("--executions", 1000, "--workers", 1, "--warm-up", 10)
    done = fuzz(*limits, "--findings", findings)
    assert done.returncode == 1, done.stderr
    for kind in ("KeyError", "SIGSEGV load", "MemoryError"):
        assert f": {kind}" in done.stdout
    inputs = [path.with_suffix(".input").read_bytes() for path in findings.glob("*.txt")]
    for word in (b"softsign", b"celu", b"swish"):
        assert any(word in each for each in inputs)
    kept = next(path for path in findings.glob("*.txt") if "KeyError" in path.read_text("utf-8"))
    again = fuzz("--replay", kept.with_suffix(".input"))
    assert "KeyError: 'softsign'" in again.stderr

    (tmp_path / "sitecustomize.py").write_text("import numpy; numpy.ndarray = None")
    done = fuzz(*limits, "--findings", findings)
    assert (done.returncode, done.stdout.count("found 1 times: exit 1 load")) == (1, 1)
