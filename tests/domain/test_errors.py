import pytest

from domain import errors
from domain.errors import (
    InvalidAmountError,
    InvalidRequestError,
    TenureLostError,
    TradeExecutorError,
    UnavailableError,
    UnreadableRecordError,
)


LEAVES = [
    found
    for found in vars(errors).values()
    if isinstance(found, type) and not found.__subclasses__()
]
NEITHER = (UnreadableRecordError,)
"""Nothing is wrong about the request, and no later one will work."""

ENDED = "taken over by a service that has ended"


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_is_either_invalid_or_unavailable(leaf: type[Exception]) -> None:
    kinds = [issubclass(leaf, kind) for kind in (InvalidRequestError, UnavailableError)]

    assert issubclass(leaf, TradeExecutorError)
    assert kinds.count(True) == (leaf not in NEITHER)
    assert leaf.__name__.endswith("Error")


def test_amount_error_shows_a_short_text_whole() -> None:
    error = InvalidAmountError(text="1e5", problem="is not a plain decimal number")

    assert str(error) == "'1e5' is not a plain decimal number"


def test_amount_error_shows_only_the_start_of_a_long_text() -> None:
    error = InvalidAmountError(text="9" * 41, problem="is too long")

    assert str(error) == f"'{'9' * 40}...' is too long"
    assert (error.text, error.problem) == ("9" * 41, "is too long")
    assert str(InvalidAmountError(text="9" * 40, problem="is")) == f"'{'9' * 40}' is"


@pytest.mark.parametrize(
    ("newer", "owner", "words"),
    [
        (8, "vm pid 7", "taken over by vm pid 7; epoch is 8, ours is 7"),
        (8, "", f"{ENDED}; epoch is 8, ours is 7"),
        (7, "vm pid 7", "it was last taken over by vm pid 7; epoch is 7, ours is 7"),
        (
            6,
            "",
            "it was last taken over by a service that has ended; epoch is 6, ours is 7",
        ),
        (6, "", f"it was last {ENDED}; epoch is 6, ours is 7"),
        (None, None, "its tenure is gone; epoch is None, ours is 7"),
    ],
)
def test_only_a_higher_epoch_is_that_of_a_service_that_took_over(
    newer: int | None, owner: str | None, words: str
) -> None:
    error = TenureLostError(epoch=7, newer=newer, owner=owner)

    assert str(error) == words
    assert error.is_replaced is (newer != 8)
    assert (error.epoch, error.newer, error.owner) == (7, newer, owner)


def test_a_database_that_lacks_what_was_committed_is_another_one() -> None:
    error = TenureLostError(epoch=7, newer=7, owner="vm pid 7", is_older=True)

    assert str(error).startswith("it lacks what this service has committed")
    assert error.is_replaced


def test_unreadable_record_names_its_order() -> None:
    error = UnreadableRecordError("ORDER1")

    assert str(error) == "the records of order ORDER1 on disk are unreadable"
