import pytest

from adapters.simulated_exchange.market.amounts import to_scaled, to_text
from adapters.simulated_exchange.market.instruments import list_instrument, split_assets
from adapters.simulated_exchange.settings import SimulatorError


@pytest.mark.parametrize(
    ("symbol", "price", "tick", "step"),
    [
        ("BTCUSDT", "65000.00000000", "0.01000000", "0.00001000"),
        ("BNBUSDT", "600.00000000", "0.01000000", "0.00100000"),
        ("ETHBTC", "0.03000000", "0.00001000", "0.00010000"),
    ],
)
def test_known_symbols_carry_the_venues_scale(
    symbol: str, price: str, tick: str, step: str
) -> None:
    one = list_instrument(symbol, 1)

    assert (to_text(one.price), to_text(one.tick), to_text(one.step)) == (
        price,
        tick,
        step,
    )


def test_unknown_symbol_follows_from_its_name_and_the_seed() -> None:
    assert list_instrument("FOOUSDT", 7) == list_instrument("FOOUSDT", 7)
    assert list_instrument("FOOUSDT", 7).price != list_instrument("FOOUSDT", 8).price


@pytest.mark.parametrize(
    ("symbol", "base", "quote"),
    [
        ("BNBFDUSD", "BNB", "FDUSD"),
        ("ETHBTC", "ETH", "BTC"),
        ("BTC", "B", "TC"),
        ("ABCXYZ", "ABC", "XYZ"),
    ],
)
def test_symbol_is_split_at_its_quote_asset(symbol: str, base: str, quote: str) -> None:
    assert split_assets(symbol) == (base, quote)


def test_symbol_of_one_letter_is_refused() -> None:
    with pytest.raises(SimulatorError, match="cannot be split"):
        split_assets("A")


@pytest.mark.parametrize("text", ["0.00000001", "61837.63000000", "9.90000000"])
def test_amount_reads_and_prints_as_the_same_text(text: str) -> None:
    assert to_text(to_scaled(text)) == text


@pytest.mark.parametrize("text", ["", "-1", "1e5", "1.000000001", "NaN", "1,5"])
def test_amount_that_is_no_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        to_scaled(text)
