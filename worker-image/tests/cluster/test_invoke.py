"""`funcapp invoke`: a real worker stands behind the port, with the keys that the Secret has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.apps import HTTP_RETURN, AppFolder, http_trigger, queue_trigger
from support.cluster import Funcapp, Namespace
from support.worker import Worker

KEYS = {"host.master": "the-master", "host.function.default": "the-default", "functions.hello.ci": "the-own"}
ECHO = """
import json
import azure.functions as func

def main(req: func.HttpRequest) -> str:
    return json.dumps({
        "method": req.method, "route": dict(req.route_params), "query": dict(req.params),
        "content": req.get_body().decode(), "key": req.headers.get("x-functions-key"), "own": req.headers.get("x-own"),
    })
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    keys = tmp_path_factory.mktemp("keys")
    for name, value in KEYS.items():
        (keys / name).write_text(value)
    app = AppFolder(tmp_path_factory.mktemp("app"))
    for name, level in (("hello", "function"), ("other", "function"), ("secret", "admin"), ("open", "anonymous")):
        app.function(name, ECHO, http_trigger(route=f"{name}/{{kind}}/{{id:int?}}", authLevel=level), HTTP_RETURN)
    app.function("put", ECHO, http_trigger(route="put", methods=["PUT"], authLevel="anonymous"), HTTP_RETURN)
    app.function("take", "def main(msg): print('took', msg.get_body().decode())", queue_trigger("jobs"))
    storage = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:9/a;"
    settings = {"FUNCAPP_NAMESPACE": "team", "FUNCAPP_PACKAGE_FILE": "", "FUNCAPP_HTTP_DRAIN_SECONDS": "0"}
    running = Worker(app.root, {**settings, "FUNCAPP_KEYS_FOLDER": str(keys), "AzureWebJobsStorage": storage})
    running.wait_ready()
    yield running
    running.stop()


@pytest.fixture
def orders(namespace: Namespace, worker: Worker) -> Namespace:
    """An app with a pod in the groups http and queue-take, and none in queue-asleep."""
    namespace.apply("orders", source={"inline": {"files": {"host.json": "{}"}}})
    http = [
        {
            "name": name,
            "trigger": "httpTrigger",
            "group": "http",
            "url": f"http://orders.test/api/{name}/{{kind}}/{{id:int?}}",
        }
        for name in ("hello", "other", "secret", "open", "put")
    ]
    queues = [
        {"name": name, "trigger": "queueTrigger", "group": f"queue-{name}", "target": "jobs"}
        for name in ("take", "asleep")
    ]
    broken = {"name": "broken", "trigger": "httpTrigger", "reason": "ImportFailed", "message": "no module x"}
    groups = [
        {"name": "http", "deployment": "orders-http-1", "replicas": 1, "readyReplicas": 1},
        {"name": "queue-take", "deployment": "orders-take-1", "replicas": 1, "readyReplicas": 1},
        {"name": "queue-asleep", "deployment": "orders-asleep-1", "replicas": 0, "readyReplicas": 0},
    ]
    namespace.ready("orders", functions=[*http, *queues, broken], groups=groups)
    for group in ("orders-http-1", "orders-take-1"):
        labels = {"functionapp.dev/app": "orders", "functionapp.dev/group": group}
        namespace.pod(f"{group}-old", "worker", log={"worker": ""}, labels=labels, ready=False)
        namespace.pod(f"{group}-pod", "worker", log={"worker": ""}, labels=labels)
        namespace.forward(f"{group}-pod", worker.port)
    labels = {"functionapp.dev/app": "orders", "app.kubernetes.io/component": "keys"}
    namespace.secret("orders-keys-1", KEYS, labels)
    return namespace


def answer(funcapp: Funcapp, *arguments: str) -> dict[str, Any]:
    done = funcapp("invoke", *arguments)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_an_http_function_by_its_route_with_the_least_key_that_opens_it(orders: Namespace, funcapp: Funcapp) -> None:
    """The route template, the method and each of the three levels are followed."""
    found = answer(
        funcapp,
        *("orders/Hello", "--param", "kind=a b/c", "--query", "q=1&2", "--header", "x-own: mine", "--data", "body"),
    )
    assert found == {
        "method": "POST",
        "route": {"kind": "a b/c"},
        "query": {"q": "1&2"},
        "content": "body",
        "key": "the-own",
        "own": "mine",
    }
    assert answer(funcapp, "orders/other", "--param", "kind=a", "--param", "id=7")["route"] == {"kind": "a", "id": "7"}
    keys = {name: answer(funcapp, f"orders/{name}", "--param", "kind=a")["key"] for name in ("other", "secret", "open")}
    assert keys == {"other": "the-default", "secret": "the-master", "open": None}
    assert answer(funcapp, "orders/put")["method"] == "PUT"


def test_status_and_headers_and_the_exit_code(orders: Namespace, funcapp: Funcapp) -> None:
    done = funcapp("invoke", "orders/put", "--method", "GET", "--include")
    assert done.returncode == 1
    assert done.stdout.startswith("HTTP 404\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["orders/hello"], 2, "needs a value for kind"),
        (["orders/hello", "--param", "kind=a", "--param", "id=x"], 2, "does not accept 'x'"),
        (["orders/hello", "--param", "kind=a", "--param", "z=1"], 2, "has no parameter z"),
        (["orders"], 2, "it must be NAME/FUNCTION"),
        (["orders/take", "--query", "a=b"], 2, "--query: orders/take is not triggered by HTTP"),
        (["orders/nosuch"], 1, "orders has no function 'nosuch': it has hello, other"),
        (["orders/broken"], 1, "broken does not run: ImportFailed: no module x"),
        (["orders/asleep"], 1, "the group queue-asleep of orders sleeps"),
        (["none/x"], 1, "there is no FunctionApp 'none'"),
    ],
)
def test_what_cannot_be_invoked_says_why(
    orders: Namespace, funcapp: Funcapp, arguments: list[str], code: int, message: str
) -> None:
    done = funcapp("invoke", *arguments)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr


def test_a_function_without_http_is_run_by_the_host(orders: Namespace, funcapp: Funcapp, worker: Worker) -> None:
    done = funcapp("invoke", "orders/take", "--data", 'text "quoted"')
    assert (done.returncode, done.stdout) == (0, "")
    assert "funcapp logs orders --function take" in done.stderr
    worker.wait_for_record('took text "quoted"')


def test_without_the_right_to_read_keys_anonymous_functions_answer(orders: Namespace, funcapp: Funcapp) -> None:
    """Whoever may forward ports, and not read Secrets, is told what is missing."""
    orders.kubectl("delete", "secret", "orders-keys-1")
    assert answer(funcapp, "orders/open", "--param", "kind=a")["key"] is None
    own = answer(funcapp, "orders/other", "--param", "kind=a", "--header", "x-functions-key: the-default")
    assert own["key"] == "the-default"
    assert funcapp("invoke", "orders/other", "--param", "kind=a").returncode == 1
    done = funcapp("invoke", "orders/take")
    assert done.returncode == 1
    assert "host.master" in done.stderr
