"""Binance spot as a venue: places child orders, looks them up, reads the account.

Source: Binance spot API documentation, trading endpoints (2026-07-21).
"""

import logging
import random
from dataclasses import replace
from datetime import datetime
from typing import Final

from adapters.binance.trading.account_activity import ActivityReader
from adapters.binance.trading.account_records import OrderNames
from adapters.binance.trading.child_look_up import LookUp
from adapters.binance.trading.child_outcomes import (
    after_failure,
    done,
    impossible,
    misdescribed,
    problem_of,
    sum_of,
    unknown,
)
from adapters.binance.trading.error_reactions import Outcome
from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.settings import TradingSettings, UserStreamSettings
from adapters.binance.trading.trading_replies import (
    OrderState,
    fills_of_order,
    read_account,
    read_order,
)
from adapters.binance.trading.user_stream import UserStream
from adapters.binance.trading.venue_calls import OUT_OF_REACH, Failure, VenueCalls
from adapters.binance.venue_limits import Use, VenueLimits
from domain.errors import ImpossibleMessageError, MalformedMessageError
from domain.orders.child_order import ChildOrder
from domain.ports.runtime import Clock, Recipient
from domain.ports.venue import Permit, Venue
from domain.values import Symbol, format_amount
from domain.venue.answers import (
    Account,
    PauseReason,
    Since,
    TradingPause,
    UserStreamMessage,
    VenueActivity,
    VenueAnswer,
)


logger = logging.getLogger(__name__)

ACCOUNT_WEIGHT: Final = 20
DEFAULTS: Final = TradingSettings()
STREAM_DEFAULTS: Final = UserStreamSettings()


