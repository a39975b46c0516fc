"""The operator's halt switch: kept on disk, confirmed once it has taken effect.

While the database is out of reach, a halt takes effect in this process all the same,
and the answer says so; a resume does not, because a restart could not know of it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from actors import names
from actors.messages.gateway import SetHalt
from actors.messages.ledger import HaltLoaded, HaltSaved, LoadHalt, SaveHalt
from actors.runtime.addresses import ActorAddress, AnyRecipient
from actors.runtime.runtime import ActorContext
from actors.runtime.timers import NANOSECONDS
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from domain.risk.halt import Halt, HaltSet


logger = logging.getLogger(__name__)

SETTLE_SECONDS = 3.0
"""How long the answer to a halt waits for children that have left already."""

UNSAVED_SECONDS = 1.5
"""How long the answer waits for the disk; a commit takes milliseconds."""

RESUME_NOT_ON_DISK = Refusal(
    code=RefusalCode.RESUME_NOT_ON_DISK,
    detail=(
        "trading stays halted: the database is out of reach; child orders leave again "
        "once it has this resume, unless the process ends before or somebody halts"
    ),
)


@dataclass(slots=True)
class _HaltWish:
    """A requested setting of the switch, and who waits for its confirmation."""

    halt: Halt
    reply_to: AnyRecipient
    answered_unsaved_ns: int
    """Monotonic: when it is answered even if it is not on disk."""

    is_saved: bool = False
    answered_unsettled_ns: int = 0
    """Monotonic, once saved: when it is answered even if children are in flight."""

    @property
    def answered_at_ns(self) -> int:
        """When it is answered, whatever it still waits for; monotonic."""
        is_saved = self.is_saved
        return self.answered_unsettled_ns if is_saved else self.answered_unsaved_ns


class HaltSwitch:
    """The switch's setting, what the disk has of it, and who waits for an answer.

    A halt takes effect when it is requested, a resume when it is on disk.
    """

    def __init__(
        self, context: ActorContext, address: ActorAddress, unsaved: list[Halt]
    ) -> None:
        """Make a switch whose setting on disk is not known yet.

        Args:
            context: of the gateway.
            address: of the gateway.
            unsaved: requested settings that are not on disk, the oldest first. They
                outlive this gateway: a halt that was confirmed has to stay in force.
        """
        self._context = context
        self._address = address
        self._wishes: list[_HaltWish] = []
        self._unsaved = unsaved
        self._stored: Halt | None = None

    @property
    def is_known(self) -> bool:
        """Whether the setting on disk has been loaded."""
        return self._stored is not None

    @property
    def halt(self) -> Halt:
        """The setting in force; on while it is not known."""
        wished_on = next((one for one in self._unsaved if one.is_on), None)
        return wished_on or self._stored or Halt(is_on=True, reason="not known yet")

    def load(self) -> None:
        """Load the setting on disk."""
        self._context.runtime.directory.watch(names.LEDGER, self._address)
        self._tell_ledger()

    def tell_again(self) -> None:
        """Repeat to a new ledger what its predecessor may not have handled."""
        self._tell_ledger()

    def receive(self, message: SetHalt | HaltLoaded | HaltSaved) -> None:
        """Handle a request, or the ledger's answer."""
        match message:
            case SetHalt():
                self._wish(message)
            case HaltLoaded():
                if self._stored is None:  # else a newer setting was saved since
                    self._stored = message.halt
            case HaltSaved():
                self._saved(message)
            case _:
                assert_never(message)

    def _wish(self, message: SetHalt) -> None:
        halt = self._as_wished(message)
        now_ns = self._context.runtime.clock.monotonic_ns()
        until_ns = now_ns + round(UNSAVED_SECONDS * NANOSECONDS)
        self._wishes.append(_HaltWish(halt, message.reply_to, until_ns))
        self._unsaved.append(halt)
        if len(self._unsaved) == 1:
            self._save_next()

    def _as_wished(self, message: SetHalt) -> Halt:
        """Return the setting to save; a second halt changes at most the reason."""
        now = self._context.runtime.clock.now()
        before = self._unsaved[-1] if self._unsaved else self._stored
        if before is not None and before.is_on and message.is_on:
            reason = message.reason or before.reason
            if reason != before.reason:
                logger.warning("Halt reason changed reason=%s", reason)
            return Halt(is_on=True, reason=reason, since=before.since or now)
        if message.is_on:
            logger.warning("Trading halted reason=%s", message.reason or "none given")
        return Halt(is_on=message.is_on, reason=message.reason, since=now)

    def _saved(self, message: HaltSaved) -> None:
        if message.halt not in self._unsaved[:1]:
            return  # answered twice, around a restart of the ledger
        was_on = self.halt.is_on
        self._unsaved.pop(0)
        self._stored = message.halt
        if was_on and not self.halt.is_on:
            logger.warning("Halt ended reason=%s", message.halt.reason or "none given")
        self._save_next()
        now_ns = self._context.runtime.clock.monotonic_ns()
        for wish in self._wishes:
            if wish.halt == message.halt and not wish.is_saved:
                wish.is_saved = True
                until_ns = now_ns + round(SETTLE_SECONDS * NANOSECONDS)
                wish.answered_unsettled_ns = until_ns

    @property
    def answer_at_ns(self) -> int | None:
        """When the next answer is due in any case, monotonic; None: none is."""
        return min((wish.answered_at_ns for wish in self._wishes), default=None)

    def stand(self, children_in_flight: int) -> HaltSet:
        """Return the setting in force."""
        return HaltSet(
            halt=self.halt,
            is_on_disk=not self._unsaved,
            children_in_flight=children_in_flight,
        )

    def answer(self, count_in_flight: Callable[[], int]) -> None:
        """Answer requests that have taken effect, or whose time is up."""
        waiting = self._wishes
        if not waiting:
            return
        children_in_flight = count_in_flight()
        now_ns = self._context.runtime.clock.monotonic_ns()
        self._wishes = []
        for wish in waiting:
            is_settled = not wish.halt.is_on or not children_in_flight
            is_overdue = now_ns >= wish.answered_at_ns
            if wish.is_saved and (is_settled or is_overdue):
                wish.reply_to.tell(
                    HaltSet(halt=wish.halt, children_in_flight=children_in_flight)
                )
            elif is_overdue:
                wish.reply_to.tell(self._unsaved_answer(wish, children_in_flight))
            else:
                self._wishes.append(wish)

    def _unsaved_answer(
        self, wish: _HaltWish, children_in_flight: int
    ) -> HaltSet | Refusal:
        if not wish.halt.is_on:
            logger.warning("Resume is not on disk: trading stays halted")
            return RESUME_NOT_ON_DISK
        logger.warning("Halt is not on disk: it ends with the process")
        return HaltSet(
            halt=wish.halt, is_on_disk=False, children_in_flight=children_in_flight
        )

    def _tell_ledger(self) -> None:
        if self._stored is None:
            self._context.tell(names.LEDGER, LoadHalt(reply_to=self._address))
        self._save_next()

    def _save_next(self) -> None:
        """Save the oldest setting; one at a time, so that none overtakes another."""
        if self._unsaved:
            message = SaveHalt(halt=self._unsaved[0], reply_to=self._address)
            self._context.tell(names.LEDGER, message)
