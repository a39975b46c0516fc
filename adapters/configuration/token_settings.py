"""The settings of ``token``: which one, and in which database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.access.callers import RESERVED_NAMES
from adapters.access.scopes import Scope
from adapters.configuration.command_options import (
    CONFIG,
    DATABASE,
    OTHER_VARIABLES,
    SHARED_OPTIONS,
)
from adapters.configuration.option_values import choice_of
from adapters.configuration.options import Option, Sources, gather
from adapters.configuration.switch_settings import JSON


_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,35}", re.ASCII)


def _name_of(text: str) -> str:
    if _NAME.fullmatch(text) is None:
        raise ValueError("must be 1 to 36 of A-Z a-z 0-9 . _ -, such as trading-bot")
    if text in RESERVED_NAMES:
        raise ValueError(f"{text} is the service's own name for callers without one")
    return text


_TOKEN: Final = Option(
    name="name",
    read=_name_of,
    metavar="NAME",
    help="Who uses it, such as trading-bot.",
    required=True,
    is_argument=True,
    command_line_only=True,
)
_WHERE: Final = (DATABASE, CONFIG)

CREATE_OPTIONS: Final = (
    _TOKEN,
    Option(
        name="scope",
        read=choice_of(Scope),
        metavar="|".join(Scope),
        help="What it may do; each includes the one before.",
        required=True,
        command_line_only=True,
    ),
    *_WHERE,
)
REVOKE_OPTIONS: Final = (_TOKEN, *_WHERE)
LIST_OPTIONS: Final = (JSON, *_WHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDatabase:
    """Where the tokens are."""

    database: str
    """URL; may hold a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTokenSettings(TokenDatabase):
    """A token that is to be made."""

    name: str
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeTokenSettings(TokenDatabase):
    """A token that is to be revoked."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTokensSettings(TokenDatabase):
    """How the tokens are to be printed."""

    json: bool


def read_create_settings(
    command_line: Mapping[str, str | None], environ: Mapping[str, str]
) -> CreateTokenSettings:
    """Read which token to make.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return CreateTokenSettings(**_read(CREATE_OPTIONS, command_line, environ))


def read_revoke_settings(
    command_line: Mapping[str, str | None], environ: Mapping[str, str]
) -> RevokeTokenSettings:
    """Read which token to revoke.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return RevokeTokenSettings(**_read(REVOKE_OPTIONS, command_line, environ))


def read_list_settings(
    command_line: Mapping[str, str | None], environ: Mapping[str, str]
) -> ListTokensSettings:
    """Read how to list the tokens.

    Raises:
        ConfigurationError: it cannot be read; one line says why.
    """
    return ListTokensSettings(**_read(LIST_OPTIONS, command_line, environ))


def _read(
    options: tuple[Option, ...],
    command_line: Mapping[str, str | None],
    environ: Mapping[str, str],
) -> dict[str, Any]:
    found = gather(
        options,
        Sources(command_line=command_line, environ=environ),
        shared=SHARED_OPTIONS,
        other_variables=OTHER_VARIABLES,
    )
    values = {**found.values}
    del values["config"]
    return values
