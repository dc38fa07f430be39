"""Lines of pods' logs, as they come."""

from __future__ import annotations

import contextlib
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from funcapp.cli.kubectl import Kubectl, KubectlFailed, Object
from funcapp.cli.readable import safe, timestamp

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


class _Follower:
    """One container's log, which goes on where it was when the connection to it is cut."""

    def __init__(self, cluster: Kubectl, pod: str, arrived: queue.Queue[tuple[str, str]]) -> None:
        self._cluster, self._pod, self._arrived = cluster, pod, arrived
        self._latest = ""
        self._told = ""
        self._reading: threading.Thread
        self._stream: Stream

    def start(self, arguments: Sequence[str]) -> None:
        self._stream = Stream(self._cluster, self._pod, arguments)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def go_on(self, arguments: Sequence[str]) -> None:
        """After the end of what was read, from its last record on."""
        if not self._reading.is_alive():
            self.start([*arguments, *([f"--since-time={self._latest}"] if self._latest else ["--tail=0"])])

    def stop(self) -> None:
        self._stream.stop()

    def _read(self) -> None:
        shown_until = self._latest
        for line in self._stream.lines():
            stamp = timestamp(line)
            if shown_until and stamp <= shown_until:
                continue
            shown_until = ""
            self._latest = stamp or self._latest
            self._arrived.put((self._pod, line))
        error = self._stream.error
        if error and error != self._told:
            self._told = error
            print(f"funcapp: {self._pod}: {safe(error)}: following again", file=sys.stderr)


def follow(cluster: Kubectl, selector: str, arguments: Sequence[str], show: Callable[[str, str], None]) -> None:
    """Calls `show` with pod and line, until Ctrl-C. A pod that starts later is shown from its beginning."""
    arrived: queue.Queue[tuple[str, str]] = queue.Queue()
    followed: dict[tuple[str, int], _Follower] = {}
    unlimited = [argument for argument in arguments if not argument.startswith(("--tail", "--since"))]
    first = True
    look_at = 0.0
    try:
        while True:
            if time.monotonic() >= look_at:
                for container in _running(cluster, selector):
                    if container in followed:
                        followed[container].go_on(unlimited)
                    else:
                        followed[container] = _Follower(cluster, container[0], arrived)
                        followed[container].start(arguments if first else [*unlimited, "--tail=-1"])
                if first and not followed:
                    print("no pod runs yet: waiting for one", file=sys.stderr)
                first = False
                look_at = time.monotonic() + _LOOK_SECONDS
            with contextlib.suppress(queue.Empty):
                show(*arrived.get(timeout=max(look_at - time.monotonic(), 0.05)))
    finally:
        for follower in followed.values():
            follower.stop()


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
