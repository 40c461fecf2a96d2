"""The page on a network file, beside an editor, answered by netrunner itself.

One server for one file, on 127.0.0.1. Every request needs the token of the page's address, the
server's own name as its Host, and no foreign Origin. docs/page.md says what the page asks for.
Plugins are those that the server was started with; no request can name any.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from netrunner.problems.problem import Fault, NetrunnerError
from netrunner.views.page.desk import Answer, Desk, UnknownKeyError
from netrunner.views.page.page import served_page

HOST = "127.0.0.1"
HTTP_PORT = 80  # which browsers do not write into Host and Origin
MOST_BYTES = 32 * 2**20  # of a request
BEAT = 5.0  # seconds before a silent stream is tested


class Server(ThreadingHTTPServer):
    """Serves one desk to whoever has the token."""

    daemon_threads = True  # an open stream does not delay the end

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
            "/complete": lambda desk: desk.complete(asked or {}),
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
            found = {"problems": [self.server.desk.problem(each) for each in error.problems]}
        except Fault as error:
            found = {"error": str(error)}
        except FileNotFoundError:
            name = self.server.desk.path.name
            found = {"gone": True, "error": f"{name} was removed. Save writes it again."}
        except OSError as error:
            found = {"error": f"{self.server.desk.path.name}: {error.strerror}"}
        except UnknownKeyError:
            return self._refuse(HTTPStatus.CONFLICT)
        except (KeyError, TypeError, ValueError, OverflowError):
            return self._refuse(HTTPStatus.BAD_REQUEST)
        return self._send(json.dumps(found).encode(), "application/json")

    def _send_page(self) -> None:
        desk = self.server.desk
        try:
            found = desk.look({})
        except (NetrunnerError, OSError):  # the editor asks again, and shows why
            found = {}
        nonce = secrets.token_urlsafe(16)
        text = served_page(desk.path.name, found.get("page", ""), found.get("key", ""), nonce)
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

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what http.server refuses, such as another method, without its page."""
        self._refuse(HTTPStatus(code))

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
        """Log nothing: standard error is for problems."""
