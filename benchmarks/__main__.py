"""Run with ``python -m benchmarks``, or ``make bench``."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click

from benchmarks import (
    child_rate,
    event_latency,
    frame_latency,
    frame_rate,
    frame_to_wire,
    million_orders,
    order_intake,
    update_cost,
    waiting_orders,
)
from benchmarks.result import Row, show, write_json
from benchmarks.worker import PROJECT


BENCHMARKS: Final[dict[str, Callable[..., Sequence[Row]]]] = {
    "update": update_cost.measure,
    "rate": frame_rate.measure,
    "latency": frame_latency.measure,
    "wire": frame_to_wire.measure,
    "children": child_rate.measure,
    "intake": order_intake.measure,
    "events": event_latency.measure,
    "waiting": waiting_orders.measure,
    "million": million_orders.measure,
}


@click.command()
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(list(BENCHMARKS)),
    help="Run this one; may be given several times.",
)
@click.option(
    "--skip",
    multiple=True,
    type=click.Choice(list(BENCHMARKS)),
    help="Leave this one out; may be given several times.",
)
@click.option("--quick", is_flag=True, help="Fewer and shorter rounds, more noise.")
@click.option(
    "--json",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=PROJECT / "benchmarks/result.json",
    help="Where the results go.",
)
def main(
    *, only: tuple[str, ...], skip: tuple[str, ...], quick: bool, path: Path
) -> None:
    """Measure the cost table of the design; exit 1 when a budget is not met."""
    started = time.perf_counter()
    rows: list[Row] = []
    for name, measure in BENCHMARKS.items():
        if name not in skip and (not only or name in only):
            began = time.perf_counter()
            rows += measure(quick=quick)
            click.echo(f"{name}: {time.perf_counter() - began:.0f} s", err=True)
    show(rows)
    write_json(path, rows, quick=quick, seconds=time.perf_counter() - started)
    missed = [row for row in rows if row.budget is not None and not row.budget.is_met]
    if missed:
        sys.exit(1)


if __name__ == "__main__":
    main()
