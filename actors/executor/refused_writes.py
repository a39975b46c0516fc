"""Counts how often in a row the disk refused an order's records."""

import logging
from typing import Final

from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.values import OrderId


logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS: Final = 600.0
"""Delay before an order that was left alone is read again.

Long, because each try costs a transaction and log lines, for every such order.
"""

_REFUSALS_MAX: Final = 2
"""Of the first record, and of one hold: the row may have changed in between."""

LEFT_ALONE: Final = Refusal(
    code=RefusalCode.STORE_UNAVAILABLE,
    detail="the database takes no record of this order, not even its hold; it is left "
    "alone until its rows are mended",
)


class RefusedWrites:
    """Counts refusals until a record is written; too many, and the order is left alone.

    A hold is a record, too. If it is refused because of what is on disk, reading the
    order and holding it would repeat for ever.
    """

    __slots__ = ("_is_left_alone", "_refusals", "_words")

    def __init__(self) -> None:
        self._is_left_alone = False
        self._refusals = 0
        self._words = ""

    @property
    def words(self) -> str:
        """What was refused first, with the venue's statement; empty for nothing."""
        return self._words

    @property
    def is_left_alone(self) -> bool:
        """Whether the order is left alone for now."""
        return self._is_left_alone

    def note(self, order_id: OrderId, words: str, problem: str) -> bool:
        """Note a refusal; return whether to read the order and hold it.

        After too many in a row it is left alone.

        Args:
            order_id: of the order.
            words: why to hold it; those of the first refusal count.
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
        """Stop leaving the order alone."""
        self._is_left_alone = False

    def written(self) -> None:
        """Note that a record of the order was written."""
        self._words, self._refusals = "", 0
