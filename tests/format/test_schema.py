"""The JSON Schema: as committed, and as an editor would use it on the corpus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import NETWORKS, ROOT, THREE_LAYER, Result
from corpus import INVALID, VALID, checked, named
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

pytestmark = pytest.mark.no_cover  # pure Python of others, which takes twice as long with it

COMMITTED = ROOT / "netrunner" / "network.schema.json"

# What a schema cannot see: it sees types, keys and bounds of single values, and an editor reads the
# file with a parser of YAML 1.2.
UNSEEN = {
    "answer-mismatch",
    "ambiguous-number",  # 0x1F, 010 and 0o17 are numbers of YAML 1.2
    "damaged-file",
    "example-mismatch",
    "file-not-found",
    "no-values",
    "not-a-number",
    "not-finite",  # .nan is a number of YAML 1.2
    "not-real-numbers",
    "not-utf-8",
    "outside-folder",
    "ragged-rows",
    "shape-mismatch",
    "unknown-activation",  # a plugin may add any name
    "unknown-file-type",
    "unknown-member",
    "unknown-parameter",
    "vanishing-number",
}
# Files that have only such problems, in a form that a schema sees: a text in place of a number, a
# row in place of a matrix, bytes that no parser takes.
SEEN_ALL_THE_SAME = [
    "alias-of-a-wrong-row",
    "biases-before-a-wide-colon",
    "encoding-cut",
    "encoding-gbk",
    "encoding-latin-1",
    "encoding-shift-jis",
    "encoding-utf-16",
    "example-number-alone",
    "number-ambiguous",
    "number-bias",
    "number-full-width",
    "number-is-no-number",
    "number-not-finite",
    "number-over-several-lines",
    "row-with-a-word",
    "several-problems-in-three-scripts",
    "shape-biases-column",
    "shape-biases-row",
    "shape-weights-flat-one-input",
    "shape-weights-flat-one-neuron",
    "shape-weights-flat",
    "size-base-60",
    "size-not-whole",
    "size-quoted",
    "syntax-brackets-full-width-in-flow",
    "syntax-comma-full-width-in-row",
    "syntax-comma-missing-in-row",
    "syntax-comment-mark-glued",
    "syntax-hash-full-width",
    "tolerance-negative-hex",
    "tolerance-negative-minus",
]


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json.loads(COMMITTED.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def as_an_editor_reads(path: Path) -> Any:
    """The data of a file as YAML 1.2."""
    yaml = YAML(typ="safe", pure=True)
    yaml.version = "1.2"  # type: ignore[assignment]
    return yaml.load(path.read_bytes().decode("utf-8-sig"))


def test_it_is_committed_as_the_command_prints_it(netrunner: Any) -> None:
    printed: Result = netrunner("schema")
    assert printed.out == COMMITTED.read_text(encoding="utf-8")


# YAML that ruamel.yaml cannot read, or reads as text.
NOT_FOR_RUAMEL = {"tabs", "numbers-with-sign-and-point"}
READABLE = [path for path in VALID if path.stem not in NOT_FOR_RUAMEL]


@named([*READABLE, *sorted(NETWORKS.glob("*.yaml"))])
def test_it_passes_each_valid_file(path: Path, validator: Any) -> None:
    errors = [error.message for error in validator.iter_errors(as_an_editor_reads(path))]
    assert errors == []


def fails(path: Path, validator: Any) -> bool:
    try:
        return not validator.is_valid(as_an_editor_reads(path))
    except (YAMLError, ValueError):
        return True


def is_seen(path: Path) -> bool:
    codes = {problem.code for problem in checked(path)[0] if problem.severity == "error"}
    seen = not codes <= UNSEEN or path.stem in SEEN_ALL_THE_SAME
    return seen and path.stem not in ("name-shows-nothing", "syntax-line-separator")


def test_it_fails_each_file_whose_fault_it_can_see(validator: Any) -> None:
    failed = [path.stem for path in INVALID if fails(path, validator)]
    assert failed == [path.stem for path in INVALID if is_seen(path)]


@pytest.mark.parametrize("path", sorted(NETWORKS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_networks_name_it(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n")[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == COMMITTED.resolve()


@pytest.mark.parametrize(
    "command",
    [
        *[("new", "net.yaml", "--from", path.stem) for path in sorted(NETWORKS.glob("*.yaml"))],
        ("export", THREE_LAYER, "--output", "net.yaml"),
        ("import", NETWORKS / "digits.npz", "--activations=relu,softmax", "--output=net.yaml"),
    ],
    ids=str,
)
def test_a_network_that_is_written_names_no_path_of_this_machine(
    command: Any, netrunner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert netrunner(*command).code == 0
    alone = Path("net.yaml").read_text(encoding="utf-8")
    assert "schema" not in alone
    for written in tmp_path.iterdir():
        written.unlink()
    Path("network.schema.json").write_text(netrunner("schema").out, encoding="utf-8")
    assert netrunner(*command).code == 0
    beside = Path("net.yaml").read_text(encoding="utf-8")
    assert beside == "# yaml-language-server: $schema=network.schema.json\n" + alone
    assert netrunner("check", "net.yaml").code == 0
