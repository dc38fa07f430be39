"""HTTP functions, seen by a client."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_output
from support.worker import Worker

Launch = Callable[..., Worker]


def test_request_reaches_the_function_as_the_sdk_describes_it(app: AppFolder, launch: Launch) -> None:
    app.function(
        "show",
        """
        import json
        import azure.functions as func

        def main(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
            return func.HttpResponse(json.dumps({
                "method": req.method, "url": req.url, "params": dict(req.params), "route": dict(req.route_params),
                "header": req.headers["X-Test"], "body": req.get_body().decode(),
                "name": context.function_name, "directory": context.function_directory,
                "id": bool(context.invocation_id),
            }), mimetype="application/json")
        """,
        http_trigger(route="things/{id:int}/{part?}"),
        HTTP_RETURN,
    )
    worker = launch().wait_ready()
    response = worker.post("/api/Things/5?a=1&a=2&empty=", "caf\u00e9".encode(), **{"X-Test": "yes"})
    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    seen = json.loads(response.body)
    assert seen == {
        "method": "POST",
        "url": f"http://127.0.0.1:{worker.port}/api/Things/5?a=1&a=2&empty=",
        "params": {"a": "1,2"},
        "route": {"id": "5"},
        "header": "yes",
        "body": "caf\u00e9",
        "name": "show",
        "directory": str(app.root / "show"),
        "id": True,
    }
    assert worker.get("/api/things/five").status == 404


def test_forms_files_json_and_what_a_proxy_adds(app: AppFolder, launch: Launch) -> None:
    app.function(
        "read",
        """
        import json
        import azure.functions as func

        async def main(req: func.HttpRequest, context: func.Context) -> str:
            kind = req.headers.get("content-type", "")
            return json.dumps({
                "json": req.get_json() if "json" in kind else None,
                "form": req.form.to_dict(flat=False),
                "files": {name: [file.filename, file.read().decode()] for name, file in req.files.items()},
                "cookie": req.headers.get("Cookie"), "twice": req.headers.get("x-twice"), "url": req.url,
                "trace": [context.trace_context.trace_parent, context.trace_context.trace_state],
                "method": req.method,
            })
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    worker = launch().wait_ready()
    urlencoded = {"Content-Type": "application/x-www-form-urlencoded"}
    assert json.loads(worker.post("/api/read", "a=1&a=2&b=%C3%A9", **urlencoded).body)["form"] == {
        "a": ["1", "2"],
        "b": ["\u00e9"],
    }
    parts = (
        '--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        '--x\r\nContent-Disposition: form-data; name="photo"; filename="a.txt"\r\n\r\ncontent\r\n--x--\r\n'
    )
    multipart = json.loads(worker.post("/api/read", parts, **{"Content-Type": "multipart/form-data; boundary=x"}).body)
    assert (multipart["form"], multipart["files"]) == ({"note": ["hello"]}, {"photo": ["a.txt", "content"]})
    assert json.loads(worker.post("/api/read", '{"a": [1]}', **{"Content-Type": "application/json"}).body)["json"] == {
        "a": [1]
    }
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = {"X-Forwarded-Proto": "https", "Host": "shop.example.com", "Cookie": "a=1; b=2"}
    seen = json.loads(worker.get("/api/read?x=1", traceparent=trace, tracestate="v=1", **headers).body)
    assert seen["url"] == "https://shop.example.com/api/read?x=1"
    assert (seen["cookie"], seen["trace"]) == ("a=1; b=2", [trace, "v=1"])
    assert json.loads(worker.request("OPTIONS", "/api/read").body)["method"] == "OPTIONS"


def test_what_a_function_gives_becomes_the_response(app: AppFolder, launch: Launch) -> None:
    """A header with a line break, a wrong type and an exception are 500."""
    app.function(
        "give",
        """
        import azure.functions as func

        def main(req):
            what = req.params["what"]
            if what == "cookies":
                response = func.HttpResponse("x", status_code=201)
                response.headers.add("Set-Cookie", "a=1")
                response.headers.add("Set-Cookie", "b=2")
                return response
            return {
                "text": "plain", "true": "true", "null": "null", "array": "[1]", "none": None, "bytes": b"x",
                "envelope": '{"body": {"a": 1}, "status": 202, "headers": {"x-y": "z"}}',
                "split": '{"body": "", "headers": {"x-bad": "a\\\\r\\\\nset-cookie: evil"}}',
                "status": func.HttpResponse("x", status_code=42),
                "html": func.HttpResponse("<p>", mimetype="text/html"),
                "empty": func.HttpResponse(status_code=204),
            }[what]
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    app.function("nothing", "def main(req): pass", http_trigger())
    app.function("surplus", "def main(req): return 1", http_trigger())
    app.function("raises", "def main(req): raise ValueError('secret detail')", http_trigger(), HTTP_RETURN)
    app.function(
        "parameter",
        """
        import azure.functions as func

        async def main(req, res: func.Out[func.HttpResponse]) -> None:
            res.set(func.HttpResponse("set", status_code=203))
        """,
        http_trigger(),
        {"type": "http", "direction": "out", "name": "res"},
    )
    app.function("elsewhere", "def main(req) -> str: return 'echoed'", http_trigger(), queue_output("sent", "$return"))
    worker = launch().wait_ready()

    def given(what: str) -> tuple[int, str]:
        response = worker.get(f"/api/give?what={what}")
        return response.status, response.text

    assert given("text") == (200, "plain")
    assert given("true") == (200, "True")
    assert given("null") == (200, "")
    assert given("array") == (200, "[\n  1\n]")
    assert given("none") == given("bytes") == given("split") == given("status") == (500, "")
    assert given("empty") == (204, "")
    envelope = worker.get("/api/give?what=envelope")
    assert (envelope.status, envelope.text, envelope.headers["x-y"]) == (202, '{"a": 1}', "z")
    cookies = worker.get("/api/give?what=cookies")
    assert (cookies.status, cookies.headers.get_all("set-cookie")) == (201, ["a=1", "b=2"])
    assert worker.get("/api/give?what=html").headers["content-type"] == "text/html; charset=utf-8"
    assert worker.get("/api/nothing").status == 204
    assert worker.get("/api/surplus").status == 500
    failure = worker.get("/api/raises")
    assert (failure.status, failure.body) == (500, b"")
    assert failure.headers["x-invocation-id"]
    record = worker.wait_for_record("Exception: ValueError: secret detail")
    assert record["function"] == "raises"
    assert record["invocationId"] == failure.headers["x-invocation-id"]
    assert 'File "' in record["exception"]
    set_response = worker.get("/api/parameter")
    assert (set_response.status, set_response.text) == (203, "set")
    elsewhere = worker.get("/api/elsewhere")
    assert (elsewhere.status, elsewhere.text) == (200, "echoed")


def test_routes_methods_and_levels(app: AppFolder, launch: Launch) -> None:
    code = "def main(req): return __name__ + str(dict(req.route_params))"
    app.host(extensions={"http": {"routePrefix": "v1"}})
    app.function("a", code, http_trigger(route="{*rest}", methods=["put"]), HTTP_RETURN)
    app.function("b", code, http_trigger(route="items/{id}", methods=["get", "post"]), HTTP_RETURN)
    app.function("c", code, http_trigger(route="items/special"), HTTP_RETURN)
    app.function("off", code, http_trigger(), HTTP_RETURN, disabled=True)
    app.function("secret", code, http_trigger(authLevel="function"), HTTP_RETURN)
    worker = launch(FUNCAPP_NAMESPACE="team", FUNCAPP_PACKAGE_FILE="", FUNCAPP_HTTP_DRAIN_SECONDS="0").wait_ready()
    assert worker.get("/v1/items/special").text == "__app__.b{'id': 'special'}"
    assert worker.request("PUT", "/v1/any/thing").text == "__app__.a{'rest': 'any/thing'}"
    assert worker.request("DELETE", "/v1/items/1").status == 404
    assert worker.get("/v1/off").status == 404
    assert worker.get("/v1/secret").status == 401
    assert worker.get("/api/items/1").status == 404
    assert worker.get("/").status == 200
    head = worker.request("HEAD", "/v1/items/special")
    assert (head.status, head.body) == (200, b"")


def test_functions_of_other_groups_are_not_served(app: AppFolder, launch: Launch) -> None:
    app.function("mine", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
    app.function("other", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
    worker = launch(FUNCAPP_FUNCTIONS="mine").wait_ready()
    assert worker.get("/api/mine").status == 200
    assert worker.get("/api/other").status == 404


def test_a_pod_in_which_no_function_of_its_group_loads_is_not_ready(app: AppFolder, launch: Launch) -> None:
    app.function("good", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
    app.function("bad", "import os; os._exit(1)", http_trigger(), HTTP_RETURN)
    app.function("worse", "import nothing_like_it", http_trigger(), HTTP_RETURN)
    worker = launch(FUNCAPP_FUNCTIONS="bad,worse")
    worker.wait_for_record("ready: bad, worse")
    answer = worker.request("GET", "/readyz", port=worker.management_port)
    assert (answer.status, answer.body) == (503, b"no function loads\n")
    assert launch(FUNCAPP_FUNCTIONS="bad,good").wait_ready().get("/api/good").status == 200


def test_a_blocking_function_does_not_stop_others(app: AppFolder, launch: Launch) -> None:
    app.function(
        "wait",
        """
        import threading
        released = threading.Event()

        def main(req):
            return str(released.wait(20))
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    app.function(
        "release",
        """
        from __app__.wait import released

        async def main(req):
            released.set()
            return "released"
        """,
        http_trigger(),
        HTTP_RETURN,
    )
    worker = launch().wait_ready()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(worker.get, "/api/wait")
        assert worker.get("/api/release").text == "released"
        assert waiting.result().text == "True"


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_requests_on_new_connections_reach_every_process(app: AppFolder, launch: Launch, processes: int) -> None:
    app.function("pid", "import os\ndef main(req): return str(os.getpid()) + ' '", http_trigger(), HTTP_RETURN)
    worker = launch(FUNCTIONS_WORKER_PROCESS_COUNT=str(processes)).wait_ready()
    seen = [worker.get("/api/pid").text for _ in range(20 * processes)]
    assert len(set(seen)) == processes
    # Clients that left are counted until a process reports: once a second, and later where processors are busy.
    assert all(seen.count(pid) >= 8 for pid in set(seen))


def test_a_process_that_dies_is_replaced(app: AppFolder, launch: Launch) -> None:
    app.function("die", "import os\ndef main(req): os._exit(3)", http_trigger(), HTTP_RETURN)
    app.function("live", "def main(req): return 'x'", http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()
    with pytest.raises(OSError):
        worker.get("/api/die")
    worker.wait_for_record("ended unexpectedly with exit code 3")
    worker.wait_ready()
    assert worker.get("/api/live").status == 200


def test_a_timeout_fails_the_invocation_alone(app: AppFolder, launch: Launch) -> None:
    app.host(functionTimeout="00:00:01")
    app.function("slow", "import asyncio\nasync def main(req): await asyncio.sleep(60)", http_trigger(), HTTP_RETURN)
    app.function("stuck", "import time\ndef main(req): time.sleep(5)", http_trigger(), HTTP_RETURN)
    app.function("quick", "import os\ndef main(req): return str(os.getpid()) + ' '", http_trigger(), HTTP_RETURN)
    worker = launch().wait_ready()
    before = worker.get("/api/quick").text
    assert worker.get("/api/slow").status == 500
    worker.wait_for_record("slow ran longer than functionTimeout (1 seconds)")
    assert worker.get("/api/quick").text == before
    assert worker.get("/api/stuck").status == 500
    worker.wait_for_record("has a function that does not end")
    worker.wait_ready()
    assert worker.get("/api/quick").text != before
