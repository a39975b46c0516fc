import json
import shlex
from dataclasses import replace
from decimal import Decimal

from adapters.terminal.banner import (
    LIVE_WARNING,
    StartFacts,
    start_banner,
)
from adapters.terminal.console import rendered
from domain.orders.commands import PlaceOrder
from domain.risk.halt import Halt
from domain.values import Side, Symbol


FACTS = StartFacts(
    market="simulated",
    venue="paper",
    live=False,
    symbols=(Symbol("BTCUSDT"), Symbol("ETHBTC")),
    database="postgresql://me:word@db/trades",
    url="http://127.0.0.1:8080",
    recovered_orders=12,
    example=PlaceOrder(
        symbol=Symbol("BTCUSDT"),
        side=Side.SELL,
        quantity=Decimal("0.010"),
        price=Decimal("60000.01"),
    ),
)


def shown(facts: StartFacts) -> str:
    return rendered(start_banner(facts), width=80)


def test_the_banner_tells_market_venue_symbols_database_service_and_orders() -> None:
    lines = [" ".join(line.split()) for line in shown(FACTS).splitlines()]

    assert lines[1:7] == [
        "prices from simulated market",
        "orders go to paper venue",
        "symbols BTCUSDT, ETHBTC",
        "database postgresql://me:***@db/trades",
        "open orders 12 recovered",
        "service http://127.0.0.1:8080",
    ]


def test_the_example_is_one_line_for_a_shell() -> None:
    line = next(line for line in shown(FACTS).splitlines() if "curl" in line)

    words = shlex.split(line)

    assert words[:2] == ["curl", "http://127.0.0.1:8080/api/v1/orders"]
    assert words[2:4] == ["-H", "Content-Type: application/json"]
    assert json.loads(words[5]) == {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "0.01",
        "price": "60000.01",
    }


def test_live_trading_is_said_loudly() -> None:
    assert LIVE_WARNING not in shown(FACTS)
    text = shown(replace(FACTS, live=True, venue="binance"))

    assert text.count(LIVE_WARNING) == 2
    assert "binance venue, REAL MONEY" in text


def test_need_of_a_token_is_said_and_the_example_has_one() -> None:
    assert "oken" not in shown(FACTS)
    text = shown(replace(FACTS, needs_token=True))

    assert "Calls need a token. Make one with: python run.py token create" in text
    assert '-H "Authorization: Bearer $TRADE_EXECUTOR_TOKEN"' in text


def test_orders_of_other_symbols_are_said() -> None:
    assert "Not among the symbols" not in shown(FACTS)
    text = shown(replace(FACTS, untraded_orders=3))

    assert "Not among the symbols: 3 open orders" in text


def test_symbols_that_the_venue_does_not_trade_are_said() -> None:
    assert "Not traded by the venue" not in shown(FACTS)
    text = shown(replace(FACTS, paused_symbols=("ETHBTC (DELISTED)", "BNBBTC (HALT)")))

    assert "Not traded by the venue now: ETHBTC (DELISTED), BNBBTC (HALT)" in text


def test_a_halt_that_outlived_the_restart_is_said_with_its_end() -> None:
    assert "Halted" not in shown(FACTS)
    text = shown(replace(FACTS, halt=Halt(is_on=True, reason="odd prices")))

    assert "Halted, no child order leaves: odd prices" in text
    assert "python run.py resume" in text


def test_hundreds_of_symbols_are_counted() -> None:
    symbols = tuple(Symbol(f"SYM{number}USDT") for number in range(500))

    text = shown(replace(FACTS, symbols=symbols, example=None))

    assert "and 488 more" in " ".join(text.split())
    assert "curl" not in text


def test_the_banner_says_what_becomes_of_open_orders_at_the_end() -> None:
    assert "open orders go on at the next start." in shown(FACTS)
    assert "open orders are cancelled." in shown(replace(FACTS, cancel_on_stop=True))
