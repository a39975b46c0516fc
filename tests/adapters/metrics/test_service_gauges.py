"""The state of the service, as monitoring reads it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.configuration.settings import read_serve_settings
from adapters.metrics.meter import PrometheusMeter
from adapters.metrics.service_gauges import show_state
from domain.ports.venue_connection import VenueConnection
from domain.readiness import Readiness, SymbolStatus
from domain.reasons import BookState
from domain.reconciliation.comparison import (
    ReconciliationStatus,
    SymbolReconciliation,
)
from domain.values import Symbol
from domain.venue.answers import PauseReason, TradingPause
from domain.venue.limit_use import LimitUse
from tests.adapters.witnesses import HandClock


BNB, ETH = Symbol("BNBUSDT"), Symbol("ETHBTC")
AT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


class Service:
    """All that is asked, with answers to choose."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.clock.advance(100)
        self.ready = Readiness(
            market="simulated", venue="paper", intake_problem=None, symbols=()
        )
        self.last_words: dict[Symbol, int | None] = {}
        self.oldest: datetime | None = None
        self.counts: Mapping[str, int] | None = {"NEW": 2}

    def readiness(self) -> Readiness:
        return self.ready

    def by_status(self) -> Mapping[str, int]:
        assert self.counts is not None, "the database is out of reach"
        return self.counts

    def oldest_unsettled_intent(self) -> datetime | None:
        return self.oldest

    def limits_used(self) -> Sequence[LimitUse]:
        return [LimitUse(limit="orders", window_seconds=10, used=3, most=50)]

    def shown(self) -> dict[str, float]:
        """Values by name and labels, as ``name key=value``, without the prefix."""
        meter = PrometheusMeter()
        feed = SimpleNamespace(as_of_ns=self.last_words.get)
        connection: Any = SimpleNamespace(feed=feed, limits_used=self.limits_used)
        settings = read_serve_settings({"symbols": "BNBUSDT,ETHBTC"}, {})
        venue = cast("VenueConnection", connection)
        show_state(meter, settings, self.clock, self, self, venue)
        page = meter.scrape()[0].decode()
        return {
            " ".join(
                (
                    sample.name.removeprefix("trade_executor_"),
                    *(f"{name}={value}" for name, value in sample.labels.items()),
                )
            ): sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        }


@pytest.fixture
def service() -> Service:
    return Service()


def test_each_symbol_has_its_state_and_perhaps_a_pause(service: Service) -> None:
    pause = TradingPause(
        reason=PauseReason.HALTED, detail="", duration=timedelta(seconds=1)
    )
    service.ready = Readiness(
        market="simulated",
        venue="paper",
        intake_problem="database is locked",
        symbols=(
            SymbolStatus(symbol=BNB, book_state=BookState.SYNCED, waiting_orders=4),
            SymbolStatus(symbol=ETH, book_state=BookState.STALE, pause=pause),
        ),
        orders_on_hold={BNB: 1},
    )

    shown = service.shown()

    assert shown["intake_up"] == 0
    assert shown["symbol_tradable symbol=BNBUSDT"] == 1
    assert shown["symbol_tradable symbol=ETHBTC"] == 0
    assert shown["symbol_state state=SYNCED symbol=BNBUSDT"] == 1
    assert shown["symbol_state state=STALE symbol=ETHBTC"] == 1
    assert "symbol_state state=SYNCED symbol=ETHBTC" not in shown
    assert shown["symbol_paused reason=HALTED symbol=ETHBTC"] == 1
    assert "symbol_paused reason=HALTED symbol=BNBUSDT" not in shown
    assert shown["orders_waiting symbol=BNBUSDT"] == 4
    assert shown["orders_on_hold symbol=BNBUSDT"] == 1
    assert not [name for name in shown if name.startswith("reconciliation")]


def test_how_far_the_records_are_known_to_agree_is_a_time(service: Service) -> None:
    service.ready = Readiness(
        market="simulated",
        venue="simulated",
        intake_problem=None,
        symbols=(),
        reconciliation=ReconciliationStatus(
            finished_at=AT,
            symbols=(
                SymbolReconciliation(
                    symbol=BNB,
                    matched_at=AT,
                    behind=timedelta(seconds=5),
                    open_breaks=("a fill", "another"),
                ),
                SymbolReconciliation(symbol=ETH, problem="no answer"),
            ),
        ),
    )

    shown = service.shown()

    until = shown["reconciliation_timestamp_seconds symbol=BNBUSDT"]
    assert until == AT.timestamp() - 5
    assert "reconciliation_timestamp_seconds symbol=ETHBTC" not in shown
    assert shown["reconciliation_breaks symbol=BNBUSDT"] == 2
    assert shown["reconciliation_failing symbol=ETHBTC"] == 1


def test_when_the_venue_last_spoke_is_told_by_the_wall_clock(service: Service) -> None:
    service.last_words = {BNB: service.clock.monotonic_ns() - 3_000_000_000, ETH: 0}

    shown = service.shown()

    now = service.clock.now().timestamp()
    assert shown["market_data_timestamp_seconds symbol=BNBUSDT"] == now - 3
    assert "market_data_timestamp_seconds symbol=ETHBTC" not in shown


def test_a_child_without_a_result_shows_since_when(service: Service) -> None:
    name = "oldest_unsettled_child_timestamp_seconds"
    assert service.shown()[name] == 0

    service.oldest = AT

    assert service.shown()[name] == AT.timestamp()
    assert service.shown()["unknown_window_seconds"] == 10


def test_what_cannot_be_read_hides_nothing_else(service: Service) -> None:
    service.counts = None

    shown = service.shown()

    assert "orders_open status=NEW" not in shown
    assert shown["venue_limit_used limit=orders window_seconds=10"] == 3
    assert shown["venue_limit limit=orders window_seconds=10"] == 50
    assert [name for name in shown if name.startswith("info ")]
