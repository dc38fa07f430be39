"""Whether the kernel killed a process of this container for want of memory."""

from __future__ import annotations

import re
from pathlib import Path

# https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files, and the same of version 1.
_FILES = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def kills() -> int:
    """How many there were so far; 0 where the kernel does not tell."""
    for name in _FILES:
        try:
            match = re.search(r"^oom_kill (\d+)$", Path(name).read_text(), re.MULTILINE)
        except OSError:
            continue
        return int(match[1]) if match else 0
    return 0
