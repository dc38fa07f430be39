"""Compiles an app's modules, so that no start has to."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

_MAX_PROCESSES = 4
_WORTH_A_PROCESS = 100
"""Modules: starting another process takes as long as compiling a few dozens."""


async def compile_modules(folder: Path, environment: Mapping[str, str], leave_out: str | None = None) -> None:
    """Compiles what is below `folder`, but for paths that the regular expression `leave_out` is found in.

    What cannot be compiled, such as a template, is left as it is.

    In processes that do nothing else, and with one order of sets, so that the same source gives the same bytes.
    Unchecked: the files of a package do not change, so a start need not look at them twice.
    """
    modules = sum(name.endswith(".py") for _, _, names in os.walk(folder) for name in names)
    processes = min(_MAX_PROCESSES, len(os.sched_getaffinity(0)), 1 + modules // _WORTH_A_PROCESS)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-s", "-m", "compileall", "-qq", "-r", "64", "-j", str(processes)),
        *("--invalidation-mode", "unchecked-hash", *(("-x", leave_out) if leave_out else ()), str(folder)),
        cwd="/",
        env={**{name: environment[name] for name in ("PATH", "TMPDIR") if name in environment}, "PYTHONHASHSEED": "0"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    await process.wait()
