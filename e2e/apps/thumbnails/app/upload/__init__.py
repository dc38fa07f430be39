import json
import logging

import azure.functions as func


def main(req: func.HttpRequest, photo: func.Out[bytes], job: func.Out[str]) -> func.HttpResponse:
    """Store the photo and ask for its thumbnail."""
    body = req.get_body()
    if not body:
        return func.HttpResponse("The body must be the photo.", status_code=400)
    photo_id = req.route_params["id"]
    photo.set(body)
    job.set(json.dumps({"id": photo_id}))
    logging.info("photo %s stored, %d bytes", photo_id, len(body))
    return func.HttpResponse(status_code=202)
