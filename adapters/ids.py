"""Order ids: sortable by time of making, unique without asking anybody."""

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
"""Crockford's base 32, no I, L, O and U, which are misread; by twos, for speed."""

_BITS_PER_PAIR: Final = 10
_LAST_PAIR: Final = len(_PAIRS) - 1
_SHIFTS: Final = tuple(_BITS_PER_PAIR * at for at in reversed(range(ID_LENGTH // 2)))
_RANDOM_BITS: Final = 80
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class OrderIds:
    """Makes ids as the ULID specification lays them out; a ``NewOrderId``.

    48 bits of milliseconds since 1970 UTC, then 80 random bits, written as 26
    letters. The ids of one maker ascend strictly, also when the wall clock goes back;
    two makers, such as the service before and after a restart, are kept apart by
    chance alone, 1 in 2**80 within a millisecond. Safe to call from any thread.

    Source: https://github.com/ulid/spec, read 2026-11-23.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # Seeded by the system, which is not asked for each id: that is a system call
        # that gives the interpreter away. An id must be unique, not unguessable.
        self._random = random.Random()  # noqa: S311
        self._last = -1

    def __call__(self) -> OrderId:
        """Make the next id."""
        milliseconds = (self._clock.now() - _EPOCH) // _MILLISECOND
        fresh = (milliseconds << _RANDOM_BITS) | self._random.getrandbits(_RANDOM_BITS)
        with self._lock:
            same_millisecond = fresh >> _RANDOM_BITS <= self._last >> _RANDOM_BITS
            # One more than the last one may carry into the time: still unique.
            self._last = self._last + 1 if same_millisecond else fresh
            number = self._last
        return OrderId(_in_letters(number))


def _in_letters(number: int) -> str:
    return "".join([_PAIRS[(number >> shift) & _LAST_PAIR] for shift in _SHIFTS])
