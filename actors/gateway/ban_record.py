"""Has it written down until when the venue wants no requests, whoever is told so."""

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
    """Return what has the end of a ban written down; for any thread."""

    def keep(until: datetime) -> None:
        ban = RateLimitBan(venue=venue, until=until)
        if not directory.tell(names.LEDGER, SaveRateLimitBan(ban=ban)):
            # We are just starting, or it has failed: nobody writes but us.
            # Without it the next start asks the venue once more.
            with suppress(StoreUnavailableError, TenureLostError):
                store.save_rate_limit_ban(ban)

    return keep
