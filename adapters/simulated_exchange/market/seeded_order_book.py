"""The seeded market's book of one symbol as a trading side sees it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from adapters.simulated_exchange.market.engine import SeededMarket
from adapters.simulated_exchange.market.level_queue import Resting, Spare
from adapters.simulated_exchange.market.order_book import Execution, Filled, Taken


ANY_PRICE = 1 << 62


class SeededOrderBook:
    """Turns amounts into ticks and lots and back. An `order_book.OrderBook`."""

    def __init__(
        self, market: SeededMarket, symbol: str, publish: Callable[[], None]
    ) -> None:
        """Trade in a symbol of the market; `publish` lets everybody know."""
        self._all, self._symbol, self.tell = market, symbol, publish
        self._market = market.symbols[symbol]
        self._tick = self._market.instrument.tick
        self._step = self._market.instrument.step
        self.on_fill: Filled = lambda _execution, _is_buy: None
        self._market.tape.on_fill = self._filled

    def best(self, *, is_buy: bool) -> int:
        """Return the price that a taker meets first; 0 when there is none."""
        touch = self._market.book.touch()
        return (touch[2] if is_buy else touch[0]) * self._tick

    def levels(self, *, is_buy: bool) -> Iterator[tuple[int, int]]:
        """Yield the (price, quantity) that a taker meets, best first."""
        book = self._market.book
        side = book.asks if is_buy else book.bids
        for price in side.prices if is_buy else reversed(side.prices):
            yield price * self._tick, side.quantities[price] * self._step

    def take(
        self, limit: int | None, quantity: int, *, is_buy: bool, spare: Spare
    ) -> Taken:
        """Take up to a quantity, at the limit or better, or at any price."""
        any_price = ANY_PRICE if is_buy else 0
        ticks = any_price if limit is None else limit // self._tick
        taken = self._market.execute(
            ticks, quantity // self._step, self._all.now_ms, is_buy=is_buy, spare=spare
        )
        return Taken(
            executions=tuple(self._scaled(one) for one in taken.executions),
            blocked=taken.blocked,
        )

    def rest(self, order: Resting) -> Resting:
        """Put an order behind those of its price; return the handle to remove it."""
        handle = replace(
            order,
            price=order.price // self._tick,
            quantity=order.quantity // self._step,
        )
        self._market.book.side_of(handle).join(handle)
        return handle

    def leave(self, handle: Resting) -> None:
        """Remove a resting order."""
        self._market.book.side_of(handle).leave(handle)

    def shrink(self, handle: Resting, quantity: int) -> None:
        """Make a resting order smaller without moving it."""
        lots = quantity // self._step
        self._market.book.side_of(handle).shrink(handle, lots)

    def next_trade_id(self) -> int:
        """Draw the id of a trade that happens outside the book."""
        return self._market.tape.next_trade_id()

    def halt(self, *, halted: bool) -> None:
        """Stop the market's own trading, or let it go on."""
        (self._all.halted.add if halted else self._all.halted.discard)(self._symbol)

    def _filled(self, execution: Execution, is_buy: bool) -> None:  # noqa: FBT001 - see Filled
        self.on_fill(self._scaled(execution), is_buy)

    def _scaled(self, one: Execution) -> Execution:
        return replace(
            one, price=one.price * self._tick, quantity=one.quantity * self._step
        )
