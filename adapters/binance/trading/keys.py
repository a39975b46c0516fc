"""The account's keys: where they are read from, and how they sign.

Source: Binance spot API documentation, request security (2026-07-21): HMAC-SHA-256 in
hex, RSA (PKCS#1 v1.5, SHA-256) and Ed25519 in base64.
"""

import hashlib
import hmac
import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC, RSA
from Crypto.Signature import eddsa, pkcs1_15

from adapters.configuration.secret_texts import read_private_file, secret_text
from domain.errors import ConfigurationError


KEY_VARIABLE: Final = "TRADE_EXECUTOR_API_KEY"
SECRET_VARIABLE: Final = "TRADE_EXECUTOR_API_SECRET"  # noqa: S105 - only its name
PRIVATE_KEY_VARIABLE: Final = "TRADE_EXECUTOR_PRIVATE_KEY_FILE"
RSA_BITS_MIN: Final = 2048

_PEM_LINE_MIN: Final = 16


class Signer(Protocol):
    """Signs with a private key. Thread-safe."""

    def sign(self, payload: bytes) -> bytes:
        """Return the raw signature."""
        ...


class _RsaSigner:
    def __init__(self, key: RSA.RsaKey) -> None:
        self._scheme = pkcs1_15.new(key)

    def sign(self, payload: bytes) -> bytes:
        return self._scheme.sign(SHA256.new(payload))


class _Ed25519Signer:
    def __init__(self, key: ECC.EccKey) -> None:
        self._scheme = eddsa.new(key, "rfc8032")

    def sign(self, payload: bytes) -> bytes:
        return self._scheme.sign(payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An API key and its secret or private key; none of it is ever shown."""

    api_key: str = field(repr=False)
    api_secret: str = field(default="", repr=False)
    """Of HMAC; empty when a private key signs."""

    private_key: str = field(default="", repr=False)
    """PEM text; empty when the secret signs."""

    signer: Signer | None = field(default=None, repr=False, compare=False)
    """Of the private key."""

    kind: str = "HMAC"
    """``HMAC``, ``RSA`` or ``Ed25519``."""

    def sign(self, payload: bytes) -> str:
        """Return the signature as the venue wants it, not percent-encoded."""
        if self.signer is not None:
            return b64encode(self.signer.sign(payload)).decode()
        return hmac.new(self.api_secret.encode(), payload, hashlib.sha256).hexdigest()

    def secrets(self) -> tuple[str, ...]:
        """Return every text that must never be logged; PEM also line by line."""
        lines = self.private_key.split()
        long = [line for line in lines if len(line) >= _PEM_LINE_MIN]
        texts = (self.api_key, self.api_secret, self.private_key.strip(), *long)
        return tuple(text for text in texts if text)


def read_credentials(environ: Mapping[str, str]) -> Credentials | None:
    """Read the keys from the environment, or from the files that it names.

    Returns:
        None when nothing is set.

    Raises:
        ConfigurationError: when they cannot be used; one line says why, and does not
            hold the key.
    """
    api_key = secret_text(KEY_VARIABLE, environ)
    secret = secret_text(SECRET_VARIABLE, environ)
    path = environ.get(PRIVATE_KEY_VARIABLE, "").strip()
    if secret and path:
        problem = f"{SECRET_VARIABLE} and {PRIVATE_KEY_VARIABLE} are both set"
        raise ConfigurationError(f"{problem}; which one signs?")
    if not api_key and not secret and not path:
        return None
    if not api_key:
        given = SECRET_VARIABLE if secret else PRIVATE_KEY_VARIABLE
        raise ConfigurationError(f"{given} is set, but {KEY_VARIABLE} is missing")
    if secret:
        return Credentials(api_key=api_key, api_secret=secret)
    if not path:
        needed = f"needs {SECRET_VARIABLE} or {PRIVATE_KEY_VARIABLE}"
        raise ConfigurationError(f"{KEY_VARIABLE} {needed}")
    return _with_private_key(api_key, path)


def required_credentials(
    origin: str, environ: Mapping[str, str] = os.environ
) -> Credentials:
    """Read the account's keys, which are required.

    Args:
        origin: what needs them, such as ``--trading live``.
        environ: the process's environment.

    Raises:
        ConfigurationError: there are none, or they cannot be used.
    """
    credentials = read_credentials(environ)
    if credentials is None:
        names = f"{KEY_VARIABLE} with {SECRET_VARIABLE} or {PRIVATE_KEY_VARIABLE}"
        raise ConfigurationError(f"{origin} needs keys: {names}")
    return credentials


def _with_private_key(api_key: str, path: str) -> Credentials:
    text = read_private_file(path, PRIVATE_KEY_VARIABLE)
    kind, signer = _signer_of(text, f"{PRIVATE_KEY_VARIABLE}: {path}")
    return Credentials(api_key=api_key, private_key=text, signer=signer, kind=kind)


def _signer_of(text: str, origin: str) -> tuple[str, Signer]:
    if "ENCRYPTED" in text:
        problem = "is encrypted; a key without a passphrase is needed"
        raise ConfigurationError(f"{origin} {problem}")
    if "PRIVATE KEY" not in text:
        raise ConfigurationError(f"{origin} is not a private key in PEM form")
    try:
        rsa = RSA.import_key(text)
    except (ValueError, IndexError, TypeError):
        return "Ed25519", _ed25519_of(text, origin)
    if not rsa.has_private() or rsa.size_in_bits() < RSA_BITS_MIN:
        raise ConfigurationError(f"{origin} is not an RSA key of 2048 bits or more")
    return "RSA", _RsaSigner(rsa)


def _ed25519_of(text: str, origin: str) -> Signer:
    try:
        key = ECC.import_key(text)
    except (ValueError, IndexError, TypeError):
        raise ConfigurationError(f"{origin} is no key that can be read") from None
    if key.curve != "Ed25519" or not key.has_private():
        raise ConfigurationError(f"{origin} is neither an RSA nor an Ed25519 key")
    return _Ed25519Signer(key)
