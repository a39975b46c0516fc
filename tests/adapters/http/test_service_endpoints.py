"""Symbols, books, health, readiness and metrics."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from adapters.http.app import create_app, measure_calls
from adapters.metrics.meter import PrometheusMeter
from domain.readiness import SymbolStatus
from domain.reasons import BookState
from domain.reconciliation.comparison import ReconciliationStatus, SymbolReconciliation
from tests.adapters.http.answers import content, problem
from tests.adapters.http.fakes import (
    BNBUSDT,
    ETHBTC,
    ON_PAPER,
    READY,
    FakeDesk,
    FakeQueries,
)


SILENT = SymbolStatus(
    symbol=ETHBTC, book_state=BookState.STALE, detail="no event for 9 s"
)


def test_symbols_are_listed_with_their_rules(client: FlaskClient) -> None:
    found = content(client.get("/api/v1/symbols"))

    assert found["next_cursor"] is None
    assert [item["symbol"] for item in found["items"]] == ["BNBUSDT", "ETHBTC"]
    assert found["items"][0] == {
        "symbol": "BNBUSDT",
        "status": "TRADING",
        "base_asset": "BNB",
        "quote_asset": "USDT",
        "tick_size": "0.1",
        "min_price": "0",
        "max_price": "0",
        "step_size": "0.001",
        "min_quantity": "0",
        "max_quantity": "0",
        "min_notional": "5",
        "max_notional": "0",
    }


def test_book_reads_from_the_best_level_on(client: FlaskClient) -> None:
    assert content(client.get("/api/v1/symbols/BNBUSDT/book")) == {
        "symbol": "BNBUSDT",
        "state": "SYNCED",
        "update_id": 77,
        "bids": [["270.1", "1.5"], ["270", "2"]],
        "asks": [["270.2", "0.25"]],
    }


def test_book_is_cut_to_the_limit(client: FlaskClient, desk: FakeDesk) -> None:
    found = content(client.get("/api/v1/symbols/BNBUSDT/book?limit=1"))

    assert found["bids"] == [["270.1", "1.5"]]
    assert desk.limits == [1]


@pytest.mark.parametrize("symbol", ["DOGE", "bnbusdt", "%00", "X" * 3000])
def test_book_of_an_unsupported_symbol_is_not_found(
    client: FlaskClient, symbol: str
) -> None:
    found = problem(client.get(f"/api/v1/symbols/{symbol}/book"), 404)

    assert found["code"] == "UNKNOWN_SYMBOL"
    assert found["supported"] == ["BNBUSDT", "ETHBTC"]


def test_process_that_answers_is_healthy_whatever_else_fails(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.error = AssertionError()

    assert content(client.get("/healthz")) == {"status": "ok"}


def test_service_that_trades_everything_is_ready(client: FlaskClient) -> None:
    assert content(client.get("/readyz"), 200) == {
        "status": "ok",
        "market": "simulated",
        "venue": "paper",
        "real_money": False,
        "intake": {"ok": True, "problem": None},
        "orders_on_hold": None,
        "symbols": [
            {
                "symbol": "BNBUSDT",
                "can_trade": True,
                "state": "SYNCED",
                "pause": None,
                "detail": "",
                "waiting_orders": 3,
                "lag_seconds": 0.042,
                "reconciliation": None,
            },
            {
                "symbol": "ETHBTC",
                "can_trade": True,
                "state": "SYNCED",
                "pause": None,
                "detail": "",
                "waiting_orders": 0,
                "lag_seconds": None,
                "reconciliation": None,
            },
        ],
    }


def test_readiness_says_how_many_orders_wait_for_a_person(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.ready = replace(READY, orders_on_hold={BNBUSDT: 2, ETHBTC: 0})
    assert content(client.get("/readyz"), 200)["orders_on_hold"] == 2

    desk.ready = replace(READY, orders_on_hold={BNBUSDT: 0, ETHBTC: 0})
    assert content(client.get("/readyz"), 200)["orders_on_hold"] == 0


def test_readiness_says_how_the_records_compare_with_the_venues(
    client: FlaskClient, desk: FakeDesk
) -> None:
    compared = SymbolReconciliation(
        symbol=BNBUSDT,
        matched_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
        behind=timedelta(seconds=90),
        problem="the venue's records could not be read",
        open_breaks=("OPEN_CHILD child=A-1 rests at the venue",),
    )
    desk.ready = replace(
        READY,
        reconciliation=ReconciliationStatus(finished_at=None, symbols=(compared,)),
    )

    first, second = content(client.get("/readyz"))["symbols"]

    assert first["reconciliation"] == {
        "matched_at": "2026-11-23T10:00:00.000000Z",
        "behind_seconds": 90,
        "problem": "the venue's records could not be read",
        "differences": ["OPEN_CHILD child=A-1 rests at the venue"],
    }
    assert second["reconciliation"] is None


def test_service_with_one_silent_symbol_is_degraded_and_says_why(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.ready = replace(READY, symbols=(READY.symbols[0], SILENT))

    found = content(client.get("/readyz"), 200)

    assert found["status"] == "degraded"
    assert found["symbols"][1]["can_trade"] is False
    assert found["symbols"][1]["state"] == "STALE"
    assert found["symbols"][1]["detail"] == "no event for 9 s"


def test_service_that_takes_no_orders_is_unavailable(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.ready = replace(READY, intake_problem="database is full")

    found = content(client.get("/readyz"), 503)

    assert found["status"] == "unavailable"
    assert found["intake"] == {"ok": False, "problem": "database is full"}


def test_service_that_trades_nothing_is_unavailable(
    client: FlaskClient, desk: FakeDesk
) -> None:
    desk.ready = replace(READY, symbols=(SILENT,))

    assert content(client.get("/readyz"), 503)["status"] == "unavailable"


def test_metrics_page_is_what_the_scraper_makes(client: FlaskClient) -> None:
    response = client.get("/metrics")

    assert response.data == b"orders_total 1\n"
    assert response.content_type == "text/plain; version=0.0.4"


def test_answers_are_counted_by_status_and_timed_but_for_monitoring() -> None:
    meter = PrometheusMeter()
    app = create_app(FakeDesk(), FakeQueries(), ON_PAPER, meter.scrape)
    measure_calls(app, meter)
    client = app.test_client()

    client.get("/healthz")
    client.get("/readyz")
    client.get(f"/api/v1/symbols/{BNBUSDT}/book")
    client.get("/nowhere")
    page = client.get("/metrics").text

    assert 'trade_executor_http_responses_total{code="200"} 1.0' in page
    assert 'trade_executor_http_responses_total{code="404"} 1.0' in page
    assert "trade_executor_http_request_seconds_count 2.0" in page
