"""The text of a token: ``te_``, 30 random letters and digits, 6 of a checksum.

The beginning lets scanners for secrets find one that was published. The checksum tells
a token that was mistyped or cut off from one that does not exist. Only a token's
SHA-256 is kept anywhere: the token has 178 random bits, so nobody can guess it from
that, and a slow hash would only slow the callers.
"""

import hashlib
import secrets
import string
import zlib
from collections.abc import Callable, Sequence
from typing import Final


PREFIX: Final = "te_"
RANDOM_LENGTH: Final = 30
CHECKSUM_LENGTH: Final = 6
"""Enough for 32 bits in base 62."""

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH: Final = len(PREFIX) + RANDOM_LENGTH + CHECKSUM_LENGTH

_LETTERS: Final = frozenset(ALPHABET)


def make_token(choose: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """Make a token that nobody has.

    Args:
        choose: draws one of the letters, so that nobody can foresee it.
    """
    body = PREFIX + "".join(choose(ALPHABET) for _ in range(RANDOM_LENGTH))
    return body + _checksum(body)


def digest_of(token: str) -> bytes:
    """Return what is kept of a token: 32 bytes."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def is_well_formed(text: str) -> bool:
    """Whether a text may be a token: not mistyped, and all of it."""
    if len(text) != LENGTH or not text.startswith(PREFIX):
        return False
    body, checksum = text[:-CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    if not _LETTERS.issuperset(body.removeprefix(PREFIX)):
        return False
    return _checksum(body) == checksum


def _checksum(body: str) -> str:
    rest = zlib.crc32(body.encode("ascii"))
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
