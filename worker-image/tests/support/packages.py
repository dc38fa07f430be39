"""Libraries that apps of tests bring along, installed once and kept under target/."""

import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).parents[3] / "target" / "worker-image" / f"{sys.version_info.major}.{sys.version_info.minor}"


def site_packages(*requirements: str) -> Path:
    """A folder with the requirements, which are pinned, and what they need."""
    folder = TARGET / "test-packages" / "_".join(requirements)
    done = folder / ".done"
    if not done.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-conflicts"]
        subprocess.run([*pip, "--upgrade", "--target", str(folder), *requirements], check=True)
        done.touch()
    return folder
