"""As much of an editor as attaching to debugpy takes.

https://microsoft.github.io/debug-adapter-protocol/specification
"""

import json
import socket
from typing import Any


class Debugger:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 20)
        self._file = self._socket.makefile("rb")
        self._number = 0

    def attach(self) -> None:
        self._send("initialize", {"adapterID": "test", "pathFormat": "path"})
        self._until(lambda message: message.get("command") == "initialize")
        self._send("attach", {"justMyCode": False})
        self._until(lambda message: message.get("event") == "initialized")
        self._send("configurationDone", {})
        self._until(lambda message: message.get("command") == "attach")

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _send(self, command: str, arguments: dict[str, Any]) -> None:
        self._number += 1
        message = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def _until(self, wanted: Any) -> None:
        while True:
            length = 0
            while line := self._file.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            assert length, "the debugger was disconnected"
            if wanted(json.loads(self._file.read(length))):
                return
