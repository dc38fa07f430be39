"""`funcapp publish` against a real API server and a real registry; the tests play the operator."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.apps import AppFolder
from support.cluster import Funcapp, Namespace
from support.registry import Registry
from support.tls import Authority
from support.waiting import wait_for

from funcapp.net import trust
from funcapp.net.system import SystemDialer
from funcapp.net.web import Web
from funcapp.oci import parse
from funcapp.oci.registry import Registry as Client

BUILDING = ("PackageReady", "False", "Preparing", "building the package")
BUILT = ("PackageReady", "True", "Prepared", "the package is built and verified")
NOT_READY = ("Ready", "False", "Preparing", "building the package")


@pytest.fixture
def to(registry: Registry, authority: Authority) -> list[str]:
    return ["--to", f"oci://{registry.host}/team/orders", "--ca-file", str(authority.file)]


def holds(registry: Registry, authority: Authority, digest: str) -> bool:
    reference = parse(f"oci://{registry.host}/team/orders")
    client = Client(Web(SystemDialer(trust.context([authority.file]))), reference, None, actions="pull")
    try:
        return bool(client.manifest(digest))
    except Exception:
        return False


def by_operator(namespace: Namespace, *conditions: tuple[str, str, str, str], **status: Any) -> Any:
    return lambda: namespace.status("orders", *conditions, **status)


def test_a_new_app_is_packed_pushed_created_and_followed(
    namespace: Namespace, funcapp: Funcapp, registry: Registry, authority: Authority, to: list[str]
) -> None:
    """One command publishes, and follows the app to Ready."""
    functions = [{"name": "hello", "trigger": "httpTrigger", "ready": True, "url": "http://orders.test/api/hello"}]
    namespace.play_operator(
        "orders",
        by_operator(namespace, BUILDING, NOT_READY),
        lambda: wait_a_look(),
        by_operator(namespace, BUILT, ("Ready", "True", "Ready", "applied"), functions=functions),
    )
    done = funcapp("publish", "orders", *to, "--set-setting", "CURRENCY=EUR=€", "--python-version", "3.11")
    assert done.returncode == 0, done.stderr
    spec = namespace.get("orders")["spec"]
    assert spec["source"]["oci"]["url"] == f"oci://{registry.host}/team/orders"
    assert holds(registry, authority, spec["source"]["oci"]["digest"])
    assert spec["runtime"]["version"] == "3.11"
    assert spec["settings"] == {"CURRENCY": "EUR=€"}
    lines = done.stderr.splitlines()
    order = [
        next(number for number, line in enumerate(lines) if text in line)
        for text in (
            "packed ",
            "pushed oci://",
            "orders is created",
            "building the package",
            "built and verified",
            "ready",
        )
    ]
    assert order == sorted(order)
    assert done.stdout == "hello: http://orders.test/api/hello\n"


def wait_a_look() -> None:
    """Longer than the command waits between two looks at the status."""
    import time

    end = time.monotonic() + 2.5
    wait_for(lambda: time.monotonic() > end, "time passes", 10)


def test_of_an_app_that_exists_the_source_alone_changes(
    app: AppFolder, namespace: Namespace, funcapp: Funcapp, to: list[str]
) -> None:
    namespace.apply(
        "orders",
        source={"inline": {"files": {"host.json": "{}"}}},
        runtime={"version": "3.11"},
        settings={"CURRENCY": "EUR"},
        scaling={"maxReplicas": 3},
    )
    before = namespace.get("orders")["spec"]
    done = funcapp("publish", "orders", *to, "--no-wait", "--source-secret", "registry")
    assert done.returncode == 0, done.stderr
    assert "note: the source of orders was inline" in done.stderr
    after = namespace.get("orders")["spec"]
    assert {**after, "source": None} == {**before, "source": None}
    assert set(after["source"]) == {"oci"}
    assert after["source"]["oci"]["secretRef"] == {"name": "registry"}

    app.file("hello/__init__.py", "def main(req): return 'another'")
    # Where to, and with which Secret, is known from now on.
    done = funcapp("publish", "orders", *to[2:], "--no-wait", "--python-version", "3.13")
    assert done.returncode == 0, done.stderr
    last = namespace.get("orders")["spec"]
    assert last["source"]["oci"]["digest"] != after["source"]["oci"]["digest"]
    assert last["source"]["oci"]["secretRef"] == {"name": "registry"}
    assert last["runtime"]["version"] == "3.13"


def test_a_mistake_is_shown_with_conditions_functions_and_the_end_of_the_builds_log(
    namespace: Namespace, funcapp: Funcapp, to: list[str]
) -> None:
    """A rollout that does not succeed exits with 1, and its reasons need no second command."""
    message = "requirements.txt cannot be installed: No matching distribution found for nothing==1.0"
    labels = {"functionapp.dev/app": "orders", "functionapp.dev/revision": "3f9c0a12be"}
    namespace.play_operator(
        "orders",
        lambda: namespace.pod(
            "orders-prepare-x", "prepare", log={"build": "Looking for nothing\nERROR: \x1b[31mnone\n"}, labels=labels
        ),
        by_operator(
            namespace,
            ("PackageReady", "False", "RequirementsNotInstalled", message),
            ("Available", "True", "Serving", "the revision before serves"),
            ("Ready", "False", "RequirementsNotInstalled", message),
            ("Stalled", "True", "RequirementsNotInstalled", message),
            latestCreatedRevision="3f9c0a12be",
            functions=[{"name": "bad", "ready": False, "reason": "ImportFailed", "message": "no module x"}],
        ),
    )
    done = funcapp("publish", "orders", *to)
    assert done.returncode == 1
    assert f"RequirementsNotInstalled: {message}" in done.stderr
    assert "bad: ImportFailed: no module x" in done.stderr
    assert "ERROR: \\x1b[31mnone" in done.stderr
    assert "What ran before goes on serving." in done.stderr


def test_what_the_api_server_refuses_is_refused_before_anything_is_pushed(
    namespace: Namespace, funcapp: Funcapp, registry: Registry, authority: Authority, to: list[str]
) -> None:
    dry = funcapp("publish", "orders", *to, "--dry-run", "-o", "json")
    digest = json.loads(dry.stdout)["spec"]["source"]["oci"]["digest"]
    was_there = holds(registry, authority, digest)
    done = funcapp("publish", "orders", *to, "--set-setting", "PATH=/bin")
    assert done.returncode == 1
    assert 'the setting name "PATH" is reserved for the runtime' in done.stderr
    assert namespace.get("orders") == {}
    assert holds(registry, authority, digest) == was_there


def test_after_a_push_whose_apply_failed_it_says_how_to_go_on(
    namespace: Namespace, funcapp: Funcapp, registry: Registry, authority: Authority, to: list[str]
) -> None:
    """Nothing half-done is left without a word on how to finish it, and publishing again finishes it."""
    namespace.break_command("create")
    done = funcapp("publish", "orders", *to)
    assert done.returncode == 1
    assert "the package is pushed, and orders is not changed: Unable to connect to the server" in done.stderr
    assert "publish again (what is pushed is not sent twice), or: echo '{" in done.stderr
    namespace.mend_command("create")
    namespace.play_operator("orders", lambda: namespace.ready("orders"))
    done = funcapp("publish", "orders", *to)
    assert done.returncode == 0, done.stderr
    assert holds(registry, authority, namespace.get("orders")["spec"]["source"]["oci"]["digest"])


def test_the_manifest_of_a_dry_run_is_what_publishing_creates(
    namespace: Namespace, funcapp: Funcapp, to: list[str], tmp_path: Path
) -> None:
    """CI and Git get it without a cluster."""
    odd = 'yes: # "no"\n\t😀\x7f'
    arguments = [*to, "--dry-run", "--python-version", "3.11", "--set-setting", f"ODD={odd}", "--set-setting", "ON=on"]
    dry = funcapp("publish", "orders", *arguments, KUBECONFIG="/nowhere", FUNCAPP_KUBECTL="/nowhere")
    assert dry.returncode == 0, dry.stderr
    manifest = tmp_path / "orders.yaml"
    manifest.write_text(dry.stdout)
    namespace.kubectl("create", "--filename", str(manifest))
    spec = namespace.get("orders")["spec"]
    assert spec["settings"] == {"ODD": odd, "ON": "on"}
    assert spec["runtime"]["version"] == "3.11"
    as_json = json.loads(funcapp("publish", "orders", *arguments, "-o", "json").stdout)
    assert as_json["spec"]["source"]["oci"] == spec["source"]["oci"]
    assert as_json["metadata"] == {"name": "orders", "namespace": namespace.name}
    # What the cluster has is what would be pushed: publishing it changes nothing.
    generation = namespace.get("orders")["metadata"]["generation"]
    done = funcapp("publish", "orders", *to, "--no-wait")
    assert done.returncode == 0, done.stderr
    assert "orders has this source already: asked to try it again" in done.stderr
    found = namespace.get("orders")["metadata"]
    assert found["generation"] == generation
    assert found["annotations"]["functionapp.dev/reconcile-at"]


def test_a_blob_containers_signature_never_reaches_the_cluster(namespace: Namespace, funcapp: Funcapp) -> None:
    """Whoever may read the app may not read its package store: the cluster has a Secret of its own."""
    to = ["--to", "https://shop.blob.core.windows.net/packages?sv=1&sig=secret", "--source-secret", "packages"]
    dry = funcapp("publish", "orders", *to, "--dry-run", "-o", "json")
    assert dry.returncode == 0, dry.stderr
    assert "secret" not in dry.stdout.replace("secretRef", "")
    namespace.kubectl("create", "--filename=-", document=json.loads(dry.stdout))
    archive = namespace.get("orders")["spec"]["source"]["archive"]
    name = f"orders-{archive['sha256'][:12]}.zip"
    assert archive["url"] == f"https://shop.blob.core.windows.net/packages/{name}"
    assert archive["secretRef"] == {"name": "packages"}


def test_a_pinned_app_is_not_published_to(namespace: Namespace, funcapp: Funcapp, to: list[str]) -> None:
    namespace.apply("orders", source={"inline": {"files": {"host.json": "{}"}}}, rollout={"pin": "3f9c0a12be"})
    done = funcapp("publish", "orders", *to)
    assert done.returncode == 1
    assert "pinned to revision 3f9c0a12be" in done.stderr
    assert "funcapp rollback orders --undo" in done.stderr
    assert "packed" not in done.stderr


def test_settings_of_an_app_that_exists_are_not_touched(namespace: Namespace, funcapp: Funcapp, to: list[str]) -> None:
    namespace.apply("orders", source={"inline": {"files": {"host.json": "{}"}}}, settings={"A": "1", "B": "2"})
    done = funcapp("publish", "orders", *to, "--set-setting", "A=1", "--set-setting", "B=3")
    assert done.returncode == 1
    assert "--set-setting B is for new apps" in done.stderr
    done = funcapp("publish", "orders", *to, "--set-setting", "A=1", "--no-wait")
    assert done.returncode == 0, done.stderr


def test_packages_that_the_zip_brings_along_are_not_installed_again(
    app: AppFolder, namespace: Namespace, funcapp: Funcapp, to: list[str]
) -> None:
    """What is built here is not built in the cluster, and the other way round."""
    app.file("requirements.txt", "nothing-like-it==1.0\n")
    assert funcapp("publish", "orders", *to, "--no-wait", "--no-build").returncode == 0
    assert namespace.get("orders")["spec"]["build"]["mode"] == "None"
    assert funcapp("publish", "orders", *to, "--no-wait").returncode == 0
    assert namespace.get("orders")["spec"]["build"]["mode"] == "Auto"
    app.file(".python_packages/lib/site-packages/thing.py", "")
    assert funcapp("publish", "orders", *to, "--no-wait", "--no-build").returncode == 0
    assert namespace.get("orders")["spec"]["build"]["mode"] == "Auto"


def test_a_rollout_that_takes_too_long_says_how_to_follow_it(
    namespace: Namespace, funcapp: Funcapp, to: list[str]
) -> None:
    namespace.play_operator("orders", by_operator(namespace, BUILDING, NOT_READY))
    done = funcapp("publish", "orders", *to, "--timeout", "4s")
    assert done.returncode == 1
    assert "orders is not ready after 4 s" in done.stderr
    assert "funcapp status orders --wait" in done.stderr
    namespace.ready("orders", url="http://orders.test")
    assert funcapp("status", "orders", "--wait").returncode == 0


def test_git_that_would_take_the_change_back_is_named(namespace: Namespace, funcapp: Funcapp, to: list[str]) -> None:
    namespace.apply("orders", source={"inline": {"files": {"host.json": "{}"}}})
    namespace.kubectl("label", "functionapp", "orders", "kustomize.toolkit.fluxcd.io/name=apps")
    done = funcapp("publish", "orders", *to, "--no-wait")
    assert done.returncode == 0, done.stderr
    assert "Flux keeps orders as Git says and may take this back" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Orders", "--to", "oci://r.example/x"], "only lower-case letters"),
        (["orders"], "--to is missing"),
        (["orders", "--to", "oci://r.example/x@sha256:" + "0" * 64], "the digest follows from the package"),
        (["orders", "--to", "http://r.example/x?sig=secret"], "the cluster fetches over TLS alone"),
        (["orders", "--to", "https://a.blob.core.windows.net/c"], "give a URL with a SAS"),
        (["orders", "--to", "oci://r.example/x", "--username", "me"], "--username needs --password-stdin"),
        (["orders", "--to", "oci://r.example/x", "--set-setting", "1=2"], "--set-setting 1: it must be NAME=VALUE"),
        (["orders", "--to", "oci://r.example/x", "--timeout", "soon"], "--timeout soon: it must be a duration"),
        (["orders", "--to", "oci://r.example/x", "-o", "yaml"], "--output goes with --dry-run"),
        (["orders", "--to", "oci://r.example/x", "--build", "local", "--no-build"], "contradict each other"),
    ],
)
def test_a_call_that_cannot_be_meant_exits_with_2(funcapp: Funcapp, arguments: list[str], message: str) -> None:
    done = funcapp("publish", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "secret" not in done.stderr


def test_without_kubectl_it_says_where_to_get_it(funcapp: Funcapp, to: list[str], tmp_path: Path) -> None:
    done = funcapp("publish", "orders", *to, FUNCAPP_KUBECTL="/nowhere/kubectl")
    assert done.returncode == 2
    assert "FUNCAPP_KUBECTL is '/nowhere/kubectl', which is no program" in done.stderr
    done = funcapp("status", "orders", FUNCAPP_KUBECTL="", PATH=str(tmp_path))
    assert done.returncode == 2
    assert "https://kubernetes.io/docs/tasks/tools/" in done.stderr
