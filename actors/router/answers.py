"""What a router answers to whoever asks how its symbol stands."""

from typing import assert_never

from actors.messages.client_requests import (
    DryRunOrder,
    GetBook,
    GetMarketNow,
    GetSymbolStatus,
    GetWaiting,
)
from actors.router.snapshot import RouterSnapshot
from domain.algorithms.choice import algorithm_of
from domain.market.order_book import LocalOrderBook, touch_of
from domain.market.updates import BookView
from domain.matching.matcher import Matcher, WaitingOrder
from domain.orders.dry_run import Conditions, DryRun, dry_run
from domain.orders.order import Order
from domain.orders.order_now import MarketNow
from domain.readiness import SymbolStatus
from domain.reasons import BookState
from domain.venue.answers import TradingPause


Question = GetBook | GetSymbolStatus | GetMarketNow | GetWaiting | DryRunOrder
"""What others ask a router on demand; it changes nothing."""


def answer(
    question: Question, router: RouterSnapshot, state: BookState, detail: str
) -> BookView | SymbolStatus | MarketNow | tuple[WaitingOrder, ...] | DryRun:
    """Answer a question.

    Args:
        question: the message.
        router: its state now.
        state: of the book, as it is shown to others.
        detail: why the book is not in step, in words.
    """
    is_in_step = router.state is BookState.SYNCED
    match question:
        case GetBook(limit=limit):
            return BookView(
                symbol=router.symbol,
                state=state,
                update_id=router.book.update_id,
                bids=router.book.bids.top(limit),
                asks=router.book.asks.top(limit),
                waiting_orders=len(router.matcher),
                detail=detail,
            )
        case GetSymbolStatus():
            return SymbolStatus(
                symbol=router.symbol,
                book_state=state,
                detail=detail,
                waiting_orders=len(router.matcher),
                pause=router.pause,
                lag_ns=router.lag_ns if is_in_step else None,
            )
        case GetMarketNow(order=order):
            return _market_now(order, router, state, detail)
        case GetWaiting():
            return tuple(router.waiting.values())
        case DryRunOrder():
            return _dry_run(question, router.matcher, router.book, state, router.pause)
        case _:
            assert_never(question)


def _market_now(
    order: Order, router: RouterSnapshot, state: BookState, detail: str
) -> MarketNow:
    available, levels = None, router.book.taken_by(order.side)
    if router.state is BookState.SYNCED:
        available = levels.available(order.price, order.waiting)
    return MarketNow(
        book_state=state,
        detail=detail,
        pause=router.pause,
        touch=router.touch,
        available=available,
        is_waiting=order.order_id in router.waiting,
    )


def dry_run_without_router(question: DryRunOrder) -> DryRun:
    """Answer in place of a router that is being started."""
    book = LocalOrderBook(question.order.symbol)
    return _dry_run(question, Matcher(book), book, BookState.RESTARTING, None)


def _dry_run(
    question: DryRunOrder,
    matcher: Matcher,
    book: LocalOrderBook,
    state: BookState,
    pause: TradingPause | None,
) -> DryRun:
    order = question.order
    conditions = Conditions(
        rules=question.rules,
        limits=question.limits,
        algorithm=algorithm_of(order),
        book_state=state,
        pause=pause,
        touch=touch_of(book.best_levels(), order.updated_at),
        now=order.updated_at,
    )
    return dry_run(order, matcher, conditions)
