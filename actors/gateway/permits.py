"""The right of a child order to leave: one permit for each, asked before each send.

A child is in a worker's hands for as long as the venue, the network or its clock takes.
Whoever wants it not to leave any more does not wait for that worker, nor for the
gateway: the permit is revoked from whatever thread, and counts from then on.
"""

from datetime import datetime

from domain.orders.completion import WithheldReason
from domain.ports.runtime import Clock


class Permits:
    """What holds for all permits of the process. For any number of threads.

    It outlives every gateway: what an earlier one gave out, its successor can void.
    """

    def __init__(self) -> None:
        self._generation = 0
        self._void_reason = ""
        self._closed_reason: str | None = None

    def admit(self, permit: "ChildPermit") -> None:
        """Let a permit count from now on, until all are voided."""
        permit.admitted = self, self._generation

    def void(self, reason: str) -> None:
        """Have no permit count that was admitted before now."""
        self._void_reason = reason
        self._generation += 1

    def close(self, reason: str) -> None:
        """Have none count any more, for good: this process sends nothing again."""
        if self._closed_reason is None:
            self._closed_reason = reason

    def refusal_of(self, generation: int) -> str | None:
        """Say why permits that were admitted then do not count; None when they do."""
        if self._closed_reason is not None:
            return self._closed_reason
        return self._void_reason if generation != self._generation else None


class ChildPermit:
    """Says until when a child may leave. For any number of threads; never blocks.

    Whoever claims it says so first, and then looks whether it was revoked; whoever
    revokes it does that first, and then looks whether it is claimed. So at least one
    of them sees the other, and no lock is needed.
    """

    __slots__ = (
        "_clock",
        "_expires_at",
        "_is_claimed",
        "_revoked_reason",
        "_until_ns",
        "admitted",
    )

    def __init__(
        self, *, clock: Clock, until_ns: int, expires_at: datetime | None
    ) -> None:
        """Make one that counts once it is admitted.

        Args:
            clock: of the process.
            until_ns: monotonic; after this the offer is too old.
            expires_at: when the order ends by itself; None: never.
        """
        self._clock = clock
        self._until_ns = until_ns
        self._expires_at = expires_at
        self._is_claimed = False
        self._revoked_reason: str | None = None
        self.admitted: tuple[Permits, int] | None = None
        """By whom, and in which generation."""

    def revoke(self, reason: str) -> None:
        """Have the child not leave any more, unless it has left."""
        if self._revoked_reason is None:
            self._revoked_reason = reason

    @property
    def may_be_executed(self) -> bool:
        """Whether the child has left and was not refused, or may still leave."""
        # Once more at the end, for it may have been claimed between the two; but not
        # after that, for what is refused once is refused for good.
        return self._is_claimed or self.refusal() is None or self._is_claimed

    def refusal(self) -> str | None:
        """Say why the child may not leave; None when it may."""
        assert self.admitted is not None, "nobody admitted this permit"
        if self._revoked_reason is not None:
            return self._revoked_reason
        permits, generation = self.admitted
        if reason := permits.refusal_of(generation):
            return reason
        if self._expires_at is not None and self._clock.now() >= self._expires_at:
            self.revoke(WithheldReason.ORDER_EXPIRED.value)  # clocks may be set back
        elif self._clock.monotonic_ns() > self._until_ns:
            self.revoke(WithheldReason.OFFER_TOO_OLD.value)
        return self._revoked_reason

    def claim(self) -> str | None:
        """Let the child leave now; or say why it may not."""
        assert not self._is_claimed, "it has left: sent again, it sells twice"
        self._is_claimed = True
        refusal = self.refusal()
        if refusal is not None:
            self._is_claimed = False
        return refusal

    def give_back(self) -> None:
        """Note that what was sent is certainly not executed, nor will be."""
        self._is_claimed = False
