"""Whether every child says what it was offered, and every fill which level it took."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tests.chaos.disk import Disk, DiskChild, Level


ZERO: Final = Decimal(0)


def evidence_missing(disk: Disk) -> Iterator[tuple[str, str]]:
    """Find what does not say what the book showed, or says what cannot be.

    Yields:
        The order's id, and what is wrong.
    """
    for child in disk.children.values():
        for text in _of_child(child):
            yield child.order_id, f"{child.child_id}: {text}"
    filled: defaultdict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for fill in disk.taken:
        child = disk.children[fill.child_id]
        level = _level_at(child, fill.price)
        before = filled[fill.child_id, fill.price]
        filled[fill.child_id, fill.price] += fill.quantity
        if level is None:  # the book had moved: its level, if there was one
            said = (fill.update_id, fill.stated, fill.taken_before)
            is_wrong = len({one is None for one in said}) > 1
        else:
            true = (level.update_id, level.stated, level.taken_before + before)
            is_wrong = (fill.update_id, fill.stated, fill.taken_before) != true
        if is_wrong:
            yield child.order_id, f"{fill} does not say what it took"


def _of_child(child: DiskChild) -> Iterator[str]:
    if child.touch is None:
        yield "the touch is not with it"
    if sum((level.quantity for level in child.levels), ZERO) != child.quantity:
        yield "it was not offered what it is for"
    for level in child.levels:
        if not ZERO <= level.taken_before <= level.stated - level.quantity:
            yield f"more was taken than {level} states"


def _level_at(child: DiskChild, price: Decimal) -> Level | None:
    return next((level for level in child.levels if level.price == price), None)
