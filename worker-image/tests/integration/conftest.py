import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.apps import AppFolder
from support.azurite import Azurite
from support.building import Building
from support.https import HttpsServer
from support.tls import Authority
from support.worker import FUNCAPP, Worker, environment

# It takes minutes, and nothing in it depends on the Python version.
collect_ignore = [] if sys.version_info[:2] == (3, 13) else ["test_endurance.py"]

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes comes first, so that all else runs beside it."""
    items.sort(key=lambda item: item.path.name != "test_endurance.py")


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    running = Azurite(tmp_path_factory.mktemp("azurite"))
    running.start()
    yield running
    running.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls")


@pytest.fixture
def server(authority: Authority) -> Iterator[HttpsServer]:
    running = HttpsServer(authority, "127.0.0.1", "localhost")
    yield running
    running.close()


@pytest.fixture
def building(tmp_path: Path, azurite: Azurite, authority: Authority) -> Building:
    return Building(tmp_path / "build", azurite, authority)


@pytest.fixture
def unique() -> str:
    """A name for queues and containers that no other test uses."""
    return f"test{next(_numbers)}"


@pytest.fixture
def app(tmp_path: Path) -> AppFolder:
    return AppFolder(tmp_path / "app")


@pytest.fixture
def launch(app: AppFolder, azurite: Azurite) -> Iterator[Callable[..., Worker]]:
    """Starts workers for `app`; each is stopped at the end."""
    workers: list[Worker] = []

    def start(through: Sequence[str] = (), **settings: str) -> Worker:
        settings = {"AzureWebJobsStorage": azurite.connection_string, **settings}
        workers.append(Worker(app.root, settings, through))
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


@pytest.fixture
def index(app: AppFolder, azurite: Azurite) -> Callable[..., dict[str, Any]]:
    """Runs `funcapp index` on `app`; the result has the functions by name."""

    def run(**settings: str) -> dict[str, Any]:
        settings = {"AzureWebJobsStorage": azurite.connection_string, **settings}
        done = subprocess.run([FUNCAPP, "index", str(app.root)], env=environment(**settings), capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return {function["name"]: function for function in json.loads(done.stdout)["functions"]}

    return run
