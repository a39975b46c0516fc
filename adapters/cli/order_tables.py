"""Orders, fills, events and books, laid out for people."""

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET

from adapters.api.amounts import Amount
from adapters.api.markets import BookAnswer, LevelAnswer
from adapters.api.orders import (
    BookedFillAnswer,
    FillAnswer,
    OrderAnswer,
    SummaryAnswer,
)
from adapters.cli.answers import ReceivedEvent
from adapters.cli.text_table import Column
from domain.values import ZERO, ChildId, Side, difference, notional, number_of, total


_DAY: Final = len("2026-11-30")
_SECONDS: Final = len("18:56:14")
_MILLISECONDS: Final = len("18:56:14.702")


def order_columns(orders: Sequence[OrderAnswer]) -> list[Column]:
    """Lay orders out, one a row."""
    return [
        _words("id", [one.id for one in orders]),
        _words("side", [one.side for one in orders]),
        _words("symbol", [one.symbol for one in orders]),
        _amounts("quantity", [one.quantity for one in orders]),
        _amounts("price", [one.price for one in orders]),
        _amounts("filled", [one.filled for one in orders]),
        _amounts("average", [one.average_price for one in orders], rank=2),
        _codes("status", [one.status for one in orders]),
        _codes("reason", [one.reason for one in orders], rank=1),
        _words("in force", [one.time_in_force for one in orders], rank=3),
        _words("created (UTC)", [second_of(one.created_at) for one in orders], rank=4),
        _words("client order id", [one.client_order_id for one in orders], rank=5),
    ]


def fill_columns(fills: Sequence[FillAnswer]) -> list[Column]:
    """Lay fills out, one a row."""
    return [
        *_times([one.executed_at for one in fills]),
        _amounts("price", [one.price for one in fills]),
        _amounts("quantity", [one.quantity for one in fills]),
        _amounts("value", [Amount(notional(one.price, one.quantity)) for one in fills]),
        _amounts("fee", [one.fee for one in fills]),
        _words("in", [one.fee_asset for one in fills]),
        _numbers("child", [_child(one.child_id) for one in fills]),
        _numbers("trade id", [one.trade_id for one in fills], rank=2),
        _numbers("update id", [one.update_id for one in fills], rank=3),
        _amounts("stated", [one.stated for one in fills], rank=1),
        _amounts("taken before", [one.taken_before for one in fills], rank=4),
    ]


def booked_fill_columns(fills: Sequence[BookedFillAnswer]) -> list[Column]:
    """Lay fills of several orders out, one a row."""
    return [
        *_times([one.executed_at for one in fills]),
        _words("side", [one.side for one in fills]),
        _words("symbol", [one.symbol for one in fills]),
        _amounts("quantity", [one.quantity for one in fills]),
        _amounts("price", [one.price for one in fills]),
        _amounts("fee", [one.fee for one in fills], rank=2),
        _words("in", [one.fee_asset for one in fills], rank=2),
        _words("order", [one.order_id for one in fills], rank=1),
        _numbers("child", [_child(one.child_id) for one in fills], rank=3),
        _numbers("trade id", [one.trade_id for one in fills], rank=4),
    ]


def event_columns(received: Sequence[ReceivedEvent]) -> list[Column]:
    """Lay an order's history out, one event a row."""
    events = [one.read for one in received]
    return [
        _numbers("#", [one.number for one in events]),
        *_times([one.occurred_at for one in events]),
        _codes("event", [one.kind for one in events]),
        _amounts("quantity", [one.quantity for one in events]),
        _amounts("price", [one.price for one in events]),
        _numbers("child", [_child(one.child_id) for one in events]),
        _codes("status", [one.status for one in events], rank=1),
        _numbers("update id", [one.update_id for one in events], rank=2),
        Column(
            title="reason", cells=[one.reason or "" for one in events], is_words=True
        ),
    ]


def book_columns(book: BookAnswer) -> list[Column]:
    """Lay a book out as a ladder: the best ask above the best bid."""
    asks, bids = list(book.asks), list(book.bids)
    return [
        _words("side", ["ask"] * len(asks) + ["bid"] * len(bids)),
        _amounts("price", [one.price for one in (*reversed(asks), *bids)]),
        _amounts("quantity", [one.quantity for one in (*reversed(asks), *bids)]),
        _amounts("total", [*reversed(_sums(asks)), *_sums(bids)]),
    ]


