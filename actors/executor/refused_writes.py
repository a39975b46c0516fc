"""What the disk refuses of an order, and how often it did so in a row."""

import logging
from typing import Final

from actors.messages.timers import RereadDue
from actors.runtime.addresses import ActorAddress
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import Timer
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId


logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS: Final = 600.0
"""Before an order that was left alone is read once more.

Long: each try costs a transaction and lines of the log, for every such order.
"""

_REFUSALS_MAX: Final = 2
"""Of the record that came first, and of one hold: the row may have moved meanwhile."""

LEFT_ALONE: Final = Refusal(
    code=RefusalCode.STORE_UNAVAILABLE,
    detail="the database takes no record of this order, not even its hold; it is left "
    "alone until its rows are mended",
)


class RefusedWrites:
    """Counts refusals until a record is written; too many, and nothing more is tried.

    A hold is a record as well. If that is refused for what is on disk, reading again
    and holding again would go on for ever.
    """

    __slots__ = ("_address", "_context", "_refusals", "_timer", "words")

    def __init__(self, context: ActorContext, address: ActorAddress) -> None:
        self._context = context
        self._address = address
        self._refusals = 0
        self._timer: Timer | None = None
        self.words = ""
        """What was refused first, with the venue's word on it; empty for nothing."""

    @property
    def is_left_alone(self) -> bool:
        """Whether nothing is done about the order for now."""
        return self._timer is not None

    def note(self, order_id: OrderId, words: str, problem: str) -> bool:
        """Note a refusal; return whether to read the order and hold it.

        Args:
            order_id: of the order.
            words: what to hold it for, unless that is known.
            problem: what the disk said.
        """
        self.words = self.words or words
        self._refusals += 1
        if self._refusals <= _REFUSALS_MAX:
            return True
        known = order_id, problem, self.words
        logger.critical("Order left alone order_id=%s problem=%s; %s", *known)
        timers = self._context.runtime.timers
        self._timer = timers.schedule(LOOK_AGAIN_SECONDS, self._address, RereadDue())
        return False

    def written(self) -> None:
        """Note that the disk takes records of the order."""
        self.words, self._refusals = "", 0

    def cancel(self) -> None:
        """Forget the wait, which is over or would keep the executor in memory."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
