"""The right of a child order to leave: one permit for each, checked before each send.

A worker may hold a child for as long as the venue, the network or its clock takes.
Stopping the child does not have to wait for that worker, nor for the gateway: any
thread may revoke the permit, with immediate effect.
"""

from datetime import datetime

from domain.orders.completion import WithheldReason
from domain.ports.runtime import Clock


class Permits:
    """Voids permits of the process together. Thread-safe.

    Outlives every gateway, so that one can void the permits that an earlier one gave.
    """

    def __init__(self) -> None:
        self._generation = 0
        self._void_reason = ""
        self._closed_reason: str | None = None

    def admit(self, permit: "ChildPermit") -> None:
        """Make a permit valid from now on, until all are voided."""
        permit.admitted = self, self._generation

    def void(self, reason: str) -> None:
        """Void all permits admitted so far."""
        self._void_reason = reason
        self._generation += 1

    def close(self, reason: str) -> None:
        """Void all permits for good: this process sends nothing again."""
        if self._closed_reason is None:
            self._closed_reason = reason

    def refusal_of(self, generation: int) -> str | None:
        """Say why permits of a generation are void; None when they are valid."""
        if self._closed_reason is not None:
            return self._closed_reason
        return self._void_reason if generation != self._generation else None


class ChildPermit:
    """Says until when a child may leave. Thread-safe; never blocks.

    Claiming sets its flag first, and then checks for a revocation; revoking sets its
    flag first, and then checks for a claim. So at least one side sees the other, and no
    lock is needed.
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
        """Make a permit, which is valid once it is admitted.

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
        """Keep the child from leaving, unless it has left."""
        if self._revoked_reason is None:
            self._revoked_reason = reason

    @property
    def may_be_executed(self) -> bool:
        """Whether the child has left and was not refused, or may still leave."""
        # Checked again last, because it may be claimed between the first two checks; no
        # further check is needed, because a refusal is for good.
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
        """Note that the child that was sent was certainly not executed, nor will be."""
        self._is_claimed = False
