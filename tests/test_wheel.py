"""The wheel has all that a user needs after `pip install` alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

pytest.importorskip("hatchling")


@pytest.mark.slow
def test_the_wheel_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", target, ROOT], check=True)

    def run(*command: object) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(target)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    netrunner: tuple[Any, ...] = ("-m", "netrunner")
    assert run("-c", "import netrunner; print(netrunner.__file__)").startswith(str(target))
    run(*netrunner, "new", "first")
    network = tmp_path / "first.yaml"
    network.write_text(network.read_text("utf-8").replace(": sigmoid", ": tanh"), "utf-8")
    assert "tanh" in run(*netrunner, "run", network, "--plugins", "tanh")
    assert "What to do." in run(*netrunner, "help", "shape-mismatch")
    assert "iris" in run("-c", "import netrunner; print(netrunner.example('iris').name)")
