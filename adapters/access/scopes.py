"""What a caller may do, in three steps of which each includes the one before."""

from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a token lets its holder do."""

    READ = "read"
    """Read everything but the audit trail, and follow the push stream."""

    TRADE = "trade"
    """Place, amend and cancel orders, and halt: whoever can begin to trade must be able
    to stop it."""

    ADMIN = "admin"
    """Undo a halt, state by hand what the venue did, read the audit trail. A halt means
    that somebody is worried; to end it takes somebody who may overrule that."""

    def includes(self, other: "Scope") -> bool:
        """Whether whoever may do this may do the other, too."""
        return _STEPS[self] >= _STEPS[other]


_STEPS: Final = {scope: step for step, scope in enumerate(Scope)}
