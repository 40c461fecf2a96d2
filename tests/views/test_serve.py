"""`netrunner serve`: the page on a file, what it answers, and whom it does not answer."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from conftest import NETWORKS, ROOT
from test_report import PLUGIN, PLUGIN_NETWORK

import netrunner as nr
from netrunner.views.page.desk import Desk
from netrunner.views.page.server import Server

TEXT = (NETWORKS / "three_layer.yaml").read_text(encoding="utf-8")
WRONG = TEXT.replace("activation: sigmoid", "activation: sigmod", 1)
LAYER = "biases: 0, activation: relu}]"


class Served:
    """A server in a process of its own, and what it answers."""

    def __init__(self, file: Path, *options: object) -> None:
        self.file = file
        command = [sys.executable, "-m", "netrunner", "serve", file, "--no-browser", *options]
        self.process = subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        url = urlsplit(self.address)
        self.host, self.port = str(url.hostname), int(url.port or 0)
        self.token = parse_qs(url.query)["token"][0]

    def ask(
        self, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        data = None if body is None else json.dumps(body)
        given = self.token if token is None else token
        method = "GET" if body is None else "POST"
        connection.request(method, f"{path}?token={given}", data, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def json(self, path: str, body: Any) -> Any:
        status, found = self.ask(path, body)
        assert status == 200
        return json.loads(found)

    @contextmanager
    def events(self) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        connection.request("GET", f"/events?token={self.token}")
        yield connection.getresponse()
        connection.close()

    def end(self) -> int:
        """End it, as Ctrl-C does; there was no traceback."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=20)
        assert self.process.stderr is not None
        if not self.process.stderr.closed:
            assert "Traceback" not in self.process.stderr.read()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


