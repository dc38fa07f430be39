"""AsgiFunctionApp and WsgiFunctionApp with the frameworks that people use."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.packages import site_packages
from support.worker import Worker

FASTAPI = """
import asyncio
import contextlib
import logging
import azure.functions as func
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

events = []

@contextlib.asynccontextmanager
async def lifespan(app):
    logging.info("web app starts")
    yield {"pool": "from lifespan"}
    await asyncio.sleep(0)
    logging.info("web app stops")

web = FastAPI(lifespan=lifespan)

@web.get("/items/{item}")
async def item(item: int, request: Request, q: str = ""):
    return {
        "item": item, "q": q, "pool": request.state.pool, "url": str(request.url), "root": request.scope["root_path"],
        "function": request.scope["azure_functions.function_name"], "client": request.client.host,
        "invocation": bool(request.scope["azure_functions.invocation_id"]),
    }

@web.post("/echo")
async def echo(request: Request):
    body = await request.body()
    response = Response(body, media_type=request.headers["content-type"], status_code=201)
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response

go_on = asyncio.Event()

@web.get("/stream")
async def stream():
    async def pieces():
        yield "first,"
        await go_on.wait()
        yield "second"
    return StreamingResponse(pieces(), media_type="text/plain")

@web.get("/go")
async def go():
    go_on.set()

@web.get("/endless")
async def endless(request: Request):
    async def pieces():
        try:
            while True:
                yield b"x" * 100_000
                await asyncio.sleep(0)
        finally:
            events.append("ended")
    return StreamingResponse(pieces())

@web.get("/wait")
async def wait(request: Request):
    while not await request.is_disconnected():
        await asyncio.sleep(0.01)
    events.append("left")

@web.get("/events")
async def told():
    return events

@web.get("/breaks")
async def breaks():
    async def pieces():
        yield "part"
        raise ValueError("in the middle")
    return StreamingResponse(pieces())

@web.get("/raises")
async def raises():
    raise ValueError("secret detail")

app = func.AsgiFunctionApp(app=web, http_auth_level=func.AuthLevel.ANONYMOUS)
"""

FLASK = """
import threading
import azure.functions as func
from flask import Flask, Response, request

web = Flask(__name__)
go_on = threading.Event()

@web.route("/hello/<name>", methods=["GET", "POST"])
def hello(name):
    return {
        "name": name, "q": request.args.get("q"), "form": request.form.to_dict(), "url": request.url,
        "function": request.environ["azure_functions.function_name"], "thread": threading.current_thread().name,
    }

@web.route("/stream")
def stream():
    def pieces():
        yield "first,"
        go_on.wait(20)
        yield "second"
    return Response(pieces(), mimetype="text/plain")

@web.route("/go")
def go():
    go_on.set()
    return "", 204

@web.route("/teapot")
def teapot():
    return "down", 503, {"X-Own": "1"}

@web.route("/raises")
def raises():
    raise ValueError("secret detail")

app = func.WsgiFunctionApp(app=web.wsgi_app, http_auth_level=func.AuthLevel.ANONYMOUS)
"""


def started(folder: Path, code: str, *requirements: str, **settings: str) -> Worker:
    app = AppFolder(folder).host(extensions={"http": {"routePrefix": ""}}).file("function_app.py", code)
    packages = app.root / ".python_packages" / "lib"
    packages.mkdir(parents=True)
    (packages / "site-packages").symlink_to(site_packages(*requirements))
    return Worker(app.root, settings).wait_ready()


@pytest.fixture(scope="module")
def fastapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    running = started(tmp_path_factory.mktemp("app"), FASTAPI, "fastapi==0.115.12")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def flask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    running = started(tmp_path_factory.mktemp("app"), FLASK, "flask==3.1.1")
    yield running
    running.stop()


def read_pieces(worker: Worker, path: str, release: str) -> list[bytes]:
    """What comes before and after the app is told to go on."""
    connection = http.client.HTTPConnection("127.0.0.1", worker.port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.getheader("transfer-encoding") == "chunked"
    first = response.read1(100)
    assert worker.get(release).status in (200, 204)
    rest = response.read()
    connection.close()
    return [first, rest]


def test_an_asgi_app_gets_the_request_and_its_lifespan(fastapi: Worker) -> None:
    response = fastapi.get("/items/5?q=a%20b")
    assert response.status == 200, response.text
    assert json.loads(response.body) == {
        "item": 5,
        "q": "a b",
        "pool": "from lifespan",
        "url": f"http://127.0.0.1:{fastapi.port}/items/5?q=a%20b",
        "root": "",
        "function": "http_app_func",
        "client": "127.0.0.1",
        "invocation": True,
    }
    assert fastapi.get("/items/five").status == 422
    assert fastapi.get("/nothing").status == 404
    echoed = fastapi.post("/echo", b"\x00\xff", **{"Content-Type": "image/x"})
    assert (echoed.status, echoed.body, echoed.headers["content-type"]) == (201, b"\x00\xff", "image/x")
    assert len(echoed.headers.get_all("set-cookie") or ()) == 2
    assert fastapi.wait_for_record("web app starts")


def test_an_asgi_response_arrives_while_it_is_made(fastapi: Worker) -> None:
    assert read_pieces(fastapi, "/stream", "/go") == [b"first,", b"second"]


@pytest.mark.parametrize(("path", "event"), [("/endless", "ended"), ("/wait", "left")])
def test_an_asgi_app_learns_that_its_client_left(fastapi: Worker, path: str, event: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", fastapi.port, timeout=20)
    connection.request("GET", path)
    if path == "/endless":
        connection.getresponse().read(10)
    connection.close()
    deadline = time.monotonic() + 10
    while event not in json.loads(fastapi.get("/events").body):
        assert time.monotonic() < deadline
    assert not [record for record in fastapi.records(level="ERROR") if "ClientGone" in record["message"]]


def test_what_an_asgi_app_raises(fastapi: Worker) -> None:
    """The framework's own 500 goes out, and the traceback into the log alone."""
    response = fastapi.get("/raises")
    assert (response.status, response.text) == (500, "Internal Server Error")
    record = fastapi.wait_for_record("Exception: ValueError: secret detail")
    assert record["function"] == "http_app_func"
    connection = http.client.HTTPConnection("127.0.0.1", fastapi.port, timeout=20)
    connection.request("GET", "/breaks")
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection.close()
    assert fastapi.get("/items/1").status == 200


