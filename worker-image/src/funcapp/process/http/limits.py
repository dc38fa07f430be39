"""What a client may send. The figures are those of the server that Azure Functions uses."""

MAX_TARGET = 8 * 1024
"""Bytes of the request target; more is 414."""

MAX_HEADER_BYTES = 32 * 1024
MAX_HEADERS = 100
"""Header fields; more, or more bytes of them, is 431."""

MAX_BODY = 100 * 1024 * 1024
"""Bytes of the body; more is 413."""

HEADER_SECONDS = 30.0
"""For the whole head of a request, from its first byte."""

BODY_SECONDS = 30.0
"""Between two pieces of a body."""

IDLE_SECONDS = 130.0
"""Between two requests of a connection: longer than proxies wait, so that none finds it closed under its request."""
