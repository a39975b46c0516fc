"""How many calls a second one token may make, so that no client crowds out another."""

import threading
import time
from collections.abc import Callable
from math import ceil
from typing import Final

from adapters.access.callers import Caller
from adapters.access.token_bucket import TokenBucket


class CallLimits:
    """Counts calls by token; any thread may ask."""

    def __init__(
        self,
        writes_per_second: int,
        reads_per_second: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count nothing yet.

        Args:
            writes_per_second: calls that may change something; a second's worth may
                come at once.
            reads_per_second: all others, likewise.
            now: monotonic seconds.
        """
        self._writes: Final = writes_per_second
        self._reads: Final = reads_per_second
        self._now: Final = now
        self._buckets: Final[dict[tuple[str, bool], TokenBucket]] = {}
        self._lock: Final = threading.Lock()

    def retry_after(self, caller: Caller, *, is_write: bool) -> int | None:
        """Count a call; return in how many seconds to try again if it is too many.

        Returns:
            None lets it pass; always for a caller without a token.
        """
        if not caller.has_token:
            return None
        key = (caller.name, is_write)
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None:
                rate = self._writes if is_write else self._reads
                bucket = self._buckets[key] = TokenBucket(rate, rate, self._now)
            wait = bucket.take()
        return None if wait is None else ceil(wait)
