"""How a venue writes its market data; the port of what reads recordings."""

from collections.abc import Mapping
from typing import Protocol

from domain.market.updates import DepthSnapshot, DepthUpdate
from domain.values import Symbol
from domain.venue.symbol_rules import SymbolRules


class WireFormat(Protocol):
    """Reads bytes as the venue sent them. For one thread at a time."""

    def read_update(self, frame: bytes) -> DepthUpdate | None:
        """Read a frame of a stream; None when it is no depth update.

        Raises:
            MalformedMessageError: it cannot be read.
        """
        ...

    def read_snapshot(self, symbol: Symbol, body: bytes) -> DepthSnapshot:
        """Read the answer to a request for the symbol's book.

        Raises:
            MalformedMessageError: it cannot be read.
        """
        ...

    def read_rules(self, body: bytes) -> Mapping[Symbol, SymbolRules]:
        """Read the answer to a request for the rules of all symbols.

        Raises:
            MalformedMessageError: it cannot be read.
        """
        ...
