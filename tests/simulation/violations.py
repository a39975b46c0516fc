"""What a broken promise looks like."""


class ViolationError(AssertionError):
    """The service did what it must never do."""


class SimulatedCrashError(Exception):
    """An injected failure of an actor."""


class SimulatedKillError(BaseException):
    """The process was killed: nothing of it does another step."""


class Violations:
    """Collects broken promises.

    They are not raised where they are seen: inside an actor's handler that would only
    kill the actor, which its supervisor restarts.
    """

    def __init__(self) -> None:
        self.found: list[str] = []

    def check(self, holds: bool, text: str, *about: object) -> None:  # noqa: FBT001 - reads as a sentence
        """Note a violation unless the promise holds."""
        if not holds:
            self.found.append(" ".join((text, *(repr(one) for one in about))))

    def raise_first(self) -> None:
        """Raise when any was found."""
        if self.found:
            raise ViolationError(self.found[0])
