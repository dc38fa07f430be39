"""What a client may send. The figures are those of the server that Azure Functions uses.

https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.server.kestrel.core.kestrelserverlimits
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_TARGET = 8 * 1024
"""Bytes of the request target; more is 414."""

MAX_HEADER_BYTES = 32 * 1024
MAX_HEADERS = 100
"""Header fields; more, or more bytes of them, is 431."""

MAX_BODY = 100 * 1024 * 1024
"""Bytes of the body; more is 413."""

MAX_QUERY_FIELDS = 1000
"""Fields of the query; more is 400."""

MIN_BODY_RATE = 240.0
"""Bytes of a body in a second, on average, once its first time is over; less is 408."""


@dataclass(frozen=True)
class Times:
    """How long a client is waited for, in seconds.

    `head`: for the whole head of a request, from its first byte. `body`: between two pieces of a body, and in all
    before MIN_BODY_RATE counts. `idle`: between two requests of a connection, longer than proxies wait, so that none
    finds it closed under its request. `write`: while a client takes nothing of what is sent.
    """

    head: float = 30.0
    body: float = 30.0
    idle: float = 130.0
    write: float = 60.0
