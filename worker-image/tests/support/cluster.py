"""A real API server, of which the tests play the operator and the kubelet."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from support.waiting import wait_for

CRD = Path(__file__).parents[3] / "crds" / "functionapps.functionapp.dev.yaml"
STAND_IN = Path(__file__).with_name("kubectl_stand_in.py")

Funcapp = Callable[..., subprocess.CompletedProcess[str]]
"""`funcapp` with these arguments, from start to end."""

_KIND = "functionapps.functionapp.dev"


def install_crd() -> None:
    _kubectl("apply", "--server-side", "--filename", str(CRD))
    established = """--output=jsonpath={.status.conditions[?(@.type=="Established")].status}"""
    wait_for(lambda: _kubectl("get", "crd", _KIND, established) == "True", "the CRD is established", 60)
    # Its URLs are served a moment later.
    wait_for(_served, "FunctionApps are served", 60)


def _served() -> bool:
    return subprocess.run(["kubectl", "get", _KIND], capture_output=True).returncode == 0


class Namespace:
    """One namespace, and what the operator and the kubelet would write into it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._operators: list[threading.Thread] = []
        _kubectl("create", "namespace", name)
        # No controller makes it here.
        self.kubectl("create", "serviceaccount", "default")

    def kubectl(self, *arguments: str, document: Mapping[str, Any] | None = None) -> str:
        return _kubectl("--namespace", self.name, *arguments, document=document)

    def get(self, name: str) -> dict[str, Any]:
        """A FunctionApp; empty where it does not exist."""
        text = self.kubectl("get", _KIND, name, "--output=json", "--ignore-not-found")
        return json.loads(text) if text else {}

    def apply(self, name: str, **spec: Any) -> None:
        self.kubectl(
            "create",
            "--filename=-",
            document={
                "apiVersion": "functionapp.dev/v1alpha1",
                "kind": "FunctionApp",
                "metadata": {"name": name},
                "spec": spec,
            },
        )

    def status(self, name: str, *conditions: tuple[str, str, str, str], **status: Any) -> None:
        """As the operator writes it: `conditions` are type, status, reason and message."""
        app = self.get(name)
        generation = app["metadata"]["generation"]
        annotations = app["metadata"].get("annotations", {})
        if "functionapp.dev/reconcile-at" in annotations:
            status["lastHandledReconcileAt"] = annotations["functionapp.dev/reconcile-at"]
        written = [
            {
                "type": kind,
                "status": value,
                "reason": reason,
                "message": message,
                "observedGeneration": generation,
                "lastTransitionTime": "2026-11-21T10:00:00Z",
            }
            for kind, value, reason, message in conditions
        ]
        document = {"status": {**status, "observedGeneration": generation, "conditions": written}}
        self.kubectl("patch", _KIND, name, "--subresource=status", "--type=merge", f"--patch={json.dumps(document)}")

    def ready(self, name: str, **status: Any) -> None:
        self.status(name, ("Ready", "True", "Ready", "what is asked for is applied and able to run"), **status)

    def play_operator(self, name: str, *statuses: Any, after: Any = lambda app: bool(app)) -> None:
        """Writes statuses one after the other, as soon as `after` holds for the app. Each is a callable."""

        def play() -> None:
            wait_for(lambda: after(self.get(name)), f"the change of {name}", 90)
            for write in statuses:
                write()

        self._operators.append(threading.Thread(target=play, daemon=True))
        self._operators[-1].start()

    def join(self) -> None:
        for thread in self._operators:
            thread.join(100)
            assert not thread.is_alive()

    def pod(
        self, name: str, component: str, *, log: Mapping[str, str], ready: bool = True, labels: Mapping[str, str]
    ) -> None:
        """A pod whose containers log this; they have ended where it is not the pod of a worker."""
        app = labels["functionapp.dev/app"]
        self.kubectl(
            "create",
            "--filename=-",
            document={
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": name,
                    "labels": {"app.kubernetes.io/component": component, "app.kubernetes.io/instance": app, **labels},
                },
                "spec": {"containers": [{"name": container, "image": "none"} for container in log]},
            },
        )
        state = {"running": {}} if component == "worker" else {"terminated": {"exitCode": 10}}
        containers = [
            {"name": container, "image": "none", "imageID": "", "ready": ready, "restartCount": 0, "state": state}
            for container in log
        ]
        conditions = [{"type": "Ready", "status": str(ready)}]
        document = {"status": {"phase": "Running", "conditions": conditions, "containerStatuses": containers}}
        self.kubectl("patch", "pod", name, "--subresource=status", f"--patch={json.dumps(document)}")
        for container, text in log.items():
            self.log(name, container, text)

    def log(self, pod: str, container: str, text: str) -> None:
        """Adds to what `kubectl logs` shows."""
        with (self._folder / f"{pod}.{container}.log").open("a") as file:
            file.write(text)

    def cut_log(self, pod: str) -> None:
        """Whoever follows the log loses the connection; returns when that has happened."""
        cut = self._folder / f"{pod}.cut"
        cut.touch()
        wait_for(lambda: not cut.exists(), "the connection is cut", 60)

    def secret(self, name: str, entries: Mapping[str, str], labels: Mapping[str, str]) -> None:
        data = {entry: base64.b64encode(value.encode()).decode() for entry, value in entries.items()}
        self.kubectl(
            "create",
            "--filename=-",
            document={"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "labels": labels}, "data": data},
        )

    def forward(self, pod: str, port: int) -> None:
        """What `kubectl port-forward` leads to."""
        (self._folder / f"{pod}.port").write_text(str(port))

    def report(self, pod: str, report: object) -> None:
        """What a worker answers at `/scaling`, through the API server."""
        (self._folder / f"{pod}.scaling").write_text(json.dumps(report))

    def deployment(self, name: str, labels: Mapping[str, str], annotations: Mapping[str, str], replicas: int) -> None:
        template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "worker", "image": "none"}]}}
        self.kubectl(
            "create",
            "--filename=-",
            document={
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": name, "labels": labels, "annotations": annotations},
                "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
            },
        )
        document = {"status": {"replicas": replicas, "readyReplicas": replicas}}
        self.kubectl(
            "patch", "deployment", name, "--subresource=status", "--type=merge", f"--patch={json.dumps(document)}"
        )

    def break_command(self, command: str) -> None:
        """Such as `patch`: fails as if the cluster were away, save for dry runs."""
        (self._folder / f"{command}.broken").touch()

    def mend_command(self, command: str) -> None:
        (self._folder / f"{command}.broken").unlink()

    def environment(self) -> dict[str, str]:
        """For `funcapp`: the stand-in for kubectl, which passes on what an API server alone can answer."""
        program = self._folder / "kubectl"
        if not program.exists():
            program.write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} {self._folder} "$@"\n')
            program.chmod(0o755)
        return {"FUNCAPP_KUBECTL": str(program), "KUBECONFIG": os.environ["KUBECONFIG"]}


def _kubectl(*arguments: str, document: Mapping[str, Any] | None = None) -> str:
    done = subprocess.run(
        ["kubectl", *arguments],
        input=None if document is None else json.dumps(document),
        stdin=subprocess.DEVNULL if document is None else None,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
