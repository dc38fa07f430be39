import azure.functions as func


def main(card: func.InputStream) -> str:
    """Hand a card to the printer, as soon as it is there."""
    return card.read().decode()
