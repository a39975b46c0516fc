"""Reads the parameters of a REST request and refuses them as the venue does."""

import json
import re
from collections.abc import Collection, Iterable

from adapters.simulated_exchange.market.symbols import SYMBOL_LEGAL, may_be_sent


INTEGER_LEGAL = "^[0-9]{1,20}$"
_INTEGER = re.compile(r"[0-9]{1,20}")
MICROSECONDS_FROM = 10**15
"""Times are in microseconds from this figure on."""
BAD_REQUEST = 400


class VenueError(Exception):
    """The venue's refusal: HTTP status, its own code and the text."""

    retry_after = 0
    """Seconds until it makes sense to ask again, for limits."""
    data: object = None
    """What some refusals carry beside code and text."""

    def __init__(self, code: int, text: str, status: int = BAD_REQUEST) -> None:
        """Say which refusal."""
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status


class Parameters:
    """The parameters of one request, each read at most by name and type.

    Raises:
        VenueError: -1101 for a repeated name, -1104 for one that the call never reads.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], known: frozenset[str]) -> None:
        """Take (name, value) pairs in the order sent."""
        self._values: dict[str, str] = {}
        for name, value in pairs:
            if name in self._values:
                raise VenueError(-1101, f"Duplicate values for parameter '{name}'.")
            self._values[name] = value
        read = sum(name in known for name in self._values)
        if read < len(self._values):
            message = (
                f"Not all sent parameters were read; read '{read}' parameter(s)"
                f" but was sent '{len(self._values)}'."
            )
            raise VenueError(-1104, message)

    def __contains__(self, name: str) -> bool:
        """Return whether the parameter was sent."""
        return name in self._values

    def symbol(self) -> str:
        """Return the mandatory symbol.

        Raises:
            VenueError: -1102 when it is missing or empty, -1100 when malformed.
        """
        value = self._values.get("symbol", "")
        if not value:
            raise missing("symbol")
        if not may_be_sent(value):
            raise illegal("symbol", SYMBOL_LEGAL)
        return value

    def symbols(self) -> list[str]:
        """Return the symbols of a JSON array such as `["A","B"]`.

        Raises:
            VenueError: -1100 when it is no such array, -1151 when a symbol repeats.
        """
        try:
            names = json.loads(self._values["symbols"])
        except ValueError:
            names = None
        one = SYMBOL_LEGAL[1:-1]
        legal = f'^\\["{one}"(,"{one}"){{0,}}\\]$'
        if not isinstance(names, list) or not names:
            raise illegal("symbols", legal)
        for name in names:
            if not isinstance(name, str) or not may_be_sent(name):
                raise illegal("symbols", legal)
        if len(set(names)) < len(names):
            raise VenueError(-1151, "Symbol is present multiple times in the list.")
        return names

    def limit(self, default: int, maximum: int) -> int:
        """Return the limit, cut to the maximum.

        Raises:
            VenueError: -1100 when it is no whole number, -1130 when it is zero.
        """
        text = self._values.get("limit")
        if text is None:
            return default
        if not _INTEGER.fullmatch(text):
            raise illegal("limit", INTEGER_LEGAL)
        if not int(text):
            raise VenueError(-1130, "Data sent for parameter 'limit' is not valid.")
        return min(int(text), maximum)

    def optional(self, name: str) -> str | None:
        """Return a text that may be left out.

        Raises:
            VenueError: -1105 when it was sent empty.
        """
        value = self._values.get(name)
        if value is not None and not value:
            raise VenueError(-1105, f"Parameter '{name}' was empty.")
        return value

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        """Return a text of a fixed set, if it was sent.

        Raises:
            VenueError: -1130 when it is another.
        """
        value = self.optional(name)
        if value is not None and value not in allowed:
            raise VenueError(-1130, f"Data sent for parameter '{name}' is not valid.")
        return value

    def integer(self, name: str) -> int | None:
        """Return a whole number, if it was sent.

        Raises:
            VenueError: -1105 or -1100.
        """
        value = self.optional(name)
        if value is None:
            return None
        if not _INTEGER.fullmatch(value):
            raise illegal(name, INTEGER_LEGAL)
        return int(value)

    def time_ms(self, name: str) -> int | None:
        """Return a time in ms, if it was sent in either unit."""
        value = self.integer(name)
        if value is not None and value >= MICROSECONDS_FROM:
            return value // 1000
        return value

    def status(self) -> str:
        """Return the symbolStatus asked for; TRADING when none is.

        Raises:
            VenueError: -1122 for an unknown status.
        """
        value = self._values.get("symbolStatus", "TRADING")
        if value not in {"TRADING", "HALT", "BREAK"}:
            raise VenueError(-1122, "Invalid symbolStatus.")
        return value


def missing(name: str) -> VenueError:
    """Return the refusal of a request without a mandatory parameter."""
    message = (
        f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )
    return VenueError(-1102, message)


def illegal(name: str, legal: str) -> VenueError:
    """Return the refusal of a text that does not match the venue's pattern."""
    message = (
        f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    )
    return VenueError(-1100, message)
