"""When a save is noticed, and when it is over."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from netrunner.files import watching
from netrunner.files.watching import look_at, wait_for_save


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "INTERVAL", 0.005)
    monkeypatch.setattr(watching, "SETTLED", 0.03)
    monkeypatch.setattr(watching, "GONE", 5.0)


def test_who_saves_in_two_steps_or_by_another_name_has_saved_once(tmp_path: Path) -> None:
    net, other, folder = (tmp_path / name for name in ("net.yaml", "other.yaml", "plugins"))
    net.write_text("1")
    other.write_text("1")
    folder.mkdir()
    before = look_at([net, other, folder, tmp_path / "none"])

    def save() -> None:
        (folder / "notes.txt").touch()  # not a plugin
        other.write_text("12")
        other.unlink()  # as an editor does that saves by renaming
        time.sleep(0.06)  # longer than another save takes to settle
        net.write_text("12")
        (folder / "own.py").touch()
        other.write_text("123")

    saving = threading.Thread(target=save)
    saving.start()
    assert wait_for_save(before) == [net, other, folder]
    saving.join()
    assert look_at(before)[folder] == ["own.py"]


def test_what_is_put_back_as_it_was_is_no_save(tmp_path: Path) -> None:
    net, plugins = tmp_path / "net.yaml", tmp_path / "plugins"
    net.write_text("1")
    plugins.mkdir()
    before = look_at([net, plugins])

    def save() -> None:
        (plugins / "own.py").touch()
        time.sleep(0.02)
        (plugins / "own.py").unlink()
        time.sleep(0.15)
        net.write_text("12")

    saving = threading.Thread(target=save)
    saving.start()
    assert wait_for_save(before) == [net]
    saving.join()


def test_another_file_of_the_same_size_and_time_is_a_save(tmp_path: Path) -> None:
    net, other = tmp_path / "net.yaml", tmp_path / "other.yaml"
    for path in (net, other):
        path.write_text("1")
        os.utime(path, ns=(10**18, 10**18))
    before = look_at([net])
    other.replace(net)
    assert look_at([net]) != before
