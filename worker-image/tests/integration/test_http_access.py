"""Who may call: keys and CORS, with a worker as it runs in a pod."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.waiting import wait_for
from support.worker import FUNCAPP, Worker, environment

LISTED = "https://app.example.com"
POD = {"FUNCAPP_NAMESPACE": "team", "FUNCAPP_PACKAGE_FILE": "", "FUNCAPP_HTTP_DRAIN_SECONDS": "0"}
CODE = "def main(req): return 'ran ' + req.params.get('code', '')"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mounted Secret."""
    folder = tmp_path_factory.mktemp("keys")
    entries = {
        "host.master": "master-key\n",
        "host.function.default": "host-key",
        "host.systemKey.events": "system-key",
        "functions.mixed.default": "own-key",
        "functions.mixed.spare": "spare-key",
    }
    (folder / "..1").mkdir()
    for name, key in entries.items():
        (folder / "..1" / name).write_text(key)
        (folder / name).symlink_to(f"..data/{name}")
    (folder / "..data").symlink_to("..1")
    return folder


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[Worker]:
    app = AppFolder(tmp_path_factory.mktemp("app"))
    for name, level in {"Mixed": "function", "other": "function", "boss": "admin", "hook": "system"}.items():
        app.function(name, CODE, http_trigger(authLevel=level), HTTP_RETURN)
    app.function("open", CODE, http_trigger(), HTTP_RETURN)
    app.function("posts", CODE, http_trigger(methods=["post"]), HTTP_RETURN)
    app.function("off", CODE, http_trigger(authLevel="function"), HTTP_RETURN, disabled=True)
    app.function("broken", "import nothing_like_it", http_trigger(authLevel="function"), HTTP_RETURN)
    app.function(
        "own",
        """
        import azure.functions as func

        def main(req):
            return func.HttpResponse("x", headers={"Access-Control-Allow-Origin": "https://own.example.com"})
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    settings = {**POD, "FUNCAPP_KEYS_FOLDER": str(keys), "CORS_ALLOWED_ORIGINS": f'["{LISTED}"]'}
    running = Worker(app.root, {**settings, "CORS_SUPPORT_CREDENTIALS": "true"})
    running.wait_ready()
    yield running
    running.stop()


def opens(worker: Worker, path: str, key: str) -> bool:
    status = worker.get(path, **{"x-functions-key": key}).status
    assert status in (200, 401)
    return status == 200


def test_levels_and_keys(worker: Worker) -> None:
    keys = ["master-key", "host-key", "system-key", "own-key", "spare-key", "wrong", ""]
    opened_by = {
        path: [key for key in keys if opens(worker, path, key)]
        for path in ("/api/mixed", "/api/other", "/api/boss", "/api/hook", "/api/open")
    }
    assert opened_by == {
        "/api/mixed": ["master-key", "host-key", "own-key", "spare-key"],
        "/api/other": ["master-key", "host-key"],
        "/api/boss": ["master-key"],
        "/api/hook": ["master-key", "system-key"],
        "/api/open": keys,
    }


def test_the_header_counts_before_the_query_and_the_code_stays_in_the_parameters(worker: Worker) -> None:
    assert worker.get("/api/mixed?code=own-key").text == "ran own-key"
    assert worker.get("/api/mixed?code=wrong", **{"x-functions-key": "own-key"}).text == "ran wrong"
    assert worker.get("/api/mixed?code=own-key", **{"x-functions-key": "wrong"}).status == 401
    refused = worker.get("/api/mixed")
    assert (refused.status, refused.body) == (401, b"")


def test_the_order_of_refusals(worker: Worker) -> None:
    """No route comes first, then the key, then disabled, then what did not load; it is never 405."""
    key = {"x-functions-key": "master-key"}
    assert worker.get("/api/nothing").status == 404
    assert worker.get("/api/posts", **key).status == 404
    assert worker.get("/api/off").status == 401
    assert worker.get("/api/off", **key).status == 404
    assert worker.get("/api/broken").status == 401
    broken = worker.get("/api/broken", **key)
    assert (broken.status, broken.body) == (500, b"")


def test_keys_are_not_in_the_log(worker: Worker) -> None:
    worker.get("/api/mixed?code=own-key")
    worker.get("/api/mixed?code=guessed-key")
    for key in ("master-key", "own-key", "host-key", "guessed-key"):
        assert not [line for line in worker.lines if key in line]


def test_changed_keys_hold_without_a_restart(worker: Worker, keys: Path) -> None:
    assert not opens(worker, "/api/other", "rotated")
    (keys / "..2").mkdir()
    for entry in (keys / "..1").iterdir():
        (keys / "..2" / entry.name).write_bytes(entry.read_bytes())
    (keys / "..2" / "host.function.default").write_text("rotated")
    (keys / "..next").symlink_to("..2")
    before = worker.function_processes()
    (keys / "..next").rename(keys / "..data")
    wait_for(lambda: opens(worker, "/api/other", "rotated"), "the new key opens", 10)
    assert not opens(worker, "/api/other", "host-key")
    assert worker.function_processes() == before


def preflight(worker: Worker, path: str, origin: str) -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-a"}
    response = worker.request("OPTIONS", path, headers=asked)
    assert (response.status, response.body) == (204, b"")
    assert response.headers.get_all("vary") == ["Origin"]
    return {
        name.lower(): text for name, text in response.headers.items() if name.lower().startswith(("access", "vary"))
    }


def test_a_preflight_is_answered_before_keys_and_routes(worker: Worker) -> None:
    allowed = {
        "vary": "Origin",
        "access-control-allow-origin": LISTED,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "x-a",
    }
    assert preflight(worker, "/api/mixed", LISTED) == preflight(worker, "/nothing/here", LISTED) == allowed
    assert preflight(worker, "/api/mixed", "https://evil.example.com") == {"vary": "Origin"}
    assert preflight(worker, "/api/mixed", "null") == {"vary": "Origin"}
    assert worker.request("OPTIONS", "/api/posts", headers={"Origin": LISTED}).status == 404


def test_the_listed_origins_may_read_answers(worker: Worker) -> None:
    """An origin that is not listed is served, without the headers."""
    listed = worker.get("/api/open", Origin=LISTED)
    assert (listed.text, listed.headers["access-control-allow-origin"]) == ("ran ", LISTED)
    assert listed.headers["vary"] == "Origin"
    other = worker.get("/api/open", Origin="https://evil.example.com")
    assert (other.text, other.headers["access-control-allow-origin"]) == ("ran ", None)
    assert worker.get("/api/mixed", Origin=LISTED).headers["access-control-allow-origin"] == LISTED
    assert worker.get("/api/own", Origin=LISTED).headers.get_all("access-control-allow-origin") == [LISTED]


def test_without_a_list_an_app_answers_preflights_itself(tmp_path: Path) -> None:
    app = AppFolder(tmp_path)
    app.function(
        "own",
        """
        import azure.functions as func

        def main(req):
            return func.HttpResponse(status_code=204, headers={"Access-Control-Allow-Origin": req.headers["origin"]})
        """,
        http_trigger(methods=["options"]),
        HTTP_RETURN,
    )
    app.function("level", CODE, http_trigger(authLevel="function"), HTTP_RETURN)
    worker = Worker(app.root, {}).wait_ready()
    try:
        headers = {"Origin": LISTED, "Access-Control-Request-Method": "PUT"}
        response = worker.request("OPTIONS", "/api/own", headers=headers)
        assert (response.status, response.headers["access-control-allow-origin"]) == (204, LISTED)
        assert worker.get("/api/level").status == 200  # on a laptop, keys are not asked for
    finally:
        worker.stop()


def test_all_origins_with_credentials_are_refused_at_start(tmp_path: Path) -> None:
    settings = environment(CORS_ALLOWED_ORIGINS='["*"]', CORS_SUPPORT_CREDENTIALS="true")
    done = subprocess.run([FUNCAPP, "start", str(AppFolder(tmp_path).root)], env=settings, capture_output=True)
    assert done.returncode != 0
    assert b"list each origin" in done.stdout + done.stderr
