import json

import azure.functions as func


def main(req: func.HttpRequest, guest: func.Out[str]) -> func.HttpResponse:
    """Put the guest's name in the book."""
    name = req.route_params["name"]
    guest.set(json.dumps({"name": name}))
    return func.HttpResponse(f"{name} signed", status_code=202)
