"""What a function's signature may look like, held against its bindings."""

import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from funcapp.errors import FunctionError
from funcapp.host import layout
from funcapp.model import function as functions
from funcapp.model.function import Function, FunctionSource
from funcapp.process import signature

BINDINGS: dict[str, dict[str, Any]] = {
    "req": {"type": "httpTrigger", "direction": "in", "name": "req"},
    "msg": {"type": "queueTrigger", "direction": "in", "name": "msg", "queueName": "queue"},
    "photo": {"type": "blob", "direction": "in", "name": "photo", "path": "photos/{id}"},
    "out": {"type": "queue", "direction": "out", "name": "out", "queueName": "queue"},
    "return": {"type": "http", "direction": "out", "name": "$return"},
}


@pytest.fixture(autouse=True)
def sdk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The SDK, which the host process's environment does not have."""
    monkeypatch.syspath_prepend(str(layout.find().sdk))
    yield


def declared(*names: str) -> Function:
    document = {"bindings": [BINDINGS[name] for name in names]}
    environment = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}
    return functions.parse(FunctionSource("f", "f/__init__.py", document), environment)


def entry(code: str) -> Callable[..., Any]:
    names: dict[str, Any] = {"__name__": "app"}
    exec(compile(textwrap.dedent(code), "f/__init__.py", "exec", dont_inherit=True), names)
    main: Callable[..., Any] = names["main"]
    return main


PREAMBLE = """
import functools
from typing import *
from collections.abc import *
import azure.functions as func
"""


@pytest.mark.parametrize(
    ("bindings", "code", "annotations"),
    [
        ("msg", "def main(msg): pass", {}),
        ("msg", "def main(msg: Any): pass", {}),
        ("msg", "def main(msg: Optional[bytes]): pass", {"msg": bytes}),
        ("msg", "def main(msg: bytes | None = None): pass", {"msg": bytes}),
        ("msg", "def main(msg: Union[dict, str]): pass", {"msg": str}),
        ("msg", "def main(msg: Annotated[str, 'text']): pass", {"msg": str}),
        ("msg", "Text = NewType('Text', str)\ndef main(msg: Text): pass", {"msg": str}),
        (
            "msg",
            "def main(msg: str, context: 'Optional[func.Context]', *, n: int = 3): pass",
            {"msg": str},
        ),
        ("msg", "def main(msg: 'str', other: 'NotThere' = None): pass", {"msg": str}),
        ("msg", "async def main(msg: 'str') -> 'NotThere': pass", {"msg": str}),
        ("msg out", "def main(msg, out: func.Out[list[str]]): pass", {"out": list[str]}),
        ("msg out", "def main(msg, out: func.Out[Sequence[func.QueueMessage] | None]): pass", None),
        ("msg out", "def main(msg, out: func.Out[Union[str, List[str]]]): pass", {"out": str}),
        ("msg photo", "def main(msg, photo: Optional[bytes]): pass", {"photo": bytes}),
        ("req return", "def main(req) -> Optional[func.HttpResponse]: pass", {}),
        ("req return", "def main(req) -> Union[func.HttpResponse, str]: pass", {}),
        ("req return", "def main(req) -> Awaitable[func.HttpResponse]: pass", {}),
        ("req return", "def main(req) -> Any: pass", {}),
        ("msg", "def main(**names): pass", {}),
        ("msg", "class Main:\n  def __call__(self, msg: str): pass\nmain = Main()", {"msg": str}),
        ("msg", "class Main:\n  def run(self, msg: str): pass\nmain = Main().run", {"msg": str}),
        ("msg", "def run(db, msg: str): pass\nmain = functools.partial(run, 'db')", {"msg": str}),
        (
            "msg",
            "def deco(f):\n  @functools.wraps(f)\n  def run(*a, **k): return f(*a, **k)\n  return run\n"
            "@deco\ndef main(msg: str): pass",
            {"msg": str},
        ),
        (
            "msg",
            "def deco(f):\n  @functools.wraps(f)\n  def run(msg): return f(msg, 'db')\n  return run\n"
            "@deco\ndef main(msg: str, db): pass",
            {"msg": str},
        ),
    ],
)
@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"])
def test_signatures_that_work(future: str, bindings: str, code: str, annotations: dict[str, Any] | None) -> None:
    found = signature.check(declared(*bindings.split()), entry(future + PREAMBLE + code))
    if annotations is not None:
        assert found.annotations == annotations
    assert found.wants_context == ("context" in code)


@pytest.mark.parametrize(
    ("bindings", "code", "message"),
    [
        ("msg", "def main(message): pass", "declared in Python but not in function.json: message"),
        ("msg", "def main(*args): pass", "declared in function.json but not in Python: msg"),
        ("msg", "def main(msg, /): pass", "these take none: msg: remove the '/'"),
        ("msg", "def main(msg: Optional[int]): pass", "does not match its Python annotation 'typing.Optional[int]'"),
        ("msg", "def main(msg: list[func.QueueMessage]): pass", "does not match its Python annotation"),
        ("msg", "def main(msg, context: str): pass", "azure.functions.Context, got <class 'str'>"),
        ("msg", "async def main(msg):\n  yield 1", "it is a generator"),
        ("msg", "def main(msg):\n  yield 1", "it is a generator"),
        ("msg out", "def main(msg, out: func.Out): pass", "invalid Out annotation: write azure.functions.Out[T]"),
        ("msg out", "def main(msg, out: func.Out[int]): pass", "'queue' does not match its Python annotation 'int'"),
        ("msg out", "def main(msg, out: Optional[str]): pass", "not azure.functions.Out"),
        ("req return", "def main(req) -> dict: pass", "return annotation 'dict' does not match binding type 'http'"),
        ("req return", "def main(req) -> func.Out[str]: pass", "should not be azure.functions.Out"),
        (
            "msg",
            "def deco(f):\n  @functools.wraps(f)\n  def run(*a, **k): return f(*a, **k)\n  return run\n"
            "@deco\ndef main(msg, db): pass",
            "declared in Python but not in function.json: db",
        ),
        ("msg", "main = type", "signature cannot be read"),
    ],
)
def test_signatures_that_do_not_fit_say_why(bindings: str, code: str, message: str) -> None:
    with pytest.raises(FunctionError) as caught:
        signature.check(declared(*bindings.split()), entry(PREAMBLE + code))
    assert caught.value.reason == "SignatureMismatch"
    assert caught.value.message.startswith("cannot load the f function: ")
    assert message in caught.value.message
