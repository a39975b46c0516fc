"""Records the touch of every symbol with open orders, and what is traded, by second."""

from collections import deque
from collections.abc import Mapping
from typing import Final, assert_never

from actors import names
from actors.messages.ledger import SavePrices
from actors.messages.timers import PricesDue
from actors.router.current_touch import CurrentTouch
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext
from actors.supervision.symbol_executors import OrderCount
from domain.market.price_path import LINGER_SECONDS, PricePoint, point_of
from domain.market.public_trades import (
    PublicTrade,
    PublicTrades,
    SecondSum,
    TradedSecond,
)
from domain.values import Symbol


PriceRecorderMessage = PricesDue | PublicTrades
"""What the recorder understands."""

HAND_OVER_SECONDS: Final = 5
"""How many seconds of points are written at once: each writing is a commit."""

_INTO_THE_SECOND: Final = 0.01
"""How long after the turn of a second its points are due: a timer may be early."""

_BEFORE: Final = 5
"""Seconds with trades that are kept until an order comes: they prove that nothing was
missed when it came, although it is noticed up to a second later."""

_DAY_SECONDS: Final = 86_400


class PriceRecorder(RuntimeActor):
    """Owns the price paths on their way to the disk.

    It asks nobody: the routers' touches, and how many orders are open, are where it can
    read them. What it has not handed over is lost with it: a path may have gaps. Public
    trades are summed up if they come; whether some were missed shows in their ids.

    Owns: points and sums that the ledger does not have yet; how long each path goes on.
    Receives: PricesDue, PublicTrades.
    Sends: SavePrices to the ledger.
    Asks: nobody.
    Ends: when its supervisor stops it, after handing over what it has.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        touches: Mapping[Symbol, CurrentTouch],
        open_orders: Mapping[Symbol, OrderCount],
        keep_days: int,
    ) -> None:
        """Record nothing yet.

        Args:
            context: of the recorder.
            touches: of the symbols that are traded.
            open_orders: of the same symbols.
            keep_days: how long points are kept; 0: for ever.
        """
        super().__init__(context=context)
        self._touches, self._open_orders = touches, open_orders
        self._keep_seconds = keep_days * _DAY_SECONDS
        self._goes_on_until: dict[Symbol, int] = {}
        self._rises = {symbol: count.rises for symbol, count in open_orders.items()}
        self._points: list[PricePoint] = []
        self._sums: dict[Symbol, SecondSum] = {}
        self._before: dict[Symbol, deque[TradedSecond]] = {
            symbol: deque(maxlen=_BEFORE) for symbol in touches
        }
        self._traded: list[TradedSecond] = []
        self._last_second = 0

    def on_start(self) -> None:
        """Wait for the turn of the second."""
        self._plan()

    def on_end(self) -> None:
        """Hand over what there is."""
        self._hand_over()

    def on_receive(self, message: PriceRecorderMessage) -> None:
        """Handle one message."""
        match message:
            case PricesDue():
                self._prices_due()
            case PublicTrades():
                for trade in message.trades:
                    self._take(trade)
            case _:
                assert_never(message)

    def _prices_due(self) -> None:
        second = int(self.context.runtime.clock.now().timestamp())
        if second > self._last_second:  # else the clock was set back, or a timer early
            self._last_second = second
            self._record(second)
            if second % HAND_OVER_SECONDS == 0:
                self._hand_over()
        elif second < self._last_second - 1:
            self._last_second = second
        self._plan()

    def _record(self, second: int) -> None:
        for symbol, current in self._touches.items():
            count = self._open_orders[symbol]
            # Also for an order that came and ended since we looked.
            if count.now or count.rises != self._rises[symbol]:
                self._rises[symbol] = count.rises
                self._goes_on_until[symbol] = second + LINGER_SECONDS
            elif self._goes_on_until.get(symbol, 0) < second:
                continue
            if (touch := current.read()) is not None:
                self._points.append(point_of(symbol, second, touch))

    def _take(self, trade: PublicTrade) -> None:
        current = self._sums.get(trade.symbol)
        if current is not None and trade.second <= current.second:
            current.add(trade)  # also one that is late: its second is over
            return
        if current is not None:
            self._end_second(current.summed())
        self._sums[trade.symbol] = SecondSum(trade)

    def _end_second(self, traded: TradedSecond) -> None:
        """Keep a second for the disk while it matters to an order.

        The first one behind that time is kept, too: nothing was missed before it.
        """
        before = self._before[traded.symbol]
        before.append(traded)
        until = self._goes_on_until.get(traded.symbol)
        if until is None:
            return
        self._traded.extend(before)
        before.clear()
        if traded.second > until:
            del self._goes_on_until[traded.symbol]

    def _hand_over(self) -> None:
        if self._points or self._traded:
            keep_from = self._last_second - self._keep_seconds
            message = SavePrices(
                points=tuple(self._points),
                traded=tuple(self._traded),
                keep_from=keep_from if self._keep_seconds else 0,
            )
            self._points, self._traded = [], []
            self.context.tell(names.LEDGER, message)

    def _plan(self) -> None:
        into_second = self.context.runtime.clock.now().microsecond / 1e6
        self.context.runtime.timers.schedule(
            1 - into_second + _INTO_THE_SECOND, self.address, PricesDue()
        )
