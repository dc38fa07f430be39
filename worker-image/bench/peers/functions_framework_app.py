import functions_framework


@functions_framework.http
def handle(request):
    category, number = request.path.split("/")[-2:]
    return f"{category} {int(number)} {request.args['colour']}", 200, {"content-type": "text/plain; charset=utf-8"}
