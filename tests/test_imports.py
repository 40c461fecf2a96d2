"""Imports point down only, and what is heavy or rare is imported where it is needed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from conftest import NETWORKS, ROOT, THREE_LAYER

PACKAGE = ROOT / "netrunner"

# From the command line down to the text: a module imports only what stands below it, or beside
# it in its own package.
LEVELS = [
    {"__main__"},
    {"cli"},
    {"commands.*"},
    {"api", "testing", "dask"},
    {"scale.*"},
    {"report.*"},
    {"pictures.*"},
    {"streaming"},
    {"checks", "new_plugin", "inputs", "render.*"},
    {"examples", "kit.*"},
    {"exchange.*"},
    {"lint", "explain", "why", "building", "compare"},
    {"reference"},
    {"explain_softmax", "selection"},
    {"arithmetic", "worked"},
    {"assembly", "notation", "pickling"},
    {"parameter_files", "shapes", "network_file"},
    {"matrices", "records", "activation_kind"},
    {"kinds"},
    {"reading"},
    {"plugins"},
    {"network"},
    {"blocks"},
    {"activations"},
    {"hookspecs"},
    {"trace"},
    {"engine", "arrays", "cores"},
    {"layer", "csv_tables", "json_tables"},
    {"guard", "document", "numerals"},
    {"files", "syntax"},
    {"errors"},
    {"source", "rows", "interrupt", "number_rows"},
    {"session"},
    {""},  # netrunner/__init__.py, which imports each module when a name of it is first used
]
# The doors of a network and a run to their pictures and tables: what a learner looks for at
# the object.
DOORS = {
    ("network", "pictures.diagram"),
    ("network", "pictures.saving"),
    ("network", "render.html"),
    ("trace", "pictures.dots"),
    ("trace", "pictures.saving"),
    ("trace", "render.html"),
}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def package(module: str) -> str:
    return f"{module.split('.')[0]}.*"


def level(module: str) -> int:
    (found,) = [i for i, names in enumerate(LEVELS) if names & {module, package(module)}]
    return found


def imported(path: Path) -> set[str]:
    """The modules of netrunner that a file imports, in functions too, but not for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
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


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down_only(module: str) -> None:
    for other in imported(MODULES[module]):
        beside = package(other) == package(module)
        assert level(other) > level(module) or beside, f"{module} → {other}"


def test_there_is_no_cycle() -> None:
    graph = {module: imported(path) for module, path in MODULES.items()}
    assert list(TopologicalSorter(graph).static_order())


HEAVY = ["numpy", "yaml", "pluggy", "matplotlib", "difflib", "importlib.metadata", "unicodedata"]
HEAVY += ["dask", "distributed", "zarr", "pyarrow", "cloudpickle"]
HEAVY += ["netrunner.lint", "netrunner.inputs", "netrunner.blocks", "threadpoolctl"]


def loaded_by(*arguments: object) -> set[str]:
    """Which of HEAVY the command has imported when it ends well."""
    code = (
        "import sys; sys.argv = ['netrunner', *sys.argv[1:]]\n"
        "from netrunner.cli import main\n"
        "assert main() == 0\n"
        f"import json; print(json.dumps([name for name in {HEAVY} if name in seen]))"
    ).replace("import json;", "seen = set(sys.modules); import json;")
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


def test_a_run_imports_only_what_it_needs() -> None:
    assert {"numpy", "yaml", "pluggy"} <= (loaded := loaded_by("run", THREE_LAYER))
    rare = {"matplotlib", "difflib", "unicodedata", "netrunner.lint", "netrunner.inputs"}
    rare |= {"dask", "distributed", "zarr", "pyarrow", "cloudpickle"}
    rare |= {"netrunner.blocks", "threadpoolctl"}
    assert not loaded & rare


def test_check_needs_no_matplotlib_and_schema_no_network() -> None:
    loaded = loaded_by("check", NETWORKS / "and.yaml", "--format", "github")
    assert "netrunner.lint" in loaded
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
