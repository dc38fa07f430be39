"""kubectl, but for what takes a kubelet: `logs`, `port-forward`, what pods answer; and it fails where a test wants it.

kubectl_stand_in.py FOLDER ARGUMENTS…: the folder says what pods log, where ports lead to, and which commands fail.
"""

import os
import re
import signal
import sys
import time
from pathlib import Path

_LIVES_SECONDS = 300
_REPORT = re.compile(r"--raw=/api/v1/namespaces/[^/]+/pods/([^/:]+):8081/proxy/scaling")


def main(folder: Path, arguments: list[str]) -> None:
    command = arguments[0]
    if (folder / f"{command}.broken").exists() and "--dry-run=server" not in arguments:
        sys.exit("Unable to connect to the server: dial tcp 10.0.0.1:6443: connect: connection refused")
    if command == "logs":
        _logs(folder, arguments[1], {name: value for name, _, value in (a.partition("=") for a in arguments[2:])})
    elif command == "port-forward":
        port = folder / f"{arguments[1].removeprefix('pod/')}.port"
        print(f"Forwarding from 127.0.0.1:{port.read_text()} -> 8080", flush=True)
        signal.pause()
    elif command == "get" and (match := _REPORT.fullmatch(arguments[1])):
        _report(folder / f"{match[1]}.scaling")
    else:
        os.execvp("kubectl", ["kubectl", *arguments])


def _report(file: Path) -> None:
    if not file.exists():
        sys.exit("Error from server (ServiceUnavailable): the server is currently unable to handle the request")
    sys.stdout.write(file.read_text())


def _logs(folder: Path, pod: str, options: dict[str, str]) -> None:
    lines = int(options.get("--tail", "-1"))
    cut = folder / f"{pod}.cut"
    with (folder / f"{pod}.{options['--container']}.log").open() as log:
        written = log.readlines()
        sys.stdout.writelines(written if lines < 0 else written[max(len(written) - lines, 0) :])
        sys.stdout.flush()
        end = time.monotonic() + _LIVES_SECONDS
        while "--follow" in options and time.monotonic() < end:
            if cut.exists():
                cut.unlink()
                sys.exit("unexpected EOF")
            sys.stdout.write(log.read())
            sys.stdout.flush()
            time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
