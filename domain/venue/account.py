"""Compares the account as the venue states it with what we knew of it."""

from collections.abc import Iterable
from decimal import Decimal

from domain.values import ZERO, total
from domain.venue.answers import Account


def unexplained(
    known: Account, read: Account, assets: Iterable[str]
) -> dict[str, tuple[Decimal, Decimal]]:
    """Return (what we knew, what the venue says) for each asset that differs."""
    held = {asset: (_whole(known, asset), _whole(read, asset)) for asset in assets}
    return {asset: pair for asset, pair in held.items() if pair[0] != pair[1]}


def _whole(account: Account, asset: str) -> Decimal:
    """Return what is held of an asset, free or locked in others' open orders."""
    balance = account.balances.get(asset)
    return ZERO if balance is None else total(balance.free, balance.locked)
