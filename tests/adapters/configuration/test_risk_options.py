from decimal import Decimal

import pytest

from adapters.configuration.risk_options import check_assets_of_limits
from domain.errors import ConfigurationError
from domain.risk.limits import RiskLimits
from domain.values import Symbol
from domain.venue.symbol_rules import DELISTED, SymbolRules


LIMITS = RiskLimits(
    max_order_notional={"USDT": Decimal(100)}, max_child_notional={"BTC": Decimal(1)}
)
BTCUSDT = SymbolRules(symbol=Symbol("BTCUSDT"), quote_asset="USDT")
ETHBTC = SymbolRules(symbol=Symbol("ETHBTC"), quote_asset="BTC")


def test_limits_in_assets_that_something_is_traded_in_are_fine() -> None:
    check_assets_of_limits(LIMITS, [BTCUSDT, ETHBTC])


def test_limit_in_any_other_asset_is_refused_by_the_option_that_names_it() -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_assets_of_limits(LIMITS, [BTCUSDT])

    assert str(refused.value) == (
        "--max-child-notional: BTC is the quote asset of no traded symbol; "
        "they are traded in USDT"
    )


def test_forgotten_symbol_may_have_had_any_quote_asset() -> None:
    forgotten = SymbolRules(symbol=Symbol("LUNABTC"), status=DELISTED)

    check_assets_of_limits(LIMITS, [BTCUSDT, forgotten])
