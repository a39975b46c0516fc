"""What everything that runs needs: somewhere to send to, and the time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from domain.values import OrderId


M_contra = TypeVar("M_contra", contravariant=True)


class Recipient(Protocol[M_contra]):
    """Somewhere to send messages. Never blocks; tolerates that nobody is there."""

    def tell(self, message: M_contra) -> bool:
        """Send; return False when the recipient is gone and nothing was sent."""
        ...


class Clock(Protocol):
    """The time, so that tests and replays can have their own."""

    def now(self) -> datetime:
        """Return the wall clock, aware UTC."""
        ...

    def monotonic_ns(self) -> int:
        """Return nanoseconds that never go back; the zero point means nothing.

        They count while the machine is suspended: what was there before is that old.
        """
        ...


RunWokenActors = Callable[[], AbstractContextManager[object]]
"""Entered around sends by a thread that can then help: at the end of the context it
runs for a while what it woke, so that no other thread has to be woken for that."""


NewOrderId = Callable[[], OrderId]
"""Makes an order id that was never given before and never will be again."""