def test_an_asgi_app_is_stopped_at_drain(tmp_path: Path) -> None:
    worker = started(tmp_path / "app", FASTAPI, "fastapi==0.115.12")
    worker.terminate()
    assert worker.wait_ended() == 0
    assert [record for record in worker.records() if record["message"] == "web app stops"]


def test_an_asgi_app_that_does_not_start_is_a_load_error(tmp_path: Path) -> None:
    code = """
    import azure.functions as func

    async def web(scope, receive, send):
        assert scope["type"] == "lifespan"
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    app = func.AsgiFunctionApp(app=web, http_auth_level=func.AuthLevel.ANONYMOUS)
    """
    app = AppFolder(tmp_path).host(extensions={"http": {"routePrefix": ""}}).file("function_app.py", code)
    worker = Worker(app.root, {}).wait_ready()
    try:
        assert worker.wait_for_record("the ASGI app does not start: no database")
        assert worker.get("/x").status == 500
    finally:
        worker.stop()


def test_the_middlewares_main_in_a_function_json_app_streams_too(tmp_path: Path) -> None:
    code = """
    import azure.functions as func

    async def web(scope, receive, send):
        if scope["type"] != "http":
            raise RuntimeError("no lifespan here")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    main = func.AsgiMiddleware(web).main
    """
    app = AppFolder(tmp_path).function("web", code, http_trigger(route="web/{*rest}"), HTTP_RETURN)
    worker = Worker(app.root, {}).wait_ready()
    try:
        response = worker.get("/api/web/x%20y")
        assert (response.status, response.text) == (200, "a/api/web/x y")
        assert (response.headers["x-own"], response.headers["transfer-encoding"]) == ("1", "chunked")
    finally:
        worker.stop()


def test_a_wsgi_app_runs_in_threads_and_streams(flask: Worker) -> None:
    response = flask.post("/hello/A%20B?q=1", "x=1&y=2", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert response.status == 200, response.text
    seen = json.loads(response.body)
    assert seen.pop("thread").startswith("function")
    assert seen == {
        "name": "A B",
        "q": "1",
        "form": {"x": "1", "y": "2"},
        "url": f"http://127.0.0.1:{flask.port}/hello/A%20B?q=1",
        "function": "http_app_func",
    }
    assert read_pieces(flask, "/stream", "/go") == [b"first,", b"second"]
    teapot = flask.get("/teapot")
    assert (teapot.status, teapot.text, teapot.headers["x-own"]) == (503, "down", "1")
    raises = flask.get("/raises")
    assert raises.status == 500
    assert "secret" not in raises.text
    assert flask.request("HEAD", "/hello/x").body == b""


EXTENSION = """
import asyncio
import azure.functions as func
from azurefunctions.extensions.http.fastapi import JSONResponse, Request, StreamingResponse

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
go_on = asyncio.Event()

@app.route(route="stream/{name}", methods=[func.HttpMethod.GET])
async def stream(req: Request) -> StreamingResponse:
    async def pieces():
        yield "first,"
        await go_on.wait()
        yield req.path_params["name"]
    return StreamingResponse(pieces(), media_type="text/event-stream")

@app.route(route="go")
async def go(req: Request) -> JSONResponse:
    go_on.set()
    return JSONResponse({"q": req.query_params.get("q")}, status_code=204)

@app.route(route="count", methods=[func.HttpMethod.POST])
async def count(req: Request, context: func.Context) -> dict:
    size = 0
    async for chunk in req.stream():
        size += len(chunk)
    return {"size": size, "function": context.function_name}

@app.route(route="plain")
def plain(req: func.HttpRequest) -> str:
    return "as ever"
"""


def test_a_wsgi_app_without_a_framework(tmp_path: Path) -> None:
    code = """
    import azure.functions as func

    def web(environ, start_response):
        start_response("200 OK", [("X-Own", environ.get("HTTP_X_A", "none"))])
        return [environ["PATH_INFO"].encode("latin-1"), environ["wsgi.input"].read()]

    main = func.WsgiMiddleware(web).main
    """
    app = AppFolder(tmp_path).function("web", code, http_trigger(route="web/{*rest}"), HTTP_RETURN)
    worker = Worker(app.root, {}).wait_ready()
    try:
        response = worker.post("/api/web/%C3%A9", "body", X_A="forged")
        assert (response.status, response.text) == (200, "/api/web/\u00e9body")
        assert (response.headers["content-length"], response.headers["x-own"]) == ("15", "none")
    finally:
        worker.stop()


def test_requests_and_responses_of_the_web_extension(tmp_path: Path) -> None:
    requirements = ("azurefunctions-extensions-http-fastapi==1.0.1", "fastapi==0.115.12")
    worker = started(tmp_path / "app", EXTENSION, *requirements)
    try:
        assert read_pieces(worker, "/stream/end", "/go") == [b"first,", b"end"]
        counted = worker.post("/count", b"x" * 100_000)
        assert (counted.status, json.loads(counted.body)) == (200, {"size": 100_000, "function": "count"})
        assert worker.get("/plain").text == "as ever"
    finally:
        worker.stop()
