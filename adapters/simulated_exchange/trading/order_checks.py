"""What an order must obey before the engine sees it."""

from adapters.simulated_exchange.clock import WallClock
from adapters.simulated_exchange.market.amounts import to_scaled, to_text
from adapters.simulated_exchange.market.source import MarketSource
from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading.accounts import TraderAccount
from adapters.simulated_exchange.trading.filters import FilterInputs
from adapters.simulated_exchange.trading.order_ledger import OrderLedger
from adapters.simulated_exchange.trading.orders import ExchangeOrder, OrderRequest
from adapters.simulated_exchange.trading.symbol_rules import RuleBook


AVERAGE_KEPT_MS = 1000
ZERO = to_text(0)


class OrderChecks:
    """Checks orders against the rules of their symbols."""

    def __init__(
        self,
        rules: RuleBook,
        ledger: OrderLedger,
        source: MarketSource,
        clock: WallClock,
    ) -> None:
        """Check by these."""
        self.rules = rules
        self._ledger = ledger
        self._source = source
        self._clock = clock
        self._averages: dict[str, tuple[int, int]] = {}

    def check(self, account: TraderAccount, request: OrderRequest) -> None:
        """Let an order pass.

        Raises:
            VenueError: It breaks a rule of its symbol.
        """
        rules = self.rules.of(request.symbol)
        if rules.status != "TRADING":
            raise VenueError(-2010, "Market is closed.")
        held = account.of(rules.base)
        mine = self._ledger.open_orders(account, request.symbol)
        inputs = FilterInputs(
            reference=self._average(request.symbol),
            open_orders=len(mine),
            position=held.free
            + held.locked
            + sum(order.left for order in mine if order.is_buy),
        )
        rules.check(request, inputs)

    def _average(self, symbol: str) -> int:
        now_ms = self._clock()
        counted_ms, average = self._averages.get(symbol, (0, 0))
        if not 0 <= now_ms - counted_ms < AVERAGE_KEPT_MS:
            average = to_scaled(self._source.average_price(symbol).price)
            self._averages[symbol] = (now_ms, average)
        return average

    def check_amendment(self, order: ExchangeOrder, quantity: int) -> None:
        """Let a smaller quantity pass.

        Raises:
            VenueError: -1013 for a filter, -2038 for one amendment too many.
        """
        filters = self.rules.of(order.symbol).filters
        step = filters.figure("LOT_SIZE", "stepSize")
        least = filters.figure("LOT_SIZE", "minQty")
        if (step and quantity % step) or quantity < least:
            raise VenueError(-1013, "Filter failure: LOT_SIZE")
        most = filters.figure("MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends", 10)
        if len(order.amendments) >= most:
            raise VenueError(-2038, "Filter failure: MAX_NUM_ORDER_AMENDS")

    def commission_rates(self, account: TraderAccount) -> dict[str, object]:
        """Return what an order would cost, as order/test shows it."""
        rate = to_text(account.commission)
        none = {"maker": ZERO, "taker": ZERO}
        return {
            "standardCommissionForOrder": {"maker": rate, "taker": rate},
            "specialCommissionForOrder": none,
            "taxCommissionForOrder": none,
            "discount": {
                "enabledForAccount": False,
                "enabledForSymbol": False,
                "discountAsset": "BNB",
                "discount": ZERO,
            },
        }
