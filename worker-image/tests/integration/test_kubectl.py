"""How commands run kubectl, and what they do with what it says. No cluster takes part."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from support import terminal
from support.apps import AppFolder
from support.terminal import Terminal
from support.worker import FUNCAPP, environment


def stand_in(folder: Path, script: str) -> dict[str, str]:
    program = folder / "kubectl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"FUNCAPP_KUBECTL": str(program)}


def test_what_a_sign_in_plug_in_says_is_seen_while_it_waits(app: AppFolder, tmp_path: Path) -> None:
    """A device code is of no use once kubectl has ended."""
    signed_in = tmp_path / "signed-in"
    script = f"echo 'To sign in, enter the code ABCD' >&2\nuntil [ -e {signed_in} ]; do sleep 0.1; done"
    shown = Terminal("status", "orders", cwd=app.root, **stand_in(tmp_path, script))
    try:
        shown.wait_for("To sign in, enter the code ABCD")
        signed_in.touch()
        assert shown.process.wait(60) == 1
    finally:
        shown.end()
    assert "there is no FunctionApp 'orders' in this namespace" in shown.text


def test_options_are_passed_on_as_kubectls_own(app: AppFolder, tmp_path: Path) -> None:
    arguments = tmp_path / "arguments"
    settings = stand_in(tmp_path, f'echo "$@" > {arguments}')
    options = ["--kubeconfig", "a b", "--context", "prod", "-n", "shop"]
    assert terminal.run("status", "orders", *options, cwd=app.root, **settings).returncode == 1
    assert arguments.read_text().endswith(" --kubeconfig a b --context prod --namespace shop\n")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "E1121 10:00:00.0 1 memcache.go:265] unhandled\nUnable to connect: timeout",
            "funcapp: Unable to connect: timeout",
        ),
        ('error: the server doesn\'t have a resource type "functionapps"', "install the FunctionApp operator"),
        ("Error from server (Forbidden): no", "funcapp: Error from server (Forbidden): no"),
        ("", "kubectl get ended with 1"),
    ],
)
def test_errors_are_kubectls_own_words(app: AppFolder, tmp_path: Path, said: str, message: str) -> None:
    (tmp_path / "said").write_text(said)
    done = terminal.run("status", "x", cwd=app.root, **stand_in(tmp_path, f"cat {tmp_path / 'said'} >&2; exit 1"))
    assert done.returncode == 1
    assert message in done.stderr
    assert "memcache.go" not in done.stderr


def test_without_a_push_nothing_is_written_but_a_dry_run(app: AppFolder, tmp_path: Path) -> None:
    calls, document = tmp_path / "calls", tmp_path / "document"
    settings = stand_in(tmp_path, f'echo "$@" >> {calls}\nif [ "$1" = create ]; then cat > {document}; fi')
    # Nothing listens there.
    to = ["--to", "oci://127.0.0.1:1/orders", "--set-setting", f"LONG={'x' * 100_000}"]
    done = terminal.run("publish", "orders", *to, cwd=app.root, DOCKER_CONFIG=str(tmp_path), **settings)
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr
    written = json.loads(document.read_text())
    assert (written["metadata"]["name"], len(written["spec"]["settings"]["LONG"])) == ("orders", 100_000)
    assert [call.split()[0] for call in calls.read_text().splitlines()] == ["get", "create"]
    assert "--dry-run=server" in calls.read_text()


def test_a_reader_that_has_enough_ends_a_command_in_silence(app: AppFolder) -> None:
    """As with `funcapp logs orders | head`."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [FUNCAPP, "pack", "--list-included-files"],
            cwd=app.root,
            env=environment(),
            stdout=writing,
            stderr=subprocess.PIPE,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
