import pytest

from adapters.network.refusal_texts import refusal_in_one_line


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<html><head><title>x</title></head><h1>Go\n away</h1>", "HTTP 451: Go away"),
        ("<script>var a = 1 < 2</script><p>No</p><!-- x", "HTTP 451: No"),
        ("busy,\tcome\x00back", "HTTP 451: busy, come back"),
        ('{"error":"no code"}', 'HTTP 451: {"error":"no code"}'),
        ("", "HTTP 451 without a word"),
        ("<html></html>", "HTTP 451 without a word"),
    ],
)
def test_the_words_of_a_refusal_are_said_whatever_they_come_in(
    body: str, words: str
) -> None:
    assert refusal_in_one_line(451, body.encode()) == words


def test_words_that_the_server_has_of_its_own_stand_for_the_body() -> None:
    body = b'["EOrder:Rate limit exceeded"]'

    told = refusal_in_one_line(429, body, code="EOrder", words="Rate limit\nexceeded")

    assert told == "HTTP 429, EOrder: Rate limit exceeded"


def test_words_are_cut_and_need_not_be_text() -> None:
    assert len(refusal_in_one_line(500, b"x" * 100_000)) < 250
    assert refusal_in_one_line(500, b"\xff\xfe").startswith("HTTP 500: ")


def test_signatures_that_a_page_repeats_are_not_said() -> None:
    page = b"<p>You asked for /api/v3/order?a=1&signature=0a1b2c3d&b=2</p>"

    words = refusal_in_one_line(403, page)

    assert "0a1b2c3d" not in words
    assert "signature=...&b=2" in words
