"""API keys and the accounts behind them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters.simulated_exchange.rest.parameters import VenueError
from adapters.simulated_exchange.trading.accounts import DEFAULT_BALANCE, TraderAccount
from adapters.simulated_exchange.trading.signatures import Verifier


UNAUTHORIZED = 401
FIRST_UID = 350_000_000


@dataclass(slots=True, kw_only=True, eq=False)
class ApiKey:
    """One key of an account."""

    text: str
    account: TraderAccount
    verifier: Verifier
    revoked: bool = False


class AccountBook:
    """Every account and every key."""

    def __init__(self, assets: Callable[[], list[str]]) -> None:
        """Take what lists the assets of accounts opened without balances."""
        self.by_name: dict[str, TraderAccount] = {}
        self.keys: dict[str, ApiKey] = {}
        self.on_revoked: Callable[[ApiKey], None] = lambda _key: None
        """Told when a key is revoked."""
        self._assets = assets

    def __iter__(self) -> Iterator[TraderAccount]:
        """Go through the accounts in the order in which they were opened."""
        return iter(self.by_name.values())

    def open(self, name: str, balances: dict[str, int] | None) -> TraderAccount:
        """Return the account of a name; balances change only if given."""
        account = self.by_name.get(name)
        if account is None:
            account = TraderAccount(name=name, uid=FIRST_UID + len(self.by_name))
            self.by_name[name] = account
            if balances is None:
                balances = dict.fromkeys(self._assets(), DEFAULT_BALANCE)
        account.open_with(balances or {})
        return account

    def add_key(self, text: str, account: TraderAccount, verifier: Verifier) -> ApiKey:
        """Let a key speak for an account; one that was revoked stays so."""
        known = self.keys.get(text)
        revoked = known is not None and known.revoked
        key = ApiKey(text=text, account=account, verifier=verifier, revoked=revoked)
        self.keys[text] = key
        return key

    def set_revoked(self, text: str, *, revoked: bool) -> bool:
        """Revoke a key or restore it; False when there is no such key."""
        key = self.keys.get(text)
        if key is None:
            return False
        key.revoked = revoked
        if revoked:
            self.on_revoked(key)
        return True

    def key(self, text: str) -> ApiKey:
        """Return a key that may be used.

        Raises:
            VenueError: -2014 when there is no key in the request, -2015 for a bad one.
        """
        if not text:
            raise VenueError(-2014, "API-key format invalid.", UNAUTHORIZED)
        key = self.keys.get(text)
        if key is None or key.revoked:
            raise bad_key()
        return key


def bad_key() -> VenueError:
    """Return the refusal of a key that does not exist or no longer does."""
    text = "Invalid API-key, IP, or permissions for action."
    return VenueError(-2015, text, UNAUTHORIZED)
