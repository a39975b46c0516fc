"""Accounts: what each owns, what of it is locked by open orders, what trading costs."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from adapters.simulated_exchange.market.amounts import SCALE, to_text
from adapters.simulated_exchange.rest.parameters import VenueError


DEFAULT_COMMISSION = SCALE // 1000
DEFAULT_BALANCE = 10**9 * SCALE
"""Of every listed asset, for accounts that were opened without balances."""


@dataclass(slots=True, kw_only=True)
class AssetBalance:
    """What an account has of one asset."""

    free: int = 0
    locked: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class TraderAccount:
    """One account. Its owner trades with one key or several."""

    name: str
    uid: int
    commission: int = DEFAULT_COMMISSION
    """Part of the received amount, in 1e-8; the same for maker and taker."""
    balances: dict[str, AssetBalance] = field(default_factory=dict)
    update_time_ms: int = 0
    lag: tuple[int, list[tuple[str, str, str]]] | None = None
    """Balances that queries still see, and until when (ms since 1970 UTC)."""
    opening: dict[str, int] = field(default_factory=dict)
    """Balances to restart with when the exchange is wiped."""

    def of(self, asset: str) -> AssetBalance:
        """Return the balance of an asset, zero if it never had any."""
        return self.balances.setdefault(asset, AssetBalance())

    def open_with(self, balances: dict[str, int]) -> None:
        """Set free balances; other assets stay as they are."""
        self.opening.update(balances)
        for asset, free in balances.items():
            self.of(asset).free = free

    def begin_anew(self) -> None:
        """Forget everything but the opening balances."""
        self.lag = None
        self.balances = {
            asset: AssetBalance(free=free) for asset, free in self.opening.items()
        }

    def lock(self, asset: str, amount: int) -> None:
        """Set an amount aside for an order.

        Raises:
            VenueError: -2010 when there is too little.
        """
        balance = self.of(asset)
        if balance.free < amount:
            raise insufficient_balance()
        balance.free -= amount
        balance.locked += amount

    def release(self, asset: str, amount: int) -> None:
        """Give back what an order had set aside."""
        balance = self.of(asset)
        balance.locked -= amount
        balance.free += amount

    def spend(self, asset: str, amount: int) -> None:
        """Pay out of what was set aside."""
        self.of(asset).locked -= amount

    def receive(self, asset: str, amount: int) -> int:
        """Take in an amount less commission; return the commission."""
        commission = amount * self.commission // SCALE
        self.of(asset).free += amount - commission
        return commission

    def shown(self, assets: Iterable[str] | None = None) -> list[tuple[str, str, str]]:
        """Return (asset, free, locked) as the venue writes them."""
        names = self.balances if assets is None else assets
        return [
            (name, to_text(one.free), to_text(one.locked))
            for name in names
            for one in (self.of(name),)
        ]


def insufficient_balance() -> VenueError:
    """Return the refusal of an order that the account cannot pay."""
    text = "Account has insufficient balance for requested action."
    return VenueError(-2010, text)
