"""How a run can end: Ctrl-C, a closed pipe, a full disk, a kill at any moment."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import NETWORKS, ROOT, THREE_LAYER, spawn

from netrunner.files.writing import writing

NETRUNNER = (sys.executable, "-m", "netrunner")
LONG = 300  # seconds, which only what hangs takes


def shell(command: str) -> subprocess.CompletedProcess[bytes]:
    command = command.replace("netrunner", " ".join(NETRUNNER), 1)
    return subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, timeout=LONG, check=False
    )


# --- closed and full ---


@pytest.mark.parametrize("options", ["", " --format npz"])
def test_a_closed_pipe_ends_quietly(options: str) -> None:
    rows = " --input 0" + ",0" * 63
    done = shell(
        f"set -o pipefail; netrunner run networks/digits.yaml{rows * 300}{options} | head -c 10"
    )
    assert (done.returncode, len(done.stdout), done.stderr) == (0, 10, b"")


@pytest.mark.parametrize("arguments", ["--version", "run --help"])
def test_help_into_a_closed_pipe_ends_quietly(arguments: str) -> None:
    done = shell(f"set -o pipefail; netrunner {arguments} | true")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        ("run networks/and.yaml", ">&-"),
        ("run networks/and.yaml", ">/dev/full"),
        ("--help", ">&-"),
        ("schema", ">/dev/full"),
    ],
)
def test_an_output_that_takes_nothing_is_an_error(arguments: str, target: str) -> None:
    if target == ">/dev/full" and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    done = shell(f"netrunner {arguments} {target}")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"standard output: error: cannot be written: ")
    assert done.stderr.count(b"\n") == 1


def test_streams_that_are_closed_and_not_needed_do_no_harm() -> None:
    assert shell("netrunner check networks/and.yaml >&-").returncode == 0
    assert shell("netrunner check networks/and.yaml 2>&-").returncode == 0
    assert shell("netrunner run nope.yaml 2>&-").returncode == 1
    done = shell("netrunner run networks/and.yaml --input-file - <&-")
    assert (done.returncode, done.stderr) == (
        1, b"standard input: error: cannot be read: it is closed [unreadable-file]\n"
    )  # fmt: skip


OUTPUTS = {
    "trace.json": ("run", NETWORKS / "digits.yaml", "--format", "json"),
    "trace.npz": ("run", NETWORKS / "digits.yaml", "--format", "npz"),
    "report.html": ("report", NETWORKS / "digits.yaml"),
    "weights.safetensors": ("export", NETWORKS / "digits.yaml"),
}
DISK = 2048  # bytes: less than any of these outputs


@pytest.mark.slow
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_full_disk_leaves_what_was_there(name: str, tmp_path: Path) -> None:
    output = tmp_path / name
    assert spawn(*OUTPUTS[name], "--output", output).returncode == 0  # fills matplotlib's cache
    output.write_text("old")

    def small_disk() -> None:  # a file may not grow: the write fails half-way, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (DISK, DISK))

    done = spawn(*OUTPUTS[name], "--output", output, preexec_fn=small_disk)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith(f"{output}: error: cannot be written: File too large")
    assert done.stderr.count(b"\n") == 1
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 kB, of which 12 are used."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a disk may not be mounted here")
    try:
        (folder / "filler").write_bytes(bytes(12288))
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_disk_that_fills_up_leaves_what_was_there(name: str, disk: Path) -> None:
    output = disk / name
    output.write_text("old")
    done = spawn(*OUTPUTS[name], "--output", output)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith(f"{output}: error: cannot be written: No space left")
    assert output.read_text() == "old"
    assert {file.name for file in disk.iterdir()} == {"filler", name}


def test_nothing_stays_behind_where_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    def write_half() -> None:
        with writing(path) as stream:
            stream.write("new")
            raise RuntimeError("no luck")

    with pytest.raises(RuntimeError, match="no luck"):
        write_half()
    assert [entry.read_text() for entry in tmp_path.iterdir()] == ["old"]


# --- Ctrl-C ---

PLUGIN = """\
import time
import numpy as np
import netrunner

def h(a):
    open("running", "w").close()
    {body}
    return a

@netrunner.hookimpl
def netrunner_activations():
    return [netrunner.Activation("h", h)]
