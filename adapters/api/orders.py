"""Orders, their fills, their history and their summary, as answers have them."""

from collections.abc import Iterable
from typing import Annotated, Self

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from adapters.api.amounts import Amount
from adapters.api.times import Time, time_text
from domain.orders.child_order import Fill
from domain.orders.order import Order, OrderEvent, OrderStatus, OrderStep
from domain.orders.stored_orders import BookedFill
from domain.orders.summary import FillTotals, OrderSummary
from domain.reasons import EndReason, WaitReason
from domain.values import Side, Symbol, TimeInForce, average_price


OrderReason = Annotated[
    str, Meta(extra_json_schema={"enum": [*EndReason, *WaitReason]})
]


class OrderAnswer(Struct, frozen=True, kw_only=True):
    """An order: what was asked for, and how far it got."""

    id: str
    sequence: int
    """Its rank among all orders, by acceptance; of two that want the same, the earlier
    is served first."""

    client_order_id: str | None
    """The client's own name for the order."""

    symbol: str
    side: Side
    quantity: Amount
    """All of it, in the base asset."""

    price: Amount
    """The limit, in the quote asset: sell at this or higher, buy at this or lower."""

    time_in_force: TimeInForce
    status: OrderStatus
    reason: OrderReason | None
    """Why it ended; while it is open, why it does less than it could."""

    filled: Amount
    """In the base asset."""

    remaining: Amount
    """What is not filled, in the base asset."""

    average_price: Amount | None
    """Of its fills, in the quote asset, to 12 decimals; null before the first."""

    created_at: Time
    updated_at: Time
    expires_at: Time | UnsetType = UNSET
    """Only of a `GTD` order: when it ends."""

    paused: bool | UnsetType = UNSET
    """Only of a paused order, whatever its reason says: true."""

    @classmethod
    def of(cls, order: Order) -> Self:
        """Show an order."""
        expires_at = order.expires_at
        return cls(
            id=order.order_id,
            sequence=order.sequence,
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            quantity=Amount(order.quantity),
            price=Amount(order.price),
            time_in_force=order.time_in_force,
            status=order.status,
            reason=order.reason,
            filled=Amount(order.filled),
            remaining=Amount(order.remaining),
            average_price=Amount.or_none(order.average_price),
            created_at=time_text(order.created_at),
            updated_at=time_text(order.updated_at),
            expires_at=UNSET if expires_at is None else time_text(expires_at),
            paused=order.is_paused or UNSET,
        )


class FillAnswer(Struct, frozen=True, kw_only=True):
    """One execution of an order."""

    price: Amount
    quantity: Amount
    fee: Amount
    fee_asset: str | None
    child_id: str
    """The client order id that the venue saw."""

    trade_id: int | None
    """The venue's own; null on paper."""

    update_id: int | None
    """The statement of the book about its level: of those that its child was offered
    or, at another price, of when the venue's answer came; null if there was none."""

    executed_at: Time
    stated: Amount | None
    """What that statement says is there; null as above, and in earlier versions."""

    taken_before: Amount | None
    """What of that was set aside for orders before, or filled by this child; null as
    above."""

    @classmethod
    def of(cls, fill: Fill) -> Self:
        """Show a fill."""
        return cls(
            price=Amount(fill.price),
            quantity=Amount(fill.quantity),
            fee=Amount(fill.fee),
            fee_asset=fill.fee_asset,
            child_id=fill.child_id,
            trade_id=fill.trade_id,
            update_id=fill.update_id,
            executed_at=time_text(fill.executed_at),
            stated=Amount.or_none(fill.stated),
            taken_before=Amount.or_none(fill.taken_before),
        )


class BookedFillAnswer(FillAnswer, frozen=True, kw_only=True):
    """One execution, and of which order."""

    order_id: str
    symbol: str
    side: Side

    @classmethod
    def of_booked(cls, booked: BookedFill) -> Self:
        """Show a fill with its order."""
        return cls(
            **asdict(FillAnswer.of(booked.fill)),
            order_id=booked.fill.order_id,
            symbol=booked.symbol,
            side=booked.side,
        )


class OrderEventAnswer(Struct, frozen=True, kw_only=True):
    """One step of an order's history: what, when, why."""

    order_id: str
    symbol: str
    number: int
    """1 is the acceptance; there are no gaps."""

    kind: OrderStep
    status: OrderStatus
    """The order's, after the step."""

    occurred_at: Time
    quantity: Amount | None
    """In the base asset; null where it does not apply, like all that follow."""

    price: Amount | None
    """In the quote asset."""

    update_id: int | None
    """The statement of the book that caused the step."""

    child_id: str | None
    reason: str | None
    """A code, or the venue's words."""

    @classmethod
    def of(cls, event: OrderEvent, symbol: Symbol) -> Self:
        """Show a step of an order of this symbol."""
        detail = event.detail
        return cls(
            order_id=event.order_id,
            symbol=symbol,
            number=event.number,
            kind=event.step,
            status=event.status,
            occurred_at=time_text(event.occurred_at),
            quantity=Amount.or_none(detail.quantity),
            price=Amount.or_none(detail.price),
            update_id=detail.update_id,
            child_id=detail.child_id,
            reason=detail.reason,
        )


class FillTotalsAnswer(Struct, frozen=True, kw_only=True):
    """All fills of an order, added up."""

    filled: Amount
    """In the base asset."""

    filled_quote: Amount
    """In the quote asset, exact."""

    average_price: Amount | None
    """To 12 decimals; null before the first fill."""

    @classmethod
    def of(cls, totals: FillTotals) -> Self:
        """Show totals."""
        average = average_price(totals.filled_quote, totals.filled)
        return cls(
            filled=Amount(totals.filled),
            filled_quote=Amount(totals.filled_quote),
            average_price=Amount.or_none(average),
        )


class FeeAnswer(Struct, frozen=True, kw_only=True):
    """The fees of an order that were paid in one asset."""

    asset: str
    amount: Amount


class SummaryAnswer(Struct, frozen=True, kw_only=True):
    """An order with its first fills, and totals over all of them."""

    order: OrderAnswer
    fills: list[FillAnswer]
    """The first 50."""

    fill_count: int
    """How many there are."""

    totals: FillTotalsAnswer
    fees: list[FeeAnswer]
    gain: Amount
    """In the quote asset: how much better than the limit all fills were together. Below
    zero only if the limit was made stricter after a fill."""

    venue: str
    """Where its child orders went, such as `paper`."""

    real_money: bool
    """Whether its child orders moved real money."""

    @classmethod
    def of(cls, summary: OrderSummary, venue: str, *, is_real_money: bool) -> Self:
        """Show a summary, and whether the order moved real money."""
        totals = summary.totals
        return cls(
            order=OrderAnswer.of(summary.order),
            fills=[FillAnswer.of(fill) for fill in summary.fills],
            fill_count=totals.count,
            totals=FillTotalsAnswer.of(totals),
            fees=list(_fees(totals)),
            gain=Amount(summary.gain),
            venue=venue,
            real_money=is_real_money,
        )


def _fees(totals: FillTotals) -> Iterable[FeeAnswer]:
    for asset, amount in totals.fees:
        yield FeeAnswer(asset=asset, amount=Amount(amount))
