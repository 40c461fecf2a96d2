"""`netrunner lsp` by a client of our own, which speaks the bare protocol.

Where a process proves nothing more, the server runs in a thread: a process imports for a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, THREE_LAYER, sampled

from netrunner.problems.fixes import Edit, edited

pytest.importorskip("pygls")

TIMEOUT = 60
BAD = """\
inputs: [x1, x2]
layers:
  - {size: 2, weights: [[1, 0], [0, 1]], biases: 0, activation: sigmod}
  - {size: 1, weights: [[1], [1], [1]], biases: 0, activation: identity}
"""
GOOD = """\
inputs: [x1, x2]
layers:
  - name: 隐藏层😀
    size: 2
    weights: [[1, 2], [3, 4]]
    biases: [0.5, 0]
    activation: {name: relu}
  - {size: 1, weights: {file: w.npz, key: W}, biases: 1, activation: identity}
outputs: [y]
examples:
  - {input: [1, 2], output: [18.5]}
"""


def in_a_process(folder: Path) -> Any:
    return subprocess.Popen(
        [sys.executable, "-m", "netrunner", "lsp"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


class InThread:
    """A server in a thread, with the streams of a process."""

    def __init__(self) -> None:
        from netrunner.views.editor.server import new_server

        self.connection, self.theirs = socket.socketpair()
        self.stdin = self.connection.makefile("wb")
        self.stdout = self.connection.makefile("rb")
        self.incoming = self.theirs.makefile("rb")
        self.outgoing = self.theirs.makefile("wb")
        self.thread = threading.Thread(target=self._serve, args=[new_server()], daemon=True)
        self.thread.start()

    def _serve(self, server: Any) -> None:
        gone = suppress(BrokenPipeError)  # a killed client reads no last words
        with gone, self.theirs, self.incoming, self.outgoing:
            server.start_io(self.incoming, self.outgoing)

    def wait(self, timeout: float) -> int:
        self.thread.join(timeout)
        return int(self.thread.is_alive())

    def kill(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()


class Client:
    """Starts the server, asks, and gathers what it says by itself."""

    def __init__(
        self,
        folder: Path,
        options: Any = None,
        encodings: list[str] | None = None,
        process: bool = False,
        settings: Any = None,
    ) -> None:
        """A client with `settings` gives them when it is asked for them."""
        self.folder, self.settings = folder, settings
        self.process = in_a_process(folder) if process else InThread()
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.diagnostics: dict[str, dict[str, Any]] = {}
        self.shown: list[str] = []
        self.number = 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        capabilities: dict[str, Any] = {}
        if encodings:
            capabilities = {"general": {"positionEncodings": encodings}}
        if settings is not None:
            capabilities["workspace"] = {"configuration": True}
        self.capabilities = self.ask(
            "initialize",
            processId=None, rootUri=folder.as_uri(), capabilities=capabilities,
            initializationOptions=options,
        )["capabilities"]  # fmt: skip
        self.tell("initialized")

    def _read(self) -> None:
        out = self.process.stdout
        while line := out.readline():
            assert line.startswith(b"Content-Length: "), line
            length = int(line.split()[1])
            while out.readline().strip():
                pass
            self.messages.put(json.loads(out.read(length)))
        self.messages.put(None)

    def send(self, **message: Any) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self.process.stdin.flush()

    def tell(self, method: str, **params: Any) -> None:
        self.send(method=method, params=params)

    def ask(self, method: str, **params: Any) -> Any:
        answer = self.answer(method, params)
        assert "error" not in answer, answer
        return answer["result"]

    def answer(self, method: str, params: Any) -> dict[str, Any]:
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        while True:
            message = self._next()
            if message.get("id") == self.number and "method" not in message:
                return message

    def _next(self) -> dict[str, Any]:
        message = self.messages.get(timeout=TIMEOUT)
        assert message is not None, "the server has ended"
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]
        elif message.get("method") == "window/showMessage":
            self.shown.append(message["params"]["message"])
        elif message.get("method") == "workspace/configuration":
            self.send(id=message["id"], result=[self.settings])
        return message

    def open(self, text: str, name: str = "net.yaml") -> str:
        uri = (self.folder / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        return uri

    def change(self, uri: str, text: str, version: int) -> None:
        document = {"uri": uri, "version": version}
        self.tell("textDocument/didChange", textDocument=document, contentChanges=[{"text": text}])

    def problems(self, uri: str, version: int = 1) -> list[dict[str, Any]]:
        while uri not in self.diagnostics or self.diagnostics[uri].get("version") != version:
            self._next()
        found: list[dict[str, Any]] = self.diagnostics[uri]["diagnostics"]
        return found

    def about(self, method: str, uri: str, **more: Any) -> Any:
        return self.ask(f"textDocument/{method}", textDocument={"uri": uri}, **more)

    def at(self, method: str, uri: str, text: str, mark: str, after: bool = False) -> Any:
        """Ask about the place in `text` where `mark` is, or ends."""
        offset = text.index(mark) + len(mark) * after
        line = text[:offset].count("\n")
        before = text[:offset].rpartition("\n")[2]
        character = len(before.encode("utf-16-le")) // 2
        return self.about(method, uri, position={"line": line, "character": character})

    def end(self) -> int:
        self.ask("shutdown")
        self.send(method="exit")
        return self.process.wait(TIMEOUT)

    def kill(self) -> None:
        self.process.kill()
        self.reader.join()
        for name in ("stdin", "stdout", "stderr"):
            with suppress(OSError, AttributeError):
                getattr(self.process, name).close()
        self.process.wait(TIMEOUT)


Start = Callable[..., Client]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Client] = []

    def start(*given: Any, **more: Any) -> Client:
        started.append(Client(tmp_path, *given, **more))
        return started[-1]

    yield start
    for client in started:
        client.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = Client(tmp_path_factory.mktemp("lsp"))
    yield client
    assert client.end() == 0
    client.kill()


@pytest.fixture
def client(server: Client, tmp_path: Path) -> Client:
    """A client of the server that these tests share, in a folder of its own."""
    np.savez(tmp_path / "w.npz", W=np.array([[1.0], [1.0]]))
    server.folder = tmp_path
    server.shown.clear()
    return server


def apply(text: str, edits: list[dict[str, Any]]) -> str:
    """A text after the edits of a client that counts in UTF-16."""
    lines = text.split("\n")

    def column(position: dict[str, int]) -> int:
        units = lines[position["line"]].encode("utf-16-le")[: 2 * position["character"]]
        return len(units.decode("utf-16-le")) + 1

    return edited(
        text,
        [
            Edit(
                each["range"]["start"]["line"] + 1, column(each["range"]["start"]),
                each["range"]["end"]["line"] + 1, column(each["range"]["end"]), each["newText"],
            )
            for each in edits
        ],
    )  # fmt: skip


NO_EXAMPLE = {"command": "netrunner.run", "arguments": ["file:///none.yaml", 0]}
EVERYWHERE = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}


def test_diagnostics_are_what_check_says(client: Client, netrunner: Any) -> None:
    uri = client.open(BAD)
    found = client.problems(uri)
    (client.folder / "bad.yaml").write_text(BAD)
    said = json.loads(netrunner("check", client.folder / "bad.yaml", "--format", "json").out)
    assert [each["code"] for each in found] == [each["code"] for each in said]
    for ours, theirs in zip(found, said, strict=True):
        assert ours["source"] == "netrunner"
        assert ours["severity"] == 1
        assert ours["message"].startswith(theirs["message"])
        assert ours["range"] == {
            "start": {"line": theirs["line"] - 1, "character": theirs["column"] - 1},
            "end": {"line": theirs["end_line"] - 1, "character": theirs["end_column"] - 1},
        }
        notes = [note["message"] for note in ours.get("relatedInformation", [])]
        assert notes == [note["message"] for note in theirs["related"]]
    client.change(uri, GOOD, 2)
    assert client.problems(uri, 2) == []
    client.change(uri, GOOD.replace("[18.5]", "[15]"), 3)
    (problem,) = client.problems(uri, 3)
    assert problem["code"] == "example-mismatch"
    client.change(uri, "not: ours", 4)
    assert client.problems(uri, 4) == []


def test_a_network_whose_layers_are_misspelt_stays_one(client: Client) -> None:
    for text in (GOOD, '{"inputs": 1,\n "layers": []}'):
        uri = client.open(text)
        client.problems(uri)
        for version, slip in enumerate(("layers：", "layrs:", "la"), 2):
            client.change(uri, re.sub('layers"?:', slip, text), version)
            assert client.problems(uri, version) != []
        client.change(uri, "layer: 1", 5)
        assert client.problems(uri, 5) == []
        client.change(uri, "inputs: 1", 6)
        assert client.problems(uri, 6) == []
        client.diagnostics.clear()


def test_each_fix_is_offered_and_all_at_once(client: Client) -> None:
    text = (
        GOOD.replace("relu", "rellu").replace("size: 2\n", "size: '2'\n").replace("18.5", "018.5")
    )
    uri = client.open(text)
    problems = client.problems(uri)
    actions = client.about("codeAction", uri, range=EVERYWHERE, context={"diagnostics": []})
    quick = [each for each in actions if each["kind"] == "quickfix"]
    assert [each["diagnostics"][0]["code"] for each in quick] == [each["code"] for each in problems]
    for action in quick:
        client.change(uri, apply(text, action["edit"]["changes"][uri]), 2)
        assert len(client.problems(uri, 2)) == len(problems) - 1
        client.diagnostics.clear()
    (everything,) = [each for each in actions if each["kind"] == "source.fixAll"]
    client.change(uri, apply(text, everything["edit"]["changes"][uri]), 3)
    assert client.problems(uri, 3) == []
    client.change(uri, text, 4)
    for asked, kinds in (
        (["source"], ["source.fixAll"]),
        (["source.fixAll"], ["source.fixAll"]),
        (["source.fixAll.netrunner"], ["source.fixAll.netrunner"]),
        (["source.fixAll.ruff", "source.organizeImports"], []),
    ):
        only = {"diagnostics": [], "only": asked}
        actions = client.about("codeAction", uri, range=EVERYWHERE, context=only)
        assert [each["kind"] for each in actions] == kinds


@pytest.mark.parametrize(("encoding", "units"), [("utf-16", 1), ("utf-8", 3)])
def test_a_byte_order_mark_counts_in_the_first_line(
    encoding: str, units: int, start: Start
) -> None:
    client = start(encodings=[encoding])
    layer = "{size: 1, weights: [[1], [1]], biases: 0, activation: rellu}"
    text = f"\ufeffinptus: 2\nlayers:\n  - {layer}\n"
    uri = client.open(text)
    first, second = client.problems(uri)
    assert first["range"]["start"] == {"line": 0, "character": units}
    assert second["range"]["start"] == {"line": 2, "character": 4 + layer.index("rellu")}
    edits = [{"range": first["range"], "text": "inputs"}]
    client.tell(
        "textDocument/didChange",
        textDocument={"uri": uri, "version": 2}, contentChanges=edits,
    )  # fmt: skip
    assert [each["code"] for each in client.problems(uri, 2)] == ["unknown-activation"]


def test_a_blank_is_filled_in_only_when_asked_for(client: Client) -> None:
    text = GOOD + "answers:\n  A1: [7.5, ?]\n  class: ?\n"
    uri = client.open(text, "other.yaml")
    assert [each["code"] for each in client.problems(uri)] == ["blank", "blank"]
    assert client.about("inlayHint", uri, range=EVERYWHERE) == []
    context: dict[str, Any] = {"diagnostics": []}
    actions = client.about("codeAction", uri, range=EVERYWHERE, context=context)
    assert {each["kind"] for each in actions} == {"refactor.rewrite"}
    assert [each["title"] for each in actions] == ["Write the answer in place of the ?"] * 2
    for action in actions:
        text = apply(text, action["edit"]["changes"][uri])
    context["only"] = ["quickfix", "source.fixAll"]
    assert client.about("codeAction", uri, range=EVERYWHERE, context=context) == []
    client.change(uri, GOOD, 2)
    assert client.problems(uri, 2) == []
    client.change(uri, text.replace('class: "y"', "class: ?"), 3)
    assert len(client.problems(uri, 3)) == 1
    hints = [each["label"] for each in client.about("inlayHint", uri, range=EVERYWHERE)]
    assert hints == ["(2,)·(2, 2) + (2,) → (2,)", "(2,)·(2, 1) + (1,) → (1,)"]
    assert client.about("codeLens", uri) == []
    client.change(uri, text, 4)
    assert client.problems(uri, 4) == []


def test_fixes_of_a_text_that_is_no_longer_there(tmp_path: Path, start: Start) -> None:
    hold, held = tmp_path / "hold", tmp_path / "held"
    wait = (
        f"while Path({str(hold)!r}).exists():\n"
        f"        Path({str(held)!r}).touch()\n        time.sleep(0.01)"
    )
    top = "import time\nfrom pathlib import Path"
    (tmp_path / "own.py").write_text(PLUGIN.format(top=top, body=wait))
    client = start({"plugins": ["own.py"]})
    text = ONE.replace("size: 1", "size: '1'")
    more = {"range": EVERYWHERE, "context": {"diagnostics": []}}
    for end in ("change", "close"):
        uri = client.open(text, f"{end}.yaml")
        assert len(client.problems(uri)) == 1
        held.unlink(missing_ok=True)
        hold.touch()
        client.number += 1
        params = {"textDocument": {"uri": uri}, **more}
        client.send(id=client.number, method="textDocument/codeAction", params=params)
        asked = client.number
        while not held.exists():
            time.sleep(0.01)
        if end == "change":
            client.change(uri, "\n" + text, 2)
        else:
            client.tell("textDocument/didClose", textDocument={"uri": uri})
        client.send(id="after", method="workspace/executeCommand", params=NO_EXAMPLE)
        while client._next().get("id") != "after":
            pass
        hold.unlink()
        while (answer := client._next()).get("id") != asked:
            pass
        assert answer.get("result") == []


def test_changes_of_parts_are_those_of_the_whole(client: Client) -> None:
    text = "# 😀\u2028\x85\r\n" + GOOD
    uri = client.open(text)
    assert client.problems(uri) == []

    def change(version: int, *parts: tuple[tuple[int, int], tuple[int, int], str]) -> list[Any]:
        changes = [
            {
                "range": {
                    "start": dict(zip(("line", "character"), start, strict=True)),
                    "end": dict(zip(("line", "character"), end, strict=True)),
                },
                "text": new,
            }
            for start, end, new in parts
        ]
        document = {"uri": uri, "version": version}
        client.tell("textDocument/didChange", textDocument=document, contentChanges=changes)
        return [each["code"] for each in client.problems(uri, version)]

    # After the emoji, which counts for two, of the layer's name; then the 2 of its size.
    assert change(2, ((3, 15), (3, 15), "\n    nme: a")) == ["unknown-key"]
    assert change(3, ((4, 4), (4, 7), "#")) == []
    assert change(4, ((5, 10), (5, 11), "3"), ((5, 10), (5, 11), "")) == ["not-a-number"]
    assert change(5, ((5, 10), (5, 10), "2"), ((99, 0), (99, 0), "dtype: float64\n")) == []
    assert change(6, ((0, 0), (999, 0), BAD)) == ["unknown-activation", "shape-mismatch"]
    client.change(uri, GOOD, 8)
    assert client.problems(uri, 8) == []


def test_a_text_that_is_too_large_is_refused(client: Client) -> None:
    uri = client.open(GOOD + "#" * 9_000_000)
    (problem,) = client.problems(uri)
    assert "more than 8 million characters" in problem["message"]
    for method in ("hover", "completion"):
        assert not client.at(method, uri, GOOD, "relu")
    for method in ("codeLens", "documentSymbol"):
        assert client.about(method, uri) == []
    client.change(uri, GOOD, 2)
    assert client.problems(uri, 2) == []


def labels(found: list[dict[str, Any]]) -> list[str]:
    return [each["label"] for each in found]


def test_completion(client: Client) -> None:
    uri = client.open(GOOD)

    def complete(old: str, new: str) -> list[dict[str, Any]]:
        text = GOOD.replace(old, new.replace("|", ""))
        client.change(uri, text, 2)
        before = GOOD[: GOOD.index(old)] + new.split("|")[0]
        found: list[dict[str, Any]] = client.at("completion", uri, text, before, True)
        return found

    names = complete("activation: {name: relu}", "activation: |")
    assert labels(names) == ["identity", "relu", "sigmoid", "softmax", "step"]
    assert names[1]["detail"] == "max(a, 0)"
    assert labels(complete("name: relu", "name: re|")) == labels(names)
    assert labels(complete("    biases: [0.5, 0]\n", "    bi|\n")) == ["biases"]
    keys = ["name", "description", "outputs", "dtype", "answers"]
    assert labels(complete("outputs: [y]", "d|")) == keys
    assert labels(complete("outputs: [y]", "dtype: |")) == ["float64", "float32"]
    for i in range(201):
        (client.folder / f"{i}.txt").touch()
    assert labels(complete("{file: w.npz, key: W}", "{file: |}")) == ["w.npz"]
    arrays = complete("key: W}", "key: |}")
    assert [(each["label"], each["detail"]) for each in arrays] == [
        ("W", "(2, 1)"),
    ]  # fmt: skip
    assert complete("outputs: [y]", "# dty|") == []


def test_completion_beside_a_bracket_too_many(client: Client) -> None:
    last = "size: 1, weights: {file: w.npz, key: W}, biases: 1, activation: identity}"
    for line, known in (
        ("size: 1, activation: |, weights: [0.1, 0.4], [0.2, 0.5]], biases: 0}", True),
        ("size: 1, biases: 1], weights: [[1]], activation: |}", True),
        ("size: 1, activation: s|, biases: 1]}", True),
        ("'0|＃]", False),
    ):
        text = GOOD.replace(last, line.replace("|", ""))
        uri = client.open(text)
        found = client.at("completion", uri, text, line.partition("|")[0], True)
        assert ("sigmoid" in labels(found)) == known


def test_completion_of_a_plugins_parameters(tmp_path: Path, start: Start) -> None:
    client = start({"plugins": ["leaky_relu"]})
    text = GOOD.replace("{name: relu}", "{name: leaky_relu, }")
    uri = client.open(text)
    found = client.at("completion", uri, text, "leaky_relu, ", True)
    assert [(each["label"], each["detail"]) for each in found] == [("alpha", "default 0.01")]
    text = GOOD.replace("{name: relu}", "{name: leaky_relu, alpha: 0.3}")
    client.change(uri, text, 2)
    for mark in ("alpha", "0.3", "leaky_relu", "name: leaky_relu"):
        assert "`alpha`: 0.01 unless" in client.at("hover", uri, text, mark)["contents"]["value"]
    client.end()


def test_a_request_after_the_shutdown_is_refused(start: Start) -> None:
    client = start()
    client.ask("shutdown")
    assert client.answer("workspace/symbol", {"query": "x"})["error"]["code"] == -32600
    assert client.answer("shutdown", None)["error"]["code"] == -32600


def test_a_carriage_return_alone_ends_a_line(client: Client) -> None:
    uri = client.open(BAD.replace("\n", "\r"))
    assert len(client.problems(uri)) == 2


def test_keys_are_left_to_a_server_that_has_the_schema(start: Start) -> None:
    client = start()
    broken = GOOD.replace("outputs: [y]", "d")
    uri = client.open(text := "# yaml-language-server: $schema=network.schema.json\n" + broken)
    assert client.at("completion", uri, text, "\nd", True) == []
    assert labels(client.at("completion", uri, text, "activation: ", True)) != []
    right = client.open(
        text.replace("\nd\n", "\n").replace("{file: w.npz, key: W}", "[[1], [1]]"), "r.yaml"
    )
    said = [client.at("hover", right, text, key)["contents"]["value"] for key in ("inputs", "size")]
    assert ["The names of" in said[0], "How many" in said[1]] == [True, False]
    settings = {"netrunner": {"completeKeys": True}}
    client.tell("workspace/didChangeConfiguration", settings=settings)
    assert labels(client.at("completion", uri, text, "\nd", True)) != []


def test_hover_has_the_arithmetic_of_the_first_example(client: Client) -> None:
    uri = client.open(GOOD)

    def said(mark: str, after: bool = False) -> str:
        found = client.at("hover", uri, GOOD, mark, after)
        return found["contents"]["value"] if found else ""

    assert "2 · 1 = 2 in the first example" in said("2], [3")
    assert "to neuron 2 of layer 1, from input 1 'x1'" in said("2], [3")
    assert "A = 7.5, Z = 7.5" in said("0.5, 0")
    assert "A = [7.5 10.0]" in said("隐藏层")
    for key in ("biases", "weights", "size", "name"):
        assert re.search(rf"\*\*{key}\*\*(.|\n)+A = \[7.5 10.0\]", said(key))
    assert "max(a, 0)" in said("relu")
    assert "range 0 to ∞" in said("relu")
    for key, words in (
        ("inputs", "The names of the input neurons"),
        ("examples", "Inputs with the"),
    ):
        assert words in said(key)
    broken = GOOD.replace("outputs: [y]", "outputs: [y")
    client.change(uri, broken, 2)
    assert client.problems(uri, 2) != []
    assert "2 · 1 = 2" in client.at("hover", uri, broken, "2], [3")["contents"]["value"]
    other = client.open(BAD, "other.yaml")  # which was never without problems
    for mark, words in (("size", "How many neurons"), ("identity", "**identity**(a) = a")):
        assert words in client.at("hover", other, BAD, mark)["contents"]["value"]
    assert client.at("hover", other, BAD, "[[1, 0]") is None


def test_what_can_be_read_beside_a_syntax_error(client: Client) -> None:
    uri = client.open(GOOD)
    hints = client.about("inlayHint", uri, range=EVERYWHERE)
    text = GOOD.replace("relu", "rellu") + "description: [a\n"
    client.change(uri, text, 2)
    codes = [each["code"] for each in client.problems(uri, 2)]
    assert codes == ["unknown-activation", "yaml-syntax"]
    hints[1]["position"]["character"] += 1
    assert client.about("inlayHint", uri, range=EVERYWHERE) == hints
    said = client.at("hover", uri, text, "2], [3")["contents"]["value"]
    assert "2 · 1 = 2 in the first example" in said
    # In a line in braces, all but what was changed.
    text = GOOD.replace("biases: 1,", "biases: [1.5,")
    client.change(uri, text, 3)
    assert [each["code"] for each in client.problems(uri, 3)] == ["yaml-syntax"]
    labels = [each["label"] for each in client.about("inlayHint", uri, range=EVERYWHERE)]
    assert labels == [each["label"] for each in hints]
    assert "How many neurons" in client.at("hover", uri, text, "size: 1, ")["contents"]["value"]
    assert client.at("hover", uri, text, "1.5") is None


def test_inlay_hints_lenses_and_symbols(client: Client) -> None:
    uri = client.open(GOOD)
    hints = client.about("inlayHint", uri, range=EVERYWHERE)
    assert [each["label"] for each in hints] == [
        "(2,)·(2, 2) + (2,) → (2,)", "A = [7.5 10.0]  Z = [7.5 10.0]",
        "(2,)·(2, 1) + (1,) → (1,)", "A = [18.5]  Z = [18.5]",
    ]  # fmt: skip
    lenses = client.about("codeLens", uri)
    assert [each["command"]["title"] for each in lenses] == ["run example 1: Y = [18.5]", "explain"]
    assert lenses[0]["range"]["start"] == {"line": 10, "character": 4}
    run, explain = (each["command"] for each in lenses)
    text = client.ask(
        "workspace/executeCommand", command=run["command"], arguments=run["arguments"]
    )
    assert "Y  = [18.5]" in text
    assert text in client.shown
    text = client.ask(
        "workspace/executeCommand", command=explain["command"], arguments=explain["arguments"]
    )
    assert "a₁⁽²⁾" in text
    symbols = client.about("documentSymbol", uri)
    assert [each["name"] for each in symbols] == ["inputs", "layers", "outputs", "examples"]
    layers = symbols[1]["children"]
    assert [each["name"] for each in layers] == ["layer 1 '隐藏层😀', relu", "layer 2, identity"]
    assert layers[1]["range"]["start"]["line"] == 7
    assert textual(GOOD, layers[0]["selectionRange"]) == "隐藏层😀"
    assert textual(GOOD, layers[1]["selectionRange"]) == "size"


def textual(text: str, range_: Any) -> str:
    """The part of one line of a text that a range names, in UTF-16."""
    start, end = range_["start"], range_["end"]
    assert start["line"] == end["line"]
    line = text.splitlines()[start["line"]].encode("utf-16-le")
    return line[2 * start["character"] : 2 * end["character"]].decode("utf-16-le")


def test_a_symbol_ends_before_the_comments_that_follow_it(client: Client) -> None:
    text = GOOD.replace("layers:", "# of two\nlayers:").replace("\n  - {", "\n  # last\n  - {", 1)
    uri = client.open(text)
    inputs, layers, *_ = client.about("documentSymbol", uri)
    assert textual(text, inputs["range"]) == "inputs: [x1, x2]"
    assert layers["children"][0]["range"]["end"] == {"line": 7, "character": 28}


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", 16), ("utf-16", 6), ("utf-32", 5)])
def test_columns_are_counted_as_negotiated(
    encoding: str, end: int, tmp_path: Path, start: Start
) -> None:
    client = start(encodings=[encoding])
    assert client.capabilities["positionEncoding"] == encoding
    uri = client.open("layers: [{'隐😀': 1}]\n")
    (problem,) = [each for each in client.problems(uri) if each["code"] == "unknown-key"]
    assert problem["range"]["start"] == {"line": 0, "character": 10}
    assert (
        problem["range"]["end"]["character"] - 10
        == {"utf-8": 9, "utf-16": 5, "utf-32": 4}[encoding]
    )
    client.end()


ONE = """\
inputs: 1
layers:
  - {size: 1, weights: [[1]], biases: 0, activation: h}
