"""Keys, clocks and bans: a clear statement, no loop, no lost order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.exchange import Exchange
from tests.system.processes import RUN, START_SECONDS, Program, Service
from tests.system.waiting import eventually


SYMBOL = "BNBUSDT"


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange(3, "--symbols", SYMBOL) as running:
        yield running


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "orders.db"


def start(exchange: Exchange, database: Path, **keys: str) -> Service:
    options = (*exchange.as_venue, "--symbols", SYMBOL)
    variables = {
        **exchange.variables,
        **{f"TRADE_EXECUTOR_API_{name.upper()}": key for name, key in keys.items()},
    }
    service = Service(database, *options, variables=variables)
    eventually(
        lambda: service.client.status_of(SYMBOL)["state"] == "SYNCED",
        within_seconds=10,
        what="the book is in step",
    )
    return service


def sell(service: Service) -> str:
    answer = service.client.place(SYMBOL, "SELL", "0.05", "400")
    assert answer.status == 201, answer
    order_id: str = answer.body["id"]
    return order_id


def await_pause(service: Service, pause: str | None) -> None:
    eventually(
        lambda: service.client.status_of(SYMBOL)["pause"] == pause,
        within_seconds=20,
        what=f"pause {pause}",
    )


def await_fill(service: Service, order_id: str) -> None:
    eventually(
        lambda: service.client.order(order_id)["status"] == "FILLED",
        within_seconds=20,
        what="the order is filled",
    )


def children(exchange: Exchange) -> int:
    return len(exchange.audit().orders)


@pytest.mark.parametrize("wrong", ["key", "secret"])
def test_wrong_keys_are_said_at_once_and_orders_are_kept(
    exchange: Exchange, database: Path, wrong: str
) -> None:
    with start(exchange, database, **{wrong: "a" * 64}) as service:
        await_pause(service, "KEYS_REJECTED")
        order_id = sell(service)

        order = service.client.order(order_id)
        assert (order["status"], order["filled"]) == ("NEW", "0")
        assert service.client.get("/readyz").status == 503
        assert "-2015" in service.err.text or "-1022" in service.err.text
        assert "a" * 64 not in service.err.text + service.out.text
        assert service.interrupt() == 0

    with start(exchange, database) as service:
        await_fill(service, order_id)


def test_keys_that_are_revoked_stop_trading_until_they_are_good_again(
    exchange: Exchange, database: Path
) -> None:
    key = {"api_key": exchange.variables["TRADE_EXECUTOR_API_KEY"]}
    with start(exchange, database) as service:
        await_fill(service, sell(service))
        exchange.client.post("/control/accounts/revoke", key)

        order_id = sell(service)

        await_pause(service, "KEYS_REJECTED")
        assert service.client.order(order_id)["status"] == "NEW"
        exchange.client.post("/control/accounts/restore", key)
        await_fill(service, order_id)


@pytest.mark.parametrize("milliseconds", [10_000, -10_000])
def test_a_clock_that_is_far_off_is_measured_and_made_good(
    exchange: Exchange, database: Path, milliseconds: int
) -> None:
    with start(exchange, database) as service:
        await_fill(service, sell(service))

        exchange.throw({"fault": "clock_skew", "milliseconds": milliseconds})

        await_fill(service, sell(service))


def problem_of_start(exchange: Exchange, database: Path) -> str:
    """Start the service; return what it says when it gives up, or nothing."""
    where = ("--port", "0", "--database", f"sqlite:///{database}")
    options = (*where, *exchange.as_venue, "--symbols", SYMBOL)
    with Program(RUN, *options, variables=exchange.variables) as program:
        if program.out.wait_for(r"^service\s", START_SECONDS):
            return ""
        assert program.wait() == 1
        return program.err.text


def test_a_service_that_is_killed_and_started_during_a_ban_asks_nothing(
    exchange: Exchange, database: Path
) -> None:
    with start(exchange, database) as service:
        ban = {"fault": "rate_limited", "status": 418, "retry_after": 180, "count": 1}
        exchange.throw(ban)
        sell(service)
        await_pause(service, "RATE_LIMITED")
        sell(service)  # what was sent to the disk before is there, too
        service.kill()
    exchange.throw({"fault": "http_error", "status": 418, "count": 9})

    told = [problem_of_start(exchange, database) for _ in range(2)]

    assert all("wants no requests for another" in one for one in told)
    assert "http_error" not in exchange.applied()


def test_a_ban_that_is_met_at_the_start_is_met_once(
    exchange: Exchange, database: Path
) -> None:
    ban = {"fault": "http_error", "status": 418, "retry_after": 180, "count": 1}
    exchange.throw(ban)

    assert "418" in problem_of_start(exchange, database)

    again = problem_of_start(exchange, database)
    assert "wants no requests for another" in again


def test_a_limit_that_ends_soon_keeps_no_service_from_starting(
    exchange: Exchange, database: Path
) -> None:
    with start(exchange, database) as service:
        limit = {"fault": "rate_limited", "retry_after": 60, "count": 1}
        exchange.throw(limit)
        sell(service)
        await_pause(service, "RATE_LIMITED")
        service.kill()

    assert problem_of_start(exchange, database) == ""


def test_a_ban_is_obeyed_and_ends(exchange: Exchange, database: Path) -> None:
    with start(exchange, database) as service:
        ban = {"fault": "rate_limited", "status": 418, "retry_after": 3, "count": 1}
        exchange.throw(ban)

        order_id = sell(service)

        await_pause(service, "RATE_LIMITED")
        assert children(exchange) == 0
        assert service.client.order(order_id)["status"] == "NEW"
        await_fill(service, order_id)
        assert children(exchange) == 1
