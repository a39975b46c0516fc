"""Accounts for every slice of a level: stated, offered, sent, filled, given back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import Any

from actors.executor.executor import Executor
from actors.messages.gateway import ChildAnswered, SubmitChild
from actors.messages.routing import (
    ChildNeverSent,
    Enlist,
    GiveBack,
    Offer,
    Withdraw,
)
from actors.router.router import Router
from domain.matching.matcher import PASSED_MAX, WaitingOrder
from domain.orders.child_order import ChildStatus, Fill, Slice
from domain.orders.records import OrderChange, Record
from domain.reasons import BookState
from domain.values import ZERO, ChildId, OrderId, Side, Symbol
from tests.simulation.disk import Disk
from tests.simulation.stage import Observer
from tests.simulation.venue import SimVenue
from tests.simulation.violations import Violations


StatementKey = tuple[str, int, Side, Decimal, int]
"""(router, its book's count, side of the taker, price, update id)."""


class _State(Enum):
    OPEN = auto()
    SENT = auto()
    UNSENT = auto()
    """The gateway said that the child never arrived."""

    FREE = auto()
    """Never sent, and nobody is left who could send it."""


@dataclass
class _Offered:
    """Slices that a router told an executor are its own."""

    offer: Offer
    executor: Executor
    router: str
    epoch: int
    symbol: Symbol
    side: Side
    state: _State = _State.OPEN


class Liquidity:
    """Watches the messages that move liquidity."""

    def __init__(
        self,
        venues: dict[Symbol, SimVenue],
        disk: Disk,
        violations: Violations,
        *,
        is_paper: bool,
    ) -> None:
        self._venues = venues
        self._is_paper = is_paper
        self._disk = disk
        self._check = violations.check
        self._limits: dict[tuple[str, int], Enlist] = {}
        # By the identity of the tuple of slices: it travels unchanged.
        self._offered: dict[int, _Offered] = {}
        self._unsettled: list[_Offered] = []
        # Free, but the router cannot know before a successor speaks.
        self._abandoned: list[_Offered] = []
        self._outstanding: dict[StatementKey, Decimal] = {}
        self._of_child: dict[ChildId, _Offered] = {}
        self.sent_by_others: set[ChildId] = set()
        """By a predecessor that had not found out yet; its offers are not ours."""

        self._answers: dict[tuple[str, ChildId], ChildStatus] = {}
        self._filled: dict[StatementKey, Decimal] = {}
        self._booked: set[tuple[ChildId, int]] = set()
        self.fills = 0

    def observers(self) -> dict[type, Observer]:
        """Say who wants to see what."""
        return {
            Enlist: self._enlisted,
            Withdraw: self._withdrawn,
            ChildNeverSent: self._child_never_sent,
            Offer: self._offer,
            GiveBack: self._given_back,
            SubmitChild: self._submitted,
            ChildAnswered: self._answered,
        }

    def check_fills(self, changed: Sequence[Record]) -> None:
        """Check the fills of records that are on disk now: nothing sold twice."""
        for record in changed:
            fills = record.fills if isinstance(record, OrderChange) else ()
            for fill in fills:
                key = (fill.child_id, fill.number)
                if key not in self._booked:
                    self._booked.add(key)
                    self.fills += 1
                    self._fill(fill)

    def check_nothing_left(self, router: Router) -> None:
        """Check that all that waiting orders could take is somebody else's."""
        self._free_the_unusable()
        now = router.snapshot()
        matcher = now.matcher
        if matcher.sizing is None:
            for waiting in matcher.waiting.values():
                left = self._what_is_left(router, waiting)
                self._check(not left, "waits though it could be filled", waiting, left)
            return
        for side in Side:
            for waiting in matcher.first(side, PASSED_MAX + 1):
                left = matcher.sizing.size(
                    limit=waiting.price,
                    touch=now.book.taken_by(side).best_price() or waiting.price,
                    available=self._what_is_left(router, waiting),
                    released=waiting.released,
                    left=waiting.left,
                )
                self._check(not left, "waits though it could be filled", waiting, left)

    def _what_is_left(self, router: Router, waiting: WaitingOrder) -> Decimal:
        """Return how much of the book an order could take that nobody has."""
        abandoned: defaultdict[StatementKey, Decimal] = defaultdict(Decimal)
        for offered in self._abandoned:
            for part in offered.offer.slices:
                abandoned[_key(offered, part)] += part.quantity
        now = router.snapshot()
        venue = self._venues[now.symbol]
        side, limit = waiting.side, waiting.price
        levels = now.book.taken_by(side)
        left = ZERO
        for price, stated, update_id in levels.best_first():
            if not levels.is_good_enough(price, limit):
                break
            last = venue.last_statement(side, price, now.book.update_id)
            self._check(update_id >= last, "missed a statement", price, last)
            key = (router.actor_urn, now.epoch, side, price, update_id)
            own = stated - self._outstanding.get(key, ZERO) - abandoned.get(key, ZERO)
            self._check(own >= 0, "given away twice", key, own)
            left += own
        return left

    def _enlisted(self, sender: Any, _owner: Any, message: Enlist) -> None:
        assert isinstance(sender, Executor)
        self._successor_spoke(message.waiting.order_id)
        order = self._disk.order(message.waiting.order_id)
        self._check(order is not None, "enlisted without being on disk", message)
        if order is None:
            return
        self._check(
            order.waiting == message.waiting.left
            and order.price == message.waiting.price
            and not order.status.is_final
            and order.at_venue == 0,
            "enlisted as something else than on disk",
            message,
            order,
        )
        self._limits[sender.actor_urn, message.ticket] = message

    def _withdrawn(self, _sender: Any, _owner: Any, message: Withdraw) -> None:
        self._successor_spoke(message.order_id)

    def _child_never_sent(
        self, _sender: Any, _owner: Any, message: ChildNeverSent
    ) -> None:
        self._successor_spoke(message.order_id)

    def _successor_spoke(self, order_id: OrderId) -> None:
        """Expect the router to know what became of its earlier offers."""
        self._free_the_unusable()
        self._abandoned = [
            one for one in self._abandoned if one.offer.order_id != order_id
        ]

    def _offer(self, sender: Any, owner: Any, message: Offer) -> None:
        enlisted = self._limits.get((owner.actor_urn, message.ticket))
        self._check(enlisted is not None, "offer to nobody", message)
        if enlisted is None or not message.slices:
            return
        waiting = enlisted.waiting
        self._free_the_unusable()
        now = sender.snapshot()
        offered = _Offered(
            offer=message,
            executor=owner,
            router=sender.actor_urn,
            epoch=now.epoch,
            symbol=now.symbol,
            side=waiting.side,
        )
        self._offered[id(message.slices)] = offered
        self._unsettled.append(offered)
        self._check(
            message.book_state is BookState.SYNCED, "offer on a lost book", message
        )
        total = sum((part.quantity for part in message.slices), ZERO)
        self._check(total <= waiting.released, "offered more than waits", message)
        for part in message.slices:
            is_sell = waiting.side is Side.SELL
            limit, price = waiting.price, part.price
            self._check(
                price >= limit if is_sell else price <= limit, "bad price", message
            )
            self._count(self._outstanding, offered, part, "offered twice")

    def _count(
        self,
        amounts: dict[StatementKey, Decimal],
        offered: _Offered,
        part: Slice,
        text: str,
    ) -> None:
        venue = self._venues[offered.symbol]
        stated = venue.stated(offered.side, part.price, part.update_id)
        self._check(stated is not None, "the venue never stated", part, offered.offer)
        key = _key(offered, part)
        amounts[key] = amounts.get(key, ZERO) + part.quantity
        self._check(amounts[key] <= (stated or ZERO), text, part, amounts[key], stated)

    def _given_back(self, sender: Any, owner: Any, message: GiveBack) -> None:
        offered = self._offered.get(id(message.slices))
        self._check(offered is not None, "given back what nobody offered", message)
        if offered is None:
            return
        is_right = offered.executor is sender and offered.router == owner.actor_urn
        self._check(is_right, "given back by or to the wrong actor", message)
        self._check(offered.state is not _State.SENT, "given back though used", message)
        self._free(offered)

    def _free_the_unusable(self) -> None:
        """Let others have what can never be sent any more.

        Early, perhaps: the router may not know yet. Whoever sends it after all has
        used it twice.
        """
        kept = []
        for offered in self._unsettled:
            is_open = offered.state in (_State.OPEN, _State.UNSENT)
            if is_open and _is_out_of_reach(offered):
                self._free(offered)
                if not offered.executor.actor_ref.is_alive():
                    self._abandoned.append(offered)
            if offered.state is not _State.FREE:
                kept.append(offered)
        self._unsettled = kept

    def _free(self, offered: _Offered) -> None:
        if offered.state is not _State.FREE:
            offered.state = _State.FREE
            for part in offered.offer.slices:
                self._outstanding[_key(offered, part)] -= part.quantity

    def _submitted(self, sender: Any, _owner: Any, message: SubmitChild) -> None:
        child = message.child
        intent = self._disk.intents.get(child.child_id)
        self._check(intent == child, "child without its intent on disk", child)
        offered = self._offered.get(id(child.slices))
        self._check(offered is not None, "child of nobody's offer", child)
        if offered is None:
            return
        self._check(
            offered.state is _State.OPEN and offered.executor is sender,
            "an offer used twice",
            child,
        )
        offered.state = _State.SENT
        self._of_child[child.child_id] = offered

    def _answered(self, sender: Any, _owner: Any, message: ChildAnswered) -> None:
        result = message.result
        offered = self._of_child.get(result.child_id)
        answer = (sender.actor_urn, result.child_id)
        before = self._answers.setdefault(answer, result.status)
        self._check(before is result.status, "two answers on a child", result, before)
        if result.status is ChildStatus.NEVER_SENT:
            if offered is not None and offered.state is _State.SENT:
                offered.state = _State.UNSENT
        else:
            is_sent = offered is not None or result.child_id in self.sent_by_others
            self._check(is_sent, "filled but never sent", result)

    def _fill(self, fill: Fill) -> None:
        offered = self._of_child.get(fill.child_id)
        is_sent = offered is not None or fill.child_id in self.sent_by_others
        self._check(is_sent, "fill of a child that was never sent", fill)
        if offered is None:
            return
        self._check(offered.state is not _State.FREE, "filled though given back", fill)
        if not self._is_paper:
            return  # the venue's book is not the one that the slices are of
        assert fill.update_id is not None
        part = Slice(price=fill.price, quantity=fill.quantity, update_id=fill.update_id)
        self._count(self._filled, offered, part, "filled twice")


def _key(offered: _Offered, part: Slice) -> StatementKey:
    update_id = part.update_id
    return (offered.router, offered.epoch, offered.side, part.price, update_id)


def _is_out_of_reach(offered: _Offered) -> bool:
    """Whether its executor has ended, or accepts later offers only."""
    executor, offer = offered.executor, offered.offer
    if not executor.actor_ref.is_alive():
        return True
    now = executor.snapshot()
    return offer.ticket != now.ticket and now.offer is not offer