"""
BUSY = {
    "a plugin that counts": "for _ in iter(int, 1): pass",
    "a plugin that will not stop": """
    while True:
        try:
            time.sleep(600)
        except BaseException:
            pass
""",
    # 100 products of a second each on a quick machine: SIGINT is not seen between them, for
    # they are one call.
    "a long product": "np.linalg.matrix_power(np.eye(4000), 2**101 - 1)",
}


def interrupt(
    arguments: list[Any],
    folder: Path,
    running: Path,
    program: tuple[str, ...] = NETRUNNER,
    **more: Any,
) -> tuple[int, str]:
    """Exit code and standard error of a command that gets a SIGINT once `running` exists."""
    with subprocess.Popen(
        [*program, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    ) as process:
        deadline = time.monotonic() + LONG
        while not running.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONG)
    assert out == b""
    return process.returncode, err.decode().strip()


def busy(folder: Path, body: str) -> list[Any]:
    """The command that runs a network whose activation does what `body` says."""
    (folder / "plug.py").write_text(PLUGIN.format(body=body))
    (folder / "net.yaml").write_text(
        "name: busy\ninputs: 1\n"
        "layers:\n  - {size: 1, weights: [[1]], biases: [0], activation: h}\n"
    )
    return ["run", "net.yaml", "--plugins", "plug.py", "--input", "1", "--output", "out.txt"]


@pytest.mark.parametrize("case", BUSY)
def test_ctrl_c_is_exit_130_and_writes_nothing(case: str, tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("old")
    code, err = interrupt(busy(tmp_path, BUSY[case]), tmp_path, tmp_path / "running")
    assert (code, err) == (130, "interrupted")
    assert (tmp_path / "out.txt").read_text() == "old"


def test_ctrl_c_while_the_input_does_not_come(tmp_path: Path) -> None:
    arguments = [*busy(tmp_path, "pass")[:-4], "--input-file", "-"]
    # The plugin's file runs when it is loaded, which is before the input is read.
    with (tmp_path / "plug.py").open("a") as plugin:
        plugin.write('open("loaded", "w").close()\n')
    code, err = interrupt(arguments, tmp_path, tmp_path / "loaded", stdin=subprocess.PIPE)
    assert (code, err) == (130, "interrupted")


UNFINISHED = """
import sys, threading
sys.argv = ["netrunner", "--version"]
from netrunner.commands import cli
from netrunner.files import writing as files
def half(path):
    with files.writing(path) as stream:
        stream.write("half")
        stream.flush()
        open("running", "w").close()
        while True:
            try:
                threading.Event().wait()
            except KeyboardInterrupt:
                pass
from pathlib import Path
cli.main = lambda **_: half(Path("out.txt"))
from netrunner.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGINT, 130, b"interrupted\n"),
        (signal.SIGTERM, -signal.SIGTERM, b""),
        (signal.SIGHUP, -signal.SIGHUP, b""),
    ],
)
def test_a_signal_leaves_no_part_of_a_file_even_where_nothing_reacts(
    number: signal.Signals, code: int, words: bytes, tmp_path: Path
) -> None:
    (tmp_path / "out.txt").write_text("old")
    (tmp_path / "script.py").write_text(UNFINISHED)
    with subprocess.Popen(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    ) as process:
        deadline = time.monotonic() + LONG
        while not (tmp_path / "running").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert list(tmp_path.glob("*.part"))
        process.send_signal(number)
        _, err = process.communicate(timeout=LONG)
    assert (process.returncode, err) == (code, words)
    assert (tmp_path / "out.txt").read_text() == "old"
    assert not list(tmp_path.glob(".netrunner-*"))


# As an installer writes it for the command `netrunner`.
SCRIPT = "import sys\nfrom netrunner.__main__ import main\nsys.exit(main())\n"


# PyYAML, which the command imports, and what is imported first of all.
@pytest.mark.parametrize("module", ["yaml", "signal"])
@pytest.mark.parametrize("program", [NETRUNNER, (sys.executable, "script.py")])
def test_ctrl_c_during_the_imports(module: str, program: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / f"{module}.py").write_text(  # stands in for it
        "import time\nopen('running', 'w').close()\nwhile True: time.sleep(0.1)\n"
    )
    code, err = interrupt(["run", THREE_LAYER], tmp_path, tmp_path / "running", program)
    assert (code, err) == (130, "interrupted")


