import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from support import cluster, terminal
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.cluster import Funcapp, Namespace
from support.registry import Registry
from support.tls import Authority
from support.worker import environment

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def crd() -> None:
    assert os.environ.get("KUBECONFIG"), "run e2e/cluster/with-api-server worker-image/scripts/test cluster"
    cluster.install_crd()


@pytest.fixture
def namespace(tmp_path: Path) -> Iterator[Namespace]:
    folder = tmp_path / "kubectl"
    folder.mkdir()
    made = Namespace(f"test-{os.getpid()}-{next(_numbers)}", folder)
    yield made
    made.join()


@pytest.fixture
def app(tmp_path: Path) -> AppFolder:
    made = AppFolder(tmp_path / "orders")
    return made.function("hello", "def main(req): return 'hello'", http_trigger(), HTTP_RETURN)


@pytest.fixture
def funcapp(app: AppFolder, namespace: Namespace, registry: Registry, authority: Authority) -> Funcapp:
    """Runs a command in the app's folder, for the namespace, as someone who is signed in to the registry."""

    def run(*arguments: str, **settings: str) -> CompletedProcess[str]:
        given = {**namespace.environment(), **settings}
        cluster_options = [] if arguments[0] == "pack" else ["--namespace", namespace.name]
        return terminal.run(*arguments, *cluster_options, cwd=app.root, **given)

    assert "KUBECONFIG" in environment()
    return run


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Registry]:
    """With TLS: clusters take nothing else."""
    running = Registry(tmp_path_factory.mktemp("registry"), authority.issue("127.0.0.1"))
    running.start()
    yield running
    running.stop()
