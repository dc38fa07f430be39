"""`funcapp rollback` and `funcapp status`."""

from support.cluster import Funcapp, Namespace

REVISIONS = [
    {"name": "c3", "source": "inline@sha256:3", "readyAt": "2026-11-21T12:00:00Z", "active": True},
    {"name": "b2", "source": "inline@sha256:2", "reason": "ProgressDeadlineExceeded", "message": "no pod was ready"},
    {"name": "a1", "source": "inline@sha256:1", "readyAt": "2026-11-21T10:00:00Z"},
]


def orders(namespace: Namespace) -> None:
    namespace.apply("orders", source={"inline": {"files": {"host.json": "{}"}}}, rollout={"historyLimit": 3})
    namespace.ready(
        "orders",
        revisions=REVISIONS,
        functions=[{"name": "hello", "trigger": "httpTrigger", "ready": True, "url": "http://orders.test/api/hello"}],
        groups=[{"name": "http", "deployment": "orders-http-1", "replicas": 2, "readyReplicas": 1}],
    )


def pin(namespace: Namespace) -> str | None:
    found: str | None = namespace.get("orders")["spec"]["rollout"].get("pin")
    return found


def test_the_last_good_revision_is_pinned_and_followed_and_the_pin_lifted(
    namespace: Namespace, funcapp: Funcapp
) -> None:
    orders(namespace)
    namespace.play_operator(
        "orders",
        lambda: namespace.ready("orders", latestReadyRevision="a1"),
        after=lambda app: app["spec"]["rollout"].get("pin"),
    )
    done = funcapp("rollback", "orders")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "orders runs revision a1\n"
    assert pin(namespace) == "a1"
    assert namespace.get("orders")["spec"]["rollout"]["historyLimit"] == 3

    namespace.play_operator(
        "orders",
        lambda: namespace.ready("orders", latestReadyRevision="c3"),
        after=lambda app: not app["spec"]["rollout"].get("pin"),
    )
    done = funcapp("rollback", "orders", "--undo")
    assert done.returncode == 0, done.stderr
    assert pin(namespace) is None
    done = funcapp("rollback", "orders", "--undo")
    assert done.returncode == 1
    assert "orders is not pinned" in done.stderr


def test_a_revision_by_name_has_to_be_kept(namespace: Namespace, funcapp: Funcapp) -> None:
    orders(namespace)
    done = funcapp("rollback", "orders", "--to", "z9")
    assert done.returncode == 1
    assert "orders has no revision 'z9' to return to" in done.stderr
    assert "a1" in done.stderr
    assert pin(namespace) is None
    done = funcapp("rollback", "orders", "--to", "b2", "--no-wait")
    assert done.returncode == 0, done.stderr
    assert pin(namespace) == "b2"


def test_without_an_earlier_good_revision_nothing_changes(namespace: Namespace, funcapp: Funcapp) -> None:
    orders(namespace)
    namespace.ready("orders", revisions=REVISIONS[:2])
    done = funcapp("rollback", "orders")
    assert done.returncode == 1
    assert "no good revision before the one that runs" in done.stderr
    assert "ProgressDeadlineExceeded: no pod was ready" in done.stderr


def test_status_shows_conditions_functions_groups_and_revisions(namespace: Namespace, funcapp: Funcapp) -> None:
    orders(namespace)
    done = funcapp("status", "orders")
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["hello", "httpTrigger", "ready", "http://orders.test/api/hello"] in rows
    assert ["http", "1/2", "orders-http-1"] in rows
    assert ["*", "c3", "2026-11-21T12:00:00Z", "inline@sha256:3"] in rows
    namespace.status("orders", ("Ready", "False", "Preparing", "building the package"))
    assert funcapp("status", "orders").returncode == 1
    done = funcapp("status", "none")
    assert done.returncode == 1
    assert "there is no FunctionApp 'none' in this namespace" in done.stderr
