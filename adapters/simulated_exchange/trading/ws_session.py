"""One connection to the WebSocket API: who logged on, and what its requests get."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Raw

from adapters.simulated_exchange.clock import AdjustableClock
from adapters.simulated_exchange.faults.faulty_exchange import (
    FaultyExchange,
    FaultyOutcome,
)
from adapters.simulated_exchange.rest.market_calls import RestApi
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.rest.replies import weight_refusal
from adapters.simulated_exchange.trading import ws_messages
from adapters.simulated_exchange.trading.account_keys import (
    UNAUTHORIZED,
    AccountBook,
    ApiKey,
    bad_key,
)
from adapters.simulated_exchange.trading.authentication import (
    AuthenticatedClient,
    check_signature,
    check_time,
)
from adapters.simulated_exchange.trading.call_parameters import CallParameters
from adapters.simulated_exchange.trading.calls import SignedCall, SignedRequest
from adapters.simulated_exchange.trading.order_counts import OrderCounts
from adapters.simulated_exchange.trading.signatures import ws_payload
from adapters.simulated_exchange.trading.user_subscriptions import UserSubscriptions
from adapters.simulated_exchange.trading.ws_messages import WsRequest
from adapters.simulated_exchange.wire.connection import StreamConnection
from adapters.simulated_exchange.wire.weights import WEIGHT_MAX, WeightMeter


MARKET_METHODS = {
    "ping": "ping",
    "time": "time",
    "exchangeInfo": "exchangeInfo",
    "depth": "depth",
    "trades.recent": "trades",
    "trades.historical": "historicalTrades",
    "trades.aggregate": "aggTrades",
    "klines": "klines",
    "uiKlines": "uiKlines",
    "avgPrice": "avgPrice",
    "ticker.24hr": "ticker/24hr",
    "ticker.book": "ticker/bookTicker",
    "ticker.price": "ticker/price",
}
SIGNED_METHODS = {
    "order.place": "POST order",
    "order.test": "POST order/test",
    "order.status": "GET order",
    "order.cancel": "DELETE order",
    "order.cancelReplace": "POST order/cancelReplace",
    "order.amend.keepPriority": "PUT order/amend/keepPriority",
    "openOrders.status": "GET openOrders",
    "openOrders.cancelAll": "DELETE openOrders",
    "allOrders": "GET allOrders",
    "myTrades": "GET myTrades",
    "account.status": "GET account",
    "account.commission": "GET account/commission",
    "account.rateLimits.orders": "GET rateLimit/order",
    "myFilters": "GET myFilters",
    "order.amendments": "GET order/amendments",
}
SESSION_WEIGHT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class WsServices:
    """What all connections share."""

    calls: dict[str, SignedCall]
    exchange: FaultyExchange
    accounts: AccountBook
    market: RestApi
    meter: WeightMeter
    counts: OrderCounts
    clock: AdjustableClock


class WsSession:
    """Answers the requests of one connection."""

    def __init__(
        self,
        services: WsServices,
        connection: StreamConnection,
        subscriptions: UserSubscriptions,
        address: str,
        *,
        shows_limits: bool,
    ) -> None:
        """Begin without logon."""
        self._services = services
        self._connection = connection
        self.subscriptions = subscriptions
        self._address = address
        self._shows_limits = shows_limits
        self._key: ApiKey | None = None
        self._authorized_ms = 0
        self._connected_ms = services.clock()
        self._session_calls = self._list_session_calls()

    def receive(self, text: str) -> None:
        """Answer a frame, if it is to be answered."""
        request_id: object = None
        shows = self._shows_limits
        try:
            request = ws_messages.parse(text)
            if request.shows_limits is not None:
                shows = request.shows_limits
            if self._key is not None and self._key.revoked:
                self._key = None
                raise bad_key()
            request_id = request.request_id
            self._answer(request, shows=shows)
        except VenueError as refusal:
            limits = self._weight_limit() if shows else None
            now_ms = self._services.clock()
            self.send(ws_messages.refusal(request_id, refusal, limits, now_ms))

    def send(self, frame: bytes) -> None:
        """Queue a frame, in the time unit of the connection."""
        if self._connection.microseconds:
            frame = ws_messages.in_microseconds(frame)
        self._connection.offer(frame)

    def _answer(self, request: WsRequest, *, shows: bool) -> None:
        method = request.method
        if method in SIGNED_METHODS:
            self._serve_signed(request, shows=shows)
            return
        if method in MARKET_METHODS:
            name = MARKET_METHODS[method]
            weight = self._services.market.weigh(name, dict(request.pairs))
            self._charge(weight)
            value: object = Raw(self._services.market.answer(name, request.pairs))
        else:
            self._charge(SESSION_WEIGHT)
            if method not in self._session_calls:
                raise VenueError(-1020, "This operation is not supported.")
            value = self._session_calls[method](request)
        limits = self._weight_limit() if shows else None
        self.send(ws_messages.result(request.request_id, value, limits))

    def _charge(self, weight: int) -> None:
        verdict = self._services.meter.charge(self._address, weight)
        if verdict.retry_after_seconds:
            raise weight_refusal(verdict)

    def _weight_limit(self) -> list[dict[str, object]]:
        return [
            {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": WEIGHT_MAX,
                "count": self._services.meter.used(self._address),
            }
        ]

    def _authenticate(self, request: WsRequest) -> AuthenticatedClient:
        values = dict(request.pairs)
        if self._key is not None and not {"apiKey", "signature"} & set(values):
            return check_time(self._key, request.pairs, self._services.clock)
        return self._authenticate_signed(request)

    def _authenticate_signed(self, request: WsRequest) -> AuthenticatedClient:
        values = dict(request.pairs)
        key = self._services.accounts.key(values.get("apiKey", ""))
        payload = ws_payload(request.signed_pairs)
        check_signature(key, payload, values.get("signature", ""))
        return check_time(key, request.pairs, self._services.clock)

    def _serve_signed(self, request: WsRequest, *, shows: bool) -> None:
        services = self._services
        call = services.calls[SIGNED_METHODS[request.method]]
        sent = dict(request.pairs)
        weight = call.weigh(sent)
        self._charge(weight)
        caller = self._authenticate(request)
        parameters = CallParameters(request.pairs, call.known)
        signed = SignedRequest(caller=caller, parameters=parameters)
        outcome = services.exchange.serve(call, signed, sent.get("symbol", ""))
        if outcome.refusal is None and call.is_free:
            services.meter.refund(self._address, weight)
        limits: list[dict[str, object]] | None = None
        if shows:
            limits = services.counts.describe(caller.account) if call.places else []
            limits += self._weight_limit()
        self._frame(request, outcome, limits)

    def _frame(
        self, request: WsRequest, outcome: FaultyOutcome, limits: object
    ) -> None:
        if outcome.cut_after_seconds is not None or outcome.is_firewall:
            loop = asyncio.get_running_loop()
            seconds = outcome.cut_after_seconds or 0.0
            loop.call_later(seconds, self._connection.abort)
            return
        refusal = outcome.refusal
        if outcome.empty_status:
            text = "An unknown error occured while processing the request."
            refusal = VenueError(-1000, text, outcome.empty_status)
        if refusal is None:
            frame = ws_messages.result(request.request_id, outcome.result, limits)
        else:
            now_ms = self._services.clock()
            frame = ws_messages.refusal(request.request_id, refusal, limits, now_ms)
        self.send(frame)

    def _list_session_calls(self) -> dict[str, Callable[[WsRequest], object]]:
        return {
            "session.logon": self._log_on,
            "session.logout": self._log_out,
            "session.status": lambda _request: self._describe(),
            "session.subscriptions": lambda _request: self.subscriptions.describe(),
            "userDataStream.subscribe": self._subscribe,
            "userDataStream.subscribe.signature": self._subscribe_signed,
            "userDataStream.unsubscribe": self._unsubscribe,
        }

    def _log_out(self, _request: WsRequest) -> object:
        if self._key is not None:
            self.subscriptions.remove_key(self._key)
        self._key = None
        return self._describe()

    def _subscribe(self, _request: WsRequest) -> object:
        if self._key is None:
            raise VenueError(-1002, "You are not logged on.", UNAUTHORIZED)
        return {"subscriptionId": self.subscriptions.add(self._key)}

    def _subscribe_signed(self, request: WsRequest) -> object:
        key = self._authenticate_signed(request).key
        return {"subscriptionId": self.subscriptions.add(key)}

    def _unsubscribe(self, request: WsRequest) -> object:
        number = dict(request.pairs).get("subscriptionId", "")
        self.subscriptions.remove(int(number) if number.isdecimal() else None)
        return {}

    def _log_on(self, request: WsRequest) -> object:
        key = self._authenticate_signed(request).key
        if not key.verifier.may_log_on:
            text = "Only Ed25519 keys are supported for this operation."
            raise VenueError(-1022, text)
        self._key, self._authorized_ms = key, self._services.clock()
        return self._describe()

    def _describe(self) -> dict[str, object]:
        key = self._key
        return {
            "apiKey": None if key is None else key.text,
            "authorizedSince": None if key is None else self._authorized_ms,
            "connectedSince": self._connected_ms,
            "returnRateLimits": self._shows_limits,
            "serverTime": self._services.clock(),
            "userDataStream": bool(self.subscriptions.describe()),
        }
