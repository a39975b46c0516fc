"""Reads the parameters of signed calls, on top of those of market data."""

import re

from adapters.simulated_exchange.market.amounts import DECIMALS, to_scaled
from adapters.simulated_exchange.rest.parameters import (
    Parameters,
    VenueError,
    illegal,
    missing,
)


SIGNED = frozenset({"timestamp", "recvWindow", "signature", "apiKey"})
AMOUNT_LEGAL = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"
_AMOUNT = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?")
CLIENT_ID_LEGAL = "^[a-zA-Z0-9-_]{1,36}$"
_CLIENT_ID = re.compile(r"[a-zA-Z0-9\-_]{1,36}")


class CallParameters(Parameters):
    """The parameters of one signed call."""

    def text(self, name: str) -> str:
        """Return a mandatory text.

        Raises:
            VenueError: -1102 when it is missing or empty.
        """
        value = self._values.get(name, "")
        if not value:
            raise missing(name)
        return value

    def amount(self, name: str) -> int:
        """Return a mandatory amount in 1e-8, above zero.

        Raises:
            VenueError: -1102, -1100, -1111 or -1013.
        """
        value = self.text(name)
        if not _AMOUNT.fullmatch(value):
            raise illegal(name, AMOUNT_LEGAL)
        if len(value.partition(".")[2].rstrip("0")) > DECIMALS:
            raise VenueError(-1111, f"Parameter '{name}' has too much precision.")
        scaled = to_scaled(value)
        if not scaled:
            raise VenueError(-1013, f"Invalid {name}.")
        return scaled

    def client_id(self, name: str) -> str | None:
        """Return a client's own id, if it was sent.

        Raises:
            VenueError: -1118 when it is empty, -1100 when malformed.
        """
        value = self._values.get(name)
        if value is None:
            return None
        if not value:
            raise VenueError(-1118, "New client order ID was empty.")
        if not _CLIENT_ID.fullmatch(value):
            raise illegal(name, CLIENT_ID_LEGAL)
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean; false when it was not sent.

        Raises:
            VenueError: -1130 when it is neither true nor false.
        """
        value = self.choice(name, ("true", "false", "TRUE", "FALSE"))
        return value is not None and value.lower() == "true"
