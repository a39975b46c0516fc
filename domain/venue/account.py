"""What the venue says of the account, held against what we knew."""

from collections.abc import Iterable
from decimal import Decimal

from domain.values import ZERO, total
from domain.venue.answers import Account


def unexplained(
    known: Account, read: Account, assets: Iterable[str]
) -> dict[str, tuple[Decimal, Decimal]]:
    """Return, for each asset that differs, what we knew of and what the venue says."""
    held = {asset: (_whole(known, asset), _whole(read, asset)) for asset in assets}
    return {asset: pair for asset, pair in held.items() if pair[0] != pair[1]}


def _whole(account: Account, asset: str) -> Decimal:
    """Return what is held of an asset, locked or not: others' open orders lock."""
    balance = account.balances.get(asset)
    return ZERO if balance is None else total(balance.free, balance.locked)
