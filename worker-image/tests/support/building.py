"""The build step in the test's own process, where the test says which addresses are allowed."""

import io
import json
import uuid
import zipfile
from pathlib import Path
from typing import Any

from funcapp.net.guard import Address, Guard, public
from funcapp.prepare.build import build
from funcapp.prepare.outcome import run_step
from support.azurite import Azurite
from support.tls import Authority


def this_address(address: Address) -> bool:
    """What the product allows, and the one address that servers of tests have."""
    return str(address) == "127.0.0.1" or public(address)


class Building:
    """One app; each `run` builds another package of it."""

    def __init__(self, folder: Path, azurite: Azurite, authority: Authority) -> None:
        self.folder = folder
        self.root = folder / "wwwroot"
        self.guard = Guard(this_address)
        self._azurite = azurite
        self._authority = authority
        self._container = azurite.blobs.create_container(f"build-{uuid.uuid4().hex}")
        for name in ("run/prepare", "run/workspace", "run/source", "run/credentials", "wwwroot"):
            (folder / name).mkdir(parents=True)

    def environment(self, source: dict[str, str], credentials: dict[str, str], **settings: str) -> dict[str, str]:
        folder = self.folder / "run" / "credentials"
        for path in folder.iterdir():
            path.unlink()
        for name, value in {"ca.crt": self._authority.file.read_text(), **credentials}.items():
            (folder / name).write_text(value)
        return {
            "FUNCAPP_RUN_DIRECTORY": str(self.folder / "run"),
            "AzureWebJobsScriptRoot": str(self.root),
            "FUNCAPP_SOURCE": json.dumps(source),
            **settings,
        }

    def run(
        self, source: dict[str, str], credentials: dict[str, str] | None = None, **settings: str
    ) -> tuple[int, dict[str, Any]]:
        """The exit code and the termination message."""
        self.blob = f"{uuid.uuid4().hex}.zip"
        grant = {"url": self._azurite.sas(self._container.container_name, self.blob, "cr")}
        (self.folder / "run" / "prepare" / "prepare.json").write_text(json.dumps({"package": grant}))
        environment = self.environment(source, credentials or {}, **settings)
        log = self.folder / "termination"
        return run_step(lambda: build(environment, self.guard), log), json.loads(log.read_bytes())

    @property
    def files(self) -> dict[str, bytes]:
        """What the package has, but for compiled modules."""
        with zipfile.ZipFile(io.BytesIO(self._container.download_blob(self.blob).readall())) as package:
            return {name: package.read(name) for name in package.namelist() if "__pycache__" not in name}
