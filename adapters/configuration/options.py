"""Finds the value of every option: command line, environment, file, default."""

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from domain.errors import ConfigurationError


VARIABLE_PREFIX: Final = "TRADE_EXECUTOR_"
FILE_SIZE_MAX: Final = 1_000_000
INTEGER_MAX: Final = 2**64
"""No option takes a larger number, and Python refuses to print huge ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option: its name, and how its text is read wherever it came from."""

    name: str
    """As on the command line, without the dashes."""

    read: Callable[[str], object]
    """Raises ValueError with the problem."""

    help: str
    metavar: str = "TEXT"
    default: str | None = None
    """As text; None leaves the option without a value."""

    is_switch: bool = False
    is_flag: bool = False
    """A switch of the command line only, which is off unless it is given."""

    is_argument: bool = False
    """Given by position on the command line; implies ``required``."""

    is_optional: bool = False
    """An argument that may be left out."""

    required: bool = False
    command_line_only: bool = False

    @property
    def field(self) -> str:
        """Name of the field in the settings."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return f"{VARIABLE_PREFIX}{self.field.upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The values of all options of a command, by field."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    """Where a value was set, such as ``--port``; has no key for a default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All sources of options."""

    command_line: Mapping[str, str | None]
    """Text by field; None when not given."""

    environ: Mapping[str, str]
    """The process's environment; an empty text counts as not set."""


def gather(
    options: Iterable[Option],
    sources: Sources,
    *,
    shared: Collection[Option],
    other_variables: Collection[str] = (),
) -> Gathered:
    """Read the value of every option, from the source of highest precedence.

    Args:
        options: of the command.
        sources: the command line wins over the environment, that over the file that
            the option ``config`` names, and that over the default.
        shared: options that the environment and the file may set, for any command.
        other_variables: environment variables that are read elsewhere.

    Raises:
        ConfigurationError: an unknown name, a bad value or an unreadable file.
    """
    by_variable = {option.variable: option for option in shared}
    _refuse_unknown_variables(sources.environ, known=[*by_variable, *other_variables])
    path = sources.command_line.get("config") or sources.environ.get(
        f"{VARIABLE_PREFIX}CONFIG"
    )
    in_file = _read_file(path, shared) if path else {}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for option in options:
        text, origin = _find(option, sources, in_file, f"{option.name} in {path}")
        values[option.field] = _read(option, text, origin)
        if origin:
            origins[option.field] = origin
    return Gathered(values=values, origins=origins)


def _find(
    option: Option, sources: Sources, in_file: Mapping[str, str], place_in_file: str
) -> tuple[str | None, str]:
    given = sources.command_line.get(option.field)
    if given is not None:
        return given, option.name if option.is_argument else f"--{option.name}"
    if not option.command_line_only:
        if sources.environ.get(option.variable):
            return sources.environ[option.variable], option.variable
        if option.field in in_file:
            return in_file[option.field], place_in_file
    if option.required or (option.is_argument and not option.is_optional):
        name = option.metavar if option.is_argument else f"--{option.name}"
        raise ConfigurationError(f"{name} is missing")
    return option.default, ""


def _read(option: Option, text: str | None, origin: str) -> object:
    if text is None:
        return None
    if not text.isprintable():
        raise ConfigurationError(f"{origin}: holds a control character")
    try:
        return option.read(text)
    except ValueError as error:
        raise ConfigurationError(f"{origin}: {error}") from None


def _refuse_unknown_variables(
    environ: Mapping[str, str], known: Collection[str]
) -> None:
    for name in sorted(environ):
        if name.startswith(VARIABLE_PREFIX) and name not in known:
            hint = _nearest(name, known)
            raise ConfigurationError(f"unknown environment variable {name}{hint}")


def _read_file(path: str, shared: Collection[Option]) -> Mapping[str, str]:
    fields = {option.field: option for option in shared if option.field != "config"}
    texts: dict[str, str] = {}
    for key, value in _parse_file(path).items():
        field = key.replace("-", "_")
        if field not in fields:
            hint = _nearest(key, [option.name for option in fields.values()])
            raise ConfigurationError(f"{path}: unknown key {key!r}{hint}")
        if field in texts:
            raise ConfigurationError(f"{path}: key {key!r} is there twice")
        texts[field] = _as_text(path, key, value)
    return texts


def _parse_file(path: str) -> Mapping[str, Any]:
    try:
        with Path(path).open("rb") as file:
            body = file.read(FILE_SIZE_MAX + 1)
        if len(body) > FILE_SIZE_MAX:
            problem = f"is larger than {FILE_SIZE_MAX} bytes"
            raise ConfigurationError(f"{path}: {problem}")
        return tomllib.loads(body.decode(), parse_float=Decimal)
    except OSError as error:
        problem = error.strerror or str(error)
        raise ConfigurationError(f"cannot read {path}: {problem}") from error
    except (ValueError, RecursionError) as error:
        # TOMLDecodeError and UnicodeDecodeError are ValueErrors.
        raise ConfigurationError(f"{path} is not a TOML file: {error}") from error


def _as_text(path: str, key: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | Decimal):
        return str(value)
    if isinstance(value, int) and abs(value) <= INTEGER_MAX:
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    forms = "a text, a number, true, false or a list of texts"
    raise ConfigurationError(f"{path}: {key} must be {forms}")


def _nearest(name: str, known: Collection[str]) -> str:
    matches = get_close_matches(name, known, n=1)
    return f"; did you mean {matches[0]}?" if matches else ""
