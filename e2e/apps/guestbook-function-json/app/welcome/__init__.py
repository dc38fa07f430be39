import logging

import azure.functions as func
from __app__.shared import cards


def main(guest: func.QueueMessage, card: func.Out[str]) -> None:
    """Write the guest a card."""
    name = guest.get_json()["name"]
    card.set(cards.text(name))
    logging.info("wrote a card for %s", name)
