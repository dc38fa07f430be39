"""The functions are plain functions: the SDK's own types are all that a test needs."""

import importlib
import importlib.util
import io
import json
import sys
from pathlib import Path

import azure.functions as func

# The app's folder under the name that its functions import it by.
APP = Path(__file__).parents[1] / "app"
spec = importlib.util.spec_from_loader("__app__", loader=None, is_package=True)
sys.modules["__app__"] = importlib.util.module_from_spec(spec)
sys.modules["__app__"].__path__ = [str(APP)]


class Out:
    """Stands for func.Out, which the host makes when the function runs."""

    def __init__(self):
        self.value = None

    def set(self, value):
        self.value = value


def entry(function):
    return importlib.import_module(f"__app__.{function}").main


def test_signing_puts_the_name_in_the_queue():
    guest = Out()
    request = func.HttpRequest(method="POST", url="/api/guests/Ada", body=b"", route_params={"name": "Ada"})
    response = entry("sign")(request, guest)
    assert response.status_code == 202
    assert json.loads(guest.value) == {"name": "Ada"}


def test_a_guest_gets_a_card():
    card = Out()
    entry("welcome")(func.QueueMessage(body=b'{"name": "Ada"}'), card)
    assert card.value == "Welcome, Ada!"


def test_a_card_is_handed_over():
    assert entry("hand_over")(io.BytesIO(b"Welcome, Ada!")) == "Welcome, Ada!"
