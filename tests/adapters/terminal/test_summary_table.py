from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from adapters.terminal.console import rendered
from adapters.terminal.summary_table import summary_lines
from adapters.trading_environment import TradingEnvironment
from domain.orders.child_order import Fill
from domain.orders.order import Order, OrderStatus
from domain.orders.summary import FILLS_SHOWN_MAX, add_up, summarise
from domain.reasons import EndReason
from domain.values import Side, format_amount, notional
from tests.adapters.terminal.ended_orders import FILLS, ORDER, RULES, fill


def shown(order: Order, fills: Sequence[Fill], width: int = 80) -> str:
    lines = summary_lines(
        summarise(order, add_up(fills), fills[:FILLS_SHOWN_MAX]),
        rules=RULES,
        traded_on=TradingEnvironment(market="simulated", venue="paper"),
    )
    return rendered(lines, width=width, encoding="ascii")


def row(text: str, first: str) -> list[str]:
    cells = [line.strip("| ").split("|") for line in text.splitlines()]
    return next([c.strip() for c in row] for row in cells if row[0].strip() == first)


def test_the_summary_names_the_wish_the_end_and_where_it_was_traded() -> None:
    text = shown(ORDER, FILLS)

    assert "Order 01KARQ0000000000000000000X: SELL 300 BNBUSDT at 270 or higher" in text
    assert "FILLED (COMPLETED) - simulated market, paper fills" in text


def test_every_fill_shows_required_price_price_got_quantity_and_value() -> None:
    text = shown(ORDER, FILLS)

    assert row(text, "fill") == [
        "fill",
        "required price",
        "price got",
        "quantity BNB",
        "value USDT",
    ]
    assert row(text, "1") == ["1", "270", "270.5", "139", "37599.5"]
    assert row(text, "2") == ["2", "270", "270.07", "150", "40510.5"]
    assert row(text, "3") == ["3", "270", "270", "11", "2970"]


def test_the_totals_stand_below_with_the_average() -> None:
    order = replace(ORDER, filled_quote=Decimal(81080))
    fills = (fill("270.5", "160"), fill("270", "140"))

    assert row(shown(order, fills), "total") == [
        "total",
        "average",
        "270.266666666667",
        "300",
        "81080",
    ]


def test_the_gain_over_the_limit_is_in_the_quote_asset() -> None:
    assert "Gain over the limit: 80 USDT\n" in shown(ORDER, FILLS)


def test_a_buyer_gains_below_the_limit() -> None:
    order = replace(ORDER, side=Side.BUY)

    text = shown(order, (fill("269.9", "300"),))

    assert "BUY 300 BNBUSDT at 270 or lower" in text
    assert "Gain over the limit: 30 USDT" in text


def test_fees_are_named_with_their_asset() -> None:
    assert "; fees: 0.3 BNB" in shown(ORDER, (fill("270", "300", fee="0.3"),))


def test_what_was_not_filled_is_said_with_the_reason() -> None:
    order = replace(
        ORDER,
        status=OrderStatus.CANCELED,
        reason=EndReason.CANCELED_BY_CLIENT,
        filled=Decimal(11),
        filled_quote=Decimal(2970),
    )

    text = shown(order, FILLS[2:])

    assert "CANCELED (CANCELED_BY_CLIENT), 289 not filled" in text


def test_an_order_without_fills_says_so() -> None:
    order = replace(
        ORDER,
        status=OrderStatus.EXPIRED,
        reason=EndReason.FOK_NOT_FILLABLE,
        filled=Decimal(0),
        filled_quote=Decimal(0),
    )

    text = shown(order, ())

    assert "EXPIRED (FOK_NOT_FILLABLE), 300 not filled" in text
    assert "Nothing was filled." in text


def test_very_many_fills_are_counted_instead_of_shown() -> None:
    text = shown(ORDER, [fill("270", "1")] * 300)

    assert row(text, str(FILLS_SHOWN_MAX))[1:] == ["270", "270", "1", "270"]
    assert row(text, "...")[1] == f"{300 - FILLS_SHOWN_MAX} more"
    assert row(text, "total")[3:] == ["300", "81000"]


def test_the_longest_amounts_lose_no_digit_in_80_columns() -> None:
    price, quantity = "1234567890123456.123456789012", "9876543210987654.210987654321"

    text = shown(ORDER, (fill(price, quantity),))

    assert max(len(line) for line in text.splitlines()) <= 80
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
    columns = zip(*rows, strict=True)
    joined = ["".join(cell.strip() for cell in column) for column in columns]
    assert price in joined[3]
    assert quantity in joined[4]
    value = notional(Decimal(price), Decimal(quantity))
    assert format_amount(value) in joined[5]
