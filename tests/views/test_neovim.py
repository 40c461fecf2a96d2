"""The lines of docs/editors.md in a real Neovim."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, THREE_LAYER

pytest.importorskip("pygls")

SCRIPT = """
vim.cmd.edit("net.yaml")
vim.bo.filetype = "yaml"
local function wait_for(what, found)
  if not vim.wait(60000, found, 20) then error(what .. " did not come") end
end
wait_for("a diagnostic", function() return #vim.diagnostic.get(0) > 0 end)
for _, each in ipairs(vim.diagnostic.get(0)) do
  print("diagnostic " .. each.lnum + 1 .. " " .. each.code)
end
local function ask(method, params)
  params.textDocument = vim.lsp.util.make_text_document_params()
  local answers = vim.lsp.buf_request_sync(0, method, params, 60000)
  for _, answer in pairs(answers) do return answer.result end
end
local range = { start = { line = 0, character = 0 }, ["end"] = { line = 99, character = 0 } }
local actions = ask("textDocument/codeAction", { range = range, context = { diagnostics = {} } })
for _, action in ipairs(actions) do
  if action.kind == "quickfix" then
    vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
  end
end
wait_for("the end of the problem", function() return #vim.diagnostic.get(0) == 0 end)
local line = vim.fn.search("weights: ") - 1
local hover = ask("textDocument/hover", { position = { line = line, character = 15 } })
print("hover " .. hover.contents.value:gsub("\\n", " "))
for _, hint in ipairs(ask("textDocument/inlayHint", { range = range })) do
  print("hint " .. hint.label)
end
for _, lens in ipairs(ask("textDocument/codeLens", {})) do
  print("lens " .. lens.command.title)
end
vim.cmd("qall!")
"""


@pytest.mark.skipif(shutil.which("nvim") is None, reason="there is no Neovim")
def test_the_lines_of_the_page_work_in_neovim(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    lines = re.search(r"```lua init.lua\n(.*?)```", page, re.S)
    assert lines is not None
    command = f'{{ "{sys.executable}", "-m", "netrunner", "lsp" }}'
    (tmp_path / "init.lua").write_text(lines[1].replace('{ "netrunner", "lsp" }', command))
    (tmp_path / "script.lua").write_text(SCRIPT)
    text = THREE_LAYER.read_text(encoding="utf-8").replace(
        "activation: identity", "activation: idnetity"
    )
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["nvim", "--headless", "-u", "init.lua", "-l", "script.lua"],
        cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path)},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "diagnostic 57 unknown-activation" in said
    assert "hover w to neuron 1 of layer 1, from input 1 'x1'" in said
    assert "hint (2,)·(2, 3) + (3,) → (3,)" in said
    assert "lens run example 1: Y = [0.3168 0.6963]" in said
