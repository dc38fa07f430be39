"""An HTTPS server that answers what a test says, and notes what it was asked."""

import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from support.tls import Authority


class Asked(NamedTuple):
    method: str
    path: str
    """With the query."""
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str] = {}
    body: bytes | Iterable[bytes] = b""


class HttpsServer:
    """On 127.0.0.1, with a certificate for `names` such as people make themselves."""

    def __init__(self, authority: Authority, *names: str) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[str, Callable[[Asked], Answer]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
                outer.asked.append(asked)
                path = self.path.partition("?")[0]
                found = [prefix for prefix in outer._answers if path == prefix or path.startswith(f"{prefix}/")]
                answer = outer._answers[max(found, key=len)](asked) if found else Answer(404)
                self.send_response(answer.status)
                self.close_connection = True
                headers = {"Connection": "close", **answer.headers}
                if isinstance(answer.body, bytes):
                    headers.setdefault("Content-Length", str(len(answer.body)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    for piece in [answer.body] if isinstance(answer.body, bytes) else answer.body:
                        self.wfile.write(piece)
                except OSError:
                    pass

            do_GET = do_HEAD = do_POST = do_PUT = handle_one

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Clients hang up in the middle: that is what tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.socket = authority.server_context(*names, strict=False).wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port: int = self._server.server_address[1]
        self.url = f"https://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, path: str, answer: Answer | Callable[[Asked], Answer]) -> str:
        """For this path, and what is below it; gives its URL."""
        self._answers[path] = answer if callable(answer) else lambda _: answer
        return self.url + path

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
