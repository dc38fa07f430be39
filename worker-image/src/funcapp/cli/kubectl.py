"""The cluster, through the user's own `kubectl`: contexts, sign-in plug-ins and proxies stay its own."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

from funcapp.errors import CommandFailed, ConfigurationError

Object = Mapping[str, Any]
"""A Kubernetes object, as JSON."""

FUNCTION_APP = "functionapps.functionapp.dev"

PROGRAM_SETTING = "FUNCAPP_KUBECTL"

_MANAGER = "funcapp"

_PATIENCE_SECONDS = 2.0
_GRACE_SECONDS = 10
"""What kubectl may take beside the request."""

_NO_RESOURCE_TYPE = "the server doesn't have a resource type"


class KubectlFailed(CommandFailed):
    """kubectl ended with an error; the message is its own.

    `reason` is the API server's, such as `NotFound`, or empty.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        head, _, _ = message.partition(")")
        self.reason = head.removeprefix("Error from server (") if head.startswith("Error from server (") else ""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options that say which cluster and namespace: kubectl's own."""
    group = parser.add_argument_group("cluster", "as kubectl's; without them, its current context")
    group.add_argument("--kubeconfig", metavar="FILE", help="the file with clusters and users")
    group.add_argument("--context", metavar="NAME", help="which of its contexts")
    group.add_argument("-n", "--namespace", metavar="NAME", help="which namespace")


def of(options: argparse.Namespace) -> Kubectl:
    """Raises ConfigurationError when kubectl is not there."""
    named = os.environ.get(PROGRAM_SETTING)
    program = shutil.which(named or "kubectl")
    if program is None:
        raise ConfigurationError(
            f"{PROGRAM_SETTING} is {named!r}, which is no program: name kubectl's path, or unset it"
            if named
            else "kubectl, which talks to the cluster, is not here: install it (https://kubernetes.io/docs/tasks/tools/),"
            f" or name its path in {PROGRAM_SETTING}"
        )
    given = {"--kubeconfig": options.kubeconfig, "--context": options.context, "--namespace": options.namespace}
    return Kubectl(program, [text for option, value in given.items() if value for text in (option, value)])


class Kubectl:
    """One cluster and namespace. Every method raises KubectlFailed."""

    def __init__(self, program: str, options: Sequence[str] = ()) -> None:
        self._program = program
        self._options = list(options)

    def run(self, *arguments: str, document: Object | None = None) -> str:
        """What it prints. `document` goes to its standard input, which otherwise is the user's: a plug-in may ask."""
        process = subprocess.Popen(  # noqa: S603
            self._command(*arguments, "--request-timeout=30s"),
            stdin=None if document is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
        )
        output, errors = _Reader(process.stdout), _Reader(process.stderr)
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin:
                process.stdin.write(json.dumps(document))
        status = _wait(process, errors)
        if status != 0:
            raise KubectlFailed(_brief(errors.text()) or f"kubectl {arguments[0]} ended with {status}")
        return output.text()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that goes on, with its output to read."""
        return subprocess.Popen(  # noqa: S603
            self._command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
        )

    def raw(self, path: str, *, seconds: int, limit: int) -> str:
        """What a GET of this path of the API server answers, which may be what a tenant's pod says: within `seconds`,
        and at most `limit` characters."""
        process = self.start("get", f"--raw={path}", f"--request-timeout={seconds}s")
        assert process.stdout is not None and process.stderr is not None
        guard = threading.Timer(seconds + _GRACE_SECONDS, process.kill)
        guard.start()
        with process:
            text = process.stdout.read(limit + 1)
            if len(text) > limit:
                process.kill()
            errors = process.stderr.read(limit)
        guard.cancel()
        if len(text) > limit:
            raise KubectlFailed(f"{path} answers with more than {limit} characters")
        if process.returncode != 0:
            raise KubectlFailed(_brief(errors) or f"{path} did not answer within {seconds} s")
        return text

    def find(self, kind: str, name: str) -> Object | None:
        """None where it does not exist."""
        text = self.run("get", kind, name, "--ignore-not-found", "--output=json")
        found: Object | None = json.loads(text) if text.strip() else None
        return found

    def function_app(self, name: str) -> Object:
        """Raises CommandFailed where it does not exist."""
        found = self.find(FUNCTION_APP, name)
        if found is None:
            raise CommandFailed(
                f"there is no FunctionApp {name!r} in this namespace: `kubectl get functionapps --all-namespaces` lists"
                " those that you may see; choose with --namespace"
            )
        return found

    def items(self, kind: str, selector: str) -> list[Object]:
        """Those that have the labels, the oldest first."""
        found = json.loads(self.run("get", kind, f"--selector={selector}", "--output=json"))["items"]
        return sorted(found, key=lambda item: (item["metadata"]["creationTimestamp"], item["metadata"]["name"]))

    def create(self, document: Object, *, dry_run: bool = False) -> None:
        """`dry_run`: the API server says whether it would take it, and keeps nothing."""
        self.run("create", *_writing(dry_run), "--filename=-", document=document)

    def patch(self, name: str, change: Object, *, dry_run: bool = False) -> None:
        """Changes a FunctionApp by a merge patch (RFC 7386)."""
        self.run("patch", FUNCTION_APP, name, "--type=merge", *_writing(dry_run), f"--patch={json.dumps(change)}")

    def shown(self, *arguments: str) -> str:
        """A command for people to run themselves."""
        return shlex.join(["kubectl", *arguments, *self._options])

    def _command(self, *arguments: str) -> list[str]:
        return [self._program, *arguments, *self._options]


class _Reader:
    """Reads a stream to its end, whoever else has to be waited for."""

    def __init__(self, stream: IO[str] | None) -> None:
        assert stream is not None
        self.lines: list[str] = []
        self._stream = stream
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                self.lines.append(line)

    def text(self) -> str:
        self._thread.join()
        return "".join(self.lines)


def _wait(process: subprocess.Popen[str], errors: _Reader) -> int:
    """What it says while it goes on is for the user: where to sign in, for example."""
    shown = 0
    while True:
        try:
            return process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            said = errors.lines[shown:]
            shown += len(said)
            print("".join(said), end="", file=sys.stderr, flush=True)


def _writing(dry_run: bool) -> list[str]:
    return [f"--field-manager={_MANAGER}", "--output=name", *(["--dry-run=server"] if dry_run else [])]


def _brief(errors: str) -> str:
    """What kubectl says, without the client's log lines before it."""
    lines = [line for line in errors.strip().splitlines() if not line.startswith(("E", "W", "I")) or ".go:" not in line]
    text = "\n".join(lines).strip()
    if _NO_RESOURCE_TYPE in text:
        text += ": install the FunctionApp operator in this cluster, or choose another with --context"
    return text