def spread_of(book: BookAnswer) -> Amount | None:
    """Return the best ask less the best bid; None if one is missing."""
    if not book.asks or not book.bids:
        return None
    return Amount(difference(book.asks[0].price, book.bids[0].price))


def order_facts(summary: SummaryAnswer) -> list[tuple[str, str]]:
    """Say all there is to know of an order: what, and its value."""
    order = summary.order
    expires_at = "" if order.expires_at is UNSET else f" until {order.expires_at}"
    facts = [
        ("order", terms_of(order)),
        ("status", status_of(order)),
        ("filled", f"{order.filled}, {order.remaining} remaining"),
        ("average price", order.average_price),
        ("value", summary.totals.filled_quote),
        ("gain", f"{summary.gain} over the limit"),
        ("fees", fees_of(summary) or None),
        ("fills", summary.fill_count),
        ("in force", f"{order.time_in_force}{expires_at}"),
        ("client order id", order.client_order_id),
        ("created", order.created_at),
        ("updated", order.updated_at),
        ("venue", venue_of(summary)),
    ]
    return [(name, str(fact)) for name, fact in facts if fact is not None]


def fees_of(summary: SummaryAnswer) -> str:
    """Say what was paid, in each asset."""
    return ", ".join(f"{fee.amount} {fee.asset}" for fee in summary.fees)


def venue_of(summary: SummaryAnswer) -> str:
    """Say where the order was worked, and whether that was real."""
    money = "REAL MONEY" if summary.real_money else "no real money"
    return f"{summary.venue}, {money}"


def terms_of(order: OrderAnswer) -> str:
    """Say what an order wants."""
    beyond = "or higher" if order.side is Side.SELL else "or lower"
    return f"{order.side} {order.quantity} {order.symbol} at {order.price} {beyond}"


def status_of(order: OrderAnswer) -> str:
    """Say where an order stands."""
    return f"{order.status} ({order.reason})" if order.reason else order.status


def second_of(moment: str) -> str:
    """Return a time to the second, in UTC."""
    return f"{day_of(moment)} {time_of(moment)[:_SECONDS]}"


def day_of(moment: str) -> str:
    """Return the day of a time, in UTC."""
    return moment[:_DAY]


def time_of(moment: str) -> str:
    """Return the time of day of a time, to the millisecond, in UTC."""
    return moment[_DAY + 1 : _DAY + 1 + _MILLISECONDS]


def _words(title: str, texts: Sequence[str | None], rank: int = 0) -> Column:
    return Column(title=title, cells=texts, rank=rank)


def _codes(title: str, codes: Sequence[str | None], rank: int = 0) -> Column:
    return Column(title=title, cells=codes, is_code=True, rank=rank)


def _numbers(title: str, numbers: Sequence[int | None], rank: int = 0) -> Column:
    cells = [None if one is None else str(one) for one in numbers]
    return Column(title=title, cells=cells, is_amount=True, rank=rank)


def _amounts(title: str, amounts: Sequence[Amount | None], rank: int = 0) -> Column:
    cells = [None if one is None else str(one) for one in amounts]
    return Column(title=title, cells=cells, is_amount=True, rank=rank)


def _times(moments: Sequence[str]) -> list[Column]:
    """Write a day that all have in common into the heading only."""
    days = {day_of(moment) for moment in moments}
    times = [time_of(moment) for moment in moments]
    if len(days) == 1:
        return [_words(f"{days.pop()} UTC", times)]
    days_of_all = [day_of(moment) for moment in moments]
    return [_words("day", days_of_all), _words("time (UTC)", times)]


def _child(child_id: str | None) -> int | None:
    """Return the number of a child; its id begins with its order's."""
    return None if child_id is None else number_of(ChildId(child_id))


def _sums(levels: Sequence[LevelAnswer]) -> list[Amount]:
    """Add up what stands at each price or better."""
    found: list[Amount] = []
    so_far = ZERO
    for level in levels:
        so_far = total(so_far, level.quantity)
        found.append(Amount(so_far))
    return found
