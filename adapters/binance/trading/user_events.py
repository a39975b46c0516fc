"""Reads the frames of the WebSocket API that carry the user's events.

Source: Binance spot API documentation, WebSocket API and user data stream (2026-07-21).
Unknown events and fields are ignored.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from adapters.amount_checks import FEE_DECIMALS, check_amount
from adapters.binance.market_data.frames import UNREADABLE
from adapters.binance.trading.trading_replies import time_of
from domain.errors import MalformedMessageError
from domain.orders.child_order import VenueFill
from domain.values import ZERO, ChildId, Side, Symbol
from domain.venue.answers import Balance, BalancesChanged, ExecutionReport


OK: Final = 200
_TRADE: Final = "TRADE"


@dataclass(frozen=True, slots=True, kw_only=True)
class WsApiReply:
    """The answer to a request."""

    request_id: str | int | None
    """None: it concerns the whole connection."""

    status: int
    code: int
    text: str
    retry_at_ms: int | None
    """Milliseconds since 1970 until which the venue bans requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEnding:
    """The venue is about to end the connection, or has ended the subscription."""

    cause: str


UserFrame = WsApiReply | StreamEnding | ExecutionReport | BalancesChanged


class _ErrorData(msgspec.Struct, rename="camel"):
    retry_after: int | None = None


class _WsApiError(msgspec.Struct):
    code: int = 0
    msg: str = ""
    data: _ErrorData | None = None


class _Frame(msgspec.Struct):
    id: str | int | None = None
    status: int | None = None
    error: _WsApiError | None = None
    event: msgspec.Raw = msgspec.Raw()
    e: str = ""


class _Kind(msgspec.Struct):
    e: str = ""


class _Report(msgspec.Struct):
    s: str
    c: str
    S: Side
    x: str
    X: str
    z: Decimal
    T: int
    C: str | None = ""
    l: Decimal = ZERO  # noqa: E741 - the venue's name
    L: Decimal = ZERO
    n: Decimal | None = ZERO
    N: str | None = None
    t: int = -1


class _Holding(msgspec.Struct):
    a: str
    f: Decimal
    l: Decimal  # noqa: E741 - the venue's name


class _Position(msgspec.Struct):
    u: int
    B: list[_Holding]


_ENDINGS: Final = {
    "serverShutdown": "server announced its shutdown",
    "eventStreamTerminated": "the venue ended the subscription",
}


def parse_user_frame(data: bytes) -> UserFrame | None:
    """Read one text frame; None when it does not concern us.

    Raises:
        MalformedMessageError: when it cannot be read.
    """
    try:
        frame = msgspec.json.decode(data, type=_Frame)
        if frame.event:
            return _event(frame.event)
        if frame.e in _ENDINGS:
            return StreamEnding(cause=_ENDINGS[frame.e])
        return None if frame.status is None else _reply(frame, frame.status)
    except UNREADABLE as error:
        raise MalformedMessageError(f"unreadable user event: {error}") from error


def _reply(frame: _Frame, status: int) -> WsApiReply:
    error = frame.error or _WsApiError()
    return WsApiReply(
        request_id=frame.id,
        status=status,
        code=error.code,
        text=error.msg,
        retry_at_ms=error.data.retry_after if error.data else None,
    )


def _event(raw: msgspec.Raw) -> UserFrame | None:
    kind = msgspec.json.decode(raw, type=_Kind).e
    if kind == "executionReport":
        return _report(msgspec.json.decode(raw, type=_Report))
    if kind == "outboundAccountPosition":
        return _position(msgspec.json.decode(raw, type=_Position))
    if kind in _ENDINGS:
        return StreamEnding(cause=_ENDINGS[kind])
    return None


def _report(report: _Report) -> ExecutionReport:
    check_amount(report.z)
    is_trade = report.x == _TRADE and report.t >= 0
    return ExecutionReport(
        child_id=ChildId(report.C or report.c),  # c is the cancel's own id then
        symbol=Symbol(report.s),
        side=report.S,
        execution_type=report.x,
        status=report.X,
        trade=_trade(report) if is_trade else None,
        cumulative_quantity=report.z,
        at=time_of(report.T),
    )


def _trade(report: _Report) -> VenueFill:
    fee = report.n or ZERO
    for amount in (report.L, report.l):
        check_amount(amount)
    check_amount(abs(fee), FEE_DECIMALS)
    if not (report.L > ZERO and report.l > ZERO):
        raise MalformedMessageError("a trade has no price or no quantity")
    return VenueFill(
        price=report.L,
        quantity=report.l,
        fee=fee,
        fee_asset=report.N,
        trade_id=report.t,
        executed_at=time_of(report.T),
    )


def _position(position: _Position) -> BalancesChanged:
    for holding in position.B:
        check_amount(holding.f)
        check_amount(holding.l)
    return BalancesChanged(
        balances={
            holding.a: Balance(free=holding.f, locked=holding.l)
            for holding in position.B
        },
        at=time_of(position.u),
    )
