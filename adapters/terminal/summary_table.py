"""The summary of an ended order, laid out for a person."""

from decimal import Decimal
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.trading_environment import TradingEnvironment
from domain.orders.child_order import Fill
from domain.orders.order import Order, OrderStatus
from domain.orders.summary import FILLS_SHOWN_MAX, OrderSummary
from domain.values import Side, format_amount, notional
from domain.venue.symbol_rules import SymbolRules


_COLOURS: Final = {
    OrderStatus.FILLED: "bold green",
    OrderStatus.REJECTED: "bold red",
}


def summary_lines(
    summary: OrderSummary, *, rules: SymbolRules, traded_on: TradingEnvironment
) -> RenderableType:
    """Lay out the order's terms, every fill, the totals and the gain.

    Args:
        summary: of an order that has ended.
        rules: of its symbol; names the assets.
        traded_on: where prices and fills come from.
    """
    order = summary.order
    parts: list[RenderableType] = [_headline(order), _ending(order, traded_on)]
    if summary.fills:
        parts.append(_table(summary, rules))
        parts.append(Text(_result(summary, rules)))
    else:
        parts.append(Text("Nothing was filled."))
    return Group(Text(), *parts, Text())


def _headline(order: Order) -> Text:
    beyond = "or higher" if order.side is Side.SELL else "or lower"
    wish = f"{order.side} {format_amount(order.quantity)} {order.symbol}"
    price = format_amount(order.price)
    return Text(f"Order {order.order_id}: {wish} at {price} {beyond}", style="bold")


def _ending(order: Order, traded_on: TradingEnvironment) -> Text:
    words = Text()
    words.append(order.status, style=_COLOURS.get(order.status, "bold yellow"))
    if order.reason is not None:
        words.append(f" ({order.reason})")
    if order.remaining:
        words.append(f", {format_amount(order.remaining)} not filled")
    return words.append(f" - {traded_on}")


def _table(summary: OrderSummary, rules: SymbolRules) -> Table:
    average = summary.order.average_price
    totals = [
        "total",
        "average",
        format_amount(average) if average is not None else "",
        format_amount(summary.totals.filled),
        format_amount(summary.totals.filled_quote),
    ]
    heads = ["fill", "required price", "price got"]
    heads += [f"quantity {rules.base_asset}".strip()]
    heads += [f"value {rules.quote_asset}".strip()]
    table = Table(show_footer=True)
    for head, total in zip(heads, totals, strict=True):
        table.add_column(head, Text(total), justify="right", overflow="fold")
    for number, fill in enumerate(summary.fills[:FILLS_SHOWN_MAX], start=1):
        table.add_row(str(number), *_amounts(summary.order, fill))
    more = summary.totals.count - min(len(summary.fills), FILLS_SHOWN_MAX)
    if more > 0:
        table.add_row("...", f"{more} more", "", "", "")
    return table


def _amounts(order: Order, fill: Fill) -> list[str]:
    value = notional(fill.price, fill.quantity)
    amounts = (order.price, fill.price, fill.quantity, value)
    return [format_amount(amount) for amount in amounts]


def _result(summary: OrderSummary, rules: SymbolRules) -> str:
    words = f"Gain over the limit: {_of(summary.gain, rules.quote_asset)}"
    if summary.totals.fees:
        fees = ", ".join(_of(amount, asset) for asset, amount in summary.totals.fees)
        words += f"; fees: {fees}"
    return words


def _of(amount: Decimal, asset: str) -> str:
    return f"{format_amount(amount)} {asset}".strip()
