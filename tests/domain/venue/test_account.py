from decimal import Decimal

import pytest

from domain.venue.account import unexplained
from domain.venue.answers import Account, Balance
from tests.builders import NOW


def holding(**amounts: tuple[str, str]) -> Account:
    """By asset: (free, locked)."""
    balances = {
        asset: Balance(free=Decimal(free), locked=Decimal(locked))
        for asset, (free, locked) in amounts.items()
    }
    return Account(can_trade=True, balances=balances, as_of=NOW)


@pytest.mark.parametrize(
    ("known", "read", "differs"),
    [
        (("5", "1"), ("5", "1"), None),
        (("5", "1"), ("4", "2"), None),  # another's open order locks
        (("5", "1"), ("5", "1.5"), ("6", "6.5")),
        (("5", "1"), ("5.5", "1"), ("6", "6.5")),
        (("0", "0"), None, None),
        (None, ("0", "2"), ("0", "2")),
        (("2", "0"), None, ("2", "0")),
    ],
)
def test_balance_is_unexplained_when_the_whole_of_it_is_another(
    known: tuple[str, str] | None,
    read: tuple[str, str] | None,
    differs: tuple[str, str] | None,
) -> None:
    before, after = (
        holding() if pair is None else holding(BNB=pair) for pair in (known, read)
    )

    expected = {} if differs is None else {"BNB": tuple(map(Decimal, differs))}
    assert unexplained(before, after, ["BNB"]) == expected


def test_only_the_assets_asked_for_are_compared() -> None:
    before = holding(BNB=("1", "0"), BTC=("1", "0"))
    after = holding(BNB=("2", "0"), BTC=("2", "0"))

    assert list(unexplained(before, after, ["BTC"])) == ["BTC"]


def test_sums_of_what_is_held_are_exact() -> None:
    long = ("9999999999999999", "0.000000000001")
    longer = ("9999999999999999", "0.000000000002")

    assert unexplained(holding(BNB=long), holding(BNB=longer), ["BNB"])
