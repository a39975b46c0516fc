import pytest

from domain.readiness import Readiness, ServiceState, SymbolStatus
from domain.reasons import BookState
from domain.values import Symbol


def readiness(*states: BookState, intake_problem: str | None = None) -> Readiness:
    symbols = tuple(
        SymbolStatus(symbol=Symbol(f"S{number}"), book_state=state)
        for number, state in enumerate(states)
    )
    return Readiness(
        market="simulated",
        venue="paper",
        intake_problem=intake_problem,
        symbols=symbols,
    )


@pytest.mark.parametrize("state", BookState)
def test_symbol_trades_only_on_a_book_in_step(state: BookState) -> None:
    status = SymbolStatus(symbol=Symbol("BTCUSDT"), book_state=state)

    assert status.can_trade is (state is BookState.SYNCED)


def test_service_is_ok_when_every_symbol_trades() -> None:
    ready = readiness(BookState.SYNCED, BookState.SYNCED)

    assert ready.state is ServiceState.OK


def test_service_is_degraded_when_some_symbol_does_not_trade() -> None:
    ready = readiness(BookState.SYNCED, BookState.DEGRADED)

    assert ready.state is ServiceState.DEGRADED


@pytest.mark.parametrize("states", [(BookState.GAP, BookState.STALE), ()])
def test_service_is_unavailable_when_no_symbol_trades(
    states: tuple[BookState, ...],
) -> None:
    assert readiness(*states).state is ServiceState.UNAVAILABLE


def test_service_is_unavailable_when_orders_cannot_be_taken_in() -> None:
    ready = readiness(BookState.SYNCED, intake_problem="disk is full")

    assert ready.state is ServiceState.UNAVAILABLE
