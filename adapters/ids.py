"""Order ids: sortable by the time they were made, unique without coordination."""

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.ports.runtime import Clock
from domain.values import OrderId


ID_LENGTH: Final = 26
_PAIRS: Final = tuple(
    first + second
    for first in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for second in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)
"""Crockford's base 32, without I, L, O and U, which are misread; pairs, for speed."""

_BITS_PER_PAIR: Final = 10
_LAST_PAIR: Final = len(_PAIRS) - 1
_SHIFTS: Final = tuple(_BITS_PER_PAIR * at for at in reversed(range(ID_LENGTH // 2)))
_RANDOM_BITS: Final = 80
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class OrderIds:
    """Makes ids as the ULID specification lays them out; a ``NewOrderId``.

    48 bits of milliseconds since 1970 UTC, then 80 random bits, written as 26
    letters. One instance's ids ascend strictly, even when the wall clock goes back;
    those of two instances, such as before and after a restart, differ only by chance:
    a collision is 1 in 2**80 within a millisecond. Safe to call from any thread.

    Source: https://github.com/ulid/spec, read 2026-11-23.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # Seeded by the system once, because a system call for each id would release the
        # GIL. An id must be unique, not unguessable.
        self._random = random.Random()  # noqa: S311
        self._last = -1

    def __call__(self) -> OrderId:
        """Make the next id."""
        milliseconds = (self._clock.now() - _EPOCH) // _MILLISECOND
        fresh = (milliseconds << _RANDOM_BITS) | self._random.getrandbits(_RANDOM_BITS)
        with self._lock:
            same_millisecond = fresh >> _RANDOM_BITS <= self._last >> _RANDOM_BITS
            # Adding one may carry into the time bits: still unique.
            self._last = self._last + 1 if same_millisecond else fresh
            number = self._last
        return OrderId(_in_letters(number))


def _in_letters(number: int) -> str:
    return "".join([_PAIRS[(number >> shift) & _LAST_PAIR] for shift in _SHIFTS])
