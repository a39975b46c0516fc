"""The service on a recorded market, played by a server with Binance's protocol."""

from pathlib import Path

import pytest

from domain.values import OrderId
from tests.adapters.persistence.audit import fills_of
from tests.replay.recorded import Session, session
from tests.system.fault_cases import BY_NAME
from tests.system.on_disk import opened
from tests.system.processes import Service, Simulator
from tests.system.recorded_faults import trade_through
from tests.system.recorded_market import TouchWitness, head_of
from tests.system.waiting import eventually


SPEED = ("--speed", "10")
FRAMES = 6_000
BOOKS = 50
"""That are compared; ten appear in a second of the market's."""

SESSIONS = [("btcusdt-20240808", "BTCUSDT"), ("ethusdt-20240808", "ETHUSDT")]


def await_comparisons(
    service: Service, recorded: Session, witness: TouchWitness, count: int
) -> None:
    wanted = len(witness.compared) + count

    def compare() -> bool:
        witness.check(service.client.book(recorded.symbol))
        return len(witness.compared) >= wanted

    eventually(compare, within_seconds=30, what=f"{count} more books", every=0.005)


@pytest.mark.parametrize(("name", "symbol"), SESSIONS)
def test_touch_equals_book_ticker_and_no_gap_is_missed(
    name: str, symbol: str, tmp_path: Path
) -> None:
    recorded = session(name, symbol)
    recording = head_of(recorded, FRAMES, tmp_path)
    witness = TouchWitness(recorded)
    with (
        Simulator("--recording", str(recording), *SPEED) as market,
        Service(
            tmp_path / "orders.db", *market.as_market, "--symbols", symbol
        ) as service,
    ):
        await_comparisons(service, recorded, witness, BOOKS)

        assert "state=GAP" not in service.err.text
        assert service.client.metric("feed_snapshots") == 1
        assert service.client.metric("feed_connections_lost") == 0


def test_faults_let_nobody_fill_what_the_venue_did_not_have(tmp_path: Path) -> None:
    cases = [BY_NAME[name] for name in ("duplicate", "no JSON", "gap", "cut")]

    trading = trade_through(
        session("btcusdt-20240808", "BTCUSDT"), cases, folder=tmp_path
    )

    assert trading.survived == [case.name for case in cases]
    with opened(trading.service.database) as queries:
        sold = [fills_of(queries, OrderId(one)) for _, one in trading.orders]
    assert sum(map(len, sold)) > 50
