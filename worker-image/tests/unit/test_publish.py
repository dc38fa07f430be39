"""What publishing decides, without a cluster: manifests, verdicts, texts."""

from pathlib import Path
from typing import Any

import pytest

from funcapp.cli import durations, manifest, readiness, rollback
from funcapp.cli.packing import Build, Package
from funcapp.cli.readable import log_line, table
from funcapp.cli.targets import Source
from funcapp.errors import CommandFailed, ConfigurationError
from funcapp.model import routes

OCI = Source("oci", {"url": "oci://registry.example/orders", "digest": "sha256:" + "1" * 64})


def package(build: Build, *, requirements: bool = True, packages: bool = False) -> Package:
    return Package(Path("x.zip"), "0" * 64, 1, build, requirements, packages)


def app(source: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "orders"}, "spec": {"source": source, **spec}}


def test_another_source_leaves_nothing_of_the_one_before() -> None:
    """Merge patches keep what they do not name: every other member is named."""
    found = manifest.changes(app({"git": {"url": "https://git.example/x"}}), OCI)
    assert found == {"spec": {"source": {"git": None, "oci": OCI.fields}}}
    before = {"oci": {"url": "oci://other.example/x", "digest": "sha256:2", "secretRef": {"name": "s"}}}
    assert manifest.changes(app(before), OCI)["spec"]["source"] == {"oci": {**OCI.fields, "secretRef": None}}
    assert manifest.changes(app(OCI.as_spec(), runtime={"version": "3.13"}), OCI, version="3.13") == {}


def test_the_secret_is_kept_for_the_same_host_alone() -> None:
    """Credentials of one registry are never offered to another."""
    same = app({"oci": {"url": "oci://Registry.example/other", "secretRef": {"name": "s"}}})
    assert manifest.with_secret(OCI, None, same).fields["secretRef"] == {"name": "s"}
    other = app({"oci": {"url": "oci://registry.example.evil/orders", "secretRef": {"name": "s"}}})
    assert "secretRef" not in manifest.with_secret(OCI, None, other).fields
    assert manifest.with_secret(OCI, "mine", same).fields["secretRef"] == {"name": "mine"}


@pytest.mark.parametrize(
    ("made", "current", "wanted"),
    [
        (package("remote"), "Auto", None),
        (package("remote"), "None", "Auto"),
        (package("remote", requirements=False), "None", None),
        (package("local", packages=True), "Auto", None),
        (package("local", packages=True), "Remote", "None"),
        (package("none"), "Auto", "None"),
        (package("none"), "None", None),
        (package("none", requirements=False), "Auto", None),
    ],
)
def test_the_cluster_installs_what_the_package_lacks_and_nothing_else(
    made: Package, current: str, wanted: str | None
) -> None:
    assert manifest.build_mode(made, current) == wanted


def test_texts_that_yaml_would_take_for_something_else_are_quoted() -> None:
    document = {"a": {"version": "3.10", "yes": "no", "url": "oci://r.example/x", "colon": "a: b", "end": "x:"}}
    assert manifest.to_yaml(document) == (
        'a:\n  version: "3.10"\n  "yes": "no"\n  url: oci://r.example/x\n  colon: "a: b"\n  end: "x:"\n'
    )


def status(generation: int, *true: str, observed: int | None = None, **more: Any) -> dict[str, Any]:
    observed = generation if observed is None else observed
    conditions = [{"type": kind, "status": "True", "reason": "R", "observedGeneration": observed} for kind in true]
    return {
        "metadata": {"generation": generation, "annotations": more.pop("annotations", {})},
        "status": {"observedGeneration": observed, "conditions": conditions, **more},
    }


def test_a_status_counts_for_the_generation_that_it_speaks_of() -> None:
    """A condition of the spec before is no answer to what was published."""
    assert readiness.verdict({"metadata": {"generation": 1}}) == "unseen"
    assert readiness.verdict(status(2, "Ready", observed=1)) == "unseen"
    assert readiness.verdict(status(2, "Ready")) == "ready"
    assert readiness.verdict(status(2, "Stalled", "Available")) == "failed"
    assert readiness.verdict(status(2, "Reconciling")) == "waiting"
    old = status(2, "Stalled")
    old["status"]["conditions"][0]["observedGeneration"] = 1
    assert readiness.verdict(old) == "waiting"


