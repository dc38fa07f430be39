"""Decorated functions are tested through the SDK's own builder: get_user_function() gives the plain function."""

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path

import azure.functions as func

sys.path.insert(0, str(Path(__file__).parents[1] / "app"))

import function_app

# An app can be asked for its functions once.
FUNCTIONS = {function.get_function_name(): function.get_user_function() for function in function_app.app.get_functions()}


class Out:
    """Stands for func.Out, which the host makes when the function runs."""

    def __init__(self):
        self.value = None

    def set(self, value):
        self.value = value


def test_signing_puts_the_name_in_the_queue():
    guest = Out()
    request = func.HttpRequest(method="POST", url="/api/guests/Ada", body=b"", route_params={"name": "Ada"})
    response = FUNCTIONS["sign"](request, guest)
    assert response.status_code == 202
    assert json.loads(guest.value) == {"name": "Ada"}


def test_a_guest_gets_a_card():
    card = Out()
    FUNCTIONS["welcome"](func.QueueMessage(body=b'{"name": "Ada"}'), card)
    assert card.value == "Welcome, Ada!"


def test_a_chime_says_when():
    chime = Out()
    asyncio.run(FUNCTIONS["ring"](None, chime))
    assert datetime.fromisoformat(chime.value).tzinfo


def test_the_blueprints_function_is_there():
    assert FUNCTIONS.keys() == {"sign", "welcome", "ring", "hand_over"}
