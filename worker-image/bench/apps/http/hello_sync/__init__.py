import azure.functions as func


def main(req: func.HttpRequest) -> func.HttpResponse:
    category, number = req.route_params["category"], req.route_params["id"]
    return func.HttpResponse(f"{category} {number} {req.params['colour']}")
