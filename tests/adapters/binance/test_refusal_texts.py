import pytest

from adapters.binance.refusal_texts import words_of_refusal


RESTRICTED = (
    "Service unavailable from a restricted location according to 'b. Eligibility' in "
    "the terms of use."
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"code":-1121,"msg":"Invalid symbol."}', "HTTP 451, -1121: Invalid symbol."),
        (f'{{"code":0,"msg":"{RESTRICTED}"}}', f"HTTP 451: {RESTRICTED}"),
        ("<html><head><title>x</title></head><h1>Go\n away</h1>", "HTTP 451: Go away"),
        ("<script>var a = 1 < 2</script><p>No</p><!-- x", "HTTP 451: No"),
        ("busy,\tcome\x00back", "HTTP 451: busy, come back"),
        ('{"error":"no code"}', 'HTTP 451: {"error":"no code"}'),
        ('{"code":"-1","msg":"text"}', 'HTTP 451: {"code":"-1","msg":"text"}'),
        ("", "HTTP 451 without a word"),
        ("<html></html>", "HTTP 451 without a word"),
    ],
)
def test_the_words_of_a_refusal_are_said_whatever_they_come_in(
    body: str, words: str
) -> None:
    assert words_of_refusal(451, body.encode()) == words


def test_words_are_cut_and_need_not_be_text() -> None:
    assert len(words_of_refusal(500, b"x" * 100_000)) < 250
    assert words_of_refusal(500, b"\xff\xfe").startswith("HTTP 500: ")


def test_signatures_that_a_page_repeats_are_not_said() -> None:
    page = b"<p>You asked for /api/v3/order?a=1&signature=0a1b2c3d&b=2</p>"

    words = words_of_refusal(403, page)

    assert "0a1b2c3d" not in words
    assert "signature=...&b=2" in words
