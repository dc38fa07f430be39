"""Lines of pods' logs, as they come."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from funcapp.cli.kubectl import Kubectl, KubectlFailed, Object
from funcapp.cli.readable import safe

_LOOK_SECONDS = 2.0


class Stream:
    """One `kubectl logs`. `error` is what it said when it failed, known after the last line."""

    def __init__(self, cluster: Kubectl, pod: str, arguments: Sequence[str]) -> None:
        self.error: str | None = None
        self._process = cluster.start("logs", pod, *arguments)

    def lines(self) -> Iterator[str]:
        process = self._process
        assert process.stdout is not None and process.stderr is not None
        errors: list[str] = []
        # Beside the lines, lest a full pipe keep kubectl from going on.
        reading = threading.Thread(
            target=lambda stream: errors.append(stream.read()), args=(process.stderr,), daemon=True
        )
        reading.start()
        with process.stdout:
            for line in process.stdout:
                yield line.rstrip("\n")
        status = process.wait()
        reading.join()
        process.stderr.close()
        if status != 0:
            self.error = "".join(errors).strip() or f"kubectl logs ended with {status}"

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()


def follow(cluster: Kubectl, selector: str, arguments: Sequence[str], show: Callable[[str, str], None]) -> None:
    """Calls `show` with pod and line, until Ctrl-C. A pod that starts later is shown from its beginning."""
    arrived: queue.Queue[tuple[str, str]] = queue.Queue()
    followed: dict[tuple[str, int], Stream] = {}
    first = True
    look_at = 0.0
    try:
        while True:
            now = time.monotonic()
            if now >= look_at:
                look_at = now + _LOOK_SECONDS
                for container in _running(cluster, selector):
                    if container not in followed:
                        chosen = arguments if first else [*_without_limits(arguments), "--tail=-1"]
                        followed[container] = _read(cluster, container[0], chosen, arrived)
                if first and not followed:
                    print("no pod runs yet: waiting for one", file=sys.stderr)
                first = False
            try:
                show(*arrived.get(timeout=max(look_at - time.monotonic(), 0.05)))
            except queue.Empty:
                continue
    finally:
        for stream in followed.values():
            stream.stop()


def _running(cluster: Kubectl, selector: str) -> list[tuple[str, int]]:
    """Pod and number of the container's restart, for containers that have begun."""
    try:
        pods = cluster.items("pods", selector)
    except KubectlFailed as error:
        print(f"funcapp: {safe(str(error))}", file=sys.stderr)
        return []
    return [(pod["metadata"]["name"], restart) for pod in pods for restart in _restarts(pod)]


def _restarts(pod: Object) -> Iterator[int]:
    for container in pod.get("status", {}).get("containerStatuses", []):
        if "running" in container.get("state", {}):
            yield container.get("restartCount", 0)


def _without_limits(arguments: Sequence[str]) -> list[str]:
    return [argument for argument in arguments if not argument.startswith(("--tail", "--since"))]


def _read(cluster: Kubectl, pod: str, arguments: Sequence[str], arrived: queue.Queue[tuple[str, str]]) -> Stream:
    stream = Stream(cluster, pod, arguments)

    def read() -> None:
        for line in stream.lines():
            arrived.put((pod, line))

    threading.Thread(target=read, daemon=True).start()
    return stream
