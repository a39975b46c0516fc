"""What goes into a replay is checked line by line, what comes out is as documented."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.replay.files import (
    ReplayInput,
    read_orders,
    read_rules,
    result_text,
    write_result,
)
from adapters.replay.memory_store import MemoryStore
from adapters.venue_factory import recorded_format
from domain.errors import ConfigurationError
from domain.market.updates import BookView
from domain.reasons import BookState, RefusalCode
from domain.refusals import Refusal
from domain.replay import ReplayOrder, ReplayOutcome
from domain.values import OrderId, Side, Symbol, TimeInForce


BTC = Symbol("BTCUSDT")
ORDER = {"id": "a", "side": "SELL", "price": "61700", "quantity": "2"}


def orders_from(tmp_path: Path, content: object) -> list[ReplayOrder]:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_orders(path, BTC)


def test_amounts_are_read_from_numbers_and_texts_without_a_float(
    tmp_path: Path,
) -> None:
    path = tmp_path / "orders.json"
    path.write_text(
        '[{"id": 7, "side": "BUY", "price": 61700.10, "quantity": "0.1",'
        ' "at": 1.5, "time_in_force": "IOC"}]',
        encoding="utf-8",
    )

    (order,) = read_orders(path, BTC)

    assert order.order_id == "7"
    assert order.command.side is Side.BUY
    assert order.command.price == Decimal("61700.10")
    assert order.command.time_in_force is TimeInForce.IOC
    assert order.at_ns == 1_500_000_000


def test_arrival_is_rounded_up_to_the_next_nanosecond(tmp_path: Path) -> None:
    (order,) = orders_from(tmp_path, [ORDER | {"at": "0.0000000001"}])

    assert order.at_ns == 1


@pytest.mark.parametrize(
    ("at", "nanoseconds"),
    [
        (1e-05, 10_000),
        (117.23456789012345, 117_234_567_891),
        (0, 0),
        ("2E1", 2 * 10**10),
    ],
)
def test_arrival_may_be_any_number_that_programs_write(
    tmp_path: Path, at: float | str, nanoseconds: int
) -> None:
    entry: dict[str, object] = {**ORDER, "at": at}

    (order,) = orders_from(tmp_path, [entry])

    assert order.at_ns == nanoseconds


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({}, "list of orders"),
        ([7], "order 1: expected an object"),
        ([{"id": "a"}], "order 1: missing price, quantity, side"),
        ([ORDER | {"stop": 1}], "order 1: unknown stop"),
        ([ORDER | {"side": "HOLD"}], "HOLD"),
        ([ORDER | {"price": "1e3"}], "1e3"),
        ([ORDER | {"quantity": "-1"}], "-1"),
        ([ORDER | {"quantity": True}], "True"),
        ([ORDER | {"at": "-1"}], "at is not"),
        ([ORDER | {"at": "1e3000000"}], "at is not"),
        ([ORDER | {"at": "1e10"}], "at is not"),
        ([ORDER | {"at": "NaN"}], "at is not"),
        ([ORDER | {"time_in_force": "GTD"}], "GTD cannot be replayed"),
        ([ORDER, ORDER], "same id"),
    ],
)
def test_orders_that_cannot_be_replayed_are_refused_in_one_line(
    tmp_path: Path, content: object, problem: str
) -> None:
    with pytest.raises(ConfigurationError, match=problem) as refusal:
        orders_from(tmp_path, content)

    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ["", "[", "[" * 100_000, "\x00"])
def test_file_that_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "orders.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match="cannot read orders"):
        read_orders(path, BTC)


def test_recording_without_the_symbol_is_refused(tmp_path: Path) -> None:
    frame = '{"stream":"bnbusdt@trade","data":{"e":"trade","s":"BNBUSDT"}}'
    (tmp_path / "frames.tsv").write_text(f"1\t{frame}\n", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="no depth updates of BTCUSDT"):
        list(ReplayInput(tmp_path, BTC, recorded_format()).frames())


def test_without_exchange_info_no_rule_holds() -> None:
    rules = read_rules(None, BTC, recorded_format())

    assert rules.check(price=Decimal("0.001"), quantity=Decimal("0.001")) is None


def test_exchange_info_without_the_symbol_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "info.json"
    path.write_text('{"symbols": []}', encoding="utf-8")

    with pytest.raises(ConfigurationError, match="no rules for BTCUSDT"):
        read_rules(path, BTC, recorded_format())


def test_orders_that_never_arrived_or_were_refused_are_in_the_result(
    tmp_path: Path,
) -> None:
    orders = orders_from(tmp_path, [ORDER, ORDER | {"id": "b"}])
    refusal = Refusal(code=RefusalCode.PRICE_OFF_TICK, detail="off", field="price")
    book = BookView(symbol=BTC, state=BookState.SYNCED, update_id=5, bids=(), asks=())
    outcome = ReplayOutcome(frames=9, book=book, refusals={OrderId("b"): refusal})

    result = json.loads(result_text(outcome, orders, MemoryStore()))

    nothing = {"filled": "0", "remaining": "2", "fills": []}
    assert result == {
        "frames": 9,
        "book": {"update_id": 5, "best_bid": None, "best_ask": None},
        "orders": [
            {"id": "a", "status": "PENDING_NEW", **nothing},
            {
                "id": "b",
                "status": "REJECTED",
                "reason": "PRICE_OFF_TICK",
                **nothing,
            },
        ],
    }


def test_result_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot write"):
        write_result("{}", tmp_path / "nowhere" / "result.json")


def test_a_session_without_a_snapshot_is_said_to_have_no_book(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "frames.tsv").write_text("")

    assert ReplayInput(tmp_path, BTC, recorded_format()).snapshot() is None

    assert "No snapshot, so no book symbol=BTCUSDT" in caplog.text
