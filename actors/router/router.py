"""One symbol's book, its liquidity, and which order gets what of it."""

import logging
from collections.abc import Sequence
from typing import assert_never

from actors import names
from actors.messages.client_requests import RouterQuestion
from actors.messages.gateway import GetTradingState, RulesChanged, TradingState
from actors.messages.routing import (
    BookSuspect,
    ChildNeverSent,
    Enlist,
    GiveBack,
    MatchOn,
    Offer,
    RouterStarted,
    Withdraw,
    Withdrawn,
)
from actors.messages.timers import BookAgeCheckDue
from actors.router.answers import Question, answer
from actors.router.book_age import LOOK_SECONDS, BookAge
from actors.router.clients import Client, Clients
from actors.router.credit_granter import CreditGranter
from actors.router.current_touch import CurrentTouch
from actors.router.snapshot import RouterSnapshot
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import ActorContext
from domain.market.order_book import LocalOrderBook
from domain.market.synchronisation import BookLoaded, BookLost
from domain.market.updates import Burst, DepthUpdate, TopOfBook
from domain.matching.matcher import Allocation, Matcher, WaitingOrder
from domain.matching.sizing import Sizing
from domain.ports.market_feed import MarketFeed
from domain.reasons import BookState
from domain.values import OrderId, Symbol, TimeInForce
from domain.venue.answers import PauseReason, TradingPause


logger = logging.getLogger(__name__)

RouterMessage = (
    DepthUpdate
    | Burst
    | BookLoaded
    | BookLost
    | Enlist
    | Withdraw
    | GiveBack
    | ChildNeverSent
    | MatchOn
    | BookAgeCheckDue
    | TradingState
    | RulesChanged
    | Question
)
"""What a router understands."""


MATCHES_MAX = 256
"""Orders served in one go. More are served after other actors had the thread, which may
be the one that reads the frames of all symbols."""

_PATIENT = (TimeInForce.GTC, TimeInForce.GTD)


