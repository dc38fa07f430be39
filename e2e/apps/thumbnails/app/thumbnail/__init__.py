import azure.functions as func


def main(req: func.HttpRequest, thumbnail: bytes) -> func.HttpResponse:
    """Answer with the thumbnail, or 404 while there is none."""
    if thumbnail is None:
        return func.HttpResponse("No such thumbnail, or not made yet.", status_code=404)
    return func.HttpResponse(thumbnail, mimetype="image/jpeg")
