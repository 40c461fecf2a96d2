"""The README does what it says, from the first block to the last."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import generate

ROOT = generate.ROOT
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [match.groups()[1:] for match in generate.FENCED.finditer(README)]


def test_every_block_is_in_step():
    assert generate.renewed_text(README) == README, "run docs/generate.py"


def test_every_block_is_executed():
    assert {language for language, _, _ in BLOCKS} == {"console", "diff", "pycon", "python", "sh"}
    assert all(file for language, file, _ in BLOCKS if language == "python")


def test_the_first_output_is_that_of_the_program_itself():
    commands = [text for language, _, text in BLOCKS if language == "console"]
    command, _, output = commands[0].partition("\n")
    assert command == "$ netrunner run networks/three_layer.yaml"
    with generate.fresh_folder():
        assert generate.output_of(f"{command[2:]} 2>&1") == output
        assert generate.output_of(f"{command[2:].replace('net', 'python -m net', 1)}") == output


def test_ci_runs_the_two_commands_word_for_word():
    commands = [text for language, _, text in BLOCKS if language == "sh"]
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert len(commands) == 2
    for command in commands:
        assert f"\n{command}" in script
    workflow = (ROOT / ".github/workflows/checks.yml").read_text(encoding="utf-8")
    assert re.findall("- run: (.+)", workflow) == ["bash .ci/run"]