SHARES = """
import netrunner
import numpy as np
from netrunner import Activation


def h(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@netrunner.hookimpl
def netrunner_activations():
    worked = "exp({a})/Σ exp({a})"
    return [Activation("my_shares", h, elementwise=False, shares=True, worked=worked)]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "plugins").mkdir()
    (folder / "plugins" / "plugin.py").write_text(PLUGIN, encoding="utf-8")
    (folder / "plugins" / "shares.py").write_text(SHARES, encoding="utf-8")
    (folder / "net.yaml").write_text(TEXT, encoding="utf-8")
    server = Served(folder / "net.yaml", "--plugins", folder / "plugins")
    yield server
    assert server.end() == 130


@pytest.fixture
def served(server: Served) -> Served:
    """The server that these tests share, its file as it was."""
    server.file.write_text(TEXT, encoding="utf-8")
    return server


@pytest.fixture
def with_plugin(server: Served) -> Served:
    server.file.write_text(PLUGIN_NETWORK, encoding="utf-8")
    return server


def test_the_address_is_the_first_line_and_has_a_token(served: Served) -> None:
    assert served.address.startswith("http://127.0.0.1:")
    assert len(served.token) >= 24
    status, page = served.ask("/")
    assert status == 200
    assert b"three-layer" in page


def test_ctrl_c_ends_it_and_frees_the_port(served: Served, tmp_path: Path) -> None:
    with socket.create_server((served.host, 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "net.yaml").write_text(TEXT, encoding="utf-8")
    server = Served(tmp_path / "net.yaml", "--port", port)
    assert server.port == port
    assert server.token != served.token
    assert server.end() == 130
    socket.create_server((served.host, port)).close()


PATHS = [
    ("/", None), ("/events", None), ("/look", {}), ("/complete", {}), ("/run", {}), ("/save", {}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), PATHS)
def test_a_request_without_the_token_is_refused(served: Served, path: str, body: Any) -> None:
    for token in ("", "wrong", served.token[:-1]):
        assert served.ask(path, body, token=token) == (403, b"403 Forbidden\n")


def test_a_foreign_host_or_origin_is_refused(served: Served) -> None:
    for headers in (
        {"Host": "evil.example"},
        {"Host": f"evil.example:{served.port}"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://127.0.0.1:{served.port}"},
    ):
        for path, body in PATHS:
            assert served.ask(path, body, **headers)[0] == 403
    assert served.ask("/", Origin=f"http://127.0.0.1:{served.port}")[0] == 200
    assert served.ask("/", Host=f"localhost:{served.port}")[0] == 200


def test_only_this_machine_is_listened_to(served: Served) -> None:
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("there is no table of sockets")
    lines = [line.split()[1] for line in table.read_text().splitlines()[1:]]
    assert f"0100007F:{served.port:04X}" in lines
    assert f"00000000:{served.port:04X}" not in lines


def test_a_text_is_looked_at_and_not_written(served: Served) -> None:
    found = served.json("/look", {"text": TEXT.replace("[0.1, 0.3, 0.5]", "[0.9, 0.3, 0.5]")})
    assert [problem["code"] for problem in found["problems"]] == ["example-mismatch"]
    assert "1.1" in found["page"]
    found = served.json("/look", {"text": WRONG})
    (problem,) = found["problems"]
    assert problem["code"] == "unknown-activation"
    assert problem["fixes"][0]["edits"][0]["text"] == "sigmoid"
    assert "page" not in found
    assert served.file.read_text(encoding="utf-8") == TEXT


def test_netrunner_completes_what_is_written(with_plugin: Served) -> None:
    lines = PLUGIN_NETWORK.split("\n")
    line = next(n for n, each in enumerate(lines, 1) if "activation: counted" in each)
    lines[line - 1] = lines[line - 1].partition("counted")[0]
    place = {"text": "\n".join(lines), "line": line, "column": len(lines[line - 1]) + 1}
    items = with_plugin.json("/complete", place)["items"]
    assert {"counted", "sigmoid"} <= {item["label"] for item in items}
    assert with_plugin.json("/complete", place | {"line": 1, "column": 1})["items"]
    assert with_plugin.ask("/complete", place | {"line": 99})[0] == 400


def test_the_file_is_written_when_it_is_saved_and_not_over_another_s_change(served: Served) -> None:
    stamp = served.json("/look", {})["stamp"]
    mine = TEXT.replace("[0.1, 0.3, 0.5]", "[0.2, 0.3, 0.5]")
    stamp = served.json("/save", {"text": mine, "stamp": stamp})["stamp"]
    assert served.file.read_text(encoding="utf-8") == mine
    served.file.write_text(TEXT, encoding="utf-8")
    found = served.json("/save", {"text": mine, "stamp": stamp})
    assert found["conflict"] is True
    assert served.file.read_text(encoding="utf-8") == TEXT


def test_netrunner_runs_what_the_page_asks_for(with_plugin: Served) -> None:
    net = nr.load(with_plugin.file, plugins=[with_plugin.file.parent / "plugins"])
    key = with_plugin.json("/look", {})["key"]
    found = with_plugin.json("/run", {"key": key, "x": [0.1, -0.2], "layers": given(net, 2)})
    a = np.array([0.1, -0.2]) @ (2 * net.layers[0].weights)
    np.testing.assert_allclose(found["A"][0], a, rtol=1e-12)
    np.testing.assert_allclose(found["Z"][0], np.tanh(a), rtol=1e-12)


def given(net: nr.Network, times: float = 1) -> list[dict[str, str]]:
    """The layers of a network as a page sends them, the weights multiplied."""
    return [
        {
            "W": b64encode((times * layer.weights).astype("<f8").tobytes()).decode(),
            "B": b64encode(layer.biases.astype("<f8").tobytes()).decode(),
        }
        for layer in net.layers
    ]


def test_each_page_runs_the_network_that_it_shows(served: Served) -> None:
    other = TEXT.replace("activation: sigmoid", "activation: relu")
    texts = [TEXT, other]
    keys = [served.json("/look", {"text": text})["key"] for text in texts]
    for text, key in zip(texts, keys, strict=True):
        net = nr.loads(text)
        body = {"key": key, "x": [1.0, 0.5], "layers": given(net)}
        assert served.json("/run", body)["Z"][-1] == net([1.0, 0.5]).tolist()
    for number in range(8):
        served.json("/look", {"text": TEXT.replace("three-layer", f"{number}")})
    for key in (keys[0], "none"):
        body = {"key": key, "x": [1.0, 0.5], "layers": given(nr.loads(TEXT))}
        assert served.ask("/run", body)[0] == 409


def test_what_makes_no_sense_is_a_bad_request(served: Served) -> None:
    key = served.json("/look", {"x": [10**400, 1]})["key"]  # which is too large, and not taken
    layers = given(nr.loads(TEXT))
    for body in (
        {"x": [1]},
        {"x": [1, 2], "layers": []},
        {"x": "no", "layers": [1, 2, 3]},
        {"x": [10**400, 1], "layers": layers},
    ):
        assert served.ask("/run", {"key": key, **body})[0] == 400
    assert served.ask("/run", {"x": [1, 2], "layers": layers})[0] == 400
    assert served.ask("/nowhere")[0] == 404
    assert served.ask("/save", {"text": "x"})[0] == 400


def test_another_method_is_refused_in_one_line(served: Served) -> None:
    with socket.create_connection((served.host, served.port), timeout=20) as connection:
        connection.sendall(b"OPTIONS / HTTP/1.1\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(1000), b""))
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert answer.endswith(b"\r\n\r\n501 Not Implemented\n")


def test_a_file_that_was_removed_is_named(served: Served) -> None:
    served.file.unlink()
    found = served.json("/look", {})
    assert found == {"gone": True, "error": "net.yaml was removed. Save writes it again."}


def test_an_address_that_is_not_one_is_refused(served: Served) -> None:
    with socket.create_connection((served.host, served.port), timeout=20) as connection:
        connection.sendall(b"GET http://[ HTTP/1.1\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")
    assert served.ask("/")[0] == 200


def test_at_port_80_a_browser_names_no_port(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(TEXT, encoding="utf-8")
    with Server(Desk(tmp_path / "net.yaml"), 0) as server:
        port, server.server_port = server.server_port, 80  # which a test may not listen to
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        answers = []
        for host in ("127.0.0.1", "localhost", "127.0.0.1:80", "evil.example"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            headers = {"Host": host, "Origin": f"http://{host}"}
            connection.request("GET", f"/?token={server.token}", None, headers)
            answers.append(connection.getresponse().status)
            connection.close()
        server.shutdown()
    assert answers == [200, 200, 200, 403]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_is_saved_keeps_the_file_s_line_ends(served: Served, end: str, mark: str) -> None:
    served.file.write_bytes((mark + TEXT.replace("\n", end)).encode())
    found = served.json("/look", {})
    assert found["text"] == TEXT
    served.json("/save", {"text": f"{TEXT}# é\n", "stamp": found["stamp"]})
    assert served.file.read_bytes() == (mark + f"{TEXT}# é\n".replace("\n", end)).encode()


def test_a_file_that_is_not_utf_8_is_reported_and_never_written(served: Served) -> None:
    stamp = served.json("/look", {})["stamp"]
    data = TEXT.encode() + "# café\n".encode("latin-1")
    served.file.write_bytes(data)
    assert served.ask("/")[0] == 200
    found = served.json("/look", {})
    (problem,) = found["problems"]
    assert (problem["code"], problem["line"]) == ("not-utf-8", TEXT.count("\n") + 1)
    assert "text" not in found
    for each in (stamp, sha256(data).hexdigest()):
        found = served.json("/save", {"text": TEXT, "stamp": each})
        assert found == {"error": "this is not UTF-8 text"}
    assert served.file.read_bytes() == data


def test_each_file_that_was_read_is_followed(tmp_path: Path) -> None:
    weights, plugin = tmp_path / "my weights.npy", tmp_path / "plugins" / "plugin.py"
    plugin.parent.mkdir()
    plugin.write_text(PLUGIN, encoding="utf-8")
    np.save(weights, [[1.0]])
    text = (
        "inputs: 1\nlayers: [{size: 1, biases: 0, activation: counted,\n"
        "  weights: {file:\n    my weights.npy}}]\n"
    )
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    server = Served(tmp_path / "net.yaml", "--plugins", plugin.parent)
    assert server.json("/look", {})["problems"] == []
    with server.events() as events:
        assert events.readline() == b"data: 0\n"  # at once
        assert events.readline() == b"\n"
        for version, change in enumerate(
            (
                lambda: np.save(weights, [[1.0], [2.0]]),
                lambda: plugin.write_text(f"{PLUGIN}\n", encoding="utf-8"),
                lambda: plugin.with_name("other.py").write_text(PLUGIN, encoding="utf-8"),
            ),
            1,
        ):
            change()
            assert news(events) >= version
    server.end()


def news(events: http.client.HTTPResponse) -> int:
    """The next version that is told, however long nothing is."""
    while not (line := events.readline()).startswith(b"data: "):
        assert line in (b"\n", b": still here\n")
    return int(line[6:])


def test_a_text_names_no_plugin_and_reaches_no_other_folder(served: Served) -> None:
    (served.file.parent.parent / "w.npy").write_bytes(b"")
    text = (
        "inputs: 1\nlayers: [{size: 1, weights: {file: ../w.npy}, biases: 0, activation: relu}]\n"
    )
    (problem,) = served.json("/look", {"text": text})["problems"]
    assert problem["code"] == "outside-folder"
    text = f"plugins: [evil.py]\ninputs: 1\nlayers: [{{size: 1, weights: [[1]], {LAYER}\n"
    assert served.json("/look", {"text": text})["problems"][0]["code"] == "unknown-key"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["nowhere.yaml"], 1), (["-"], 2), (["--port", "70000", "n.yaml"], 2), ([], 2)],
)
def test_what_cannot_be_served(arguments: list[str], code: int, netrunner: Any) -> None:
    result = netrunner("serve", *arguments)
    assert (result.code, result.out) == (code, "")


# In the browser


@pytest.fixture
def opened(tab: Any, served: Served) -> Any:
    tab.set_viewport_size({"width": 1400, "height": 900})
    tab.goto(served.address)
    tab.locator("#editor .cm-line >> nth=5").wait_for()
    return tab


def wait_for_text(page: Any, text: str) -> None:
    """Until the editor holds a text."""
    lines = "[...document.querySelectorAll('#editor .cm-line')].map((each) => each.textContent)"
    page.wait_for_function(f"(text) => {lines}.join('\\n') === text", arg=text)


def a11(page: Any) -> str:
    return str(page.locator("[data-neuron='1-1'][data-a]").first.get_attribute("data-a"))


def test_the_page_follows_the_editor_and_the_file_and_loses_no_change(
    opened: Any, served: Served
) -> None:
    from playwright.sync_api import expect

    page, cell = opened, opened.locator("[data-neuron='1-1'][data-a]").first
    wait_for_text(page, TEXT)
    assert a11(page) == "0.30000000000000004"
    page.fill("[data-input='1']", "2")
    assert a11(page) == "0.4"
    draft = TEXT.replace("[0.1, 0.3, 0.5]", "[0.9, 0.3, 0.5]")
    page.fill("#editor", draft)
    expect(cell).to_have_attribute("data-a", "2.0")  # for the input that was set
    assert served.file.read_text(encoding="utf-8") == TEXT
    page.click("#save")
    expect(page.locator("#save")).to_be_disabled()
    assert served.file.read_text(encoding="utf-8") == draft
    served.file.write_text(TEXT, encoding="utf-8")  # somebody else
    expect(cell).to_have_attribute("data-a", "0.4")
    wait_for_text(page, TEXT)
    page.fill("[data-input='1']", "3")
    page.wait_for_url("**#set:x=3,0.5")
    page.click("#reset")
    expect(cell).to_have_attribute("data-a", "0.30000000000000004")
    page.fill("#editor", WRONG)
    expect(page.locator("#problems")).to_contain_text("unknown activation 'sigmod'")
    other = f"{TEXT}# another's\n"
    served.file.write_text(other, encoding="utf-8")
    expect(page.locator("#notice")).to_contain_text("changed by another program")
    page.locator("#notice button").first.click()
    wait_for_text(page, other)
    expect(page.locator("#problems li")).to_have_count(0)


def test_what_was_typed_can_be_saved_whatever_happens_to_the_file(
    opened: Any, served: Served
) -> None:
    from playwright.sync_api import expect

    page, asks = opened, "!dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    wait_for_text(page, TEXT)
    assert page.evaluate(asks) is False
    page.fill("#editor", WRONG)
    assert page.evaluate(asks) is True
    served.file.unlink()
    page.click("#save")  # before it is noticed
    expect(page.locator("#save")).to_be_disabled()
    assert served.file.read_text(encoding="utf-8") == WRONG
    served.file.unlink()
    expect(page.locator("#notice")).to_have_text("net.yaml was removed. Save writes it again.")
    page.click("#save")
    expect(page.locator("#notice")).to_be_hidden()
    assert served.file.read_text(encoding="utf-8") == WRONG
    page.evaluate("void (window.fetch = () => Promise.reject(new TypeError()))")
    page.fill("#editor", TEXT)
    page.click("#save")
    expect(page.locator("#notice")).to_contain_text("netrunner serve has ended")


def test_the_editor_marks_problems_completes_and_saves(opened: Any, served: Served) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import expect

    page = opened
    page.fill("#editor", WRONG)
    expect(page.locator(".cm-lintRange-error")).to_have_text("sigmod")
    assert Axe().run(page, context="#desk").response["violations"] == []
    page.locator("#problems button", has_text="sigmoid").click()
    wait_for_text(page, TEXT)
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)
    page.fill("#editor", "inputs: 1\nlayers:\n  - size: 1\n    activation:")
    page.keyboard.press("Control+End")
    page.keyboard.type(" ")
    page.locator(".cm-tooltip-autocomplete li", has_text="sigmoid").click()
    page.keyboard.press("Control+s")
    expect(page.locator("#save")).to_be_disabled()
    assert served.file.read_text(encoding="utf-8").endswith("activation: sigmoid")


def test_a_plugin_s_numbers_come_from_netrunner(tab: Any, with_plugin: Served) -> None:
    from playwright.sync_api import expect

    tab.goto(with_plugin.address)
    wait_for_text(tab, PLUGIN_NETWORK)
    tab.fill("[data-input='1']", "0.5")
    a = 0.5 * 1 + 0.2 * 3
    cell = tab.locator("[data-neuron='1-1'][data-a]").first
    expect(cell).to_have_attribute("data-a", repr(a))
    assert float(cell.get_attribute("data-z")) == pytest.approx(np.tanh(a), rel=1e-12)
    # Shares are worked out like those of softmax.
    text = (
        "inputs: 1\nlayers:\n  - {size: 2, weights: [[1, 2]], biases: 0, activation: my_shares}\n"
    )
    with_plugin.file.write_text(text, encoding="utf-8")
    wait_for_text(tab, text)
    tab.fill("[data-input='1']", "0.5")
    expect(tab.locator("[data-neuron='1-2'][data-a]").first).to_have_attribute("data-a", "1.0")
    expect(tab.locator("#says")).to_contain_text("62.2 %")
    assert "exp(0.5 - 1)" in str(tab.locator("#explain-1-1").text_content())


def test_two_pages_do_not_share_a_network(tab: Any, with_plugin: Served) -> None:
    from playwright.sync_api import expect

    one, other = tab.context.new_page(), tab.context.new_page()
    for page in (one, other):
        page.goto(with_plugin.address)
        wait_for_text(page, PLUGIN_NETWORK)
    other.fill("#editor", PLUGIN_NETWORK.replace("activation: counted", "activation: relu"))
    expect(other.locator("[data-neuron='1-1'][data-z]").first).to_have_attribute(
        "data-z", repr(0.1 * 1 + 0.2 * 3)
    )
    one.fill("[data-input='1']", "0.5")
    cell = one.locator("[data-neuron='1-1'][data-a]").first
    expect(cell).to_have_attribute("data-a", repr(0.5 * 1 + 0.2 * 3))
    assert float(cell.get_attribute("data-z")) == pytest.approx(np.tanh(1.1), rel=1e-12)
    one.wait_for_url("**#set:x=0.5,0.2")  # which must not come back later
    for number in range(8):  # with which the first is forgotten
        text = PLUGIN_NETWORK.replace("with a plugin", f"{number}")
        with_plugin.json("/look", {"text": text})
    one.fill("[data-input='1']", "0.25")
    expect(cell).to_have_attribute("data-a", repr(0.25 * 1 + 0.2 * 3))
    one.wait_for_url("**#set:x=0.25,*")
    one.close()
    other.close()


def test_a_page_on_a_file_that_is_not_utf_8(tab: Any, served: Served) -> None:
    from playwright.sync_api import expect

    data = TEXT.encode() + b"# \xe9\n"
    served.file.write_bytes(data)
    tab.goto(served.address)
    expect(tab.locator("#problems")).to_contain_text("this is not UTF-8 text")
    tab.fill("#editor", TEXT)
    tab.click("#save")
    expect(tab.locator("#notice")).to_contain_text("this is not UTF-8 text")
    assert served.file.read_bytes() == data


def test_a_file_that_is_wrong_is_served_all_the_same(tab: Any, server: Served) -> None:
    from playwright.sync_api import expect

    server.file.write_text("inputs: 2\n", encoding="utf-8")
    tab.goto(server.address)
    expect(tab.locator("#problems")).to_contain_text("layers")
    tab.fill("#editor", TEXT)
    expect(tab.locator("h1")).to_have_text("three-layer")
