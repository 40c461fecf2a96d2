"""Imports point down only, and what is heavy or rare is imported where it is needed."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest
from conftest import NETWORKS, ROOT, THREE_LAYER

PACKAGE = ROOT / "netrunner"

# From the command line down to the text: a room imports only from the rooms after it.
ROOMS = [
    "commands", "dask", "views", "testing", "exchange", "lesson", "format", "network",
    "activations", "files", "problems", "process",
]  # fmt: skip
# What leads upwards: the methods of a network and of a trace, which a learner looks for there.
DOORS = {
    ("format.network_text", "exchange.formats"),  # for the error of a file that is another tool's
    ("exchange.compare", "views.render.comparison"),
    ("lesson.explain", "views.render.explain"),
    ("lesson.why", "views.render.why_text"),
    ("network.network", "views.pictures.diagram"),
    ("network.network", "views.pictures.axes"),
    ("network.network", "views.page.notebook"),
    ("network.network", "views.render.html"),
    ("network.trace", "lesson.explain"),
    ("network.trace", "lesson.why"),
    ("network.trace", "views.render.formats"),
    ("network.trace", "views.pictures.dots"),
    ("network.trace", "views.pictures.axes"),
    ("network.trace", "views.render.html"),
}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room(module: str) -> str:
    return module.split(".")[0]


@cache
def imported(path: Path) -> set[str]:
    """The modules of netrunner that a file imports, in functions too, but not for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If)
        and isinstance(block.test, ast.Name)
        and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("netrunner"):
            assert node.level == 0
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in inner if name.removeprefix("netrunner.") in MODULES}
            found |= modules or {str(node.module)}
    names = {name.removeprefix("netrunner").removeprefix(".") for name in found if
             name.split(".")[0] == "netrunner"}  # fmt: skip
    assert names <= set(MODULES)
    return {name for name in names if (module_name(path), name) not in DOORS}


def test_the_rooms_are_the_top_of_the_package() -> None:
    assert sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py")) == sorted(ROOMS)
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_from_the_rooms_after_it(name: str) -> None:
    after = {*ROOMS[ROOMS.index(name) :], ""}  # what stands at the top is for all
    for module, path in MODULES.items():
        if room(module) == name:
            above = {other for other in imported(path) if room(other) not in after}
            assert not above, f"{module} → {above}"


def test_the_architecture_page_lists_the_rooms_in_order_and_no_module_that_is_gone() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == ROOMS
    decisions = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    for path in re.findall(rf"`((?:{'|'.join(ROOMS)})/[\w/]+(?:\.py)?/?)`", page + decisions):
        assert (PACKAGE / path).exists(), path


@pytest.mark.parametrize("name", ROOMS)
def test_the_door_of_a_room_is_the_same_on_the_page_and_exists(name: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{name}` \|.*\|(.*)\|$", page, re.MULTILINE)
    package = import_module(f"netrunner.{name}")
    said = re.search(r"^Door: (.+?)\n(?:\n|\Z)", package.__doc__ or "", re.DOTALL | re.MULTILINE)
    assert row
    assert said
    door = re.findall(r"`([\w.]+)`", row[1])
    assert sorted(door) == sorted(re.findall(r"`([\w.]+)`", said[1]))
    for module, _, attribute in (each.rpartition(".") for each in door):
        inside = import_module(f"netrunner.{name}.{module}") if module else package
        assert hasattr(inside, attribute) or (PACKAGE / name / attribute).is_dir()


def test_there_is_no_cycle() -> None:
    graph = {module: imported(path) for module, path in MODULES.items()}
    assert list(TopologicalSorter(graph).static_order())


HEAVY = ["numpy", "yaml", "pluggy", "matplotlib", "difflib", "importlib.metadata", "unicodedata"]
HEAVY += ["dask", "distributed", "zarr", "pyarrow", "cloudpickle"]
HEAVY += [
    "netrunner.format.lint",
    "netrunner.files.inputs",
    "netrunner.network.blocks",
    "netrunner.commands.check",
    "threadpoolctl",
    "numpy.ma",
    "json",
    "decimal",
    "dataclasses",
    "pathlib",
    "shutil",
]


def loaded_by(*arguments: object) -> set[str]:
    """Which of HEAVY the command has imported when it ends well."""
    code = (
        "import sys; sys.argv = ['netrunner', *sys.argv[1:]]; before = set(sys.modules)\n"
        "from netrunner.commands.cli import main\n"
        "assert main() == 0\n"
        f"import json; print(json.dumps([name for name in {HEAVY} if name in seen]))"
    ).replace("import json;", "seen = set(sys.modules) - before; import json;")
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"]])
def test_help_needs_neither_numpy_nor_yaml(arguments: list[str]) -> None:
    loaded = loaded_by(*arguments)
    assert not loaded & {"numpy", "yaml", "pluggy", "matplotlib", "difflib", "importlib.metadata"}
    assert not loaded & {"netrunner.commands.check", "dataclasses", "pathlib", "shutil"}


def test_a_run_imports_only_what_it_needs() -> None:
    assert {"numpy", "yaml", "pluggy"} <= (loaded := loaded_by("run", THREE_LAYER))
    rare = {
        "matplotlib",
        "difflib",
        "unicodedata",
        "netrunner.format.lint",
        "netrunner.files.inputs",
    }
    rare |= {"dask", "distributed", "zarr", "pyarrow", "cloudpickle"}
    rare |= {"netrunner.network.blocks", "threadpoolctl", "numpy.ma", "decimal"}
    rare |= {"dataclasses"}
    if sys.version_info < (3, 13):  # where importlib.metadata does without it
        rare.add("json")
    assert not loaded & rare


def test_check_needs_no_matplotlib_and_schema_no_network() -> None:
    loaded = loaded_by("check", NETWORKS / "and.yaml", "--format", "github")
    assert "netrunner.format.lint" in loaded
    assert not loaded & {"matplotlib", "difflib"}


def test_importing_the_package_is_nothing() -> None:
    code = "import sys, netrunner; print('numpy' in sys.modules, netrunner.load.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False load\n"


def test_each_public_name_can_be_had() -> None:
    import netrunner

    assert set(netrunner.__all__) <= set(dir(netrunner))
    for name in netrunner.__all__:
        assert getattr(netrunner, name).__module__.startswith(("netrunner", "pluggy"))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        netrunner.nonsense  # noqa: B018
