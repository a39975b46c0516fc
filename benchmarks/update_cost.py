"""The cost of an update that concerns no order, however many orders wait."""

import gc
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from actors import names
from actors.listener import Listener, ListenerTimes
from actors.messages.routing import Enlist
from actors.router.router import Router
from actors.runtime.addresses import Directory
from actors.runtime.deterministic import (
    DeterministicDispatcher,
    VirtualClock,
    VirtualTimers,
)
from actors.runtime.runtime import ActorContext, Runtime
from benchmarks.result import Budget, Figure, Row
from benchmarks.samples import median, summary
from domain.market.synchronisation import BookLoaded
from domain.market.updates import (
    DepthSnapshot,
    DepthUpdate,
    FeedConnected,
    Level,
    Statement,
    statements_of,
)
from domain.matching.matcher import WaitingOrder
from domain.values import OrderId, Side, Symbol, TimeInForce


SIZES: Final = (1, 1_000, 10_000, 100_000)
WAYS: Final = ("router", "listener and router")
LEVELS: Final = {1: "1 level", 4: "4 levels", 16: "16 levels"}
"""Recorded depth events have 3 levels in the median over 40 symbols (2026-08-08), 16
for the busiest one (BTCUSDT, 2024-08-08)."""

RATIO_MAX: Final = 1.5
MICROSECONDS_MAX: Final = 15.0

_SYMBOL: Final = Symbol("BTCUSDT")
_TICK: Final = Decimal("0.01")
_BID: Final = Decimal("60000.00")
_ASK: Final = Decimal("60010.00")
_PIECE: Final = 100
_BOOK_LEVELS: Final = 1_000

Feed = Callable[[DepthUpdate], None]
Statements = tuple[tuple[Statement, ...], tuple[Statement, ...]]


class Silent:
    """A recipient and a feed that never do anything."""

    def tell(self, _message: object) -> bool:
        """Take any message."""
        return True

    def subscribe(self, *_: object) -> None:
        """Send nothing."""

    def request_snapshot(self, _symbol: Symbol) -> None:
        """Send none."""

    def renew(self, _symbol: Symbol, _cause: str) -> None:
        """Renew nothing."""

    def as_of_ns(self, _symbol: Symbol) -> None:
        """Know nothing."""

    def close(self) -> None:
        """Close nothing."""


def _enlist(order: WaitingOrder) -> Enlist:
    return Enlist(waiting=order, ticket=1, children=0, executor=Silent())


class _Way:
    """A way to a router with waiting orders, and what updates cost on it."""

    def __init__(self, send: Feed) -> None:
        self._send = send
        self._update_id = 2
        self.samples: dict[int, list[float]] = {levels: [] for levels in LEVELS}

    def sample(self, levels: int, statements: Sequence[Statements]) -> None:
        """Send one update for each of the statements, and note the mean cost."""
        send = self._send
        updates = [self._update(bids, asks) for bids, asks in statements]
        started = time.perf_counter_ns()
        for update in updates:
            send(update)
        took = time.perf_counter_ns() - started
        self.samples[levels].append(took / len(updates) / 1_000)

    def _update(
        self, bids: tuple[Statement, ...], asks: tuple[Statement, ...]
    ) -> DepthUpdate:
        self._update_id += 1
        return DepthUpdate(
            symbol=_SYMBOL,
            first_update_id=self._update_id,
            last_update_id=self._update_id,
            bids=bids,
            asks=asks,
        )


Market = dict[str, _Way]


def measure(*, quick: bool) -> Sequence[Row]:
    """Measure with 1 to 100,000 orders."""
    return measure_sizes(SIZES, rounds=60 if quick else 400)


def measure_sizes(sizes: Sequence[int], rounds: int) -> list[Row]:
    """Measure all sizes in turn, in short pieces, so that noise hits them alike."""
    markets = {size: _market(size) for size in sizes}
    gc.collect()
    gc.freeze()  # as the service does once it has started
    rng = random.Random(7)
    order = list(markets.values())
    try:
        for _ in range(rounds):
            for levels in LEVELS:
                statements = [_statements(rng, levels) for _ in range(_PIECE)]
                rng.shuffle(order)  # the first finds them cold
                for market in order:
                    for way in market.values():
                        way.sample(levels, statements)
    finally:
        gc.unfreeze()
    return [_row(markets, way, levels) for way in WAYS for levels in LEVELS]


