"""What was measured: one entry for each figure, as a line and as JSON."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

OURS = "ours"


@dataclass(frozen=True)
class Entry:
    """Medians. `ratios` are ours through the peer's, so that it depends on the figure whether more is better."""

    name: str
    unit: str
    ours: float
    peers: dict[str, float] = field(default_factory=dict)

    @property
    def ratios(self) -> dict[str, float]:
        return {peer: self.ours / value for peer, value in self.peers.items() if value}

    def lines(self) -> list[str]:
        mine = f"{self.name}: ours {_text(self.ours)} {self.unit}"
        return [
            f"{mine}, {peer} {_text(value)} {self.unit}, ratio {self.ratios.get(peer, float('nan')):.2f}"
            for peer, value in self.peers.items()
        ] or [mine]


class Samples:
    """Figures of repetitions, by name and then by whose they are."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def add(self, name: str, whose: str, value: float) -> None:
        self._values[name][whose].append(value)

    def last(self, name: str, whose: str) -> float:
        return self._values[name][whose][-1]

    def entry(self, name: str, unit: str) -> Entry:
        medians = {whose: statistics.median(values) for whose, values in self._values[name].items()}
        return Entry(name, unit, medians.pop(OURS), medians)


def write(entries: list[Entry], path: Path) -> None:
    """Keeps the entries of an earlier run that this one did not measure."""
    documents = {document["name"]: document for document in _read(path)}
    for entry in entries:
        documents[entry.name] = {
            "name": entry.name,
            "unit": entry.unit,
            "ours": _rounded(entry.ours),
            "peers": {peer: _rounded(value) for peer, value in entry.peers.items()},
            "ratios": {peer: _rounded(ratio) for peer, ratio in entry.ratios.items()},
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(documents.values()), indent=2) + "\n")


def _read(path: Path) -> list[dict[str, object]]:
    return json.loads(path.read_text()) if path.exists() else []


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _text(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
