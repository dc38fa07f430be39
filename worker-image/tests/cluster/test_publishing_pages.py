"""The commands of docs/publishing, as a reader runs them; the test plays an operator whose every app is ready."""

import json
import os
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.cluster import Namespace
from support.registry import Registry
from support.tls import Authority
from support.worker import Worker, environment

PAGES = Path(__file__).parents[3] / "docs" / "publishing"
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)

KEYS = {"host.master": "the-master"}


def blocks(page: Path) -> list[str]:
    return CONSOLE.findall(page.read_text())


@pytest.fixture
def archives(tmp_path: Path, authority: Authority) -> Iterator[str]:
    """An https folder with a package and its digest."""
    folder = tmp_path / "archives"
    folder.mkdir()
    (folder / "orders.zip").write_bytes(b"zip")
    (folder / "orders.zip.sha256").write_text(f"{sha256(b'zip').hexdigest()}  orders.zip\n")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    context: ssl.SSLContext = authority.server_context("127.0.0.1")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def operator(namespace: Namespace, tmp_path: Path) -> Iterator[None]:
    """Each app is ready at once, and each change of its source is a revision; a real worker answers for it."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "host.master").write_text(KEYS["host.master"])
    app = AppFolder(tmp_path / "served").function("hello", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
    settings = {"FUNCAPP_NAMESPACE": "t", "FUNCAPP_PACKAGE_FILE": "", "FUNCAPP_HTTP_DRAIN_SECONDS": "0"}
    worker = Worker(app.root, {**settings, "FUNCAPP_KEYS_FOLDER": str(tmp_path / "keys")})
    worker.wait_ready()
    stop = threading.Event()
    thread = threading.Thread(target=_operate, args=(namespace, worker.port, stop))
    thread.start()
    yield
    stop.set()
    thread.join()
    worker.stop()


def _operate(namespace: Namespace, port: int, stop: threading.Event) -> None:
    revisions: dict[str, list[str]] = {}
    while not stop.wait(0.3):
        for app in json.loads(namespace.kubectl("get", "functionapps", "--output=json"))["items"]:
            name, observed = app["metadata"]["name"], app["status"]["observedGeneration"]
            if observed == app["metadata"]["generation"]:
                continue
            labels = {"functionapp.dev/app": name, "functionapp.dev/group": f"{name}-http"}
            if observed < 0:
                namespace.pod(f"{name}-http-pod", "worker", log={"worker": ""}, labels=labels)
                namespace.forward(f"{name}-http-pod", port)
                keys = {"functionapp.dev/app": name, "app.kubernetes.io/component": "keys"}
                namespace.secret(f"{name}-keys", KEYS, keys)
            made = sha256(json.dumps(app["spec"]["source"]).encode()).hexdigest()[:10]
            known = revisions.setdefault(name, [])
            known[:] = [made, *(other for other in known if other != made)]
            active = app["spec"]["rollout"].get("pin") or made
            namespace.ready(
                name,
                functions=[{"name": "hello", "trigger": "httpTrigger", "group": "http", "ready": True}],
                groups=[{"name": "http", "deployment": f"{name}-http", "replicas": 1, "readyReplicas": 1}],
                revisions=[
                    {"name": other, "readyAt": "2026-11-21T10:00:00Z", "active": other == active} for other in known
                ],
                source={"resolved": {"request": "x", "commit": "0" * 40, "at": "2026-11-21T10:00:00Z"}},
            )


@pytest.mark.parametrize(
    "page", [page for page in sorted(PAGES.glob("*.md")) if blocks(page)], ids=lambda page: page.stem
)
def test_commands_of_the_page_run(
    page: Path,
    namespace: Namespace,
    operator: None,
    registry: Registry,
    authority: Authority,
    archives: str,
    tmp_path: Path,
) -> None:
    """Every way of publishing works as its page tells it."""
    folder = tmp_path / "reader"
    folder.mkdir()
    variables = environment(
        **namespace.environment(),
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        NAMESPACE=namespace.name,
        REGISTRY=f"{registry.host}/team",
        GIT_URL="https://git.example/team/orders.git",
        ARCHIVE_URL=archives,
        SSL_CERT_FILE=str(authority.file),
        CURL_CA_BUNDLE=str(authority.file),
    )
    for block in blocks(page):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"


def test_every_way_of_publishing_has_a_page_with_its_commands() -> None:
    """An image cannot be built by these commands: a cluster's tests do that."""
    pages = {page.stem for page in PAGES.glob("*.md")}
    assert pages == {"README", "archive", "git", "image", "inline", "oci", "publish"}
    assert {page.stem for page in PAGES.glob("*.md") if blocks(page)} == pages - {"README", "image"}
