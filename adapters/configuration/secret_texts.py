"""Reads the operator's keys: from the environment, or from private files.

Who needs them decides which variables there are; all of them are in
``SECRET_VARIABLES`` (``adapters/process/redaction.py``).
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from domain.errors import ConfigurationError


_SIZE_MAX: Final = 16_384

_OTHERS_MAY: Final = stat.S_IRWXG | stat.S_IRWXO
_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
"""Set by systemd: where it puts what ``LoadCredential`` names, for one service only."""

_PLAIN: Final = re.compile(r"[!-~]+")
"""Visible ASCII: a key goes into an HTTP header."""


def secret_text(variable: str, environ: Mapping[str, str]) -> str:
    """Return the variable's value, or that of the file that its ``_FILE`` twin names.

    Returns:
        one line without blanks; empty when nothing is set.

    Raises:
        ConfigurationError: it cannot be used; one line says why, without the secret.
    """
    text = environ.get(variable, "").strip()
    file_variable = f"{variable}_FILE"
    path = environ.get(file_variable, "").strip()
    if text and path:
        raise ConfigurationError(f"{variable} and {file_variable} are both set")
    origin = variable
    if path:
        origin = file_variable
        text = read_private_file(path, file_variable).strip()
    if text and _PLAIN.fullmatch(text) is None:
        raise ConfigurationError(f"{origin}: is not one line of plain characters")
    return text


def secret_lines(variable: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what blanks or lines separate in the variable, or in the file of its twin.

    Raises:
        ConfigurationError: it cannot be used; one line says why, without a secret.
    """
    text = environ.get(variable, "")
    file_variable = f"{variable}_FILE"
    path = environ.get(file_variable, "").strip()
    if text.strip() and path:
        raise ConfigurationError(f"{variable} and {file_variable} are both set")
    if path:
        text = read_private_file(path, file_variable)
    return tuple(text.split())


def read_private_file(path: str, origin: str) -> str:
    """Read a file of ASCII text that only its owner may open.

    Args:
        path: of the file.
        origin: the variable that names it, for messages.

    Raises:
        ConfigurationError: it is not such a file, or is empty or too large.
    """
    try:
        with Path(path).open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ConfigurationError(f"{origin}: {path} is not a file")
            if status.st_mode & _not_allowed(path):
                problem = "can be read by others than its owner; chmod 600 it"
                raise ConfigurationError(f"{origin}: {path} {problem}")
            body = file.read(_SIZE_MAX + 1)
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or "not a path"
        raise ConfigurationError(f"{origin}: cannot read {path}: {problem}") from None
    if not body.strip():
        raise ConfigurationError(f"{origin}: {path} is empty")
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{origin}: {path} holds no key") from None
    if len(body) > _SIZE_MAX:
        raise ConfigurationError(f"{origin}: {path} is too large for a key")
    return text


def _not_allowed(path: str) -> int:
    """Return the bits of the mode that a private file may not have."""
    folder = os.environ.get(_CREDENTIALS)
    if folder and Path(path).resolve().parent == Path(folder).resolve():
        # It may let the service read by an access list, whose mask is shown in place
        # of the group's rights.
        return _OTHERS_MAY & ~stat.S_IRGRP
    return _OTHERS_MAY
