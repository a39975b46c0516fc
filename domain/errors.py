"""The two kinds of error: a request that can never work, and a part out of reach.

One is neither: records on disk are unreadable, and a person has to repair them.

A bug is not in this tree: an ``AssertionError`` or ``TypeError`` kills the actor,
which its supervisor restarts. An expected "no" inside the service is not in it
either: it is a ``domain.refusals.Refusal``, a value.
"""


class TradeExecutorError(Exception):
    """Root of every error that this service raises on purpose."""


class InvalidRequestError(TradeExecutorError):
    """The request can never work as it stands."""


class InvalidAmountError(InvalidRequestError):
    """A text is not a price or a quantity."""

    def __init__(self, *, text: str, problem: str) -> None:
        self.text = text
        self.problem = problem
        shown = text if len(text) <= 40 else f"{text[:40]}..."  # noqa: PLR2004 - only shortens the message
        super().__init__(f"{shown!r} {problem}")


class ConfigurationError(InvalidRequestError):
    """An option, file or environment variable cannot be used; one line says why."""


class MalformedMessageError(InvalidRequestError):
    """The venue, or a recording, said something that cannot be read."""


class ImpossibleMessageError(MalformedMessageError):
    """The venue said something that can be read but cannot be true."""


class PositionBeyondEndError(InvalidRequestError):
    """A subscriber has come back with a position that its database never gave.

    The database is another one, or an older copy was restored. What the subscriber has
    seen is not the history of this database; it has to begin anew.
    """

    def __init__(self, *, position: object, highest: object) -> None:
        super().__init__(
            f"position {position} is beyond the last event on disk, {highest}: "
            "the database was replaced, or restored from a backup"
        )


class UnavailableError(TradeExecutorError):
    """The request may work later."""


class StoreUnavailableError(UnavailableError):
    """The database is full, locked or out of reach.

    Nothing was written, unless it is ``StoreOutcomeUnknownError``.
    """


class StoreOutcomeUnknownError(StoreUnavailableError):
    """The database failed while committing: everything was written, or nothing."""


class TenureLostError(UnavailableError):
    """The database is no longer ours: we write and send nothing more.

    Another service has taken it over, or another database is in its place. Nothing was
    written, and no retry of ours will ever be; that service may serve the request.
    """

    def __init__(
        self,
        *,
        epoch: int,
        newer: int | None,
        owner: str | None,
        is_older: bool = False,
    ) -> None:
        """Say how it was lost.

        Args:
            epoch: ours.
            newer: what the database has in its place; None if it has none.
            owner: likewise.
            is_older: whether what we have committed is missing.
        """
        self.epoch = epoch
        self.newer = newer
        self.owner = owner
        self.is_replaced = newer is None or newer <= epoch
        """Whether it is another database, such as a restored copy: a service that takes
        ours over always raises the epoch."""

        if owner is None:
            words = "its tenure is gone"
        elif is_older:
            words = "it lacks what this service has committed"
        elif self.is_replaced:
            words = f"it was last taken over by {owner or 'a service that has ended'}"
        else:
            words = f"taken over by {owner or 'a service that has ended'}"
        super().__init__(f"{words}; epoch is {newer}, ours is {epoch}")


class UnreadableRecordError(TradeExecutorError):
    """An order's records on disk are unreadable; a person has to repair them."""

    def __init__(self, order_id: str) -> None:
        super().__init__(f"the records of order {order_id} on disk are unreadable")


class DeskTimeoutError(UnavailableError):
    """No answer came in time; it is unknown whether the request was carried out."""


class VenueUnavailableError(UnavailableError):
    """The venue did not answer, or refused to for now."""
