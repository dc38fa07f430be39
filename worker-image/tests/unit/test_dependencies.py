"""`pip install funcapp` brings what the image has."""

import re
from importlib.metadata import requires
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "requirements"


def names(lines: list[str]) -> set[str]:
    """Of requirements, without versions, markers and extras."""
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if line.strip() and not line.startswith("#"))
    return {match[0].lower() for match in found if match}


def test_what_a_laptop_installs_is_what_the_image_has() -> None:
    image = set().union(
        *(names((FOLDER / f"{file}.in").read_text().splitlines()) for file in ("host", "process", "sdk"))
    )
    # Nothing fetches from git on a laptop; debugpy is for a laptop alone.
    of_package = names([line for line in requires("funcapp") or [] if 'extra == "debug"' not in line])
    assert of_package == image
