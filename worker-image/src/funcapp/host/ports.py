"""Listening sockets."""

from __future__ import annotations

import errno
import socket

_BACKLOG = 1024


def listen(address: str, port: int) -> socket.socket:
    """`address` empty: every address of both families, where the system has both. Raises OSError."""
    try:
        listening = _create(address, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(
            error.errno,
            f"port {port} is in use by another program: end that one, or choose another port (--port or"
            " FUNCAPP_HTTP_PORT for the app, FUNCAPP_MANAGEMENT_PORT for the worker's own)",
        ) from None
    listening.setblocking(False)
    return listening


def _create(address: str, port: int) -> socket.socket:
    if address:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return socket.create_server((address, port), family=family, backlog=_BACKLOG)
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=_BACKLOG)
    return socket.create_server(("", port), backlog=_BACKLOG)
