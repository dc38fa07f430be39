"""A guest book with decorators: guests sign it, get a welcome card, and the cards are handed to a printer."""

import json
import logging
from datetime import datetime, timezone

import azure.functions as func
from printing import printing

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(printing)


@app.route("guests/{name}", methods=["POST"])
@app.queue_output("guest", queue_name="guestbook-guests", connection="AzureWebJobsStorage")
def sign(req: func.HttpRequest, guest: func.Out[str]) -> func.HttpResponse:
    """Put the guest's name in the book."""
    name = req.route_params["name"]
    guest.set(json.dumps({"name": name}))
    return func.HttpResponse(f"{name} signed", status_code=202)


@app.queue_trigger("guest", queue_name="guestbook-guests", connection="AzureWebJobsStorage")
@app.blob_output("card", path="guestbook-cards/{name}.txt", connection="AzureWebJobsStorage")
def welcome(guest: func.QueueMessage, card: func.Out[str]) -> None:
    """Write the guest a card."""
    name = guest.get_json()["name"]
    card.set(f"Welcome, {name}!")
    logging.info("wrote a card for %s", name)


@app.timer_trigger("timer", schedule="*/5 * * * * *")
@app.queue_output("chime", queue_name="guestbook-chimes", connection="AzureWebJobsStorage")
async def ring(timer: func.TimerRequest, chime: func.Out[str]) -> None:
    """Chime every five seconds."""
    chime.set(datetime.now(timezone.utc).isoformat())
