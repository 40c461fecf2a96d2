"""What the tests share: running the command, and writing the files it is run on."""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import coverage
import hypothesis
import pytest

# OpenBLAS's threads wait for work in a loop, up to 20 ms after each product: this is read as numpy
# is imported. And the settings of whoever runs the tests are not theirs.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
for variable in (
    "NETRUNNER_PLUGINS",
    "NETRUNNER_LOAD_PLUGINS",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
):
    os.environ.pop(variable, None)

from netrunner.commands import cli  # noqa: E402

ROOT = Path(__file__).parent.parent
NETWORKS = ROOT / "networks"
THREE_LAYER = NETWORKS / "three_layer.yaml"

# Where `&` or nohup starts the tests, these are ignored, also by what the tests start.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

# The rooms that coverage is about. It makes all of Python slower, so it is on in their own tests
# alone, and in what is marked as watched; they are imported here, since it is off in between.
COVERED = ("activations", "files", "format", "network", "problems")
for room in COVERED:
    for path in (ROOT / "netrunner" / room).glob("*.py"):
        importlib.import_module(f"netrunner.{room}.{path.stem}")


def coverage_of(config: pytest.Config) -> Any:
    """What pauses and resumes coverage; None where it is not measured."""
    plugin = config.pluginmanager.getplugin("_cov")
    return plugin and plugin.cov_controller


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    if control := coverage_of(session.config):
        control.pause()
        if other := coverage.Coverage.current():  # pytest-cov starts two in a worker of xdist
            other.stop()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    control = coverage_of(item.config)
    # pytest-cov resumes after what is marked with no_cover, so that must not be paused before.
    watched = item.path.parent.name in COVERED or item.get_closest_marker("watched")
    if not control or not (watched or item.get_closest_marker("no_cover")):
        return (yield)
    control.resume()
    try:
        return (yield)
    finally:
        control.pause()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[Any]:
    """Lets every second worker collect from the end: each test module is compiled by one of them.

    pytest compiles the modules itself, and keeps what comes of it. The tests are sorted below.
    """
    report = yield
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if worker % 2 and isinstance(collector, pytest.Directory):
        report.result.reverse()
    return report


# In CI the examples are the same in every run: a change is judged by what it changes. By hand they
# are new ones each time, which is how the rare ones are found.
hypothesis.settings.register_profile("by hand", deadline=None, max_examples=50)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "by hand")


def sampled(cases: Iterable[Any], every: int) -> list[Any]:
    """Cases of which the quick tests take the first and each `every`th one, and --all the rest."""
    params = []
    for k, case in enumerate(cases):
        values = case if isinstance(case, tuple) else (case,)
        params.append(pytest.param(*values, marks=[pytest.mark.slow] if k % every else []))
    return params


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def netrunner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Result]:
    """Runs the command `netrunner` in this process, as its entry point does, but for Ctrl-C."""

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["netrunner", *map(str, arguments)])
        code = cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Result(code, out, err)

    return run


def spawn(
    *arguments: object, env: dict[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[bytes]:
    """Runs `python -m netrunner` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "netrunner", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        timeout=300,  # only what hangs takes so long
        check=False,
        **({"capture_output": True} | more),
    )


# The browser


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Puts the modules that need a browser first: one worker gets them all, and starts one."""
    modules = {item.module for item in items if "browser" in item.fixturenames}
    items.sort(key=lambda item: (item.module not in modules, item.path))


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        loop = asyncio.get_running_loop()
        yield browser, loop
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture
def browser(_chromium: Any) -> Iterator[Any]:
    browser, loop = _chromium
    asyncio._set_running_loop(loop)
    yield browser
    asyncio._set_running_loop(None)  # playwright leaves it running for the tests that follow


def listen(page: Any, heard: list[str]) -> None:
    """Note what a page says or shows unasked."""
    page.set_default_timeout(20_000)
    page.on("console", lambda message: heard.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    page.on("dialog", lambda dialog: answer(dialog, heard))


def answer(dialog: Any, heard: list[str]) -> None:
    """Leave a page that asks whether to leave it."""
    if dialog.type == "beforeunload":
        dialog.accept()
    else:
        heard.append("dialog")
        dialog.dismiss()


@pytest.fixture(scope="session")
def _shared_tab(_chromium: Any) -> tuple[Any, list[str]]:
    page, heard = _chromium[0].new_context(reduced_motion="reduce").new_page(), list[str]()
    listen(page, heard)
    return page, heard


@pytest.fixture
def tab(browser: Any, _shared_tab: tuple[Any, list[str]]) -> Iterator[Any]:
    """The tab that the tests share. What it shows may say nothing unasked."""
    page, heard = _shared_tab
    yield page
    if not page.url.startswith("file:"):
        page.goto("about:blank")  # it no longer listens to its server
    page.mouse.move(0, 0)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(media="null", color_scheme="null", forced_colors="null")
    said = heard.copy()
    heard.clear()
    assert said == []
