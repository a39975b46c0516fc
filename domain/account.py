"""What trading does to the account, as far as we can tell before the venue does."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from domain.execution import ChildOrder, VenueFill
from domain.instrument import SymbolRules
from domain.values import ZERO, Side, difference, notional, total
from domain.venue import Account, Balance


def after_fills(
    account: Account, rules: SymbolRules, side: Side, fills: Iterable[VenueFill]
) -> Account:
    """Return the account after some fills: what was given, what was got, the fees."""
    changes: dict[str, Decimal] = {}
    for fill in fills:
        quote = notional(fill.price, fill.quantity)
        base = fill.quantity
        given, got = (base, quote) if side is Side.SELL else (quote, base)
        assets = (rules.base_asset, rules.quote_asset)
        given_asset, got_asset = assets if side is Side.SELL else reversed(assets)
        _add(changes, given_asset, -given)
        _add(changes, got_asset, got)
        if fill.fee_asset is not None:
            _add(changes, fill.fee_asset, -fill.fee)
    return _changed(account, changes)


def without_reserved(
    account: Account, rules: SymbolRules, child: ChildOrder
) -> Account:
    """Return the account without what a child in flight may give away."""
    if child.side is Side.SELL:
        return _changed(account, {rules.base_asset: -child.quantity})
    cost = notional(child.price, child.quantity)
    return _changed(account, {rules.quote_asset: -cost})


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


def _add(changes: dict[str, Decimal], asset: str, amount: Decimal) -> None:
    changes[asset] = total(changes.get(asset, ZERO), amount)


def _changed(account: Account, changes: Mapping[str, Decimal]) -> Account:
    balances = dict(account.balances)
    for asset, change in changes.items():
        held = balances.get(asset, Balance(free=ZERO, locked=ZERO))
        free = max(difference(held.free, -change), ZERO)
        balances[asset] = replace(held, free=free)
    return replace(account, balances=balances)
