"""The steps of a prepare Job, as the image runs them."""

import json
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobSasPermissions, ContainerSasPermissions, generate_blob_sas, generate_container_sas

from support.apps import AppFolder
from support.azurite import ACCOUNT, KEY, Azurite
from support.worker import FUNCAPP, environment


class Prepare:
    """One prepare Job: its folders, and the blobs that it may write."""

    def __init__(self, folder: Path, azurite: Azurite, container: str) -> None:
        self.run = folder / "run"
        self.root = folder / "wwwroot"
        self.container = azurite.blobs.create_container(container)
        self._azurite = azurite
        self.source = AppFolder(self.run / "source")
        for name in ("prepare", "workspace", "package"):
            (self.run / name).mkdir(parents=True, exist_ok=True)
        self.root.mkdir()
        self.dependencies = azurite.blobs.create_container(f"{container}-deps")
        self.grants(package="cr", index="c")
        self.settings = {
            "FUNCAPP_RUN_DIRECTORY": str(self.run),
            "FUNCAPP_TERMINATION_LOG": str(folder / "termination"),
            "FUNCAPP_REVISION": "3f9c0a12be",
            "AzureWebJobsScriptRoot": str(self.root),
        }

    def url(self, blob: str, permission: str) -> str:
        name = self.container.container_name
        token = generate_blob_sas(
            ACCOUNT,
            name,
            blob,
            account_key=KEY,
            permission=BlobSasPermissions.from_string(permission),
            expiry=datetime.now(timezone.utc) + timedelta(hours=1),
        )
        return f"{self._azurite.blob_endpoint}/{name}/{blob}?{token}"

    def grants(self, **permissions: str) -> None:
        blobs = {"package": "packages/app/key.zip", "index": "revisions/app/rev/index.json"}
        grants = {name: {"url": self.url(blobs[name], permission)} for name, permission in permissions.items()}
        token = generate_container_sas(
            ACCOUNT,
            self.dependencies.container_name,
            account_key=KEY,
            permission=ContainerSasPermissions(read=True, create=True),
            expiry=datetime.now(timezone.utc) + timedelta(hours=1),
        )
        grants["dependencies"] = {"url": f"{self.dependencies.url}?{token}"}
        (self.run / "prepare" / "prepare.json").write_text(json.dumps(grants))

    def step(self, name: str, **settings: str) -> tuple[int, dict[str, str]]:
        """The exit code and the termination message. `output` is then what it printed."""
        done = subprocess.run(
            [FUNCAPP, "prepare", name], env=environment(**{**self.settings, **settings}), capture_output=True
        )
        self.output = done.stdout.decode()
        message = Path(self.settings["FUNCAPP_TERMINATION_LOG"]).read_bytes()
        assert len(message) <= 4096
        return done.returncode, json.loads(message)

    @property
    def messages(self) -> list[str]:
        """Of the log records of the last step."""
        return [json.loads(line)["message"] for line in self.output.splitlines()]

    @property
    def note(self) -> dict[str, Any]:
        return json.loads((self.run / "workspace" / "package.json").read_text())

    def stored(self, blob: str) -> bytes:
        return self.container.download_blob(blob).readall()

    def forget_package(self) -> None:
        """As if the source was another."""
        self.container.delete_blob("packages/app/key.zip")
