"""Every fault switch, each on a symbol of its own of one service and market."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.system.fault_cases import (
    BY_NAME,
    GAP,
    HARMFUL,
    HARMLESS,
    SNAPSHOT_TROUBLES,
    FaultCase,
)
from tests.system.faults import FaultyTrading
from tests.system.processes import Service, Simulator


TOGETHER = tuple(
    case for case in HARMLESS + HARMFUL + SNAPSHOT_TROUBLES if not case.concerns_all
)
ALONE = (BY_NAME["shutdown"], BY_NAME["cut"])
CASES = TOGETHER + ALONE
SYMBOLS = [f"COIN{number}USDT" for number in range(len(CASES))]
Outcomes = dict[str, Future[None]]


def live_through(trading: FaultyTrading, case: FaultCase) -> None:
    if case in HARMLESS:
        trading.live_through_harmless(case)
    elif case in HARMFUL:
        trading.live_through_harmful(case)
    else:
        trading.live_through_harmful(GAP, case)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    """All of them at the same time, but for those that disturb all symbols."""
    database = tmp_path_factory.mktemp("faults") / "orders.db"
    listed = ("--symbols", ",".join(SYMBOLS))
    with (
        Simulator("--no-limits", *listed) as market,
        Service(database, *market.as_market, *listed) as service,
    ):
        service.await_trading()
        found: Outcomes = {}
        for cases, workers in ((TOGETHER, len(TOGETHER)), (ALONE, 1)):
            with ThreadPoolExecutor(workers) as pool:
                for case in cases:
                    trading = FaultyTrading(service, market, SYMBOLS[len(found)])
                    found[case.name] = pool.submit(live_through, trading, case)
        yield found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault_is_survived(outcomes: Outcomes, case: FaultCase) -> None:
    outcomes[case.name].result()
