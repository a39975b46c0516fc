"""What the benchmarks found: a table for people, JSON for machines."""

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured number."""

    value: float
    unit: str
    of: str = ""
    """What was measured, where the row does not say it."""

    def __str__(self) -> str:
        """Write it with three or more significant digits."""
        digits = 0 if self.value >= 1000 else 1 if self.value >= 100 else 2
        text = f"{self.value:,.{digits}f} {self.unit}"
        return f"{text} {self.of}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A limit that a row must keep."""

    words: str
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    measured: Figure
    base: Figure | None = None
    """The floor, or what the number is compared with, from the same run."""

    ratio: float | None = None
    """Of the measured number to the base."""

    budget: Budget | None = None
    """None for a number that is only worth knowing."""

    details: Mapping[str, object] = field(default_factory=dict)
    """For the JSON: summaries of the samples, and the conditions."""


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table(title="Cost of Trade Executor on this machine", title_justify="left")
    for column in ("what", "measured", "floor or base", "ratio", "budget", "met"):
        is_number = column in ("measured", "ratio")
        table.add_column(column, justify="right" if is_number else "left")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        base = "" if row.base is None else str(row.base)
        words, met = "", ""
        if row.budget is not None:
            words = row.budget.words
            met = "[green]yes[/]" if row.budget.is_met else "[bold red]NO[/]"
        table.add_row(row.what, str(row.measured), base, ratio, words, met)
    width = None if sys.stdout.isatty() else 150
    Console(width=width).print(table)


def write_json(path: Path, rows: Sequence[Row], *, quick: bool, seconds: float) -> None:
    """Write everything down."""
    content = {
        "machine": machine_facts(),
        "quick": quick,
        "seconds": round(seconds, 1),
        "met": all(row.budget.is_met for row in rows if row.budget is not None),
        "rows": [_members(row) for row in rows],
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def machine_facts() -> dict[str, object]:
    """Say what the numbers were measured on, without saying where."""
    return {
        "cpu_count": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def _members(row: Row) -> dict[str, object]:
    budget = row.budget
    return {
        "what": row.what,
        "measured": _figure(row.measured),
        "base": None if row.base is None else _figure(row.base),
        "ratio": None if row.ratio is None else round(row.ratio, 3),
        "budget": None if budget is None else budget.words,
        "met": None if budget is None else budget.is_met,
        "details": dict(row.details),
    }


def _figure(figure: Figure) -> dict[str, object]:
    return {"value": figure.value, "unit": figure.unit, "of": figure.of}
