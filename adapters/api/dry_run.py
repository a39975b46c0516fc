"""What would become of an order, as the answer to a dry run has it."""

from itertools import groupby
from typing import Final, Self

from msgspec import Struct

from adapters.api.amounts import Amount
from adapters.api.markets import LevelAnswer
from adapters.api.orders import OrderReason
from domain.orders.child_order import Slice
from domain.orders.dry_run import DryRun
from domain.orders.order import OrderStatus
from domain.reasons import BookState, RefusalCode
from domain.refusals import Refusal
from domain.values import ZERO
from domain.venue.answers import PauseReason


LEVELS_SHOWN_MAX: Final = 50
"""Levels that a dry run lists; it counts all of them."""


class RefusalAnswer(Struct, frozen=True, kw_only=True):
    """One reason for a refusal."""

    code: RefusalCode
    detail: str
    """The same in a sentence, with the limit and the value."""

    field: str | None
    """The field to blame, if it is one."""

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """Show a refusal."""
        return cls(code=refusal.code, detail=refusal.detail, field=refusal.field)


class DryRunAnswer(Struct, frozen=True, kw_only=True):
    """What would become of an order if it were placed now. Nothing of it is kept."""

    accepted: bool
    """Whether it would be taken in. If not, nothing but the refusals is known."""

    refusals: list[RefusalAnswer]
    """Every reason for which it would not be taken in."""

    status: OrderStatus | None
    """Its status once it has taken what is there; null if it would be refused."""

    reason: OrderReason | None
    """Why it would have ended by then, or do less than it could."""

    taken: Amount
    """What it would take now, in base, if the venue has what its book says."""

    average_price: Amount | None
    """Of what it would take, in the quote asset, to 12 decimals; null: nothing."""

    worst_price: Amount | None
    """Of the last level that it would take from; null: nothing would be taken."""

    levels: list[LevelAnswer]
    """What it would take, best price first; the first 50 levels."""

    level_count: int
    """How many levels there are."""

    may_take_more: bool
    """Whether it would send more than the ten child orders that a dry run works out."""

    waiting: Amount
    """What would then wait for better prices, in the base asset."""

    child_refusal: RefusalAnswer | None
    """The limit for which its next child order would not be sent, if there is one."""

    book_state: BookState | None
    """Nothing is taken of a book that is not `SYNCED`; null if it would be refused."""

    update_id: int | None
    """Of the last update of the book; null if there is no book, or it was not asked."""

    best_price: Amount | None
    """The best price that it could take, whether its limit reaches that or not."""

    pause: PauseReason | None
    """Why no child order may leave now, so that nothing would be taken."""

    @classmethod
    def of(cls, run: DryRun) -> Self:
        """Show a dry run."""
        refusal, slices = run.child_refusal, run.slices
        levels = _levels(slices)
        return cls(
            accepted=run.is_accepted,
            refusals=[RefusalAnswer.of(one) for one in run.refusals],
            status=run.status,
            reason=run.reason,
            taken=Amount(run.taken),
            average_price=Amount.or_none(run.average_price),
            worst_price=Amount(slices[-1].price) if slices else None,
            levels=levels[:LEVELS_SHOWN_MAX],
            level_count=len(levels),
            may_take_more=run.may_take_more,
            waiting=Amount(run.waiting),
            child_refusal=None if refusal is None else RefusalAnswer.of(refusal),
            book_state=run.book_state,
            update_id=run.update_id,
            best_price=Amount.or_none(run.best_price),
            pause=None if run.pause is None else run.pause.reason,
        )


def _levels(slices: tuple[Slice, ...]) -> list[LevelAnswer]:
    """Join what several child orders would take of one level."""
    return [
        LevelAnswer(Amount(price), Amount(sum((one.quantity for one in parts), ZERO)))
        for price, parts in groupby(slices, key=lambda one: one.price)
    ]
