"""Arms faults at the exchange, drawn from the seed, other ones every few seconds.

Whatever lags does so within the windows that the service was told: an order is late by
at most 0.9 s, hidden for at most 1.8 s, and clocks jump by at most 2.4 s.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.chaos.exchange import Exchange
from tests.chaos.journal import Journal


Switch = dict[str, object]
Draw = Callable[[random.Random], Switch]

ROUND_SECONDS: Final = (1.0, 4.0)
FAULTS_A_ROUND: Final = (2, 6)
CALM: Final = 0.15
"""Of the rounds."""

STORMS: Final = 0.2
"""Of the rounds that are not calm."""

_ANYWHERE: Final = ("place", "place", "place", "query", "any")


def _how_often(rng: random.Random) -> Switch:
    if rng.random() < 0.6:
        return {
            "probability": round(rng.uniform(0.03, 0.4), 2),
            "seed": rng.randrange(10**6),
        }
    return {"count": rng.randint(1, 4)}


def _no_answer(when: str) -> Draw:
    def draw(rng: random.Random) -> Switch:
        seconds = round(rng.uniform(0.05, 2.0), 2)
        call = rng.choice(_ANYWHERE)
        return {"when": when, "seconds": seconds, "call": call, **_how_often(rng)}

    return draw


def _order_error(*, executed: bool) -> Draw:
    def draw(rng: random.Random) -> Switch:
        return {
            "executed": executed,
            "status": rng.choice((500, 502, 503, 504)),
            "code": rng.choice((-1000, -1001, -1006, -1007, -1008, None)),
            "call": rng.choice(_ANYWHERE),
            **_how_often(rng),
        }

    return draw


def _query_lag(rng: random.Random) -> Switch:
    return {"seconds": round(rng.uniform(0.1, 1.8), 2), **_how_often(rng)}


def _late_arrival(rng: random.Random) -> Switch:
    answer = rng.choice(("cut", "timeout"))
    seconds = round(rng.uniform(0.05, 0.9), 2)
    return {"seconds": seconds, "answer": answer, **_how_often(rng)}


def _often(rng: random.Random) -> Switch:
    return _how_often(rng)


def _partial_fill(rng: random.Random) -> Switch:
    return {"fraction": round(rng.uniform(0, 0.95), 2), **_how_often(rng)}


def _rate_limited(rng: random.Random) -> Switch:
    status, code = rng.choice(((429, -1003), (429, -1015), (418, -1003)))
    call = rng.choice(_ANYWHERE)
    count = rng.randint(1, 3)
    kind = {"status": status, "code": code, "retry_after": rng.randint(0, 2)}
    return {**kind, "call": call, "count": count}


def _once(rng: random.Random) -> Switch:
    return {"call": rng.choice(_ANYWHERE), "count": 1}


def _user_events(kind: str) -> Draw:
    def draw(rng: random.Random) -> Switch:
        seconds = round(rng.uniform(0.1, 2.0), 2)
        return {"kind": kind, "seconds": seconds, **_how_often(rng)}

    return draw


def _clock_skew(rng: random.Random) -> Switch:
    return {"milliseconds": rng.choice((-1, 1)) * rng.randint(1050, 1200)}


def _cut(rng: random.Random) -> Switch:
    target = rng.choice(("streams", "ws_api", "all"))
    return {"fraction": rng.choice((0.5, 1.0)), "target": target}


def _shutdown(rng: random.Random) -> Switch:
    seconds = round(rng.uniform(0, 1), 2)
    return {"after_seconds": seconds, "target": rng.choice(("streams", "all"))}


def _garbage(rng: random.Random) -> Switch:
    return {"kind": rng.choice(("not_json", "truncated", "unknown_event"))}


def _count(rng: random.Random) -> Switch:
    return {"count": rng.randint(1, 3)}


def _silence(rng: random.Random) -> Switch:
    after = rng.choice(("burst", "gap"))
    return {"seconds": round(rng.uniform(0.2, 1.5), 2), "after": after}


def _delay(rng: random.Random) -> Switch:
    seconds = round(rng.uniform(0.05, 0.5), 2)
    return {"seconds": seconds, "for_seconds": 1, "target": "streams"}


def _no_snapshot(rng: random.Random) -> Switch:
    return {"status": rng.choice((500, 503)), "path": "depth", "count": 1}


@dataclass(frozen=True, slots=True)
class Entry:
    """One fault, and how often it is drawn."""

    fault: str
    draw: Draw
    weight: int = 4


MENU: Final = (
    Entry("no_answer", _no_answer("before"), 6),
    Entry("no_answer", _no_answer("after"), 6),
    Entry("order_error", _order_error(executed=False)),
    Entry("order_error", _order_error(executed=True)),
    Entry("query_lag", _query_lag, 6),
    Entry("late_arrival", _late_arrival, 6),
    Entry("duplicate_id", _often, 2),
    Entry("partial_fill", _partial_fill),
    Entry("fill_before_cancel", _often, 1),
    Entry("rate_limited", _rate_limited, 3),
    Entry("waf", _once, 1),
    Entry("user_events", _user_events("lost"), 2),
    Entry("user_events", _user_events("doubled"), 2),
    Entry("user_events", _user_events("late"), 2),
    Entry("clock_skew", _clock_skew, 3),
    Entry("cut", _cut),
    Entry("gap", _count, 2),
    Entry("duplicate", _count, 1),
    Entry("reorder", _count, 1),
    Entry("stale_snapshot", _count, 1),
    Entry("garbage", _garbage, 1),
    Entry("server_shutdown", _shutdown, 1),
    Entry("silence", _silence, 2),
    Entry("delay", _delay, 1),
    Entry("http_error", _no_snapshot, 2),
)


def _storm(rng: random.Random) -> tuple[Switch, ...]:
    """What is worst together: orders get through, and nothing says so for a while."""
    part = round(rng.uniform(0.3, 1), 2)
    lost = rng.choice(
        (
            {"fault": "order_error", "executed": True, "status": 504, "code": -1007},
            {"fault": "no_answer", "when": "after", "seconds": 0.05},
            {"fault": "late_arrival", "seconds": 0.9, "answer": "timeout"},
        )
    )
    lag = round(rng.uniform(1, 1.8), 2)
    return (
        {**lost, "probability": part, "seed": rng.randrange(10**6)},
        {"fault": "query_lag", "seconds": lag, "probability": 1},
        {"fault": "user_events", "kind": "lost", "probability": 1},
    )


@dataclass(frozen=True, slots=True)
class Round:
    """What is armed at one time."""

    seconds: float
    begins_anew: bool
    """Whether what was armed before is disarmed first."""

    switches: tuple[Switch, ...]


def draw_round(source: str) -> Round:
    """Draw a round; the same source gives the same one."""
    rng = random.Random(source)
    seconds = rng.uniform(*ROUND_SECONDS)
    if rng.random() < CALM:
        return Round(seconds, begins_anew=True, switches=())
    if rng.random() < STORMS:
        return Round(seconds, begins_anew=True, switches=_storm(rng))
    weights = [entry.weight for entry in MENU]
    drawn = rng.choices(MENU, weights, k=rng.randint(*FAULTS_A_ROUND))
    switches = tuple({"fault": one.fault, **one.draw(rng)} for one in drawn)
    return Round(seconds, begins_anew=rng.random() < 0.7, switches=switches)


def throw_until(
    is_over: threading.Event, exchange: Exchange, journal: Journal, seed: int
) -> None:
    """Throw round after round, and disarm everything at the end."""
    number = 0
    while not is_over.is_set():
        number += 1
        chosen = draw_round(f"{seed}:faults:{number}")
        first: tuple[Switch, ...] = ({"fault": "clear"},) if chosen.begins_anew else ()
        for switch in (*first, *chosen.switches):
            exchange.throw(switch)
            journal.note("fault", **switch)
        is_over.wait(chosen.seconds)
    exchange.throw({"fault": "clear"})
