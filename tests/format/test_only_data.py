"""A network file is only data: what loading and running one does, as Python's audit events tell it.

https://docs.python.org/3/library/audit_events.html. An audit hook cannot be removed, so each test
has a process of its own. The folder it runs in is full of traps: modules that leave a mark when
they are imported, beside files that name them in every place where a network can name something.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import NETWORKS, ROOT

# Adds the hook and tells, as its last line, what happened while it was listening.
WATCH = """
import json, os, sys

listening, heard = False, []
HARMFUL = (
    "import", "exec", "compile", "marshal.", "code.", "pickle.", "ctypes.", "socket.", "urllib.",
    "http.", "ftplib.", "smtplib.", "subprocess.", "os.system", "os.exec", "os.fork",
    "os.posix_spawn", "os.spawn", "os.startfile", "pty.", "os.kill", "signal.", "os.remove",
    "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown",
    "os.truncate", "os.utime", "os.setxattr", "os.putenv", "os.unsetenv", "os.chdir", "shutil.",
    "tempfile.", "mmap.", "webbrowser.", "builtins.input", "sys.setprofile", "sys.settrace",
    "sys.addaudithook", "glob.", "resource.setrlimit",
)

def hook(event, arguments):
    if listening and event == "open" and not isinstance(arguments[0], int):
        heard.append(["open", os.path.abspath(os.fsdecode(arguments[0])), arguments[1] or ""])
    elif listening and event.startswith(HARMFUL):
        heard.append([event, str(arguments)[:200], ""])

sys.addaudithook(hook)
"""

# Python's door. What netrunner imports only where it needs it, the first files make it import.
LOAD = """
import difflib, linecache, unicodedata  # what an error may need
import numpy as np
import netrunner

def load_and_run(path):
    try:
        network = netrunner.load(path)
    except netrunner.NetrunnerError as error:
        return {"codes": [each.code for each in error.problems], "text": str(error)}
    trace = network.trace(np.ones(network.input_size))
    return {"output": network(np.ones(network.input_size)).tolist(), "text": repr(trace)}

first, watched = json.loads(sys.argv[1])
for path in first:
    load_and_run(path)
results = {}
for path in watched:
    listening = True
    result = load_and_run(path)
    listening = False
    results[path] = {**result, "heard": list(heard)}
    heard.clear()
print()
print(json.dumps(results))
"""

# The command's door, which listens before netrunner's own modules are imported.
RUN = """
import numpy, yaml  # the first sets variables of its own
sys.argv[0] = "netrunner"
listening = True
import netrunner.commands.cli
code = netrunner.commands.cli.main()
listening = False
modules = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
print()
print(json.dumps([code, heard, [os.path.abspath(name) for name in modules if name]]))
"""

TRAP = """
import pathlib
pathlib.Path(__file__).with_suffix(".sprung").touch()
"""
ACTIVATIONS = {
    "module": "trap",
    "path": "os.system",
    "file": "./trap.py",
    "call": "__import__('trap')",
    "record": "{name: trap, module: trap}",
    "parameter": "{name: relu, __class__: trap}",
}
FILES = {
    "absolute": "/etc/passwd",
    "above": "../w.npy",
    "link": "link.npy",
    "url": "'http://127.0.0.1/w.npy'",
    "share": "//127.0.0.1/w.npy",
    "shell": "'| touch shell.sprung .npy'",
    "module": "trap.py",
    "pickled": "pickled.npy",
    "pickled-member": "pickled.npz, key: W",
}
BEGINNINGS = {
    "tag-apply": "name: !!python/object/apply:os.system ['touch tag.sprung']",
    "tag-name": "name: !!python/name:trap.x",
    "tag-module": "name: !!python/module:trap ''",
    "tag-new": "description: !!python/object/new:trap.X {}",
    "key-plugins": "plugins: [trap.py]",
    "key-import": "import: trap\n_target_: trap.x",
    "text-template": "name: '{0.__class__} %s ${HOME} $(touch a.sprung) `touch b.sprung`'",
    "text-include": "description: '!include trap.py'",
}


def network(activation: str = "identity", weights: str = "[[1], [2]]", beginning: str = "") -> str:
    layer = f"{{size: 1, weights: {weights}, biases: 0, activation: {activation}}}"
    return f"{beginning}\ninputs: 2\nlayers:\n  - {layer}\n"


EVIL = {
    **{f"activation-{name}": network(activation=text) for name, text in ACTIVATIONS.items()},
    **{f"file-{name}": network(weights=f"{{file: {text}}}") for name, text in FILES.items()},
    **{name: network(beginning=text) for name, text in BEGINNINGS.items()},
    "syntax": "inputs: 2\nlayers: [!!python/name:trap [\n",
}
# Which files each may open besides itself; all the others none.
OPENS = {"file-pickled": ["pickled.npy"], "file-pickled-member": ["pickled.npz"]}
ACCEPTED = {"text-template", "text-include"}

GOOD = """
inputs: 2
layers:
  - {size: 3, weights: {file: w.npz, key: W1}, biases: {file: w.npz, key: b1}, activation: sigmoid}
  - {size: 2, weights: {file: w.csv}, biases: {file: b.npy}, activation: softmax}
  - {size: 2, weights: {file: w.safetensors, key: W3}, biases: 0, activation: relu}
