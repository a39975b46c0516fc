"""The settings of ``halt`` and ``resume``: where the running service is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.configuration.command_options import (
    CONFIG,
    OTHER_VARIABLES,
    SHARED_OPTIONS,
)
from adapters.configuration.option_values import (
    host_of,
    port_of,
    switch_of,
    url_of,
)
from adapters.configuration.options import Option, Sources, gather
from adapters.configuration.secret_texts import secret_text
from domain.errors import ConfigurationError


TOKEN_VARIABLE: Final = "TRADE_EXECUTOR_TOKEN"  # noqa: S105 - its name
"""Or a file that TRADE_EXECUTOR_TOKEN_FILE names. Not an option: everybody on the
machine can read a command line."""

PLACE_OPTIONS: Final = (
    Option(
        name="host",
        read=host_of,
        default="127.0.0.1",
        metavar="ADDRESS",
        help="Address that the service listens on.",
    ),
    Option(
        name="port",
        read=port_of,
        default="8080",
        metavar="PORT",
        help="Port that the service listens on.",
    ),
    Option(
        name="url",
        read=url_of("http", "https"),
        metavar="URL",
        help="The service, in place of --host and --port.",
        command_line_only=True,
    ),
    CONFIG,
)
"""The options that say where a running service is."""

JSON: Final = Option(
    name="json",
    read=switch_of,
    default="false",
    is_flag=True,
    help="Print the service's own objects, for programs.",
    command_line_only=True,
)

SWITCH_OPTIONS: Final = (
    Option(
        name="reason",
        read=str,
        default="",
        metavar="TEXT",
        help="Kept with the switch, on disk.",
        command_line_only=True,
    ),
    JSON,
    *PLACE_OPTIONS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLocation:
    """Where a running service is."""

    host: str
    port: int
    url: str | None
    """Replaces host and port."""

    token: str = field(default="", repr=False)
    """That lets us call; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings(ServiceLocation):
    """Where a running service is, and how its answers are printed."""

    json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchSettings(ClientSettings):
    """The service that is to halt or resume, and the reason."""

    reason: str


def read_switch_settings(
    command_line: Mapping[str, str | None], environ: Mapping[str, str]
) -> SwitchSettings:
    """Read where the service is, and the reason.

    Raises:
        ConfigurationError: they do not say where it is; one line says why.
    """
    return SwitchSettings(**read_with_place(SWITCH_OPTIONS, command_line, environ))


def read_with_place(
    options: tuple[Option, ...],
    command_line: Mapping[str, str | None],
    environ: Mapping[str, str],
) -> dict[str, Any]:
    """Read where the service is, as the service itself reads where to listen.

    Args:
        options: to read; they include ``PLACE_OPTIONS``.
        command_line: text by field name; None, or no key, when not given.
        environ: the process's environment.

    Returns:
        Values by field name.

    Raises:
        ConfigurationError: something cannot be read; one line says why.
    """
    found = gather(
        options,
        Sources(command_line=command_line, environ=environ),
        shared=SHARED_OPTIONS,
        other_variables=OTHER_VARIABLES,
    )
    values = {**found.values}
    del values["config"]
    _check_place(found.origins, values["url"], values["port"])
    return {**values, "token": secret_text(TOKEN_VARIABLE, environ)}


def _check_place(origins: Mapping[str, str], url: str | None, port: int) -> None:
    """Check that the options say where the service is.

    Raises:
        ConfigurationError: its port is 0, and no URL is given.
    """
    if url is None and not port:
        problem = "0 does not say where the service listens; give its --url"
        raise ConfigurationError(f"{origins['port']}: {problem}")
