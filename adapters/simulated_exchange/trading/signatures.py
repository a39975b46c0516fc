"""Checks signatures of the venue's three kinds of keys.

rest-api.md and web-socket-api.md, "SIGNED endpoint security" (read 2026-07-21): HMAC
in hex of either case; RSA (PKCS#1 v1.5, SHA-256) and Ed25519 in base64.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from adapters.simulated_exchange.settings import SimulatorError


AS_SENT: Final = "surrogateescape"
"""How bytes that are no UTF-8 survive as text: a signature covers them as well."""


class Verifier(Protocol):
    """Knows one key's public or shared part."""

    @property
    def may_log_on(self) -> bool:
        """Whether `session.logon` takes this kind of key."""

    def accepts(self, payload: bytes, signature: str) -> bool:
        """Return whether the payload was signed with the key."""


class HmacVerifier:
    """A shared secret."""

    may_log_on = False

    def __init__(self, secret: str) -> None:
        """Take the secret as the client has it."""
        self.secret = secret

    def accepts(self, payload: bytes, signature: str) -> bool:
        """Return whether the payload was signed with the secret."""
        expected = hmac.new(self.secret.encode(), payload, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.lower().encode())


class RsaVerifier:
    """An RSA public key."""

    may_log_on = False

    def __init__(self, key: RSAPublicKey) -> None:
        """Take the public key."""
        self._key = key

    def accepts(self, payload: bytes, signature: str) -> bool:
        """Return whether the payload was signed with the private key."""
        try:
            self._key.verify(_decoded(signature), payload, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True


class Ed25519Verifier:
    """An Ed25519 public key."""

    may_log_on = True

    def __init__(self, key: Ed25519PublicKey) -> None:
        """Take the public key."""
        self._key = key

    def accepts(self, payload: bytes, signature: str) -> bool:
        """Return whether the payload was signed with the private key."""
        try:
            self._key.verify(_decoded(signature), payload)
        except InvalidSignature:
            return False
        return True


def read_public_key(pem: str) -> Verifier:
    """Return the verifier of a PEM text.

    Raises:
        SimulatorError: It is no public key of a kind that the venue takes.
    """
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SimulatorError("public_key is not a PEM public key") from error
    if isinstance(key, Ed25519PublicKey):
        return Ed25519Verifier(key)
    if isinstance(key, RSAPublicKey):
        return RsaVerifier(key)
    raise SimulatorError("public_key must be Ed25519 or RSA")


def rest_payload(query: str, body: str) -> bytes:
    """Return what a REST request signs: query and body as sent, less the signature."""
    return (_unsigned(query) + _unsigned(body)).encode("utf-8", AS_SENT)


def ws_payload(parameters: Iterable[tuple[str, str]]) -> bytes:
    """Return what a WebSocket API request signs: sorted by name, not encoded."""
    chosen = sorted(pair for pair in parameters if pair[0] != "signature")
    return "&".join(f"{name}={value}" for name, value in chosen).encode()


def _unsigned(encoded: str) -> str:
    if "signature=" not in encoded:
        return encoded
    parts = encoded.split("&")
    return "&".join(part for part in parts if not part.startswith("signature="))


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""
