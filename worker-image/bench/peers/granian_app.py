"""The same answer from a bare server, without looking at the request: what no function host can be faster than."""


async def app(scope, protocol):
    protocol.response_str(200, [("content-type", "text/plain; charset=utf-8")], "books 42 red")
