"""The app is FastAPI's own; what the host calls is the ASGI application."""

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "app"))

import function_app


def test_a_price_is_told():
    assert asyncio.run(function_app.price("pear")) == {"article": "pear", "price": 4}


def test_an_order_is_summed_up():
    wanted = function_app.Order(article="pear", count=3)
    assert asyncio.run(function_app.order(wanted)) == {"total": 12}


def test_every_path_is_fastapis():
    (function,) = function_app.app.get_functions()
    assert json.loads(function.get_function_json())["bindings"][0]["route"] == "/{*route}"