"""
GOOD_OPENS = ["w.npz", "w.csv", "b.npy", "w.safetensors"]


class Trap:
    """Whoever unpickles it springs it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch pickle.sprung",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder full of traps, with networks that name them and one that is good."""
    folder = tmp_path / "networks"
    folder.mkdir()
    for name in ("trap", "os", "numpy", "yaml", "relu", "identity", "sitecustomize", "conftest"):
        (folder / f"{name}.py").write_text(TRAP)
    (folder / "plugins").mkdir()
    (folder / "plugins" / "trap.py").write_text(TRAP)
    (folder / "trap.pth").write_text("import trap\n")
    np.save(tmp_path / "w.npy", np.ones((2, 1)))
    (folder / "link.npy").symlink_to(tmp_path / "w.npy")
    np.save(folder / "pickled.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    np.savez(folder / "pickled.npz", W=np.array([Trap()], dtype=object))
    for name, text in EVIL.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    good(folder)
    return folder


def good(folder: Path) -> Path:
    """A network that names a weight file of each kind."""
    from safetensors.numpy import save_file

    folder.mkdir(exist_ok=True)
    np.savez(folder / "w.npz", W1=np.ones((2, 3)), b1=np.ones(3), other=np.zeros(1))
    (folder / "w.csv").write_text("1,2\n3,4\n5,6\n")
    np.save(folder / "b.npy", np.ones(2))
    save_file({"W3": np.ones((2, 2))}, folder / "w.safetensors")
    (folder / "good.yaml").write_text(GOOD)
    return folder / "good.yaml"


def watched(script: str, *arguments: object, cwd: Path) -> Any:
    """What a process in which the hook listens says in its last line."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH + script, *map(str, arguments)],
        cwd=cwd,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONSAFEPATH": "1",  # as for an installed command: not the folder that one is in
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",  # a warning shows a line of the file that it comes from
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def lists_plugins(path: str) -> bool:
    """Whether a file tells what an installed distribution has: each start looks through them."""
    folder, name = os.path.split(Path(path).parent)
    metadata = name.endswith((".dist-info", ".egg-info")) and folder in sys.path
    return metadata or path in sys.path  # a zip archive of modules


def is_literal(heard: list[str]) -> bool:
    """Whether this is Python parsing the literal that is a .npy file's header, as numpy does."""
    return heard[0] == "compile" and heard[1].endswith("'<unknown>')")


def sprung(folder: Path) -> list[str]:
    return [str(path) for path in folder.parent.rglob("*.sprung")]


def test_loading_and_running_opens_what_is_declared_and_does_nothing_else(
    folder: Path, tmp_path: Path
) -> None:
    names = [*EVIL, "good"]
    paths = [str(folder / f"{name}.yaml") for name in names]
    data = ROOT / "tests" / "data"
    first = [good(tmp_path / "first"), *NETWORKS.glob("*.yaml")]
    first += [*sorted(data.glob("valid/*.yaml"))[::4], *sorted(data.glob("invalid/*.yaml"))[::8]]
    results = watched(LOAD, json.dumps([[*map(str, first)], paths]), cwd=folder)
    for name, path in zip(names, paths, strict=True):
        result = results[path]
        assert ("output" in result) == (name in ACCEPTED | {"good"}), result["text"]
        declared = [path, *(str(folder / each) for each in OPENS.get(name, ()))]
        if name == "good":
            declared += [str(folder / each) for each in GOOD_OPENS]
        opened = [file for event, file, _ in result["heard"] if event == "open"]
        opened = [file for file in opened if not lists_plugins(file)]
        assert sorted(opened) == sorted(declared), name
        heard = [each for each in result["heard"] if each[0] != "open" and not is_literal(each)]
        assert heard == [], name
        assert {mode for _, _, mode in result["heard"]} <= {"", "r", "rb"}, name
    assert sprung(folder) == []


@pytest.mark.parametrize(
    ("command", "names", "expected"),
    [
        ("run", ["good"], 0),
        ("run", ["file-pickled"], 1),
        ("check", [*EVIL, "good"], 1),
    ],
    ids=lambda value: " ".join(value[:1]) if isinstance(value, list) else str(value),
)
def test_the_command_opens_what_is_declared_and_does_nothing_else(
    command: str, names: list[str], expected: int, folder: Path
) -> None:
    options = ["--input", "1,1"] if command == "run" else []
    files = [f"{name}.yaml" for name in names]
    code, heard, modules = watched(RUN, command, *files, *options, cwd=folder)
    assert code == expected
    opened = [file for event, file, _ in heard if event == "open"]
    assert "/etc/passwd" not in opened
    declared = [*files, *(each for name in names for each in OPENS.get(name, ()))]
    declared += GOOD_OPENS if "good" in names else []
    inside = [file for file in opened if file.startswith(str(folder.parent))]
    assert sorted(inside) == sorted(str(folder / each) for each in declared)
    # It imports what it is made of, and that is all; none of it lies in the networks' folder.
    assert {event for event, _, _ in heard} - IMPORTING - {"open"} == set()
    assert not any(module.startswith(str(folder.parent)) for module in modules)
    assert sprung(folder) == []


IMPORTING = {"import", "exec", "compile", "marshal.loads", "marshal.load", "code.__new__"}


def test_the_hook_hears_what_it_listens_for(folder: Path) -> None:
    """Without which silence would prove nothing."""
    deeds = "\n".join(
        (
            "import subprocess, socket, pickle, ctypes",
            "listening = True",
            "open('good.yaml'); eval('1'); os.system('true'); subprocess.run(['true'])",
            "socket.socket(); ctypes.CDLL(None)",
            "pickle.loads(b'cbuiltins\\nlen\\n.')",
            "import wave",
            "os.remove('good.yaml')",
            "listening = False",
            "print(json.dumps(sorted({event for event, _, _ in heard})))",
        )
    )
    told = set(watched(deeds.replace("good.yaml", "link.npy"), cwd=folder))
    for event in ("open", "compile", "exec", "os.system", "subprocess.Popen", "socket.__new__",
                  "ctypes.dlopen", "pickle.find_class", "import", "os.remove"):  # fmt: skip
        assert event in told


def test_a_pickle_is_imported_without_running_it(tmp_path: Path) -> None:
    """Another tool's file is only data too."""
    from netrunner import NetrunnerError, import_network

    (tmp_path / "trap.pkl").write_bytes(pickle.dumps({"W1": Trap(), "b1": np.ones(1)}))
    with pytest.raises(NetrunnerError, match=r"nothing is run \[not-an-array\]"):
        import_network(tmp_path / "trap.pkl", activations="relu")
    assert not Path("pickle.sprung").exists()
