from datetime import timedelta

from domain.venue.answers import moment_of
from tests.builders import NOW, at


def test_a_moment_is_itself_and_a_span_is_counted_back_from_now() -> None:
    assert moment_of(at(-7), NOW) == at(-7)
    assert moment_of(timedelta(seconds=7), NOW) == at(-7)
