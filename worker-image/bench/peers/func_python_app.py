from urllib.parse import parse_qs

from func_python.http import serve


async def handle(scope, receive, send):
    category, number = scope["path"].split("/")[-2:]
    colour = parse_qs(scope["query_string"].decode())["colour"][0]
    body = f"{category} {int(number)} {colour}".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


serve(handle)
