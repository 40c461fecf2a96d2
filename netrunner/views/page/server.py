"""The page on a network file, beside an editor, answered by netrunner itself.

One server for one file, on 127.0.0.1. Every request needs the token of the page's address, the
server's own name as its Host, and no foreign Origin. The page asks for:

    GET  /         the page
    GET  /events   a message at once and at each change of the file, as server-sent events
    POST /look     {"text", "x"}: the page of a text and its key, or the text's problems; without
                   a text, the file's
    POST /run      {"key", "x", "layers": [{"W", "B"}]}: A and Z, as in data.py, of the network of
                   that key; 409 if it is no longer kept
    POST /save     {"text", "stamp"}: writes the file if it is still the one of that stamp

Plugins are those that the server was started with; no request can name any.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from base64 import b64decode
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

from netrunner.files.opening import read_text
from netrunner.files.watching import look_at
from netrunner.network.network import Network
from netrunner.problems.problem import Fault, NetrunnerError, Problem, about
from netrunner.process import session
from netrunner.views.page.page import page
from netrunner.views.render.json import values

HOST = "127.0.0.1"
HTTP_PORT = 80  # which browsers do not write into Host and Origin
MOST_BYTES = 32 * 2**20  # of a request
LOOK_EVERY = 0.1  # seconds
BEAT = 5.0  # seconds after which a silent stream is tried
MOST_NETWORKS = 8  # kept for the pages that are open

Answer = dict[str, Any]

_LINE_END = re.compile(r"\r\n?|\n")  # as a browser's text field has them


class UnknownKeyError(LookupError):
    """A page runs a network that is not kept, and must look again."""


class Desk:
    """One network file and what is asked of it. `load` makes a network of a text."""

    def __init__(self, path: Path, load: Callable[[str], Network], more: Iterable[Path]) -> None:
        self.path, self._load = path, load
        self._looks = look_at({path, *more})  # of the files that are followed
        self._networks: dict[str, Network] = {}  # the last that were right, by the key of the text
        self._lock = threading.Lock()  # plugins may not be called by two threads
        self.changed = threading.Condition()
        self.version = 0

    def text(self) -> str:
        """The file's text, with its own line ends. Raises Fault."""
        return read_text(self.path, str(self.path)).text

    def stamp(self) -> str:
        """What tells one state of the file from the next."""
        return sha256(self.path.read_bytes()).hexdigest()

    def look(self, asked: Answer) -> Answer:
        """The page of a text, for an input if one is given, or the problems of the text.

        Without a text, it is the file's, which is given with its stamp.
        """
        if asked.get("text") is None:
            stamp = self.stamp()
            with about(str(self.path)):
                text = _LINE_END.sub("\n", self.text())
            return {"text": text, "stamp": stamp, **self.look({**asked, "text": text})}
        text = str(asked["text"])
        key = sha256(text.encode(errors="surrogatepass")).hexdigest()
        with self._lock:
            try:
                network = self._load(text)
                x = self._input(network, asked.get("x"))
                made = page(network, network.silent_trace(x), served=True, made_by=self._foot())
            except NetrunnerError as error:
                return {"problems": [_problem(each) for each in error.problems]}
            finally:
                self._looks |= look_at(session.files() - self._looks.keys())
            self._networks.pop(key, None)  # the newest is the last
            self._networks[key] = network
            if len(self._networks) > MOST_NETWORKS:
                del self._networks[next(iter(self._networks))]
            return {"problems": [], "page": made, "key": key}

    def _foot(self) -> tuple[str, ...]:
        from netrunner import __version__

        return (f"{self.path}, served by netrunner serve, version {__version__}.",)

    def _input(self, network: Network, x: object) -> Any:
        """The input that was asked for, if it fits; else the first example's, or zeros."""
        if isinstance(x, list) and len(x) == network.input_size:
            try:
                return network.as_input([float(each) for each in x])
            except (NetrunnerError, TypeError, ValueError, OverflowError):
                pass
        if network.examples:
            return np.atleast_2d(network.examples[0].input)[0]
        return np.zeros(network.input_size, network.dtype)

    def run(self, asked: Answer) -> Answer:
        """A and Z of each layer for an input, with the weights and biases of the page.

        Raises UnknownKeyError where the page's network is not kept.
        """
        with self._lock:
            network = self._networks.get(asked["key"])
            if network is None:
                raise UnknownKeyError
            layers = tuple(
                replace(
                    layer,
                    weights=_array(given["W"], layer.weights.shape, network.dtype),
                    biases=_array(given["B"], layer.biases.shape, network.dtype),
                )
                for layer, given in zip(network.layers, asked["layers"], strict=True)
            )
            trace = replace(network, layers=layers).silent_trace([float(x) for x in asked["x"]])
        return {
            "A": [values(step.A) for step in trace.layers],
            "Z": [values(step.Z) for step in trace.layers],
        }

    def save(self, asked: Answer) -> Answer:
        """Write the file, unless somebody else has changed it since `stamp`.

        It keeps its line ends, those of its first line, and its byte order mark. Raises Fault
        where the file as it is cannot be shown, since the text then was not made from it.
        """
        from netrunner.files.writing import writing

        with self._lock:
            before = self.text()
            if self.stamp() != asked["stamp"]:
                return {"conflict": True, "stamp": self.stamp()}
            mark = "\ufeff" if self.path.read_bytes().startswith(BOM_UTF8) else ""
            first = _LINE_END.search(before)
            end = first.group() if first else "\n"
            with writing(self.path, anew=True) as stream:
                stream.write(mark + _LINE_END.sub(end, str(asked["text"])))
        return {"stamp": self.stamp()}

    # Following the file

    def follow(self) -> None:
        """Tell whoever waits of each change of the file, its weight files and its plugins."""
        while True:
            time.sleep(LOOK_EVERY)
            before = dict(self._looks)
            now = look_at(before)
            if now != before and now[self.path] is not None:  # an editor may rename it
                self._looks |= now
                with self.changed:
                    self.version += 1
                    self.changed.notify_all()


