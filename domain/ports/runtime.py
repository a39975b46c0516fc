"""What everything needs that runs: recipients of messages, and the time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from domain.values import OrderId


M_contra = TypeVar("M_contra", contravariant=True)


class Recipient(Protocol[M_contra]):
    """Takes messages. Never blocks; the receiver may be gone."""

    def tell(self, message: M_contra) -> bool:
        """Send; return False if the recipient is gone and nothing was sent."""
        ...


class Clock(Protocol):
    """The time; tests and replays have clocks of their own."""

    def now(self) -> datetime:
        """Return the wall clock, aware UTC."""
        ...

    def monotonic_ns(self) -> int:
        """Return nanoseconds that never go back; only differences have a meaning.

        They count on while the machine is suspended, so that what was there before is
        known to be that old.
        """
        ...


RunWokenActors = Callable[[], AbstractContextManager[object]]
"""A context for a thread that sends messages and would wait afterwards. At its end the
thread runs the actors that it woke for a while, so that no other has to be woken."""


NewOrderId = Callable[[], OrderId]
"""Makes an order id that was never used before and never will be again."""
