"""The control endpoint's part about accounts, and the audit.

`POST /control/accounts` opens an account or adds a key to one, `.../revoke` and
`.../restore` a key. `GET /control/trades` and `GET /control/orders` show everything
since the start, whatever clients were told. None of it obeys faults or limits.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

import msgspec
from aiohttp import web

from adapters.simulated_exchange.market.amounts import SCALE, from_decimal, to_text
from adapters.simulated_exchange.rest.replies import reply
from adapters.simulated_exchange.settings import SimulatorError
from adapters.simulated_exchange.trading.account_keys import AccountBook, ApiKey
from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.orders import ExchangeOrder, ExchangeTrade
from adapters.simulated_exchange.trading.signatures import (
    HmacVerifier,
    Verifier,
    read_public_key,
)


BAD_REQUEST, NOT_FOUND = 400, 404


class AccountRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens an account."""

    api_key: str
    api_secret: str | None = None
    public_key: str | None = None
    balances: dict[str, str] | None = None
    commission: str | None = None
    account: str | None = None


class KeyRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What names a key."""

    api_key: str


class AccountEndpoint:
    """Serves accounts and the audit."""

    def __init__(self, accounts: AccountBook, ledger: OrderLedger) -> None:
        """Act on these."""
        self._accounts = accounts
        self._ledger = ledger

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to an application."""
        app.router.add_post("/control/accounts", self._handle_open)
        app.router.add_post("/control/accounts/revoke", self._handle_revoke)
        app.router.add_post("/control/accounts/restore", self._handle_restore)
        app.router.add_get("/control/trades", self._handle_trades)
        app.router.add_get("/control/orders", self._handle_orders)

    async def _handle_open(self, request: web.Request) -> web.Response:
        try:
            wanted = msgspec.json.decode(await request.read(), type=AccountRequest)
            return _answer(_describe(self.open(wanted)))
        except (msgspec.DecodeError, SimulatorError) as error:
            return _answer({"error": f"bad account: {error}"}, BAD_REQUEST)

    def open(self, wanted: AccountRequest) -> ApiKey:
        """Open the account or change it; return its key.

        Raises:
            SimulatorError: A field cannot be read.
        """
        known = self._accounts.keys.get(wanted.api_key)
        verifier = _read_verifier(wanted, known)
        balances = None
        if wanted.balances is not None:
            balances = {
                asset: _scaled("balances", text)
                for asset, text in wanted.balances.items()
            }
        commission = None
        if wanted.commission is not None:
            commission = _scaled("commission", wanted.commission)
            if commission >= SCALE:
                raise SimulatorError("commission must be below 1")
        name = wanted.account
        if name is None:
            name = known.account.name if known is not None else wanted.api_key
        account = self._accounts.open(name, balances)
        if commission is not None:
            account.commission = commission
        return self._accounts.add_key(wanted.api_key, account, verifier)

    async def _handle_revoke(self, request: web.Request) -> web.Response:
        return await self._set_revoked(request, revoked=True)

    async def _handle_restore(self, request: web.Request) -> web.Response:
        return await self._set_revoked(request, revoked=False)

    async def _set_revoked(
        self, request: web.Request, *, revoked: bool
    ) -> web.Response:
        try:
            wanted = msgspec.json.decode(await request.read(), type=KeyRequest)
        except msgspec.DecodeError as error:
            return _answer({"error": f"bad key: {error}"}, BAD_REQUEST)
        if not self._accounts.set_revoked(wanted.api_key, revoked=revoked):
            return _answer({"error": "no such key"}, NOT_FOUND)
        return _answer(_describe(self._accounts.keys[wanted.api_key]))

    async def _handle_trades(self, request: web.Request) -> web.Response:
        wanted = self._wanted(request)
        trades = [
            _audit_trade(trade)
            for trade in self._ledger.all_trades
            if wanted(trade.order)
        ]
        return _answer({"trades": trades})

    async def _handle_orders(self, request: web.Request) -> web.Response:
        wanted = self._wanted(request)
        orders = [
            _audit_order(order) for order in self._ledger.all_orders if wanted(order)
        ]
        return _answer({"orders": orders})

    def _wanted(self, request: web.Request) -> Callable[[ExchangeOrder], bool]:
        names = {request.query.get("account")} - {None}
        key_text, symbol = request.query.get("api_key"), request.query.get("symbol")
        if key_text is not None:
            key = self._accounts.keys.get(key_text)
            names.add(key.account.name if key is not None else "")

        def wanted(order: ExchangeOrder) -> bool:
            is_theirs = all(order.account.name == name for name in names)
            return is_theirs and symbol in {None, order.symbol}

        return wanted


def _read_verifier(wanted: AccountRequest, known: ApiKey | None) -> Verifier:
    if not wanted.api_key:
        raise SimulatorError("api_key must not be empty")
    if wanted.api_secret and wanted.public_key:
        raise SimulatorError("api_secret and public_key exclude each other")
    if wanted.api_secret:
        return HmacVerifier(wanted.api_secret)
    if wanted.public_key:
        return read_public_key(wanted.public_key)
    if known is None:
        raise SimulatorError("api_secret or public_key is needed")
    return known.verifier


def _scaled(name: str, text: str) -> int:
    try:
        value = Decimal(text)
        if not value.is_finite() or value < 0:
            raise SimulatorError(f"{name} must not be negative, got {text!r}")
        return from_decimal(value)
    except (InvalidOperation, ArithmeticError) as error:
        raise SimulatorError(f"{name} must hold numbers, got {text!r}") from error


def _describe(key: ApiKey) -> dict[str, object]:
    account: TraderAccount = key.account
    return {
        "api_key": key.text,
        "account": account.name,
        "uid": account.uid,
        "revoked": key.revoked,
        "commission": to_text(account.commission),
        "balances": {
            asset: {"free": free, "locked": locked}
            for asset, free, locked in account.shown()
        },
    }


def _audit_trade(trade: ExchangeTrade) -> dict[str, object]:
    order = trade.order
    return {
        "id": trade.trade_id,
        "account": order.account.name,
        "symbol": order.symbol,
        "orderId": order.order_id,
        "clientOrderId": order.request.client_id,
        "side": "BUY" if order.is_buy else "SELL",
        "price": to_text(trade.price),
        "qty": to_text(trade.quantity),
        "quoteQty": to_text(trade.quote_quantity),
        "commission": to_text(trade.commission),
        "commissionAsset": trade.commission_asset,
        "isMaker": trade.is_maker,
        "time": trade.time_ms,
    }


def _audit_order(order: ExchangeOrder) -> dict[str, object]:
    request = order.request
    return {
        "account": order.account.name,
        "symbol": order.symbol,
        "orderId": order.order_id,
        "clientOrderId": request.client_id,
        "side": "BUY" if order.is_buy else "SELL",
        "type": request.kind,
        "timeInForce": request.time_in_force,
        "status": order.status,
        "price": to_text(request.price),
        "origQty": to_text(order.quantity),
        "executedQty": to_text(order.executed),
        "cummulativeQuoteQty": to_text(order.quote_executed),
        "time": order.time_ms,
        "updateTime": order.update_time_ms,
    }


def _answer(body: object, status: int = 200) -> web.Response:
    return reply(msgspec.json.encode(body), status=status)
