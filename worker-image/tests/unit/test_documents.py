"""What documents say, held against what they speak of."""

import re
from pathlib import Path

import pytest

from funcapp.check import services
from funcapp.host.telemetry import RESTART_REASONS

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "worker-image" / "tests"
MODEL = (ROOT / "docs" / "programming-model.md").read_text()

_NOT_SERVICES = {
    "blob triggers with source EventGrid",
    "custom handlers",
    "proxies.json",
    "App Service authentication",
    "Key Vault references",
    "App Configuration references",
}
"""What `funcapp check` tells of files, settings and properties: `test_check.py` and `test_check_command.py` show it."""


def cited(document: str) -> list[tuple[str, str]]:
    """(file, name of a test or "") of the last column of each table; `…` before `::` stands for the file before it."""
    found = []
    for line in document.splitlines():
        cell = line.rstrip(" |").rpartition(" | ")[2] if line.startswith("| ") else ""
        for text in re.findall(r"`((?:unit|integration|cluster)/[^`]+|…::[^`]+)`", cell):
            file, _, name = text.partition("::")
            found.append((found[-1][0] if file == "…" else file, name))
    return found


def java_cited(document: str) -> list[tuple[str, str]]:
    """(class, method or "") of `e2e: HttpE2E.method`, `operator: it/HttpIT` and `….method`."""
    found = []
    for text in re.findall(r"`((?:e2e: |operator: (?:it/)?)\w+(?:\.\w+)?|…\.\w+)`", document):
        name, _, method = text.rpartition(" ")[2].rpartition("/")[2].partition(".")
        found.append((found[-1][0] if name == "…" else name, method))
    return found


def test_every_test_that_is_cited_is_there() -> None:
    assert len(cited(MODEL)) > 100
    for file, name in cited(MODEL):
        assert (TESTS / file).is_file(), file
        # A name may be cut at its end.
        begin = f"def {name.rstrip('…')}"
        assert begin + ("" if name.endswith("…") else "(") in (TESTS / file).read_text() or not name, f"{file}::{name}"
    for name, method in java_cited(MODEL):
        (file,) = (path for part in ("e2e", "operator") for path in (ROOT / part / "src/test").rglob(f"{name}.java"))
        assert not method or f"{method}(" in file.read_text(), f"{name}.{method}"


@pytest.mark.parametrize("row", [line for line in MODEL.splitlines() if line.startswith("| ")])
def test_every_row_has_four_columns_and_cites_a_test(row: str) -> None:
    cells = [cell.strip() for cell in row.replace("\\|", "").strip("|").split(" | ")]
    assert len(cells) == 4, row
    assert cells[3] in ("test", "none") or "the same" in cells[3] or "`" in cells[3], row


def test_restart_reasons_of_the_metrics_are_those_that_are_counted() -> None:
    architecture = (ROOT / "docs" / "architecture.md").read_text()
    (listed,) = re.findall(r"`funcapp_process_restarts_total` \| reason \(([^)]*)\)", architecture)
    assert tuple(listed.split(", ")) == RESTART_REASONS


def test_the_readme_names_everything_that_a_check_finds_not_supported() -> None:
    """On its first screen, where a newcomer with an app looks."""
    readme = (ROOT / "README.md").read_text()
    table = readme.partition("| not supported | instead |\n|---|---|\n")[2].partition("\n\n")[0]
    listed = {name for row in table.splitlines() for name in row.split("|")[1].strip().split(", ")}
    dropped = re.compile("^(Azure|Apache) (Database for )?| Service$")
    known = {re.sub(dropped, "", service) for service in services.names()}
    assert listed - _NOT_SERVICES == known
    assert listed >= _NOT_SERVICES
    assert readme[: readme.index(table)].count("\n") < 60
