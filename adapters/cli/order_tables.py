"""Orders, fills, events and books, laid out for people."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from adapters.cli.service_client import Members
from adapters.cli.text_table import Column
from domain.values import ZERO, difference, format_amount, notional, total


_DAY: Final = len("2026-11-30")
_SECONDS: Final = len("18:56:14")
_MILLISECONDS: Final = len("18:56:14.702")


def order_columns(orders: Sequence[Members]) -> list[Column]:
    """Lay orders out, one a row."""
    return [
        _column("id", orders, "id"),
        _column("side", orders, "side"),
        _column("symbol", orders, "symbol"),
        _column("quantity", orders, "quantity", is_amount=True),
        _column("price", orders, "price", is_amount=True),
        _column("filled", orders, "filled", is_amount=True),
        _column("average", orders, "average_price", is_amount=True, rank=2),
        _column("status", orders, "status"),
        _column("reason", orders, "reason", rank=1),
        _column("in force", orders, "time_in_force", rank=3),
        Column(
            title="created (UTC)",
            cells=[
                f"{day_of(one)} {time_of(one)[:_SECONDS]}" for one in _created(orders)
            ],
            rank=4,
        ),
        _column("client order id", orders, "client_order_id", rank=5),
    ]


def fill_columns(fills: Sequence[Members]) -> list[Column]:
    """Lay fills out, one a row."""
    return [
        *_time_columns([fill["executed_at"] for fill in fills]),
        _column("price", fills, "price", is_amount=True),
        _column("quantity", fills, "quantity", is_amount=True),
        Column(title="value", cells=[_value(fill) for fill in fills], is_amount=True),
        _column("fee", fills, "fee", is_amount=True),
        _column("", fills, "fee_asset"),
        Column(title="child", cells=[_child(fill) for fill in fills], is_amount=True),
        _column("trade id", fills, "trade_id", rank=1),
        _column("update id", fills, "update_id", rank=2),
    ]


def event_columns(events: Sequence[Members]) -> list[Column]:
    """Lay an order's history out, one event a row."""
    return [
        Column(title="", cells=[str(one["number"]) for one in events], is_amount=True),
        *_time_columns([one["occurred_at"] for one in events]),
        _column("event", events, "kind"),
        _column("quantity", events, "quantity", is_amount=True),
        _column("price", events, "price", is_amount=True),
        Column(title="child", cells=[_child(one) for one in events], is_amount=True),
        _column("status", events, "status", rank=1),
        _column("update id", events, "update_id", rank=2),
        Column(
            title="reason", cells=[one["reason"] or "" for one in events], is_words=True
        ),
    ]


def book_columns(book: Members) -> list[Column]:
    """Lay a book out as a ladder: the best ask above the best bid."""
    asks, bids = _levels(book["asks"]), _levels(book["bids"])
    levels = [("ask", *level) for level in reversed(asks)]
    levels += [("bid", *level) for level in bids]
    side, price, quantity, sums = zip(*levels, strict=True) if levels else ((),) * 4
    return [
        Column(title="", cells=side),
        Column(title="price", cells=price, is_amount=True),
        Column(title="quantity", cells=quantity, is_amount=True),
        Column(title="total", cells=sums, is_amount=True),
    ]


def spread_of(book: Members) -> str | None:
    """Return the best ask less the best bid; None if one is missing."""
    if not book["asks"] or not book["bids"]:
        return None
    ask, bid = Decimal(book["asks"][0][0]), Decimal(book["bids"][0][0])
    return format_amount(difference(ask, bid))


def order_facts(summary: Members) -> list[tuple[str, str]]:
    """Say all there is to know of an order: what, and its value."""
    order, totals = summary["order"], summary["totals"]
    fees = ", ".join(f"{fee['amount']} {fee['asset']}" for fee in summary["fees"])
    money = "REAL MONEY" if summary["real_money"] else "no real money"
    expires_at = order.get("expires_at")
    good_for = order["time_in_force"] + (f" until {expires_at}" if expires_at else "")
    facts = [
        ("order", terms_of(order)),
        ("status", status_of(order)),
        ("filled", f"{order['filled']}, {order['remaining']} remaining"),
        ("average price", order["average_price"]),
        ("value", totals["filled_quote"]),
        ("gain", f"{summary['gain']} over the limit"),
        ("fees", fees or None),
        ("fills", str(summary["fill_count"])),
        ("in force", good_for),
        ("client order id", order["client_order_id"]),
        ("created", order["created_at"]),
        ("updated", order["updated_at"]),
        ("venue", f"{summary['venue']}, {money}"),
    ]
    return [(name, value) for name, value in facts if value is not None]


def terms_of(order: Members) -> str:
    """Say what an order wants."""
    beyond = "or higher" if order["side"] == "SELL" else "or lower"
    wish = f"{order['side']} {order['quantity']} {order['symbol']}"
    return f"{wish} at {order['price']} {beyond}"


def status_of(order: Members) -> str:
    """Say where an order stands."""
    reason = order["reason"]
    return f"{order['status']} ({reason})" if reason else order["status"]


def day_of(moment: str) -> str:
    """Return the day of a time, in UTC."""
    return moment[:_DAY]


def time_of(moment: str) -> str:
    """Return the time of day of a time, to the millisecond, in UTC."""
    return moment[_DAY + 1 : _DAY + 1 + _MILLISECONDS]


def _column(
    title: str,
    items: Sequence[Members],
    member: str,
    *,
    is_amount: bool = False,
    rank: int = 0,
) -> Column:
    cells = [None if item[member] is None else str(item[member]) for item in items]
    return Column(title=title, cells=cells, is_amount=is_amount, rank=rank)


def _time_columns(moments: Sequence[str]) -> list[Column]:
    """Write a day that all have in common into the heading only."""
    days = {day_of(moment) for moment in moments}
    times = [time_of(moment) for moment in moments]
    if len(days) == 1:
        return [Column(title=f"{days.pop()} UTC", cells=times)]
    return [
        Column(title="day", cells=[day_of(moment) for moment in moments]),
        Column(title="time (UTC)", cells=times),
    ]


def _value(fill: Members) -> str:
    return format_amount(notional(Decimal(fill["price"]), Decimal(fill["quantity"])))


def _child(item: Members) -> str | None:
    """Return the number of a child; its id begins with its order's."""
    child_id: str | None = item["child_id"]
    return None if child_id is None else child_id.rpartition("-")[2]


def _created(orders: Sequence[Members]) -> list[str]:
    return [order["created_at"] for order in orders]


def _levels(levels: Sequence[Any]) -> list[tuple[str, str, str]]:
    """Add up what stands at each price or better."""
    found, so_far = [], ZERO
    for price, quantity in levels:
        so_far = total(so_far, Decimal(quantity))
        found.append((price, quantity, format_amount(so_far)))
    return found
