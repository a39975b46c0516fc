"""What a router answers to whoever asks how its symbol stands."""

from typing import assert_never

from actors.messages.client_requests import GetBook, GetSymbolStatus
from actors.router.snapshot import RouterSnapshot
from domain.market.updates import BookView
from domain.readiness import SymbolStatus
from domain.reasons import BookState


Question = GetBook | GetSymbolStatus
"""What others ask a router on demand; it changes nothing."""


def answer(
    question: Question, router: RouterSnapshot, state: BookState, detail: str
) -> BookView | SymbolStatus:
    """Answer a question.

    Args:
        question: the message.
        router: its state now.
        state: of the book, as it is shown to others.
        detail: why the book is not in step, in words.
    """
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
            )
        case _:
            assert_never(question)
