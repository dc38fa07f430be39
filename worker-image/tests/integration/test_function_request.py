"""What a function sees of a request is what the SDK's own class shows, whatever it looks at first."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger
from support.worker import Worker

CODE = """
import copy, json
import azure.functions as func

def main(req: func.HttpRequest) -> str:
    made = func.HttpRequest(
        "POST", req.url, headers=dict(req.headers), params={"colour": "red", "look": req.params["look"]},
        route_params={"id": "7"}, body=b"a=1&b=two",
    )
    def look(request):
        if req.params["look"] == "json":
            try:
                return request.get_json()
            except ValueError as error:
                return repr(error)
        if req.params["look"] == "copy":
            return copy.copy(request).form.to_dict()
        if req.params["look"] == "body":
            return request.get_body().decode()
        if req.params["look"] == "unknown":
            return hasattr(request, "user")
        found = getattr(request, req.params["look"])
        return found if isinstance(found, str) else {key: str(value) for key, value in found.items()}
    def refused(mapping):
        try:
            mapping["new"] = "value"
        except TypeError:
            return True
    req.user = "ada"
    kind = [isinstance(req, func.HttpRequest), type(req).__name__]
    own = [*kind, req.user, refused(req.params), refused(req.route_params)]
    del req.user
    return json.dumps({"own": own, "given": look(req), "expected": look(made)})
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    app = AppFolder(tmp_path_factory.mktemp("app"))
    app.function("look", CODE, http_trigger(methods=["post"], route="orders/{id}"), HTTP_RETURN)
    running = Worker(app.root, {})
    running.wait_ready()
    yield running
    running.stop()


@pytest.mark.parametrize(
    "look", ["method", "url", "headers", "params", "route_params", "form", "files", "body", "json", "copy", "unknown"]
)
def test_it_is_what_the_sdks_class_shows(worker: Worker, look: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "x-tag": "one"}
    response = worker.request("POST", f"/api/orders/7?colour=red&look={look}", b"a=1&b=two", headers)
    found = json.loads(response.body)
    assert found["own"] == [True, "HttpRequest", "ada", True, True]
    assert found["given"] == found["expected"]
