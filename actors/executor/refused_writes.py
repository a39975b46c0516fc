"""What the disk refuses of an order, and how often it did so in a row."""

import logging
from typing import Final

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

    __slots__ = ("_is_left_alone", "_refusals", "_words")

    def __init__(self) -> None:
        self._is_left_alone = False
        self._refusals = 0
        self._words = ""

    @property
    def words(self) -> str:
        """What was refused first, with the venue's word on it; empty for nothing."""
        return self._words

    @property
    def is_left_alone(self) -> bool:
        """Whether nothing is done about the order for now."""
        return self._is_left_alone

    def note(self, order_id: OrderId, words: str, problem: str) -> bool:
        """Note a refusal; return whether to read the order and hold it.

        After too many in a row it is left alone.

        Args:
            order_id: of the order.
            words: what to hold it for, unless that is known.
            problem: what the disk said.
        """
        self._words = self._words or words
        self._refusals += 1
        self._is_left_alone = self._refusals > _REFUSALS_MAX
        if self._is_left_alone:
            known = order_id, problem, self._words
            logger.critical("Order left alone order_id=%s problem=%s; %s", *known)
        return not self._is_left_alone

    def try_again(self) -> None:
        """Leave the order alone no more."""
        self._is_left_alone = False

    def written(self) -> None:
        """Note that the disk takes records of the order."""
        self._words, self._refusals = "", 0
