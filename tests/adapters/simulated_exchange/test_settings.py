from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.simulated_exchange.settings import SimulatorError, SimulatorSettings


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"port": 70000}, "port must be between"),
        ({"port": -1}, "port must be between"),
        ({"host": ""}, "host must not be empty"),
        ({"symbols": ("btcusdt",)}, "is not 2 to 20 capitals"),
        ({"symbols": ("BTCUSDT", "BTCUSDT")}, "must not repeat"),
        ({"symbols": tuple(f"A{n}USDT" for n in range(2001))}, "at most 2000"),
        ({"speed": Decimal(0)}, "speed must be a positive number"),
        ({"speed": Decimal("NaN")}, "speed must be a positive number"),
        ({"speed": None}, "full speed needs a recording"),
        ({"exchange_info": Path("x")}, "--exchange-info needs a --recording"),
        ({"start_delay_seconds": Decimal(-1)}, "start_delay_seconds"),
        ({"request_seconds_max": 0.0}, "request_seconds_max must be above zero"),
        ({"ping_interval_seconds": 0.0}, "ping_interval_seconds must be above zero"),
        ({"queue_bytes_max": 0}, "queue_bytes_max must be above zero"),
    ],
)
def test_setting_that_cannot_work_is_refused_in_one_line(
    fields: dict[str, Any], text: str
) -> None:
    with pytest.raises(SimulatorError, match=text) as refusal:
        SimulatorSettings(**fields)

    assert "\n" not in str(refusal.value)


def test_default_market_lists_three_symbols() -> None:
    assert SimulatorSettings().seeded_symbols == ("BTCUSDT", "BNBUSDT", "ETHBTC")
