"""What 1,000,000 waiting orders cost: memory, an update, and the time to pick them up.

Takes some minutes, 6 GB of memory and 500 MB of disk.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from benchmarks import update_cost, waiting_orders
from benchmarks.result import Row


ORDERS: Final = 1_000_000
ROUNDS: Final = 100
GIGABYTES_MIN: Final = 6.0


def measure(*, quick: bool) -> Sequence[Row]:
    """Measure all three, unless there is no time or no memory for it."""
    reason = "not with --quick" if quick else _lack_of_memory()
    if reason:
        click.echo(f"million: skipped, {reason}", err=True)
        return []
    updates = update_cost.measure_sizes((1, ORDERS), ROUNDS)
    return [*updates, *waiting_orders.measure_with(ORDERS)]


def _lack_of_memory() -> str:
    """Return how much memory is missing, in words; empty if there is enough."""
    for line in Path("/proc/meminfo").read_text("ascii").splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            free = int(rest.split()[0]) * 1024 / 1e9
            needs = f"it needs {GIGABYTES_MIN:g} GB of memory, {free:.1f} GB are free"
            return "" if free >= GIGABYTES_MIN else needs
    return "nothing says how much memory is free"
