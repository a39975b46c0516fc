"""How much of a venue's limits on us is used."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """What was used of one limit in its present window."""

    limit: str
    """The venue's word, in lower case, such as ``request_weight``."""

    window_seconds: int
    used: int
    most: int
