"""What clients do next, drawn from the seed and the number of the step alone."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final

from domain.ports.runtime import Clock


@dataclass(frozen=True, slots=True)
class Market:
    """How big orders of a symbol are, and in which steps."""

    tick: Decimal
    lot: Decimal
    least: float
    most: float


MARKETS: Final = {
    "BTCUSDT": Market(Decimal("0.01"), Decimal("0.00001"), 0.001, 0.6),
    "BNBUSDT": Market(Decimal("0.01"), Decimal("0.001"), 0.1, 40.0),
    "ETHBTC": Market(Decimal("0.00001"), Decimal("0.0001"), 0.05, 20.0),
}

_KINDS: Final = {
    "place": 12,
    "cancel": 3,
    "amend": 3,
    "repeat": 2,
    "pause": 2,
    "resume": 3,
}
_FORCES: Final = {"GTC": 6, "GTD": 3, "IOC": 2, "FOK": 1}
_BEYOND: Final = {
    "far": (0.002, 0.02),  # waits
    "near": (0.0, 0.0004),  # waits for the market to come
    "at": (-0.0003, 0.0),  # takes the touch, and not much more
    "through": (-0.005, -0.0005),  # takes what is there
}
_PLACES: Final = {"far": 1, "near": 2, "at": 4, "through": 6}


@dataclass(frozen=True, slots=True)
class Plan:
    """One step of one client."""

    pause: float
    """Seconds before it."""

    kind: str
    which: float
    """Picks one of the client's open orders."""

    symbol: str
    side: str
    quantity: Decimal
    beyond: Decimal
    """How far the limit is from the touch, as a part of it; below 0 it takes."""

    force: str
    lives: timedelta
    """Of a GTD order."""

    is_keyed_by_field: bool
    """By ``client_order_id``; else by the header ``Idempotency-Key``."""

    insists: bool
    """Whether it asks again when there was no answer."""


def draw_plan(source: str) -> Plan:
    """Draw a step; the same source gives the same one."""
    rng = random.Random(source)
    symbol = rng.choice(list(MARKETS))
    market = MARKETS[symbol]
    size = market.least * (market.most / market.least) ** rng.random()
    low, high = _BEYOND[_draw(rng, _PLACES)]
    return Plan(
        pause=rng.uniform(0.01, 0.25),
        kind=_draw(rng, _KINDS),
        which=rng.random(),
        symbol=symbol,
        side=rng.choice(("SELL", "BUY")),
        quantity=Decimal(str(size)).quantize(market.lot, ROUND_DOWN),
        beyond=Decimal(str(round(rng.uniform(low, high), 6))),
        force=_draw(rng, _FORCES),
        lives=timedelta(seconds=rng.uniform(0.5, 15)),
        is_keyed_by_field=rng.random() < 0.5,
        insists=rng.random() < 0.7,
    )


def limit_of(plan: Plan, touch: tuple[Decimal, Decimal]) -> Decimal:
    """The limit of a plan when these are best bid and best ask."""
    bid, ask = touch
    price = bid * (1 + plan.beyond) if plan.side == "SELL" else ask * (1 - plan.beyond)
    return price.quantize(MARKETS[plan.symbol].tick)


def terms_of(
    plan: Plan, touch: tuple[Decimal, Decimal], clock: Clock
) -> dict[str, str]:
    """The order of a plan, as the service reads it."""
    terms = {
        "symbol": plan.symbol,
        "side": plan.side,
        "quantity": str(plan.quantity),
        "price": str(limit_of(plan, touch)),
        "time_in_force": plan.force,
    }
    if plan.force == "GTD":
        end: datetime = clock.now() + plan.lives
        terms["expires_at"] = end.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return terms


def _draw(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]
