"""start, start-200MiB: from exec to /readyz, against the import of the SDK alone, which no app can do without.

`…-cpu` is the processor time of the same, which other work on the machine changes little.
"""

from __future__ import annotations

import http.client
import resource
import subprocess
import sys
import time
from pathlib import Path

from bench.context import FUNCAPP, HERE, TARGET, Context
from bench.results import OURS, Entry, Samples

_PACKAGE_MIB = 200
_PEER = "import azure.functions"


def measure(context: Context) -> list[Entry]:
    hello, large = HERE / "apps" / "hello", _large_app()
    samples = Samples()
    _import_sdk(context)
    for number in range(context.repetitions + 1):
        figures = {"start": _start(context, hello), "start-200MiB": _start(context, large)}
        sdk, sdk_cpu = _import_sdk(context)
        if number == 0:
            continue  # what compiles bytecode and fills the page cache, as the image's build and its pull do
        for name, (milliseconds, cpu) in figures.items():
            samples.add(name, OURS, milliseconds)
            samples.add(name, _PEER, sdk)
            samples.add(f"{name}-cpu", OURS, cpu)
            samples.add(f"{name}-cpu", _PEER, sdk_cpu)
            context.say(f"{name} {number}: {milliseconds:.0f} ms, {cpu:.0f} of processor")
        context.say(f"{_PEER} {number}: {sdk:.0f} ms, {sdk_cpu:.0f} of processor")
    return [samples.entry(name, "ms") for name in ("start", "start-cpu", "start-200MiB", "start-200MiB-cpu")]


def _start(context: Context, app: Path) -> tuple[float, float]:
    """Milliseconds until it is ready, and of processor time."""
    ours = context.start_ours(app)
    with ours.server:
        ours.server.wait_until(lambda: _is_ready(ours.management), "/readyz answers 200", 30.0, step=0.001)
        return (time.perf_counter() - ours.server.began) * 1000, ours.server.cpu_seconds() * 1000


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _import_sdk(context: Context) -> tuple[float, float]:
    """By the interpreter that runs function processes, with the same library."""
    python, sdk = sys._base_executable, Path(FUNCAPP).parents[2] / "sdk"  # type: ignore[attr-defined]
    code = f"import sys; sys.path.insert(0, {str(sdk)!r}); import azure.functions"
    began, cpu = time.perf_counter(), _cpu_of_children()
    subprocess.run(["taskset", "--cpu-list", str(context.server_core), python, "-s", "-S", "-c", code], check=True)
    return (time.perf_counter() - began) * 1000, (_cpu_of_children() - cpu) * 1000


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _large_app() -> Path:
    """The same function with 200 MiB of libraries: 4,000 modules and data, none of which it imports."""
    root = TARGET / "apps" / "hello-200MiB"
    if not (root / "complete").exists():
        for file in (HERE / "apps" / "hello").rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                target = root / file.relative_to(HERE / "apps" / "hello")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
        libraries = root / ".python_packages/lib/site-packages"
        for number in range(40):
            folder = libraries / f"library{number}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "data.bin").write_bytes(bytes([number]) * (_PACKAGE_MIB * 1024 * 1024 // 40))
            for module in range(100):
                (folder / f"module{module}.py").write_text(f"VALUE = {module}\n")
        (root / "complete").touch()
    return root
