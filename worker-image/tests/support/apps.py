"""Function apps, written by tests."""

import json
import textwrap
from pathlib import Path
from typing import Any

HTTP_RETURN = {"type": "http", "direction": "out", "name": "$return"}


def http_trigger(**properties: Any) -> dict[str, Any]:
    return {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", **properties}


def queue_trigger(queue: str, **properties: Any) -> dict[str, Any]:
    return {"type": "queueTrigger", "direction": "in", "name": "msg", "queueName": queue, **properties}


def blob_trigger(path: str, **properties: Any) -> dict[str, Any]:
    return {"type": "blobTrigger", "direction": "in", "name": "blob", "path": path, **properties}


def timer_trigger(schedule: str, **properties: Any) -> dict[str, Any]:
    return {"type": "timerTrigger", "direction": "in", "name": "timer", "schedule": schedule, **properties}


def queue_output(queue: str, name: str = "out") -> dict[str, Any]:
    return {"type": "queue", "direction": "out", "name": name, "queueName": queue}


def blob(direction: str, path: str, name: str, **properties: Any) -> dict[str, Any]:
    return {"type": "blob", "direction": direction, "name": name, "path": path, **properties}


class AppFolder:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.host()

    def host(self, **sections: Any) -> "AppFolder":
        return self.file("host.json", json.dumps({"version": "2.0", **sections}))

    def file(self, path: str, content: str | bytes) -> "AppFolder":
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())
        return self

    def function(self, name: str, code: str, *bindings: dict[str, Any], **properties: Any) -> "AppFolder":
        document = {**properties, "bindings": list(bindings)}
        return self.file(f"{name}/function.json", json.dumps(document)).file(f"{name}/__init__.py", code)