class BinanceVenue(Venue):
    """The venue port over signed REST. Blocking; thread-safe."""

    def __init__(
        self,
        *,
        rest_url: str,
        credentials: Credentials,
        clock: Clock,
        limits: VenueLimits | None = None,
        settings: TradingSettings = DEFAULTS,
    ) -> None:
        """Connect to nothing yet.

        Args:
            rest_url: base URL, without ``/api``.
            credentials: of the account.
            clock: for ages, windows and pauses; the time of day comes from the venue.
            limits: of the process, shared with the market data's requests.
            settings: time limits and connections.
        """
        self._clock = clock
        self._calls = VenueCalls(
            rest_url=rest_url,
            credentials=credentials,
            clock=clock,
            limits=limits or VenueLimits(clock=clock),
            settings=settings,
        )
        self._names = OrderNames()
        self._look_up = LookUp(calls=self._calls, clock=clock, names=self._names)
        self._activity = ActivityReader(calls=self._calls, names=self._names)

    def place(self, child: ChildOrder, permit: Permit) -> VenueAnswer:
        """Send the child, LIMIT at its price, IOC or FOK, under its own id, once."""
        answer, written_ns = self._place(child, permit)
        return replace(self._readable(answer), written_ns=written_ns)

    def look_up(
        self, child: ChildOrder, *, since: datetime, thoroughly: bool
    ) -> VenueAnswer:
        """Look up a child that may have been sent."""
        answer = self._look_up.by_id(child)
        if answer.is_absent and thoroughly:
            answer = self._look_up.thoroughly(child, since)
        return self._readable(answer)

    def probe(self) -> TradingPause | None:
        """Check whether orders could be sent now: clock, keys, permission."""
        if held := self._calls.why_withheld():
            return _pause_of(held)
        if failure := self._calls.measure_clock():
            return _pause_of(failure)
        account = self._read_account(Use.ORDER)
        if isinstance(account, Failure):
            return _pause_of(account)
        if not account.can_trade:
            detail = "the venue says that this account may not trade"
            return TradingPause(reason=PauseReason.KEYS_REJECTED, detail=detail)
        return None

    def account(self) -> Account | None:
        """Read the balances; None when they could not be read."""
        account = self._read_account(Use.LOOK_UP)
        return None if isinstance(account, Failure) else account

    def activity(self, symbol: Symbol, since: Since) -> VenueActivity | None:
        """Read the account's records in one symbol; None when that fails."""
        activity = self._activity.read(symbol, since)
        if isinstance(activity, Failure):
            problem = self._calls.hide(activity.detail)
            logger.warning("Records not read symbol=%s problem=%s", symbol, problem)
            return None
        return activity

    def user_stream(
        self,
        *,
        url: str,
        recipient: Recipient[UserStreamMessage],
        rng: random.Random,
        settings: UserStreamSettings = STREAM_DEFAULTS,
    ) -> UserStream:
        """Make a stream of the account's events; the caller starts and closes it.

        Args:
            url: of the WebSocket API, with its path.
            recipient: of all events; see ``UserStream``.
            rng: spreads attempts to connect.
            settings: time limits.
        """
        return UserStream(
            url=url,
            calls=self._calls,
            clock=self._clock,
            rng=rng,
            recipient=recipient,
            settings=settings,
        )

    def keep_warm(self) -> bool:
        """Ping a few idle connections; return whether all are alive."""
        return self._calls.keep_warm()

    def close(self) -> None:
        """Close idle connections; later calls answer that nothing was sent."""
        self._calls.close()

    def _place(self, child: ChildOrder, permit: Permit) -> tuple[VenueAnswer, int]:
        placed = self._calls.place(_fields_of(child), permit)
        body = placed.outcome
        if isinstance(body, Failure):
            was_sent = body.outcome is not Outcome.NOT_TAKEN
            return after_failure(child, body), placed.written_ns if was_sent else 0
        return self._read_answer(child, body), placed.written_ns

    def _read_answer(self, child: ChildOrder, body: bytes) -> VenueAnswer:
        try:
            order = read_order(body)
        except ImpossibleMessageError as error:
            return impossible(f"answered with success, but: {error}")
        except MalformedMessageError as error:
            return unknown(f"answered with success, but: {error}")
        return self._after_success(child, order)

    def _after_success(self, child: ChildOrder, order: OrderState) -> VenueAnswer:
        if problem := self._calls.hide(problem_of(child, order)):
            logger.error(
                "Venue answers a child order wrongly child_id=%s problem=%s",
                child.child_id,
                problem,
            )
            return misdescribed(child, order, problem)
        self._names.note(order.symbol, order.order_id, child.child_id)
        fills = fills_of_order(order)
        if order.is_final() and sum_of(fills) == order.executed_qty:
            return done(child, order, fills)
        answer = self._look_up.by_id(child)
        if answer.is_absent:  # a cache that lags: the order was just acknowledged
            return unknown(answer.detail)
        return answer

    def _readable(self, answer: VenueAnswer) -> VenueAnswer:
        """Remove secrets, which the venue may repeat, from what is stored and shown."""
        result = answer.result
        if result is not None and result.reason:
            result = replace(result, reason=self._calls.hide(result.reason))
        elif not answer.detail:
            return answer
        return replace(answer, result=result, detail=self._calls.hide(answer.detail))

    def _read_account(self, use: Use) -> Account | Failure:
        path = "/api/v3/account"
        body = self._calls.read(path, {}, weight=ACCOUNT_WEIGHT, use=use)
        if isinstance(body, Failure):
            return body
        try:
            return read_account(body, self._clock.now())
        except MalformedMessageError as error:
            return _silent(str(error))


def _fields_of(child: ChildOrder) -> dict[str, str]:
    return {
        "symbol": str(child.symbol),
        "side": child.side.value,
        "type": "LIMIT",
        "timeInForce": "FOK" if child.is_all_or_nothing else "IOC",
        "quantity": format_amount(child.quantity),
        "price": format_amount(child.price),
        "newClientOrderId": str(child.child_id),
        "newOrderRespType": "FULL",
    }


def _silent(detail: str) -> Failure:
    return Failure(outcome=Outcome.UNKNOWN, detail=detail)


def _pause_of(failure: Failure) -> TradingPause:
    """Return the pause that a failure implies; a failure without one is one itself."""
    return failure.pause or TradingPause(
        reason=PauseReason.VENUE_UNAVAILABLE,
        detail=failure.detail,
        duration=OUT_OF_REACH,
    )
