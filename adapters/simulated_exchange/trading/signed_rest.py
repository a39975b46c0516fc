"""The signed REST calls: parameters from query and body, headers, and frames."""

import asyncio
import re
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.faults.faulty_exchange import (
    FaultyExchange,
    FaultyOutcome,
)
from adapters.simulated_exchange.faults.market_faults import Faults
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.rest.replies import (
    FORBIDDEN,
    refuse_by_fault,
    refuse_weight,
    reply,
)
from adapters.simulated_exchange.trading.account_keys import AccountBook
from adapters.simulated_exchange.trading.authentication import (
    AuthenticatedClient,
    check_signature,
    check_time,
)
from adapters.simulated_exchange.trading.call_parameters import CallParameters
from adapters.simulated_exchange.trading.calls import SignedCall, SignedRequest
from adapters.simulated_exchange.trading.order_counts import OrderCounts
from adapters.simulated_exchange.trading.signatures import AS_SENT, rest_payload
from adapters.simulated_exchange.wire.weights import WeightMeter


PREFIX = "/api/v3/"
_TIME_FIELD = re.compile(rb'"(\w*[tT]ime)":(\d{13})(?=[,}])')
Headers = dict[str, str]
Pairs = list[tuple[str, str]]


class SignedRestApi:
    """Serves signed calls over REST."""

    def __init__(
        self,
        calls: dict[str, SignedCall],
        exchange: FaultyExchange,
        accounts: AccountBook,
        limits: tuple[WeightMeter, OrderCounts],
        inputs: tuple[Faults, WallClock],
    ) -> None:
        """Serve these calls."""
        self._calls = calls
        self._exchange = exchange
        self._accounts = accounts
        self._meter, self._counts = limits
        self._faults, self._clock = inputs

    def add_routes(self, app: web.Application) -> None:
        """Add every call to an application."""
        for name in self._calls:
            method, _, path = name.partition(" ")
            app.router.add_route(method, PREFIX + path, self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, if it is to be answered."""
        path = request.path.removeprefix(PREFIX)
        call = self._calls[f"{request.method} {path}"]
        query = request.raw_path.partition("?")[2]
        raw_body = await request.read()
        body = raw_body.decode("utf-8", AS_SENT)
        pairs = _read_pairs(query, raw_body.decode("utf-8", "replace"))
        sent, address = dict(pairs), request.remote or ""
        weight = call.weigh(sent)
        verdict = self._meter.charge(address, weight)
        headers = _weight_headers(verdict.used)
        if verdict.retry_after_seconds:
            return refuse_weight(verdict, headers)
        symbol = sent.get("symbol", "")
        await self._delay(symbol)
        fault = self._faults.take_http_error(path, symbol)
        if fault is not None:
            return refuse_by_fault(fault.status, fault.retry_after, headers)
        try:
            caller = self._authenticate(request, query, body, pairs)
            parameters = CallParameters(pairs, call.known)
        except VenueError as refusal:
            return _refuse(refusal, headers)
        signed = SignedRequest(caller=caller, parameters=parameters)
        outcome = self._exchange.serve(call, signed, symbol)
        if outcome.refusal is None and call.is_free:
            headers = _weight_headers(self._meter.refund(address, weight))
        if call.places:
            headers |= self._counts.headers(caller.account)
        return await self._frame(request, outcome, headers)

    def _authenticate(
        self, request: web.Request, query: str, body: str, pairs: Pairs
    ) -> AuthenticatedClient:
        key = self._accounts.key(request.headers.get("X-MBX-APIKEY", ""))
        signature = dict(pairs).get("signature", "")
        check_signature(key, rest_payload(query, body), signature)
        return check_time(key, pairs, self._clock)

    async def _delay(self, symbol: str) -> None:
        now = asyncio.get_running_loop().time()
        seconds = self._faults.rest_delay_seconds(symbol, now)
        if seconds:
            await asyncio.sleep(seconds)

    async def _frame(
        self, request: web.Request, outcome: FaultyOutcome, headers: Headers
    ) -> web.StreamResponse:
        if outcome.cut_after_seconds is not None:
            await asyncio.sleep(outcome.cut_after_seconds)
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if outcome.is_firewall:
            return refuse_by_fault(FORBIDDEN, 0, headers)
        if outcome.empty_status:
            return web.Response(status=outcome.empty_status, headers=headers)
        if outcome.refusal is not None:
            return _refuse(outcome.refusal, headers)
        body = msgspec.json.encode(outcome.result)
        if request.headers.get("X-MBX-TIME-UNIT", "").upper() == "MICROSECOND":
            body = _TIME_FIELD.sub(rb'"\1":\g<2>000', body)
        return reply(body, headers=headers)


def _read_pairs(query: str, body: str) -> Pairs:
    """Return the parameters; where query and body name the same one, the query wins."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if body:
        names = {name for name, _value in pairs}
        sent = parse_qsl(body, keep_blank_values=True)
        pairs += [pair for pair in sent if pair[0] not in names]
    return pairs


def _weight_headers(used: int) -> Headers:
    return {"X-MBX-USED-WEIGHT-1M": str(used), "X-MBX-USED-WEIGHT": str(used)}


def _refuse(refusal: VenueError, headers: Headers) -> web.Response:
    if refusal.retry_after:
        headers = {**headers, "Retry-After": str(refusal.retry_after)}
    body: dict[str, object] = {"code": refusal.code, "msg": refusal.text}
    if refusal.data is not None:
        body["data"] = refusal.data
    return reply(msgspec.json.encode(body), status=refusal.status, headers=headers)
