"""Listening sockets."""

from __future__ import annotations

import socket

_BACKLOG = 1024


def listen(address: str, port: int) -> socket.socket:
    """`address` empty: every address of both families, where the system has both. Raises OSError."""
    if address:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listening = socket.create_server((address, port), family=family, backlog=_BACKLOG)
    elif socket.has_dualstack_ipv6():
        listening = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=_BACKLOG)
    else:
        listening = socket.create_server(("", port), backlog=_BACKLOG)
    listening.setblocking(False)
    return listening
