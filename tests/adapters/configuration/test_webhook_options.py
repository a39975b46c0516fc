"""Only the operator names webhook targets, and only safe ones are taken."""

import pytest

from adapters.configuration.webhook_options import (
    KINDS_DEFAULT,
    webhook_kinds_of,
    webhook_urls_of,
)
from domain.orders.order import OrderStep


def test_targets_are_https_or_on_this_machine() -> None:
    text = "https://example.com/a?b=1, http://127.0.0.1:8000/x,http://[::1]/,https://10.0.0.1:8443"

    assert webhook_urls_of(text) == tuple(part.strip() for part in text.split(","))
    assert webhook_urls_of("") == ()


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "http://10.0.0.1/", "http://localhost.example.com/"),
        *(
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "example.com",
            "https://",
            "https:///x",
        ),
        *("https://user:secret@example.com/", "http://127.0.0.1@example.com/"),
        *("https://example.com:0/", "https://example.com:99999/", "https://[::1/"),
        *(
            "https://example.com/#part",
            "https://exa mple.com/",
            "https://example.com\\@x/",
        ),
    ],
)
def test_other_urls_are_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ValueError, match="URL 2 must read https") as refused:
        webhook_urls_of(f"https://example.com/,{url}")

    assert "secret" not in str(refused.value)


def test_a_target_is_named_once_and_there_are_eight_at_most() -> None:
    with pytest.raises(ValueError, match="twice"):
        webhook_urls_of("https://example.com/a,https://example.com/a")
    with pytest.raises(ValueError, match="more than 8"):
        webhook_urls_of(",".join(f"https://example.com/{n}" for n in range(9)))


def test_kinds_are_those_of_events() -> None:
    assert webhook_kinds_of("filled, HELD") == {OrderStep.FILLED, OrderStep.HELD}
    assert OrderStep.PART_FILLED in webhook_kinds_of(KINDS_DEFAULT)
    with pytest.raises(ValueError, match="'SOLD' is not one of ACCEPTED"):
        webhook_kinds_of("FILLED,SOLD")
