"""All webhook targets, each with a thread of its own, so that none waits for another.

The threads are not waited for when the service stops: what was sent and not noted is
sent again, with the same id.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Final, Self

from adapters.webhooks.status import TargetStatus
from adapters.webhooks.target import Target


RETRY_SECONDS: Final = 1.0
"""After an error of the database."""

JOIN_SECONDS: Final = 0.25
"""Events committed within this time are read together, so that threads wake rarely."""

LEAVE_SECONDS: Final = 0.2
"""How long threads may take to end in good order."""

logger = logging.getLogger(__name__)


class Webhooks:
    """Tells the targets until it is closed."""

    def __init__(self, targets: Sequence[Target]) -> None:
        """Start no thread yet."""
        self._targets: Final = tuple(targets)
        self._closing: Final = threading.Event()
        self._threads: Final = [
            threading.Thread(
                target=self._tell, args=(one,), name="webhook", daemon=True
            )
            for one in self._targets
        ]

    def __enter__(self) -> Self:
        """Begin to tell."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End; see ``close``."""
        self.close()

    def close(self) -> None:
        """End; an attempt that is under way is left alone."""
        self._closing.set()
        for one in self._targets:
            one.subscription.wake()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(LEAVE_SECONDS / len(self._threads))

    def statuses(self) -> Sequence[TargetStatus]:
        """Return how each target is; never waits."""
        return [one.status for one in self._targets]

    def waiting(self) -> Mapping[str, float]:
        """Return how many events wait for each target."""
        return {one.name: one.waiting for one in self.statuses()}

    def oldest_timestamps(self) -> Mapping[str, float]:
        """Return when the first of them occurred, as Unix time; 0: there is none."""
        return {
            one.name: 0.0 if one.oldest is None else one.oldest.timestamp()
            for one in self.statuses()
        }

    def disabled(self) -> Mapping[str, float]:
        """Return 1 for each target that wants no more, else 0."""
        return {one.name: float(one.is_disabled) for one in self.statuses()}

    def dead(self) -> Mapping[str, float]:
        """Return how many messages to each target were given up, as far as shown."""
        return {one.name: len(one.dead) for one in self.statuses()}

    def _tell(self, target: Target) -> None:
        problem = ""
        while not self._closing.is_set():
            patience = target.patience_seconds()
            if not target.reads_events and self._closing.wait(patience):
                return
            try:
                target.turn(patience)
                problem = ""
                self._closing.wait(JOIN_SECONDS)
            except Exception as error:  # noqa: BLE001 - this thread's end is the service's
                if self._closing.is_set():
                    return
                if repr(error) != problem:
                    logger.warning(
                        "Webhook waits target=%s error=%r", target.name, error
                    )
                problem = repr(error)
                self._closing.wait(RETRY_SECONDS)
