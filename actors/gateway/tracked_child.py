"""What the gateway knows of one child order."""

from dataclasses import dataclass

from actors.gateway.permits import ChildPermit
from actors.messages.gateway import ChildAnswered, ChildUnknown
from actors.runtime.addresses import AnyRecipient
from domain.orders.child_order import ChildOrder, ChildResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSnapshot:
    """What the gateway knows of a child order, for inspection."""

    child: ChildOrder
    problem: str
    """What went wrong, if its outcome was ever unknown."""

    is_settled: bool
    look_up_at_ns: int | None = None
    """When it is looked up at the venue, monotonic; None when that is not planned."""

    silence_final_ns: int | None = None
    """When its absence at the venue becomes final, monotonic; None: not in doubt."""


@dataclass(slots=True, eq=False)
class TrackedChild:
    """A child order, from its submission or query until its executor forgets it."""

    child: ChildOrder
    reply_to: AnyRecipient
    permit: ChildPermit | None = None
    """None when it was found on disk, and is not to be sent."""

    received_ns: int = 0
    """When the frame that caused it came in; 0 when no frame did."""

    doubted_ns: int | None = None
    """Monotonic: since when its outcome is unknown; if it was sent, then before."""

    problem: str = ""
    """What went wrong; with ``doubted_ns``."""

    is_contradiction: bool = False
    """Whether the venue's answer cannot be true of the child."""

    look_up_at_ns: int | None = None
    """When it is looked up at the venue, monotonic; None when that is not planned."""

    look_ups: int = 0
    is_being_asked: bool = False
    """Whether a look-up is queued or under way."""

    result: ChildResult | None = None

    @property
    def is_in_doubt(self) -> bool:
        """Whether it may have been sent, and has to be looked up at the venue."""
        is_asked_about = self.is_being_asked or self.doubted_ns is not None
        return self.result is None and is_asked_about

    def answer(self) -> None:
        """Tell its executor what is known of it."""
        if self.result is not None:
            self.reply_to.tell(ChildAnswered(result=self.result))
        elif self.problem:
            self.reply_to.tell(
                ChildUnknown(
                    child_id=self.child.child_id,
                    problem=self.problem,
                    is_contradiction=self.is_contradiction,
                )
            )

    def snapshot(self) -> ChildSnapshot:
        """Say what is known of it."""
        is_settled = self.result is not None
        return ChildSnapshot(
            child=self.child,
            problem=self.problem,
            is_settled=is_settled,
            look_up_at_ns=self.look_up_at_ns,
        )