examples:
  - {input: [1], output: [2]}
"""
PLUGIN = """\
import netrunner
from netrunner import Activation
{top}

def h(a):
    {body}
    return a * 2

@netrunner.hookimpl
def netrunner_activations():
    return [Activation("h", h)]
"""


NOISE = ("import os; print('Content-Length: 3'); os.write(1, b'noise')", "print('noise')")


@pytest.mark.parametrize(
    "ends",
    sampled(
        [
            [("import sys; sys.exit(3)", "pass"), ("", "import os; os._exit(3)")],
            [("import os; os._exit(0)", "pass"), ("", "import sys; sys.exit(3)")],
        ],
        2,
    ),
)
def test_neither_a_plugin_nor_a_client_harms_the_protocol_or_other_documents(
    ends: list[tuple[str, str]], tmp_path: Path, start: Start
) -> None:
    for number, (top, body) in enumerate([NOISE, *ends]):
        text = PLUGIN.format(top=top, body=body).replace('"h"', f'"h{number}"')
        (tmp_path / f"{number}.py").write_text(text)
    client = start({"plugins": ["0.py", "1.py", "2.py"]}, process=True)
    for number in range(3):
        uri = client.open(ONE.replace("activation: h", f"activation: h{number}"), f"{number}.yaml")
        assert (client.problems(uri) == []) == (number == 0)
    # Nor does a client that sends nonsense, and leaves without a word.
    client.process.stdin.write(b"Content-Length: 9\r\n\r\n{nonsensehello\r\n\r\n")
    for nonsense in ([1], {"method": "no/such"}, {"id": 9, "method": "textDocument/hover"}):
        content = json.dumps(nonsense).encode()
        client.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
    client.process.stdin.flush()
    while client._next().get("error", {}).get("code") != -32700:  # a parse error
        pass
    uri = client.open("layers: \ud800")
    assert [each["code"] for each in client.problems(uri)] == ["not-text"]
    other = client.open(BAD, "other.yaml")
    assert len([each for each in client.problems(other) if each["code"] != "plugin-raised"]) == 2
    client.open(BAD, "more.yaml")
    code = 0
    if "os._exit(0)" in ends[0][0]:  # or with one, but without having asked for the end
        client.send(method="exit")
        code = 1
    client.process.stdin.close()
    assert client.process.wait(TIMEOUT) == code
    assert b"Traceback" not in client.process.stderr.read()


@pytest.mark.slow
def test_a_plugin_that_hangs_is_left_alone(tmp_path: Path, start: Start) -> None:
    (tmp_path / "own.py").write_text(PLUGIN.format(top="import time", body="time.sleep(1000)"))
    client = start({"plugins": ["own.py"]}, process=True)
    client.open(ONE)
    assert len(client.problems(client.open(BAD, "other.yaml"))) == 2
    assert client.end() == 0


@pytest.mark.slow
def test_a_plugin_that_hangs_once_is_left_out_from_then_on(tmp_path: Path, start: Start) -> None:
    hang = "import time\n    while (a == 7).any():\n        time.sleep(0.1)"
    (tmp_path / "own.py").write_text(PLUGIN.format(top="", body=hang))
    client = start({"plugins": ["own.py"]}, process=True)
    fine = client.open(ONE, "fine.yaml")
    assert client.problems(fine) == []
    client.diagnostics.clear()
    hanging = client.open(ONE.replace("[1], output", "[7], output"))
    (problem,) = client.problems(hanging)
    assert "not checked: it took more than 10 seconds" in problem["message"]
    for uri in (fine, hanging):
        while len(problems := client.problems(uri)) != 2:
            client.diagnostics.clear()
        unknown, remark = problems
        assert unknown["code"] == "unknown-activation"
        assert "plugin 'own.py': does not end for some input, and is left out" in remark["message"]
    assert client.shown == [remark["message"]]
    assert client.end() == 0


def test_a_plugin_that_is_not_named_is_not_executed(start: Start) -> None:
    client = start()
    (client.folder / "plugins").mkdir()
    executed = client.folder / "executed"
    (client.folder / "plugins" / "h.py").write_text(f"open({str(executed)!r}, 'w').close()\n")
    uri = client.open(ONE)
    (problem,) = client.problems(uri)
    assert problem["code"] == "unknown-activation"
    assert not executed.exists()
    (client.folder / "own.py").write_text(PLUGIN.format(top="", body="pass"))
    client.tell("workspace/didChangeConfiguration", settings={"netrunner": {"plugins": ["own.py"]}})
    client.diagnostics.clear()
    assert client.problems(uri) == []


def test_an_activation_that_comes_with_netrunner_is_told_with_the_setting(start: Start) -> None:
    client = start()
    uri = client.open(ONE.replace("activation: h", "activation: tanh"))
    (problem,) = client.problems(uri)
    assert problem["message"].endswith(
        "help: it comes with netrunner: add 'tanh' to the setting netrunner.plugins"
    )
    client.tell("workspace/didChangeConfiguration", settings={"netrunner": {"plugins": ["tanh"]}})
    client.diagnostics.clear()
    (problem,) = client.problems(uri)
    assert problem["code"] == "example-mismatch"


def test_a_network_whose_colons_are_full_width_is_one(client: Client) -> None:
    uri = client.open(ONE.replace(": h}", ": relu}").replace("layers:", "layers："), "wide.yaml")
    problem, *_ = client.problems(uri)
    assert "'：' (U+FF1A) is not ':'" in problem["message"]


def test_a_client_that_is_asked_for_its_settings(start: Start) -> None:
    client = start(settings={})
    uri = client.open(ONE.replace("activation: h", "activation: tanh"))
    assert client.problems(uri)[0]["code"] == "unknown-activation"
    client.settings = {"plugins": ["tanh"]}
    client.send(method="workspace/didChangeConfiguration", params={"settings": None})
    while client.problems(uri)[0]["code"] != "example-mismatch":
        client.diagnostics.clear()


def test_a_check_that_is_cancelled_as_it_ends_has_no_result() -> None:
    from netrunner.views.editor.threads import in_thread

    async def cancelled() -> None:
        threads: list[threading.Thread] = []
        go = threading.Event()

        def work() -> None:
            threads.append(threading.current_thread())
            go.wait(TIMEOUT)

        check = asyncio.ensure_future(in_thread(work))
        while not threads:
            await asyncio.sleep(0)
        go.set()
        threads[0].join()
        await asyncio.sleep(0)  # the result is there, and the check has not seen it
        check.cancel()
        with pytest.raises(asyncio.CancelledError):
            await check

    asyncio.run(cancelled())


def test_the_plugins_that_are_named_last_are_those_that_are_used(start: Start) -> None:
    client = start()
    folder = client.folder
    go, done = folder / "go", folder / "done"
    wait = f"import os, time\nwhile not os.path.exists({str(go)!r}):\n    time.sleep(0.01)"
    slow = PLUGIN.format(top=wait, body="pass").replace('"h"', '"slow"')
    (folder / "slow.py").write_text(f"{slow}\nopen({str(done)!r}, 'w').close()\n")
    (folder / "own.py").write_text(PLUGIN.format(top="", body="pass"))
    for name in ("slow.py", "own.py"):
        settings = {"netrunner": {"plugins": [name]}}
        client.tell("workspace/didChangeConfiguration", settings=settings)
    uri = client.open(ONE)
    while client.problems(uri):
        client.diagnostics.clear()
    go.touch()
    while not done.exists():
        time.sleep(0.01)
    for _ in range(5):
        client.diagnostics.clear()
        client.tell("textDocument/didSave", textDocument={"uri": uri})
        assert client.problems(uri) == []


def test_weight_files_are_read_relative_to_the_document(client: Client) -> None:
    uri = client.open(GOOD, "sub/net.yaml")
    (problem,) = client.problems(uri)
    assert problem["code"] == "file-not-found"


@pytest.mark.parametrize(
    ("method", "params", "code", "words"),
    [
        ("textDocument/hover", {"nonsense": 1}, -32602, "Invalid Params"),
        ("textDocument/hover", None, -32602, "Invalid Params"),
        ("no/such", None, -32601, "Method Not Found: no/such"),
        ("workspace/executeCommand", {}, -32602, "Invalid Params"),
        ("workspace/executeCommand", {"command": "netrunner.run"}, -32602, "give the URI"),
        ("workspace/executeCommand", {"command": "no"}, -32602, "'no' is not defined"),
        ("workspace/executeCommand", NO_EXAMPLE, -32602, "no open document"),
        (
            "workspace/executeCommand",
            {"command": "netrunner.explain", "arguments": ["{uri}", 99]},
            -32602,
            "no example 99",
        ),
    ],
)
def test_a_wrong_request_is_answered_by_an_error(
    client: Client, method: str, params: Any, code: int, words: str
) -> None:
    uri = client.open(GOOD)
    params = json.loads(json.dumps(params).replace("{uri}", uri))
    error = client.answer(method, params)["error"]
    assert error["code"] == code
    assert words in error["message"]
    assert "\n" not in error["message"]
    assert not error.get("data")
    assert client.shown == []


def test_the_network_of_the_book(client: Client) -> None:
    uri = client.open(THREE_LAYER.read_text())
    assert client.problems(uri) == []
    assert len(client.about("inlayHint", uri, range=EVERYWHERE)) == 6


def test_without_pygls_the_error_says_what_to_install(netrunner: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = netrunner("lsp")
    assert result.code == 1
    assert "pip install 'netrunner-nn[lsp]'" in result.err
