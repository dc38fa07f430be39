"""Measures, prints a line for each figure and writes target/bench/worker.json. `run` installs what is needed first."""

from __future__ import annotations

import argparse
import sys
import time

from bench import cores, results
from bench.context import TARGET, Context
from bench.measures import blob_memory, http, memory, queue, start

MEASURES = {"http": http, "queue": queue, "start": start, "memory": memory, "blob-memory": blob_memory}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("measures", nargs="*", choices=[[], *MEASURES], metavar="MEASURE", help=", ".join(MEASURES))
    parser.add_argument("--repetitions", type=int, default=5, help="of each measurement; the median counts")
    parser.add_argument("--seconds", type=float, default=4.0, help="of load in each HTTP measurement")
    options = parser.parse_args()
    server_core, load_core = cores.choose()
    cores.use_only(load_core)
    (TARGET / "logs").mkdir(parents=True, exist_ok=True)
    context = Context(server_core, load_core, options.repetitions, options.seconds)
    began = time.monotonic()
    for name in options.measures or MEASURES:
        print(f"{name} ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
        entries = MEASURES[name].measure(context)
        results.write(entries, TARGET / "worker.json")
        for entry in entries:
            print("\n".join(entry.lines()), flush=True)
    return 0


sys.exit(main())
