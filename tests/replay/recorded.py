"""Recorded sessions read for tests, and orders drawn from a seed to run on them."""

import gzip
import json
import random
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.replay.oracle import Line


SESSIONS = Path(__file__).resolve().parents[2] / ".." / "shared/market-data/sessions"

WITH_BOOK_TICKER = (
    ("btcusdt-20240808", "BTCUSDT"),
    ("ethusdt-20240808", "ETHUSDT"),
    ("small-20211012", "NKNUSDT"),
    ("small-20211012", "BLZETH"),
    ("small-20211012", "LRCBTC"),
)
WITH_SNAPSHOT = (*WITH_BOOK_TICKER, ("small-20211012", "RUNEEUR"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    folder: Path
    symbol: str
    lines: tuple[Line, ...]
    snapshot: bytes
    facts: dict[str, Any]
    """What the manifest of the recordings says about the symbol."""

    def stream(self, kind: str) -> bytes:
        """The start of the frames of one kind."""
        return f'{{"stream":"{self.symbol.lower()}@{kind}'.encode()


@cache
def session(name: str, symbol: str) -> Session:
    """Read a session; skip the test where there are no recordings."""
    if not SESSIONS.is_dir():
        pytest.skip("no recordings: ../shared/market-data is not beside the project")
    folder = (SESSIONS / name).resolve()
    path = folder / "frames.tsv"
    raw = path.read_bytes() if path.exists() else gunzip(folder / "frames.tsv.gz")
    manifest = json.loads((SESSIONS.parent / "manifest.json").read_bytes())
    return Session(
        folder=folder,
        symbol=symbol,
        lines=tuple(parse_line(line) for line in raw.splitlines()),
        snapshot=(folder / f"{symbol}.snapshot.json").read_bytes(),
        facts=manifest["sessions"][name]["symbols"][symbol],
    )


def gunzip(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def parse_line(line: bytes) -> Line:
    received_ns, _, frame = line.partition(b"\t")
    return int(received_ns), frame


def touches(of: Session) -> list[tuple[int, tuple[Decimal, ...]]]:
    """All (u, (bid, its size, ask, its size)) of the bookTicker stream, by u."""
    found = []
    for _, frame in of.lines:
        if frame.startswith(of.stream("bookTicker")):
            data = json.loads(frame)["data"]
            touch = tuple(Decimal(data[key]) for key in "bBaA")
            found.append((data["u"], touch))
    return found


def mixed_orders(of: Session, *, seed: int, count: int = 200) -> str:
    """Draw an ``ORDERS.json``: all kinds of orders, around the touch and within it."""
    chance = random.Random(seed)
    snapshot = json.loads(of.snapshot)
    prices = limits_around_the_touch(of, snapshot)
    sizes = [Decimal(size) for _, size in snapshot["bids"][:30] + snapshot["asks"][:30]]
    span_ns = of.lines[-1][0] - of.lines[0][0]
    popular = (0, 1.5, *(moment(chance, span_ns) for _ in range(5)))
    orders = [
        {
            "id": f"ORDER{number}",
            "side": chance.choice(("SELL", "BUY")),
            "price": plain(chance.choice(prices)),
            "quantity": plain(some_size(chance, sizes)),
            "at": chance.choice((*popular, *[moment(chance, span_ns)] * 12)),
            "time_in_force": chance.choice(("GTC", "GTC", "GTC", "IOC", "FOK")),
        }
        for number in range(count)
    ]
    return json.dumps(orders)


def limits_around_the_touch(of: Session, snapshot: dict[str, Any]) -> list[Decimal]:
    near = [Decimal(p) for p, _ in snapshot["bids"][:20] + snapshot["asks"][:20]]
    seen = [price for _, touch in touches(of) for price in (touch[0], touch[2])]
    tick = min(abs(one - other) for one, other in pairwise(near)).normalize()
    spread_out = [
        price + tick * steps
        for price in near + seen[::50]
        for steps in (-9, -1, 0, 1, 9)
    ]
    return near + spread_out


def some_size(chance: random.Random, sizes: list[Decimal]) -> Decimal:
    """From the smallest the format can write to several levels at once."""
    factor = Decimal(chance.choice(("0", "0.01", "0.3", "1", "1", "2.5", "20", "400")))
    size = (chance.choice(sizes) * factor).quantize(Decimal("1e-8"))
    return size or Decimal("1e-8")


def moment(chance: random.Random, span_ns: int) -> str:
    return plain(Decimal(chance.randrange(span_ns)).scaleb(-9))


def plain(amount: Decimal) -> str:
    return format(amount, "f")


def write_orders(folder: Path, text: str) -> Path:
    path = folder / "orders.json"
    path.write_text(text, encoding="utf-8")
    return path
