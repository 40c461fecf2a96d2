"""The extension for VS Code: its package is built, without a network, and looked into."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

FOLDER = ROOT / "editors" / "vscode"


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("npm") is None or not (FOLDER / "node_modules").is_dir(),
    reason="run npm ci in editors/vscode first",
)
def test_the_package_holds_the_bundled_extension(tmp_path: Path) -> None:
    subprocess.run(["npm", "run", "package"], cwd=FOLDER, check=True, capture_output=True)
    with zipfile.ZipFile(FOLDER / "netrunner.vsix") as package:
        names = set(package.namelist())
        manifest = json.loads(package.read("extension/package.json"))
        bundle = package.read(f"extension/{manifest['main'].removeprefix('./')}").decode()
    assert not any("node_modules" in name for name in names)
    assert set(manifest["contributes"]["configuration"]["properties"]) == {
        "netrunner.command", "netrunner.plugins", "netrunner.completeKeys",
    }  # fmt: skip
    assert "netrunner-nn[lsp]" in bundle
    assert 'require("vscode")' in bundle


def test_the_extension_asks_whether_the_server_can_start(netrunner: object) -> None:
    assert '["lsp", "--check"]' in (FOLDER / "extension.js").read_text()
    assert netrunner("lsp", "--check") == (0, "", "")  # type: ignore[operator]
