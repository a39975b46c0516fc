"""Turns domain values into JSON. Amounts are strings, times RFC 3339 in UTC."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from typing import Final

import msgspec

from adapters.http.problems import Code
from adapters.http.response import Response
from adapters.trading_environment import TradingEnvironment
from domain.market.updates import BookView, Level
from domain.orders.child_order import Fill
from domain.orders.order import Order, OrderEvent
from domain.orders.summary import OrderSummary
from domain.readiness import Readiness
from domain.reconciliation.comparison import SymbolReconciliation
from domain.risk.halt import HaltSet
from domain.values import Symbol, average_price, format_amount
from domain.venue.symbol_rules import SymbolRules


JSON_TYPE: Final = "application/json"

_MOMENTS: Final = 64
"""Times whose text is cached: a new order has the same one twice."""

Members = dict[str, object]

_ENDS_WITH_THE_PROCESS: Final = (
    "no child order leaves; the database is out of reach, so that the halt is not on "
    "disk yet and ends if the process does"
)


def json_response(
    content: object, status: int = HTTPStatus.OK, *headers: tuple[str, str]
) -> Response:
    """Answer with JSON, and further headers if there are any."""
    return Response(msgspec.json.encode(content), JSON_TYPE, status, headers)


def page(items: Sequence[Members], next_cursor: str | None = None) -> Members:
    """Write a list."""
    return {"items": items, "next_cursor": next_cursor}


def order_members(order: Order) -> Members:
    """Write an order; ``expires_at`` is there only when the order has one."""
    members: Members = {
        "id": order.order_id,
        "client_order_id": order.client_order_id,
        "symbol": order.symbol,
        "side": order.side,
        "quantity": format_amount(order.quantity),
        "price": format_amount(order.price),
        "time_in_force": order.time_in_force,
        "status": order.status,
        "reason": order.reason,
        "filled": format_amount(order.filled),
        "remaining": format_amount(order.remaining),
        "average_price": _amount(order.average_price),
        "created_at": time_text(order.created_at),
        "updated_at": time_text(order.updated_at),
    }
    if order.expires_at is not None:
        members["expires_at"] = time_text(order.expires_at)
    return members


def fill_members(fill: Fill) -> Members:
    """Write a fill."""
    return {
        "price": format_amount(fill.price),
        "quantity": format_amount(fill.quantity),
        "fee": format_amount(fill.fee),
        "fee_asset": fill.fee_asset,
        "child_id": fill.child_id,
        "trade_id": fill.trade_id,
        "update_id": fill.update_id,
        "executed_at": time_text(fill.executed_at),
    }


def event_members(event: OrderEvent) -> Members:
    """Write one step of an order's history."""
    detail = event.detail
    return {
        "number": event.number,
        "kind": event.step,
        "status": event.status,
        "occurred_at": time_text(event.occurred_at),
        "quantity": _amount(detail.quantity),
        "price": _amount(detail.price),
        "update_id": detail.update_id,
        "child_id": detail.child_id,
        "reason": detail.reason,
    }


def summary_members(summary: OrderSummary, traded_on: TradingEnvironment) -> Members:
    """Write the summary of an order, and whether it moved real money."""
    totals = summary.totals
    average = average_price(totals.filled_quote, totals.filled)
    return {
        "order": order_members(summary.order),
        "fills": [fill_members(fill) for fill in summary.fills],
        "fill_count": totals.count,
        "totals": {
            "filled": format_amount(totals.filled),
            "filled_quote": format_amount(totals.filled_quote),
            "average_price": _amount(average),
        },
        "fees": [
            {"asset": asset, "amount": format_amount(amount)}
            for asset, amount in totals.fees
        ],
        "gain": format_amount(summary.gain),
        "venue": traded_on.venue,
        "real_money": traded_on.is_real_money,
    }


def symbol_members(rules: SymbolRules) -> Members:
    """Write a symbol with the venue's rules; a rule that is "0" is off."""
    return {
        "symbol": rules.symbol,
        "status": rules.status,
        "base_asset": rules.base_asset,
        "quote_asset": rules.quote_asset,
        "tick_size": format_amount(rules.tick_size),
        "min_price": format_amount(rules.min_price),
        "max_price": format_amount(rules.max_price),
        "step_size": format_amount(rules.step_size),
        "min_quantity": format_amount(rules.min_quantity),
        "max_quantity": format_amount(rules.max_quantity),
        "min_notional": format_amount(rules.min_notional),
        "max_notional": format_amount(rules.max_notional),
    }


def book_members(book: BookView) -> Members:
    """Write a book."""
    return {
        "symbol": book.symbol,
        "state": book.state,
        "update_id": book.update_id,
        "bids": _levels(book.bids),
        "asks": _levels(book.asks),
    }


def readiness_members(readiness: Readiness) -> Members:
    """Write the answer of ``/readyz``."""
    problem = readiness.intake_problem
    compared = readiness.reconciliation
    records = {one.symbol: one for one in compared.symbols} if compared else {}
    return {
        "status": readiness.state,
        "market": readiness.market,
        "venue": readiness.venue,
        "real_money": readiness.is_real_money,
        "intake": {"ok": problem is None, "problem": problem},
        "orders_on_hold": _sum_of(readiness.orders_on_hold),
        "symbols": [
            {
                "symbol": status.symbol,
                "can_trade": status.can_trade,
                "state": status.book_state,
                "pause": None if status.pause is None else status.pause.reason,
                "detail": status.problem,
                "waiting_orders": status.waiting_orders,
                "reconciliation": _reconciliation_members(records.get(status.symbol)),
            }
            for status in readiness.symbols
        ],
    }


def halt_members(state: HaltSet) -> Members:
    """Write the setting of the halt switch."""
    halt = state.halt
    members: Members = {
        "halted": halt.is_on,
        "reason": halt.reason or None,
        "since": None if halt.since is None else time_text(halt.since),
        "children_in_flight": state.children_in_flight,
        "on_disk": state.is_on_disk,
    }
    if halt.is_on and not state.is_on_disk:
        members |= {"code": Code.HALT_NOT_ON_DISK, "detail": _ENDS_WITH_THE_PROCESS}
    return members


def _sum_of(counts: Mapping[Symbol, int] | None) -> int | None:
    return None if counts is None else sum(counts.values())


def _reconciliation_members(records: SymbolReconciliation | None) -> Members | None:
    if records is None:
        return None
    matched_at = records.matched_at
    return {
        "matched_at": None if matched_at is None else time_text(matched_at),
        "behind_seconds": int(records.behind.total_seconds()),
        "problem": records.problem or None,
        "differences": records.open_breaks,
    }


def _levels(levels: Sequence[Level]) -> list[tuple[str, str]]:
    return [(format_amount(price), format_amount(size)) for price, size in levels]


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else format_amount(amount)


@lru_cache(maxsize=_MOMENTS)
def time_text(moment: datetime) -> str:
    """Write a time as RFC 3339 has it, in UTC."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{text[:-6]}Z"  # without "+00:00"
