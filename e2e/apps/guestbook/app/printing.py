"""What happens to cards: a blueprint, registered by function_app.py."""

import azure.functions as func

printing = func.Blueprint()


@printing.blob_trigger("card", path="guestbook-cards/{name}.txt", connection="AzureWebJobsStorage")
@printing.queue_output("job", queue_name="guestbook-jobs", connection="AzureWebJobsStorage")
def hand_over(card: func.InputStream, job: func.Out[str]) -> None:
    """Hand a card to the printer, as soon as it is there."""
    job.set(card.read().decode())
