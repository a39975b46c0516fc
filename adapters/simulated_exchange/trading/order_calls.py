"""The calls about orders and trades, independent of how they come in."""

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading import order_replies
from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.call_parameters import CallParameters
from adapters.simulated_exchange.trading.calls import SignedRequest
from adapters.simulated_exchange.trading.client_ids import ClientIds
from adapters.simulated_exchange.trading.order_checks import OrderChecks
from adapters.simulated_exchange.trading.order_engine import OrderEngine
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.order_replies import Reply
from adapters.simulated_exchange.trading.order_requests import read_order
from adapters.simulated_exchange.trading.orders import ExchangeOrder


AMENDMENTS_DEFAULT, AMENDMENTS_MAX = 500, 1000


class OrderCalls:
    """Places, cancels and amends orders for authentic callers."""

    def __init__(
        self,
        order_engine: OrderEngine,
        ledger: OrderLedger,
        checks: OrderChecks,
        ids: ClientIds,
        clock: WallClock,
    ) -> None:
        """Act on these; the clock is the right one, whatever clients are told."""
        self._order_engine = order_engine
        self._ledger = ledger
        self._checks = checks
        self._ids = ids
        self._clock = clock

    def place(self, request: SignedRequest) -> Reply:
        """Place an order."""
        account = request.caller.account
        wanted = read_order(request.parameters, self._ids.draw)
        self._checks.check(account, wanted)
        hidden_ms = request.terms.hidden_ms
        before = account.shown() if hidden_ms else []
        order = self._order_engine.place(account, wanted, request.terms)
        if hidden_ms:
            order.hidden_until_ms = self._clock() + hidden_ms
            account.lag = (order.hidden_until_ms, before)
        return order_replies.placed(order)

    def test(self, request: SignedRequest) -> Reply:
        """Check an order without placing it."""
        wanted = read_order(request.parameters, self._ids.draw)
        self._checks.check(request.caller.account, wanted)
        if not request.parameters.flag("computeCommissionRates"):
            return {}
        return self._checks.commission_rates(request.caller.account)

    def cancel(self, request: SignedRequest) -> Reply:
        """Cancel an order."""
        parameters = request.parameters
        order = self._find_for_cancel(request.caller.account, parameters)
        restriction = parameters.optional("cancelRestrictions")
        if restriction not in {None, "ONLY_NEW", "ONLY_PARTIALLY_FILLED"}:
            raise VenueError(-1145, "Invalid cancelRestrictions.")
        if restriction is not None and restriction != f"ONLY_{order.status}":
            text = "Order was not canceled due to cancel restrictions."
            raise VenueError(-2011, text)
        cancel_id = parameters.client_id("newClientOrderId") or self._ids.draw()
        self._order_engine.cancel(order, cancel_id)
        return order_replies.canceled(order, cancel_id)

    def cancel_all(self, request: SignedRequest) -> list[Reply]:
        """Cancel every open order of a symbol."""
        symbol = self._symbol(request.parameters)
        orders = self._ledger.open_orders(request.caller.account, symbol)
        if not orders:
            raise VenueError(-2011, "Unknown order sent.")
        replies = []
        for order in orders:
            cancel_id = self._ids.draw()
            self._order_engine.cancel(order, cancel_id)
            replies.append(order_replies.canceled(order, cancel_id))
        return replies

    def replace(self, request: SignedRequest) -> Reply:
        """Cancel an order and place another."""
        mode = request.parameters.text("cancelReplaceMode")
        if mode not in {"STOP_ON_FAILURE", "ALLOW_FAILURE"}:
            raise VenueError(-1130, "Invalid cancelReplaceMode.")
        canceled = self._try_cancel(request)
        placed: Reply | VenueError | None = None
        if mode == "ALLOW_FAILURE" or not isinstance(canceled, VenueError):
            placed = self._try_place(request)
        results = (_result(canceled), _result(placed))
        data = {
            "cancelResult": results[0],
            "newOrderResult": results[1],
            "cancelResponse": _response(canceled),
            "newOrderResponse": _response(placed),
        }
        if results == ("SUCCESS", "SUCCESS"):
            return data
        half = "SUCCESS" in results
        text = f"Order cancel-replace {'partially ' if half else ''}failed."
        refusal = VenueError(-2021 if half else -2022, text, 409 if half else 400)
        refusal.data = data
        raise refusal

    def _try_cancel(self, request: SignedRequest) -> Reply | VenueError:
        parameters = request.parameters
        try:
            order = self._find_for_cancel(
                request.caller.account,
                parameters,
                names=("cancelOrderId", "cancelOrigClientOrderId"),
            )
            cancel_id = parameters.client_id("cancelNewClientOrderId")
            cancel_id = cancel_id or self._ids.draw()
            self._order_engine.cancel(order, cancel_id)
        except VenueError as refusal:
            return refusal
        return order_replies.canceled(order, cancel_id)

    def _try_place(self, request: SignedRequest) -> Reply | VenueError:
        try:
            return self.place(request)
        except VenueError as refusal:
            return refusal

    def amend(self, request: SignedRequest) -> Reply:
        """Make an order smaller; it keeps its place."""
        parameters = request.parameters
        order = self.find(request.caller.account, parameters)
        quantity = parameters.amount("newQty")
        if not order.is_open:
            raise VenueError(-2038, "Unknown order sent.")
        self._checks.check_amendment(order, quantity)
        client_id = parameters.client_id("newClientOrderId") or self._ids.draw()
        execution_id = self._order_engine.amend(order, quantity, client_id)
        return order_replies.amended(order, execution_id)

    def amendments(self, request: SignedRequest) -> list[Reply]:
        """Show how an order was made smaller."""
        parameters = request.parameters
        limit = parameters.limit(AMENDMENTS_DEFAULT, AMENDMENTS_MAX)
        first_id = parameters.integer("fromExecutionId") or 0
        parameters.text("orderId")
        order = self.find(request.caller.account, parameters)
        made = [one for one in order.amendments if one.execution_id >= first_id]
        return [order_replies.amendment(order, one) for one in made[:limit]]

    def query(self, request: SignedRequest) -> Reply:
        """Show one order."""
        order = self.find(request.caller.account, request.parameters)
        if order.hidden_until_ms > self._clock():
            raise no_such_order()
        return order_replies.queried(order)

    def open_orders(self, request: SignedRequest) -> list[Reply]:
        """Show the open orders, of a symbol or of all."""
        symbol = None
        if "symbol" in request.parameters:
            symbol = self._symbol(request.parameters)
        return [
            order_replies.queried(order)
            for order in self._ledger.open_orders(request.caller.account, symbol)
            if order.hidden_until_ms <= self._clock()
        ]

    def _symbol(self, parameters: CallParameters) -> str:
        symbol = parameters.symbol()
        self._checks.rules.of(symbol)
        return symbol

    def find(
        self,
        account: TraderAccount,
        parameters: CallParameters,
        names: tuple[str, str] = ("orderId", "origClientOrderId"),
    ) -> ExchangeOrder:
        """Return the order that a call is about.

        Raises:
            VenueError: -1102 without any id, -2013 when there is none, -2039 when the
                two ids are not of one order.
        """
        symbol = self._symbol(parameters)
        order_id, client_id = (
            parameters.integer(names[0]),
            parameters.optional(names[1]),
        )
        if order_id is None and client_id is None:
            text = f"Param '{names[1]}' or '{names[0]}' must be sent, but both were"
            raise VenueError(-1102, text + " empty/null!")
        if order_id is None:
            assert client_id is not None
            order = self._ledger.by_client_id(account, symbol, client_id)
        else:
            order = self._ledger.by_id(account, symbol, order_id)
        if order is None:
            raise no_such_order()
        if client_id is not None and order.client_id != client_id:
            text = "Client order ID is not correct for this order ID."
            raise VenueError(-2039, text)
        return order

    def _find_for_cancel(
        self,
        account: TraderAccount,
        parameters: CallParameters,
        names: tuple[str, str] = ("orderId", "origClientOrderId"),
    ) -> ExchangeOrder:
        try:
            order = self.find(account, parameters, names)
        except VenueError as refusal:
            if refusal.code == no_such_order().code:
                raise VenueError(-2011, "Unknown order sent.") from None
            raise
        if not order.is_open:
            raise VenueError(-2011, "Unknown order sent.")
        return order


def no_such_order() -> VenueError:
    """Return the refusal of a query for an order that is not there (yet)."""
    return VenueError(-2013, "Order does not exist.")


def _result(outcome: Reply | VenueError | None) -> str:
    if outcome is None:
        return "NOT_ATTEMPTED"
    return "FAILURE" if isinstance(outcome, VenueError) else "SUCCESS"


def _response(outcome: Reply | VenueError | None) -> object:
    if isinstance(outcome, VenueError):
        return {"code": outcome.code, "msg": outcome.text}
    return outcome