def test_a_try_that_was_asked_for_has_to_be_seen() -> None:
    asked = {readiness.RECONCILE_AT: "2026-11-21T10:00:00Z"}
    assert readiness.verdict(status(1, "Stalled", annotations=asked)) == "unseen"
    seen = status(1, "Stalled", annotations=asked, lastHandledReconcileAt=asked[readiness.RECONCILE_AT])
    assert readiness.verdict(seen) == "failed"


def test_functions_that_wait_or_are_disabled_are_not_broken() -> None:
    functions = [
        {"name": "sleeps", "ready": True},
        {"name": "off", "ready": False, "reason": "Disabled"},
        {"name": "bad", "ready": False, "reason": "ImportFailed", "message": "x"},
        {"name": "starting", "ready": False},
    ]
    assert [item["name"] for item in readiness.broken_functions({"status": {"functions": functions}})] == ["bad"]


def test_rollback_needs_a_revision_that_was_good() -> None:
    good = {"readyAt": "2026-11-21T10:00:00Z"}
    kept = [{"name": "d"}, {"name": "c", **good, "active": True}, {"name": "b", **good, "reason": "Failed"}]
    found = {"metadata": {"name": "orders"}, "status": {"revisions": [*kept, {"name": "a", **good}]}}
    assert rollback.target(found, None) == "a"
    found["status"] = {"revisions": kept}
    with pytest.raises(CommandFailed, match="no good revision before the one that runs"):
        rollback.target(found, None)
    found["status"] = {"revisions": [{"name": "a", **good}]}
    with pytest.raises(CommandFailed, match="name one with --to"):
        rollback.target(found, None)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("1h30m", 5400), ("0s", 0)])
def test_durations(text: str, seconds: int) -> None:
    assert durations.seconds("--timeout", text) == seconds


@pytest.mark.parametrize("text", ["", "90", "m", "1m1h", "-1s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ConfigurationError, match="such as 90s, 15m or 1h30m"):
        durations.seconds("--timeout", text)


@pytest.mark.parametrize(
    ("template", "values", "path"),
    [
        ("products/{category}/{id:int?}", {"category": "a b"}, "products/a%20b"),
        ("products/{category}/{id:int?}", {"Category": "a", "ID": "7"}, "products/a/7"),
        ("files/{*path}", {"path": "a/b c"}, "files/a/b%20c"),
        ("files/{*path}", {}, "files"),
        ("list/{page=1}", {}, "list/1"),
        ("v{{1}}/é", {}, "v%7B1%7D/%C3%A9"),
        ("{name}.{ext}", {"name": "a/b", "ext": "png"}, "a%2Fb.png"),
        ("{name}.{ext?}", {"name": "a"}, "a"),
        ("a/{b?}", {"b": "1"}, "a/1"),
        ("", {}, ""),
    ],
)
def test_a_route_with_its_parameters_is_a_path(template: str, values: dict[str, str], path: str) -> None:
    assert routes.expand(template, values) == path


@pytest.mark.parametrize(
    ("template", "values", "message"),
    [
        ("{a}/{b}", {"a": "1"}, "needs a value for b"),
        ("{id:int}", {"id": "x"}, "does not accept 'x'"),
        ("{a?}/{b?}", {"b": "1"}, "needs a value for a"),
        ("{a}", {"a": "1", "z": "2"}, "has no parameter z"),
    ],
)
def test_a_route_whose_parameters_do_not_fit(template: str, values: dict[str, str], message: str) -> None:
    with pytest.raises(routes.RouteError, match=message):
        routes.expand(template, values)


def test_what_an_app_logs_cannot_steer_the_terminal() -> None:
    line = '{"timestamp": "t", "level": "INFO", "logger": "x", "message": "a\\u001b[2J\\r\\n\\u009bb"}'
    assert log_line(line) == "t INFO     x: a\\x1b[2J\\x0d\n\\x9bb"
    assert log_line("\x1b[2J") == "\\x1b[2J"
    assert log_line('{"message": 1}') == '{"message": 1}'
    assert log_line('{"message": "m", "function": "Hello"}', functions=["other"]) is None


def test_columns() -> None:
    assert table([("a", "bb", "c"), ("aaa", "b", "")]) == "a    bb  c\naaa  b"
