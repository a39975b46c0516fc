"""Saves until when the venue bans requests, whichever part learned of the ban."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from actors import names
from actors.messages.ledger import SaveRateLimitBan
from actors.runtime.addresses import Directory
from domain.errors import StoreUnavailableError, TenureLostError
from domain.ports.store import TradeStore
from domain.venue.answers import RateLimitBan


def ban_recorder(
    directory: Directory, store: TradeStore, venue: str
) -> Callable[[datetime], None]:
    """Return a function that saves the end of a ban; any thread may call it."""

    def keep(until: datetime) -> None:
        ban = RateLimitBan(venue=venue, until=until)
        if not directory.tell(names.LEDGER, SaveRateLimitBan(ban=ban)):
            # The ledger has not started, or has failed: nobody else writes. If this
            # fails as well, the next start asks the venue once more.
            with suppress(StoreUnavailableError, TenureLostError):
                store.save_rate_limit_ban(ban)

    return keep
