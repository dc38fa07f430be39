"""The rows of the requirements that tests have to name, so that each can be found by its number."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
_NAMED = re.compile(r"(mission|catalogue|fault) rows? ((?:\d+(?:, | and | to )?)+)", re.IGNORECASE)


def named(kind: str) -> set[int]:
    """The numbers that docstrings of tests name, ranges included."""
    found = set()
    for file in TESTS.glob("*/test_*.py"):
        for name, numbers in _NAMED.findall(file.read_text()):
            if name.lower() == kind:
                for first, last in re.findall(r"(\d+)(?: to (\d+))?", numbers):
                    found |= set(range(int(first), int(last or first) + 1))
    return found


def test_every_row_is_named_by_a_test() -> None:
    """Rows 15, 18, 19 are those of the cluster, and so are most faults."""
    assert {*range(1, 15), 16, 17, *range(20, 32)} <= named("mission")
    assert set(range(39, 71)) <= named("catalogue")
    assert {*range(17, 23), *range(24, 29), 32, 33} <= named("fault")
