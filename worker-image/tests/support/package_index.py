"""A package index: pip's simple API over HTTPS, with credentials where they are asked for."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import re
import tarfile
import threading
import zipfile
from collections.abc import Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.tls import Authority


def wheel(
    name: str, version: str = "1.0", tag: str = "py3-none-any", files: Mapping[str, str] | None = None, needs: str = ""
) -> tuple[str, bytes]:
    """File name and content of a wheel; without `files` it has a module with its version."""
    info = f"{name}-{version}.dist-info"
    content = {
        **(files if files is not None else {f"{name}.py": f"VERSION = {version!r}\n"}),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: {version}\n"
        + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{path},,\n" for path in (*content, f"{info}/RECORD"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for path, text in {**content, f"{info}/RECORD": record}.items():
            made.writestr(zipfile.ZipInfo(path), text)
    return f"{name}-{version}-{tag}.whl", packed.getvalue()


_BACKEND = """
import base64, pathlib
{code}
def build_wheel(folder, *_):
    pathlib.Path(folder, {file!r}).write_bytes(base64.b64decode({content!r}))
    return {file!r}
"""


def source_distribution(name: str, version: str = "1.0", code: str = "") -> tuple[str, bytes]:
    """File name and content of an sdist that needs nothing to be built; `code` runs when it is."""
    file, content = wheel(name, version)
    texts = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": _BACKEND.format(code=code, file=file, content=base64.b64encode(content).decode()),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        for path, text in texts.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(text)
            made.addfile(entry, io.BytesIO(text.encode()))
    return f"{name}-{version}.tar.gz", packed.getvalue()


class PackageIndex:
    """Answers until `close`. `requests` are the paths that were asked for, in order; `authorizations` their headers."""

    def __init__(self, authority: Authority | None = None, credentials: tuple[str, str] | None = None) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.authorizations: list[str | None] = []
        self.fails_with = 0
        """An HTTP status that every request gets."""
        self.hangs = threading.Event()
        self._released = threading.Event()
        self._expected = (
            "Basic " + base64.b64encode(":".join(credentials).encode("latin-1")).decode() if credentials else None
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        if authority is not None:
            context = authority.server_context("127.0.0.1")
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if authority else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}/simple"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def add(self, file: tuple[str, bytes]) -> str:
        """Takes a file in; its SHA-256."""
        self.files[file[0]] = file[1]
        return hashlib.sha256(file[1]).hexdigest()

    def answer(self, path: str, authorization: str | None) -> tuple[int, str, bytes]:
        """Status, content type and content."""
        self.requests.append(path)
        self.authorizations.append(authorization)
        if self.hangs.is_set():
            self._released.wait(60)
        if self.fails_with:
            return self.fails_with, "text/plain", b"no"
        if self._expected and authorization != self._expected:
            return 401, "text/plain", b"who are you?"
        kind, _, name = path.strip("/").partition("/")
        if kind == "files" and name in self.files:
            return 200, "application/octet-stream", self.files[name]
        found = [file for file in self.files if kind == "simple" and _project(file) == _normal(name)]
        links = (
            f'<a href="/files/{file}#sha256={hashlib.sha256(self.files[file]).hexdigest()}">{file}</a>'
            for file in found
        )
        page = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"
        return (200 if found else 404), "text/html", page.encode()

    def close(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, index: PackageIndex, *arguments: object) -> None:
        self._index = index
        # Clients that do not trust the certificate, or are killed, go away in the midst.
        with contextlib.suppress(OSError):
            super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        status, content_type, content = self._index.answer(self.path, self.headers.get("Authorization"))
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="index"')
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def _project(file: str) -> str:
    return _normal(file.removesuffix(".tar.gz").rsplit("-", 1)[0] if file.endswith(".tar.gz") else file.split("-")[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
