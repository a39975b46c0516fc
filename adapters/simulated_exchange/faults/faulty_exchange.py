"""Between the wire and the calls: every signed request passes, and faults act, here."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.faults.order_fault_requests import (
    DuplicateId,
    FillBeforeCancel,
    HugeTradeIds,
    LateArrival,
    NoAnswer,
    OrderError,
    PartialFill,
    QueryLag,
    RateLimited,
    Waf,
    WorsePrice,
)
from adapters.simulated_exchange.faults.order_faults import OrderFaults
from adapters.simulated_exchange.market.amounts import SCALE
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.rest.replies import BANNED, FAULT_REFUSALS
from adapters.simulated_exchange.trading.call_parameters import CallParameters
from adapters.simulated_exchange.trading.calls import SignedCall, SignedRequest
from adapters.simulated_exchange.trading.order_counts import OrderCounts
from adapters.simulated_exchange.trading.order_engine import OrderTerms


BEYOND_64_BITS = 2**63
GATEWAY_TIMEOUT, TOO_MANY_ORDERS = 504, -1015
TEXTS = {
    -1000: "An unknown error occured while processing the request.",
    -1001: "Internal error; unable to process your request. Please try again.",
    -1006: "An unexpected response was received from the message bus. Execution status"
    " unknown.",
    -1007: "Timeout waiting for response from backend server. Send status unknown;"
    " execution status unknown.",
    -1008: "Server is currently overloaded with other requests. Please try again in a"
    " few minutes.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyOutcome:
    """What becomes of a request: a result, a refusal, or something worse."""

    result: object = None
    refusal: VenueError | None = None
    cut_after_seconds: float | None = None
    """The connection is cut after so long, and there is no reply."""
    empty_status: int = 0
    """Reply with this status and an empty body."""
    is_firewall: bool = False
    """Reply with the firewall's page."""


class FaultyExchange:
    """Carries out signed calls, unless an armed fault has other plans."""

    def __init__(
        self,
        faults: OrderFaults,
        counts: OrderCounts,
        clock: WallClock,
        fill_first: Callable[[SignedRequest], None],
    ) -> None:
        """Carry out with these.

        Args:
            faults: the armed ones.
            counts: of orders by account.
            clock: the exchange's.
            fill_first: fills the order that a cancel is about.
        """
        self._faults = faults
        self._counts = counts
        self._clock = clock
        self._fill_first = fill_first

    def serve(
        self, call: SignedCall, request: SignedRequest, symbol: str
    ) -> FaultyOutcome:
        """Carry out a call, or do what a fault wants; never waits."""
        early = self._refuse(call, symbol) or self._lose(call, request, symbol)
        if early is not None:
            return early
        error = self._faults.take(OrderError, call.kind, symbol)
        if error is not None and not error.executed:
            return _unknown(error)
        silence = self._faults.take(NoAnswer, call.kind, symbol)
        if silence is None or silence.when == "after":
            outcome = self._carry_out(call, request, symbol)
        if silence is not None:
            return FaultyOutcome(cut_after_seconds=silence.seconds)
        return outcome if error is None else _unknown(error)

    def _refuse(self, call: SignedCall, symbol: str) -> FaultyOutcome | None:
        """Return the reply of a request that is refused for no good reason."""
        if self._faults.take(Waf, call.kind, symbol):
            return FaultyOutcome(is_firewall=True)
        limited = self._faults.take(RateLimited, call.kind, symbol)
        if limited is not None:
            return FaultyOutcome(refusal=_limit(limited, self._clock()))
        if call.kind == "place" and self._faults.take(DuplicateId, "place", symbol):
            return FaultyOutcome(refusal=VenueError(-2010, "Duplicate order sent."))
        return None

    def _lose(
        self, call: SignedCall, request: SignedRequest, symbol: str
    ) -> FaultyOutcome | None:
        """Let an order arrive late, if that is armed; its client hears nothing."""
        if call.kind != "place":
            return None
        late = self._faults.take(LateArrival, "place", symbol)
        if late is None:
            return None

        def arrive() -> None:
            if self._clock() * 1000 <= request.caller.until_us:
                self._carry_out(call, request, symbol)

        asyncio.get_running_loop().call_later(late.seconds, arrive)
        if late.answer == "cut":
            return FaultyOutcome(cut_after_seconds=0.0)
        return FaultyOutcome(refusal=VenueError(-1007, TEXTS[-1007], GATEWAY_TIMEOUT))

    def _carry_out(
        self, call: SignedCall, request: SignedRequest, symbol: str
    ) -> FaultyOutcome:
        take = self._faults.take
        try:
            if call.kind == "place":
                request = replace(request, terms=self._draw_terms(request, symbol))
            elif call.kind == "cancel" and take(FillBeforeCancel, "cancel", symbol):
                self._fill_first(request)
            if call.places:
                self._counts.charge(request.caller.account)
            return FaultyOutcome(result=call.answer(request))
        except VenueError as refusal:
            return FaultyOutcome(refusal=refusal)

    def _draw_terms(self, request: SignedRequest, symbol: str) -> OrderTerms:
        part = worse = huge = None
        if _fills_at_once(request.parameters):
            part = self._faults.take(PartialFill, "place", symbol)
            worse = self._faults.take(WorsePrice, "place", symbol)
            huge = self._faults.take(HugeTradeIds, "place", symbol)
        lag = self._faults.take(QueryLag, "place", symbol)
        return OrderTerms(
            worse=0 if worse is None else int(worse.fraction * SCALE),
            first_trade_id=0 if huge is None else BEYOND_64_BITS,
            fillable=SCALE if part is None else int(part.fraction * SCALE),
            hidden_ms=0 if lag is None else int(lag.seconds * 1000),
        )


def _fills_at_once(parameters: CallParameters) -> bool:
    """Return whether what an order does not fill at once expires."""
    if parameters.optional("type") == "MARKET":
        return True
    return parameters.optional("timeInForce") in {"IOC", "FOK"}


def _unknown(error: OrderError) -> FaultyOutcome:
    if error.code is None:
        return FaultyOutcome(empty_status=error.status)
    return FaultyOutcome(
        refusal=VenueError(error.code, TEXTS[error.code], error.status)
    )


def _limit(fault: RateLimited, now_ms: int) -> VenueError:
    text = "Too many new orders; current limit is 50 orders per 10 SECOND."
    if fault.code != TOO_MANY_ORDERS:
        text = FAULT_REFUSALS[fault.status][1]
    if fault.status == BANNED:
        until_ms = now_ms + fault.retry_after * 1000
        text = f"Way too much request weight used; IP banned until {until_ms}."
    refusal = VenueError(fault.code, text, fault.status)
    refusal.retry_after = fault.retry_after
    return refusal