def _row(markets: dict[int, Market], way: str, levels: int) -> Row:
    samples = {size: market[way].samples[levels] for size, market in markets.items()}
    cost = {size: median(found) for size, found in samples.items()}
    sizes = list(markets)
    few, many = cost[sizes[0]], cost[sizes[-1]]
    budget = None
    if way == WAYS[0]:
        words = f"at most {RATIO_MAX} x, below {MICROSECONDS_MAX:.0f} us"
        is_met = many <= RATIO_MAX * few and many < MICROSECONDS_MAX
        budget = Budget(words=words, is_met=is_met)
    between = ", ".join(f"{cost[size]:.2f}" for size in sizes[1:-1])
    one = f"with 1 order ({between} between)" if between else "with 1 order"
    levels_of = f"update of {LEVELS[levels]} that triggers nothing"
    return Row(
        what=f"{levels_of}, {way}, {sizes[-1]:,} wait",
        measured=Figure(value=many, unit="us"),
        base=Figure(value=few, unit="us", of=one),
        ratio=many / few,
        budget=budget,
        details={str(size): summary(found) for size, found in samples.items()},
    )


def _market(size: int) -> Market:
    waiting = _waiting(size)
    dispatcher = DeterministicDispatcher()
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    runtime = Runtime(
        dispatcher=dispatcher,
        clock=clock,
        timers=VirtualTimers(clock),
        directory=Directory(),
    )
    snapshot = DepthSnapshot(
        symbol=_SYMBOL,
        last_update_id=1,
        bids=statements_of((_BID - _TICK * n, Decimal(1)) for n in range(_BOOK_LEVELS)),
        asks=statements_of((_ASK + _TICK * n, Decimal(1)) for n in range(_BOOK_LEVELS)),
    )
    router = Router(
        context=ActorContext(runtime=runtime, name="a router by itself"),
        symbol=_SYMBOL,
        feed=Silent(),
    )
    router.on_receive(BookLoaded(symbol=_SYMBOL, snapshot=snapshot, updates=()))
    for order in waiting:
        router.on_receive(_enlist(order))
    to_listener = _start_pair(runtime, dispatcher, snapshot, waiting)
    return {
        "router": _Way(router.on_receive),
        "listener and router": _Way(to_listener),
    }


def _start_pair(
    runtime: Runtime,
    dispatcher: DeterministicDispatcher,
    snapshot: DepthSnapshot,
    waiting: Sequence[WaitingOrder],
) -> Feed:
    """Start a listener and its router; return how to have both handle an update."""
    feed: Any = Silent()
    router = Router.start(
        context=ActorContext(runtime=runtime, name=names.router(_SYMBOL)),
        symbol=_SYMBOL,
        feed=feed,
    )
    listener = Listener.start(
        context=ActorContext(runtime=runtime, name=names.listener(_SYMBOL)),
        symbol=_SYMBOL,
        feed=feed,
        times=ListenerTimes(),
    )
    for order in waiting:
        router.tell(_enlist(order))
    bridge = DepthUpdate(
        symbol=_SYMBOL, first_update_id=1, last_update_id=2, bids=(), asks=()
    )
    for message in (FeedConnected(symbol=_SYMBOL), bridge, snapshot):
        listener.tell(message)
    dispatcher.run_until_idle()

    def send(update: DepthUpdate) -> None:
        listener.tell(update)
        dispatcher.run_until_idle()

    return send


def _waiting(size: int) -> list[WaitingOrder]:
    """Make orders out of reach: half of them sell too dear, half buy too cheap."""
    orders = []
    for number in range(size):
        sells = number % 2 == 0
        away = _TICK * (number % 10_000)
        orders.append(
            WaitingOrder(
                order_id=OrderId(f"ORDER{number:010d}"),
                side=Side.SELL if sells else Side.BUY,
                price=_ASK + 500 + away if sells else _BID - 500 - away,
                released=Decimal(1),
                left=Decimal(1),
                sequence=number,
                time_in_force=TimeInForce.GTC,
            )
        )
    return orders


def _statements(rng: random.Random, levels: int) -> Statements:
    bids: list[Level] = []
    asks: list[Level] = []
    for number in range(levels):
        away = _TICK * min(int(rng.expovariate(1 / 100)), _BOOK_LEVELS)
        quantity = Decimal(rng.randrange(0, 100)).scaleb(-2)
        if number % 2 == 0:
            bids.append((_BID - away, quantity))
        else:
            asks.append((_ASK + away, quantity))
    return statements_of(bids), statements_of(asks)
