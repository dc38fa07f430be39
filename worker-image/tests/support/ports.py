"""Ports for the servers that tests start."""

import socket
from collections import deque

_MOST = 100
_kept: deque[socket.socket] = deque()


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody else is given until a hundred more were asked for.

    A server takes seconds until it binds its port, and other tests look for theirs meanwhile. So a socket keeps
    each: it is bound, which gives others another one, and does not listen, so that a server with SO_REUSEADDR may
    bind it, too.
    """
    ports = []
    for _ in range(count):
        keeper = socket.socket()
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        ports.append(keeper.getsockname()[1])
        _kept.append(keeper)
    while len(_kept) > _MOST:
        _kept.popleft().close()
    return ports
