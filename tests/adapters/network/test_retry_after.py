from datetime import UTC, datetime

import pytest
from urllib3 import HTTPHeaderDict

from adapters.network.retry_after import retry_after_seconds


NOW = datetime(2026, 11, 30, 12, 0, 0, tzinfo=UTC)


def wanted(text: str, **more: str) -> float | None:
    return retry_after_seconds(HTTPHeaderDict({"retry-after": text, **more}), NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("1.5", 1.5),
        ("120, 60", 120),
        ("60,120", 120),
        ("soon, 7", 7),
        ("Mon, 30 Nov 2026 12:02:00 GMT", 120),
        ("Monday, 30-Nov-26 12:02:00 GMT", 120),
        ("Mon Nov 30 12:02:00 2026", 120),
        ("Mon, 30 Nov 2026 11:59:00 GMT", 0),
    ],
)
def test_seconds_and_dates_are_read(text: str, seconds: float) -> None:
    assert wanted(text) == seconds


def test_a_date_is_held_against_the_answers_own_date() -> None:
    date = "Mon, 30 Nov 2026 13:00:00 GMT"

    assert wanted("Mon, 30 Nov 2026 13:00:07 GMT", Date=date) == 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-1",
        "1.5.0",
        "\u0661",
        "1e9",
        "Mon, 99 Nov 2026 12:02:00 GMT",
        "Mon, 30 Nov 99999999999 12:02:00 GMT",
        "Mon, 30 Nov 2026 12:02:00 +9999999",
        "\x00",
        ",",
    ],
)
def test_what_makes_no_sense_says_nothing(text: str) -> None:
    assert wanted(text) is None


def test_a_number_of_any_length_is_a_number() -> None:
    assert wanted("9" * 5000) == float("inf")  # whoever obeys it knows a bound
