"""The state of the service as numbers, read when monitoring asks."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from adapters.configuration.settings import ServeSettings
from adapters.metrics.meter import NAMESPACE, Collect, PrometheusMeter
from adapters.program_name import version
from adapters.trading_environment import TradingEnvironment
from domain.ports.market_feed import MarketFeed
from domain.ports.runtime import Clock
from domain.ports.venue_connection import VenueConnection
from domain.readiness import Readiness, SymbolStatus
from domain.reconciliation.comparison import SymbolReconciliation
from domain.values import Symbol
from domain.venue.limit_use import LimitUse


SECOND_NS: Final = 1_000_000_000


class Asked(Protocol):
    """The parts of a service's desk that are asked."""

    def readiness(self) -> Readiness:
        """Ask whether orders are taken in, and which symbols can trade."""
        ...


class Counted(Protocol):
    """What is on disk of the open orders."""

    def by_status(self) -> Mapping[str, int]:
        """Count the open orders by their status."""
        ...

    def oldest_unsettled_intent(self) -> datetime | None:
        """Return when the oldest child order without a result was intended."""
        ...


def show_state(
    meter: PrometheusMeter,
    settings: ServeSettings,
    clock: Clock,
    desk: Asked,
    orders: Counted,
    connection: VenueConnection,
) -> None:
    """Show the state of the service at every scrape; a part that fails hides no other.

    Args:
        meter: shows it.
        settings: of the service.
        clock: of the service.
        desk: says what can trade.
        orders: says what is open on disk.
        connection: to the venue.
    """
    window = settings.unknown_window
    collectors: dict[str, Collect] = {
        "readiness": lambda: _of_readiness(desk.readiness()),
        "market_data": lambda: [_last_words(settings.symbols, clock, connection.feed)],
        "orders": lambda: [_orders(orders.by_status())],
        "unsettled_children": lambda: _unsettled(orders.oldest_unsettled_intent()),
        "venue_limits": lambda: _limits(connection.limits_used()),
        "settings": lambda: [_information(settings), _window(window)],
    }
    for name, collect in collectors.items():
        meter.add_collector(name, collect)


def _of_readiness(ready: Readiness) -> Iterator[Metric]:
    meaning = "Whether orders are taken in"
    yield _gauge("intake_up", meaning, float(ready.intake_problem is None))
    yield from _of_symbols(ready.symbols)
    if ready.reconciliation is not None:
        yield from _of_reconciliation(ready.reconciliation.symbols)
    if ready.orders_on_hold is not None:
        family = _family(
            "orders_on_hold", "Open orders that wait for a person", "symbol"
        )
        for symbol, count in ready.orders_on_hold.items():
            family.add_metric([symbol], count)
        yield family


def _of_symbols(statuses: Iterable[SymbolStatus]) -> Iterator[Metric]:
    tradable = _family("symbol_tradable", "Whether child orders may leave", "symbol")
    states = _family("symbol_state", "1 for the state of the book", "symbol", "state")
    pauses = _family(
        "symbol_paused", "1 for the pause that keeps children back", "symbol", "reason"
    )
    waiting = _family("orders_waiting", "Orders that wait for an offer", "symbol")
    for status in statuses:
        tradable.add_metric([status.symbol], float(status.can_trade))
        states.add_metric([status.symbol, status.book_state], 1)
        waiting.add_metric([status.symbol], status.waiting_orders)
        if status.pause is not None:
            pauses.add_metric([status.symbol, status.pause.reason], 1)
    return iter((tradable, states, pauses, waiting))


def _of_reconciliation(found: Iterable[SymbolReconciliation]) -> Iterator[Metric]:
    times = _family(
        "reconciliation_timestamp_seconds",
        "Until when our records are known to agree with the venue's",
        "symbol",
    )
    failing = _family(
        "reconciliation_failing", "Whether they could not be compared", "symbol"
    )
    breaks = _family(
        "reconciliation_breaks", "Differences that nobody has dealt with", "symbol"
    )
    for one in found:
        if one.matched_at is not None:
            until = (one.matched_at - one.behind).timestamp()
            times.add_metric([one.symbol], until)
        failing.add_metric([one.symbol], float(bool(one.problem)))
        breaks.add_metric([one.symbol], len(one.open_breaks))
    return iter((times, failing, breaks))


def _last_words(symbols: Iterable[Symbol], clock: Clock, feed: MarketFeed) -> Metric:
    meaning = "When the venue last spoke on the connection of a symbol"
    family = _family("market_data_timestamp_seconds", meaning, "symbol")
    now, now_ns = clock.now().timestamp(), clock.monotonic_ns()
    for symbol in symbols:
        if last_ns := feed.as_of_ns(symbol):
            family.add_metric([symbol], now - (now_ns - last_ns) / SECOND_NS)
    return family


def _orders(counts: Mapping[str, int]) -> Metric:
    family = _family("orders_open", "Open orders on disk", "status")
    for status, count in counts.items():
        family.add_metric([status], count)
    return family


def _unsettled(oldest: datetime | None) -> Iterator[Metric]:
    yield _gauge(
        "oldest_unsettled_child_timestamp_seconds",
        "When the oldest child order without a result was intended; 0 if there is none",
        0.0 if oldest is None else oldest.timestamp(),
    )


def _window(window: timedelta) -> Metric:
    meaning = "How long the venue's silence about a child order proves nothing"
    return _gauge("unknown_window_seconds", meaning, window.total_seconds())


def _limits(uses: Iterable[LimitUse]) -> Iterator[Metric]:
    labels = ("limit", "window_seconds")
    used = _family("venue_limit_used", "What is used of a limit of the venue", *labels)
    most = _family("venue_limit", "The limit of the venue", *labels)
    for use in uses:
        values = [use.limit, str(use.window_seconds)]
        used.add_metric(values, use.used)
        most.add_metric(values, use.most)
    return iter((used, most))


def _information(settings: ServeSettings) -> Metric:
    environment = TradingEnvironment.under(settings)
    family = InfoMetricFamily(NAMESPACE, "What runs, and what it trades on")
    facts = {
        "version": version(),
        "market": environment.market,
        "venue": environment.venue,
        "real_money": "true" if environment.is_real_money else "false",
    }
    family.add_metric([], facts)
    return family


def _gauge(name: str, meaning: str, value: float) -> Metric:
    family = _family(name, meaning)
    family.add_metric([], value)
    return family


def _family(name: str, meaning: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{NAMESPACE}_{name}", meaning, labels=labels)
