"""How many processors this container may use."""

from __future__ import annotations

import math
from pathlib import Path

_CGROUP_2 = Path("/sys/fs/cgroup/cpu.max")
_CGROUP_1 = Path("/sys/fs/cgroup/cpu")


def processors() -> int:
    """The CPU limit rounded up; 1 without a limit, so that a pod's concurrency does not depend on the node it is on."""
    try:
        if _CGROUP_2.is_file():
            quota, period = _CGROUP_2.read_text().split()
        else:
            quota = (_CGROUP_1 / "cpu.cfs_quota_us").read_text()
            period = (_CGROUP_1 / "cpu.cfs_period_us").read_text()
        return max(1, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError):
        return 1  # also what "max" stands for
