"""Debian's docker-registry, the reference implementation of the distribution API, in its own process."""

import json
import os
import subprocess
from pathlib import Path

import bcrypt

from support.azurite import answers
from support.ports import free_ports
from support.waiting import wait_for


class Registry:
    """On 127.0.0.1. `certificate`: those of HTTPS and its key. `login`: who may use it."""

    def __init__(
        self, folder: Path, certificate: tuple[Path, Path] | None = None, login: tuple[str, str] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_ports(1)[0]
        self.host = f"127.0.0.1:{self.port}"
        self._folder = folder
        http: dict[str, object] = {"addr": self.host}
        if certificate is not None:
            http["tls"] = {"certificate": str(certificate[0]), "key": str(certificate[1])}
        config: dict[str, object] = {
            "version": 0.1,
            "log": {"level": "warn"},
            "storage": {"filesystem": {"rootdirectory": str(folder / "storage")}},
            "http": http,
        }
        if login is not None:
            hashed = bcrypt.hashpw(login[1].encode(), bcrypt.gensalt(4)).decode()
            (folder / "htpasswd").write_text(f"{login[0]}:{hashed}\n")
            config["auth"] = {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}
        # JSON is YAML.
        (folder / "config.yml").write_text(json.dumps(config))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
        with (self._folder / "registry.log").open("ab") as output:
            self._process = subprocess.Popen(
                ["docker-registry", "serve", str(self._folder / "config.yml")],
                stdout=output,
                stderr=output,
                env=environment,
            )
        wait_for(lambda: answers(self.port), "the registry listens", 60)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
