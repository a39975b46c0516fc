"""Prepared market data: recorded where recordings are at hand, else generated."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from adapters.replay.recordings import Recording
from benchmarks.worker import PROJECT


SYMBOL: Final = "BTCUSDT"
STREAMS: Final = {"depth": "btcusdt@depth@100ms", "book-ticker": "btcusdt@bookTicker"}
SESSION: Final = PROJECT.parent / "shared/market-data/sessions/btcusdt-20240808"

BID_MAX: Final = Decimal("60000.00")
"""Generated bids lie below, asks well above: between them is room for triggers."""

TRIGGER_PRICE: Final = Decimal("60005.00")
TRIGGER_QUANTITY: Final = Decimal("0.01")
"""At least; no two triggers state the same, which would be no news."""

ASK_MIN: Final = Decimal("60010.00")

ONE_BUSY: Final = ((0.1, 6), (0.25, 9), (0.5, 16), (0.75, 31), (0.9, 70), (1.0, 200))
"""(share of the depth events, levels they have at most) of BTCUSDT on 2024-08-08."""

MANY: Final = ((0.25, 1), (0.5, 3), (0.75, 7), (0.9, 10), (1.0, 47))
"""The same of 40 symbols together on 2026-08-08. A symbol sends 10 events a second, so
only many of them send a thousand."""

Levels = tuple[tuple[float, int], ...]
_TICK: Final = Decimal("0.01")
_BOOK_LEVELS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Frames to be sent in order, and the book before the first of them."""

    source: str
    stream: str
    frames: list[bytes]
    snapshot: bytes
    last_update_id: int


def prepare(kind: str, *, frames_max: int) -> Prepared:
    """Take recorded frames of one kind; generated ones where there are none."""
    if not SESSION.is_dir():
        return generate(kind, count=frames_max)
    recording = Recording(SESSION)
    snapshot = recording.snapshot(SYMBOL)
    assert snapshot is not None
    book_id = update_id = json.loads(snapshot)["lastUpdateId"]
    prefix = f'{{"stream":"{STREAMS[kind]}"'.encode()
    frames: list[bytes] = []
    for _, frame in recording.frames():
        if frame.startswith(prefix):
            data = json.loads(frame)["data"]
            if data["u"] > book_id:
                frames.append(frame)
                update_id = data["u"]
        if len(frames) >= frames_max:
            break
    return Prepared(
        source="recorded",
        stream=STREAMS[kind],
        frames=frames,
        snapshot=snapshot,
        last_update_id=update_id,
    )


def generate(
    kind: str, *, count: int, trigger_every: int = 0, levels: Levels = ONE_BUSY
) -> Prepared:
    """Make frames up, the same for the same arguments.

    Args:
        kind: ``depth`` or ``book-ticker``.
        count: how many.
        trigger_every: after so many frames the next one states a bid of
            about TRIGGER_QUANTITY at TRIGGER_PRICE, which the one after it takes
            away; 0 for never.
        levels: how many levels the depth events have.
    """
    rng = random.Random(7)
    if kind == "depth":
        events = _depth_events(rng, count, trigger_every, levels)
    else:
        events = _ticker_events(rng, count, trigger_every)
    frames = [
        json.dumps({"stream": STREAMS[kind], "data": data}, separators=(",", ":"))
        for data in events
    ]
    snapshot = {
        "lastUpdateId": 10,
        "bids": [_level(rng, BID_MAX - _TICK * n) for n in range(_BOOK_LEVELS)],
        "asks": [_level(rng, ASK_MIN + _TICK * n) for n in range(_BOOK_LEVELS)],
    }
    return Prepared(
        source="generated",
        stream=STREAMS[kind],
        frames=[frame.encode() for frame in frames],
        snapshot=json.dumps(snapshot).encode(),
        last_update_id=10 * (count + 1),
    )


def _depth_events(
    rng: random.Random, count: int, every: int, levels: Levels
) -> Iterator[dict[str, object]]:
    for number in range(count):
        changed = _level_count(rng, levels)
        bids = [_near(rng, BID_MAX, -1) for _ in range((changed + 1) // 2)]
        asks = [_near(rng, ASK_MIN, 1) for _ in range(changed // 2)]
        if every and number and number % every == 0:
            bids.append(_trigger(number))
        elif every and number % every == 1:
            bids.append([_amount(TRIGGER_PRICE), _amount(Decimal(0))])
        yield {
            "e": "depthUpdate",
            "E": 1_700_000_000_000 + number,
            "s": SYMBOL,
            "U": 10 * number + 11,
            "u": 10 * number + 20,
            "b": bids,
            "a": asks,
        }


def _ticker_events(
    rng: random.Random, count: int, every: int
) -> Iterator[dict[str, object]]:
    for number in range(count):
        bid = _level(rng, BID_MAX - _TICK * rng.randrange(100))
        ask = _level(rng, ASK_MIN + _TICK * rng.randrange(100))
        if every and number and number % every == 0:
            bid = _trigger(number)
        yield {
            "u": 10 * number + 20,
            "s": SYMBOL,
            "b": bid[0],
            "B": bid[1],
            "a": ask[0],
            "A": ask[1],
        }


def _trigger(number: int) -> list[str]:
    more = Decimal(number).scaleb(-5)
    return [_amount(TRIGGER_PRICE), _amount(TRIGGER_QUANTITY + more)]


def _level_count(rng: random.Random, levels: Levels) -> int:
    share = rng.random()
    least = 1
    for upper_share, most in levels:
        if share <= upper_share:
            return rng.randint(least, most)
        least = most
    return least


def _near(rng: random.Random, touch: Decimal, away: int) -> list[str]:
    price = touch + away * _TICK * min(int(rng.expovariate(1 / 300)), 3_000)
    gone = rng.random() < 0.4
    return [_amount(price), _amount(Decimal(0))] if gone else _level(rng, price)


def _level(rng: random.Random, price: Decimal) -> list[str]:
    return [_amount(price), _amount(Decimal(rng.randrange(1, 500_000)).scaleb(-5))]


def _amount(amount: Decimal) -> str:
    return f"{amount:.8f}"
