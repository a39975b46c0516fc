"""How many wrong tokens an address may show before it is not listened to any more.

Nobody can guess a token; this keeps the log and the counters from being all about
those who try, and tells a program with an old token to slow down. A right token is
looked up first, so that it is never slowed, whatever its neighbours do.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

from adapters.access.token_bucket import TokenBucket


FAILURES_PER_SECOND: Final = 0.2
FAILURES_AT_ONCE: Final = 10
ADDRESSES_MAX: Final = 4096
"""Remembered at a time; the one that was silent longest is forgotten first."""

_NETWORK_BYTES: Final = 8
"""Of an IPv6 address: what one customer of a provider has."""


class FailureLimits:
    """Counts failures by address; for the loop's thread only."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Count nothing yet.

        Args:
            now: monotonic seconds.
        """
        self._now: Final = now
        self._buckets: Final[OrderedDict[bytes | str, TokenBucket]] = OrderedDict()

    def retry_after(self, address: str) -> int | None:
        """Count a failure; return in how many seconds the next one is judged.

        Returns:
            None while the address has not failed too often.
        """
        network = _network(address)
        bucket = self._buckets.pop(network, None)
        if bucket is None:
            if len(self._buckets) >= ADDRESSES_MAX:
                self._buckets.popitem(last=False)
            bucket = TokenBucket(FAILURES_PER_SECOND, FAILURES_AT_ONCE, self._now)
        self._buckets[network] = bucket
        wait = bucket.take()
        return None if wait is None else ceil(wait)


def _network(address: str) -> bytes | str:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return found.packed[:_NETWORK_BYTES]
    return address