@pytest.mark.parametrize(
    ("body", "during"),
    [
        (
            BUSY["a plugin that will not stop"],
            "'no exception' of activation 'h' of plugin 'plug.py'",
        ),
        (
            'a.ndim == 1 and (open("here", "w").close(), time.sleep(600))',
            "'no mutation' of activation 'h' of plugin 'plug.py'",
        ),
    ],
)
def test_ctrl_c_names_the_promise_that_a_plugin_is_held_to(
    body: str, during: str, tmp_path: Path
) -> None:
    busy(tmp_path, body)
    running = tmp_path / ("here" if "here" in body else "running")
    arguments = ["plugins", "check", "plug.py"]
    assert interrupt(arguments, tmp_path, running) == (130, f"interrupted during {during}")


def test_ctrl_c_names_the_plugin_that_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "plug.py").write_text(
        "import time\nopen('running', 'w').close()\ntime.sleep(600)\n"
    )
    code, err = interrupt(["plugins", "check", "plug.py"], tmp_path, tmp_path / "running")
    assert (code, err) == (130, "interrupted during the loading of plugin 'plug.py'")


def test_what_a_plugin_raises_is_not_the_users_ctrl_c(tmp_path: Path) -> None:
    done = spawn(*busy(tmp_path, "raise KeyboardInterrupt"), cwd=tmp_path)
    assert done.returncode == 1
    assert b"raised KeyboardInterrupt [plugin-raised]" in done.stderr


# --- kill -9 ---

# Kills the process at its n-th look at the file system, which is when a file could be left half.
KILLED = """
import os, signal, sys
left = int(sys.argv.pop(1))
def count_down(event, arguments):
    global left
    if event in WATCHED:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
WATCHED = {"open", "os.rename", "os.remove", "os.chmod", "os.truncate", "os.link"}
from netrunner.__main__ import main
sys.addaudithook(count_down)
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["trace.json", "trace.npz"])
def test_a_kill_leaves_the_old_output_or_the_new_one(name: str, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    output = tmp_path / name
    arguments = [*map(str, OUTPUTS[name]), "--output", str(output)]
    assert spawn(*arguments).returncode == 0
    new = output.read_bytes()

    def ends_when_killed_at(moment: int) -> bool:
        output.write_bytes(b"old")
        done = subprocess.run(
            [sys.executable, script, str(moment), *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=LONG,
            check=False,
        )
        assert output.read_bytes() in (b"old", new)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.returncode == 0

    # The writing is at the end; a bisection finds how many moments there are.
    alive, killed = 4096, 1
    assert ends_when_killed_at(alive)
    while alive - killed > 1:
        middle = (alive + killed) // 2
        if ends_when_killed_at(middle):
            alive = middle
        else:
            killed = middle
    last = [ends_when_killed_at(moment) for moment in range(killed, max(killed - 6, 0), -1)]
    assert not any(last)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", np.linspace(0.05, 0.5, 10).round(2))
def test_a_kill_at_any_moment(seconds: float, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    output.write_text("old")
    rows = tmp_path / "rows.npy"
    np.save(rows, np.zeros((3000, 2)))
    arguments = ["run", THREE_LAYER, "--input-file", rows, "--format", "csv", "--output", output]
    with subprocess.Popen([*NETRUNNER, *map(str, arguments)], cwd=ROOT) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    text = output.read_text()
    assert text == "old" or text.count("\n") == 1 + 3000 * (3 + 2 + 2)


@pytest.mark.parametrize("format", ["npz", "text"])
def test_an_output_without_a_buffer_is_whole_or_an_error(format: str) -> None:
    """With PYTHONUNBUFFERED, a write may take a part, which nobody looks at."""
    row = ["--input", ",".join(["0.5"] * 64)] * 300
    reads, writes = os.pipe()
    os.set_blocking(writes, False)  # and nobody reads
    done = spawn(
        "run", NETWORKS / "digits.yaml", *row, "--format", format,
        env={"PYTHONUNBUFFERED": "1"}, capture_output=False, stdout=writes, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(reads)
    os.close(writes)
    assert done.returncode == 1
    assert done.stderr.startswith(b"standard output: error: cannot be written: ")
