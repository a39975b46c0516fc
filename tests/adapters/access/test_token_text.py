"""The text of a token, and what can go wrong when it is copied."""

import re
from collections.abc import Sequence

import pytest

from adapters.access.token_text import digest_of, is_well_formed, make_token


A_TOKEN = "te_0000000000000000000000000000003evLdI"  # noqa: S105 - nobody has it


def zeros(letters: Sequence[str]) -> str:
    return letters[0]


def test_token_has_prefix_30_letters_and_a_checksum() -> None:
    token = make_token()

    assert re.fullmatch(r"te_[0-9A-Za-z]{36}", token)
    assert is_well_formed(token)


def test_two_tokens_are_never_the_same() -> None:
    assert len({make_token() for _ in range(1000)}) == 1000


def test_checksum_is_crc32_in_base_62() -> None:
    """Scanners for secrets compute it, too: it stays as it is."""
    assert make_token(zeros) == A_TOKEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "te_",
        A_TOKEN[:-1],
        A_TOKEN + "0",
        A_TOKEN.replace("te_0", "te_1"),
        A_TOKEN.lower(),
        A_TOKEN.replace("te_", "gh_"),
        A_TOKEN.replace("00", "é0", 1),
        A_TOKEN[:-1] + "\udce9",
    ],
)
def test_mistyped_token_is_told_from_one_that_does_not_exist(text: str) -> None:
    assert not is_well_formed(text)


def test_any_text_has_a_digest() -> None:
    assert digest_of("é\udce9") != digest_of("é")
    assert len(digest_of(A_TOKEN)) == 32