def _array(text: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    found = np.frombuffer(b64decode(text), "<f8").reshape(shape).astype(dtype)
    found.setflags(write=False)
    return found


def _problem(problem: Problem) -> Answer:
    return problem.as_dict() | {"text": str(problem)}


class Server(ThreadingHTTPServer):
    """Serves one desk to whoever has the token."""

    daemon_threads = True  # a stream that is open does not hold up the end

    def __init__(self, desk: Desk, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.desk = desk
        self.token = secrets.token_urlsafe(24)

    @property
    def address(self) -> str:
        """Where the page is, with the token."""
        return f"http://{HOST}:{self.server_port}/?token={self.token}"

    def names(self) -> set[str]:
        """What a browser may call this server: another name is somebody else's page."""
        hosts = {HOST, "localhost"}
        names = {f"{host}:{self.server_port}" for host in hosts}
        return names | hosts if self.server_port == HTTP_PORT else names


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        path = self._allowed()
        if path == "/":
            self._send_page()
        elif path == "/events":
            self._send_events()
        elif path is not None:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        path = self._allowed()
        if path is None:
            return
        asked = self._body()
        answers: dict[str, Callable[[Desk], Answer]] = {
            "/look": lambda desk: desk.look(asked or {}),
            "/run": lambda desk: desk.run(asked or {}),
            "/save": lambda desk: desk.save(asked or {}),
        }
        if asked is None or path not in answers:
            self._refuse(HTTPStatus.BAD_REQUEST if asked is None else HTTPStatus.NOT_FOUND)
        else:
            self._answer(answers[path])

    def _allowed(self) -> str | None:
        """The path, if the request has the token, our Host, and no foreign Origin."""
        try:
            url = urlsplit(self.path)
        except ValueError:
            self._refuse(HTTPStatus.FORBIDDEN)
            return None
        token = parse_qs(url.query).get("token", [""])[0]
        origin = self.headers.get("Origin")
        names = self.server.names()
        if (
            secrets.compare_digest(token.encode(), self.server.token.encode())
            and self.headers.get("Host") in names
            and (origin is None or origin in {f"http://{name}" for name in names})
        ):
            return url.path
        self._refuse(HTTPStatus.FORBIDDEN)
        return None

    def _body(self) -> Answer | None:
        """The JSON object that was sent."""
        try:
            size = int(self.headers.get("Content-Length", ""))
            if not 0 <= size <= MOST_BYTES:
                return None
            found = json.loads(self.rfile.read(size))
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def _answer(self, of: Callable[[Desk], Answer]) -> None:
        try:
            found = of(self.server.desk)
        except NetrunnerError as error:
            found = {"problems": [_problem(each) for each in error.problems]}
        except (Fault, OSError) as error:
            found = {"error": str(error)}
        except UnknownKeyError:
            return self._refuse(HTTPStatus.CONFLICT)
        except (KeyError, TypeError, ValueError, OverflowError):
            return self._refuse(HTTPStatus.BAD_REQUEST)
        return self._send(json.dumps(found).encode(), "application/json")

    def _send_page(self) -> None:
        try:
            found = self.server.desk.look({})
        except (NetrunnerError, OSError):  # the editor asks again, and shows why
            found = {}
        from netrunner.views.page.page import broken_page

        text = found.get("page") or broken_page(self.server.desk.path.name)
        self._send(text.encode(), "text/html; charset=utf-8")

    def _send_events(self) -> None:
        """A message at once and at each change of the file, until nobody listens."""
        desk = self.server.desk
        self.send_response(HTTPStatus.OK)
        self._send_head("text/event-stream", None)
        self.close_connection = True
        seen = -1  # so that nothing is missed between the page and its stream
        try:
            while True:
                with desk.changed:
                    if news := desk.version != seen or desk.changed.wait(BEAT):
                        seen = desk.version
                self.wfile.write(f"data: {seen}\n\n".encode() if news else b": still here\n\n")
                self.wfile.flush()
        except OSError:
            pass

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._send(f"{status.value} {status.phrase}\n".encode(), "text/plain", status)

    def _send(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        try:
            self.send_response(status)
            self._send_head(kind, len(body))
            self.wfile.write(body)
        except OSError:  # nobody listens
            self.close_connection = True

    def _send_head(self, kind: str, size: int | None) -> None:
        self.send_header("Content-Type", kind)
        if size is not None:
            self.send_header("Content-Length", str(size))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: standard error is for what is wrong."""