class Router(RuntimeActor):
    """Owns one symbol's book and decides which order gets which slice of it.

    Owns: the book, the index of waiting orders, the executors' addresses.
    Receives: DepthUpdate, Burst, BookLoaded, BookLost from the listener; Enlist,
        Withdraw, GiveBack, ChildNeverSent from executors; TradingState from the
        gateway; RulesChanged; BookAgeCheckDue; questions from the desk and manager.
    Sends: Offer, Withdrawn to executors; Credit, BookSuspect to the listener;
        GetTradingState to the gateway; MatchOn to itself.
    Asks: nobody.
    Ends: when its supervisor stops it.
    """

    def __init__(
        self,
        *,
        context: ActorContext,
        symbol: Symbol,
        feed: MarketFeed,
        sizing: Sizing | None = None,
        matches_max: int | None = MATCHES_MAX,
        touch: CurrentTouch | None = None,
    ) -> None:
        super().__init__(context=context)
        clock = context.runtime.clock
        self._matches_max = matches_max
        self._is_matching = False
        self._symbol = symbol
        self._book = LocalOrderBook(symbol)
        self._matcher = Matcher(self._book, sizing)
        self._clients = Clients(self._book)
        self._state = BookState.CONNECTING
        self._detail = "no update yet"
        self._crediting = CreditGranter(context, symbol)
        self._pause: TradingPause | None = None
        self._word = BookAge(clock, symbol, feed)
        self._touch = touch or CurrentTouch(clock, symbol, feed)
        self._stalls = 0

    def snapshot(self) -> RouterSnapshot:
        """Return the router's state; read-only, for inspection."""
        return RouterSnapshot(
            symbol=self._symbol,
            state=self._state,
            pause=self._pause,
            is_venue_awaited=self._word.is_awaited,
            lag_ns=self._word.lag_ns(),
            best=self._touch.best,
            touch=self._touch.read(),
            book=self._book,
            epoch=self._clients.epoch,
            matcher=self._matcher,
            remembered=self._clients.order_ids(),
            away=self._clients.away(),
        )

    def on_start(self) -> None:
        """Ask whether child orders may leave; there is no book yet."""
        self._touch.lose()
        message = GetTradingState(symbol=self._symbol, reply_to=self.address)
        self.context.tell(names.GATEWAY, message)

    def on_end(self) -> None:
        """Leave no touch behind that nobody keeps current."""
        self._touch.lose()

    def on_receive(self, message: RouterMessage) -> None:  # noqa: C901, PLR0912 - a list of cases
        """Handle one message."""
        match message:
            case DepthUpdate():
                self._follow((message,))
            case Burst():
                self._follow(message.events)
            case BookLoaded():
                self._load(message)
            case BookLost():
                self._lose(message)
            case Enlist():
                self._enlist(message)
            case Withdraw():
                self._withdraw(message)
            case GiveBack():
                self._take_back(message)
            case ChildNeverSent():
                self._child_never_sent(message)
            case MatchOn():
                self._match_on(message)
            case BookAgeCheckDue():
                self._check_book_age()
            case TradingState() | RulesChanged():
                self._venue_changed(message)
            case RouterQuestion():
                shown = self._shown(self._word.as_of_ns())
                message.reply_to.tell(answer(message, self.snapshot(), *shown))
            case _:
                assert_never(message)

    def _follow(self, events: Sequence[DepthUpdate | TopOfBook]) -> None:
        for update in events:
            assert isinstance(update, DepthUpdate), "the listener translates touches"
            self._update(update)
        if self._state is BookState.SYNCED:
            self._touch.note(self._book)
        self._crediting.updates_done(len(events))

    def _update(self, update: DepthUpdate) -> None:
        if self._state is BookState.SYNCED:
            self._book.apply(update)
            if self._book.is_crossed():
                self._crossed()
            elif self._pause is None and (
                self._word.is_awaited or self._matcher.is_triggered_by(update)
            ):
                self._match(update.received_ns, update.stated_ns or update.received_ns)

    def _load(self, loaded: BookLoaded) -> None:
        self._book.load(loaded.snapshot, touch_only=loaded.touch_only)
        for update in loaded.updates:
            self._book.apply(update)
        self._clients.new_book()
        self._state, self._detail = BookState.SYNCED, ""
        self._stalls = loaded.stalls
        self._touch.note(self._book)
        logger.info(
            "Book in step symbol=%s update_id=%s", self._symbol, self._book.update_id
        )
        if self._book.is_crossed():
            self._crossed()
        elif loaded.updates:
            last = loaded.updates[-1]
            self._match(last.received_ns, last.stated_ns or last.received_ns)
        else:
            self._match()
        self._crediting.updates_done(1)

    def _lose(self, lost: BookLost) -> None:
        if self._state is not lost.state:
            was_usable = self._state is BookState.SYNCED
            logger.log(
                logging.WARNING if was_usable else logging.INFO,
                "Book unusable symbol=%s state=%s detail=%s",
                self._symbol,
                lost.state,
                lost.detail,
            )
        self._drop_book(lost.state, lost.detail)

    def _enlist(self, message: Enlist) -> None:
        waiting = message.waiting
        self._notice_stall()
        is_any_back = self._renounced(waiting.order_id, message.children)
        self._clients.enlist(message)
        # Asked once: a moment later the book may be too old, and the answer another.
        may_offer = self._pause is None and self._may_offer()
        if self._waits(message, may_offer=may_offer):
            self._matcher.wait(waiting)
        elif not may_offer:
            self._turn_away(waiting)
        elif is_any_back or self._is_matching or self._word.is_awaited:
            self._offer(self._matcher.enlist_among(waiting))
        elif (allocation := self._matcher.enlist(waiting)) is not None:
            self._offer([allocation])

    def _waits(self, message: Enlist, *, may_offer: bool) -> bool:
        if message.waiting.time_in_force in _PATIENT:
            # While others are being served, one of them may come first.
            return self._is_matching or not may_offer
        return message.may_wait and not may_offer and self._passes_by_itself

    @property
    def _passes_by_itself(self) -> bool:
        """Whether what keeps us from offering passes by itself; a halt does not."""
        return self._pause is None or self._pause.reason is PauseReason.TAKING_OVER

    def _turn_away(self, waiting: WaitingOrder) -> None:
        self._matcher.withdraw(waiting.order_id)
        self._offer([Allocation(order_id=waiting.order_id, slices=())])

    def _withdraw(self, message: Withdraw) -> None:
        is_any_back = self._renounced(message.order_id, message.children)
        self._matcher.withdraw(message.order_id)
        self._clients.remove(message.order_id)
        withdrawn = Withdrawn(order_id=message.order_id, ticket=message.ticket)
        message.reply_to.tell(withdrawn)
        if is_any_back:
            self._match()

    def _take_back(self, message: GiveBack) -> None:
        client = self._clients.of_ticket(message.order_id, message.ticket)
        if self._give_back(client):
            self._match()

    def _child_never_sent(self, message: ChildNeverSent) -> None:
        if self._renounced(message.order_id, message.children):
            self._match()

    def _renounced(self, order_id: OrderId, children: int) -> bool:
        return self._give_back(self._clients.of_children(order_id, children))

    def _give_back(self, client: Client | None) -> bool:
        """Make a client's slices available again; return False if there are none."""
        return client is not None and self._clients.give_back(client)

    def _venue_changed(self, message: TradingState | RulesChanged) -> None:
        if isinstance(message, TradingState):
            self._pause = message.pause
            if message.pause is not None and not self._passes_by_itself:
                for waiting in self._matcher.for_now():
                    self._turn_away(waiting)
        elif (sizing := self._matcher.sizing) is not None:
            self._matcher.sizing = sizing.under(message.rules)
            # Orders that the rules no longer allow end; the others enlist again.
            for executor in self._clients.executors():
                executor.tell(RouterStarted(symbol=self._symbol))
        self._match()

    def _match(self, received_ns: int = 0, as_of_ns: int = 0) -> None:
        """Offer what is available, to a limited number of orders in one go.

        Args:
            received_ns: when the frame that caused it came in; 0 when none did.
            as_of_ns: the time of the book; 0: when the venue last spoke.
        """
        if self._pause is not None:
            return
        self._notice_stall()
        as_of_ns = as_of_ns or self._word.as_of_ns()
        if not self._may_offer(as_of_ns):
            return
        allocations = self._matcher.match(self._matches_max)
        self._offer(allocations, received_ns, as_of_ns)
        if len(allocations) == self._matches_max and not self._is_matching:
            self._match_soon(received_ns, as_of_ns)
            self.yield_thread()
        elif not self._is_matching:
            # IOC and FOK orders have had their turn: they do not wait for an update.
            rest = [self._matcher.enlist(order) for order in self._matcher.for_now()]
            if rest:
                self._offer([one for one in rest if one], received_ns, as_of_ns)

    def _match_soon(self, received_ns: int, as_of_ns: int) -> None:
        self._is_matching = True
        self.address.tell(MatchOn(received_ns=received_ns, as_of_ns=as_of_ns))

    def _match_on(self, message: MatchOn) -> None:
        self._is_matching = False
        self._match(message.received_ns, message.as_of_ns)

    def _check_book_age(self) -> None:
        self._word.end_waiting()
        self._match()

    def _may_offer(self, as_of_ns: int = 0) -> bool:
        """Whether the book is in step, and recent enough.

        If it is too old because the venue is silent, plans another check soon.
        """
        if self._state is not BookState.SYNCED:
            return False
        if self._word.is_old(as_of_ns or self._word.as_of_ns()):
            if self._word.begin_waiting():
                timers = self.context.runtime.timers
                timers.schedule(LOOK_SECONDS, self.address, BookAgeCheckDue())
            return False
        return True

    def _offer(
        self,
        allocations: list[Allocation],
        received_ns: int = 0,
        as_of_ns: int = 0,
    ) -> None:
        if not allocations:
            return
        as_of_ns = as_of_ns or self._word.as_of_ns()
        state, _ = self._shown(as_of_ns)
        touch = None
        if state is BookState.SYNCED:
            touch = self._touch.at(self._book.best_levels(), as_of_ns)
        is_any_gone = False
        for allocation in allocations:
            order_id, slices = allocation.order_id, allocation.slices
            client = self._clients.give(order_id, slices)
            offer = Offer(
                order_id=order_id,
                ticket=client.ticket,
                slices=slices,
                book_state=state,
                is_paused=self._pause is not None,
                touch=touch,
                received_ns=received_ns,
                as_of_ns=as_of_ns,
                router=self.address,
            )
            if not client.executor.tell(offer):
                # Its executor has ended, and used nothing; a successor enlists again.
                self._clients.remove(order_id)
                is_any_gone = self._give_back(client) or is_any_gone
        if is_any_gone and not self._is_matching:  # not at once: many may be gone
            self._match_soon(received_ns, as_of_ns)

    def _crossed(self) -> None:
        bid, ask = self._book.bids.best_price(), self._book.asks.best_price()
        detail = f"best bid {bid} is not below best ask {ask}"
        logger.warning("Book crossed symbol=%s detail=%s", self._symbol, detail)
        self._suspect(BookState.CROSSED, detail)

    def _notice_stall(self) -> None:
        """Drop a book from before a stall, even if the listener has not noticed yet."""
        is_old = self._stalls != self.context.runtime.stalls.look()
        if is_old and self._state is BookState.SYNCED:
            logger.warning("Book from before a stall dropped symbol=%s", self._symbol)
            self._suspect(BookState.STALE, "the process stood still")

    def _suspect(self, state: BookState, detail: str) -> None:
        self._drop_book(state, detail)
        suspect = BookSuspect(state=state, detail=detail)
        self.context.tell(names.listener(self._symbol), suspect)

    def _drop_book(self, state: BookState, detail: str) -> None:
        self._book.clear()
        self._touch.lose()
        self._clients.new_book()
        self._state, self._detail = state, detail

    def _shown(self, as_of_ns: int) -> tuple[BookState, str]:
        """Return the state of the book as shown to others, and the reason."""
        if self._state is BookState.SYNCED and self._word.is_old(as_of_ns):
            return BookState.STALE, "the venue is silent"
        return self._state, self._detail
