"""Binance's market data as recordings hold it: frames and bodies, byte for byte."""

from adapters.binance.market_data.frames import FrameParser
from adapters.binance.rest_replies import parse_depth, parse_exchange_info
from domain.market.updates import DepthSnapshot, DepthUpdate
from domain.ports.wire_format import WireFormat
from domain.values import Symbol
from domain.venue.symbol_rules import SymbolRules


class BinanceWireFormat(WireFormat):
    """The parsers of the live feed, without a connection."""

    def __init__(self) -> None:
        self._parser = FrameParser()

    def read_update(self, frame: bytes) -> DepthUpdate | None:
        """Read a frame of a combined stream; None when it is not a depth update."""
        message = self._parser.parse(frame)
        return message if isinstance(message, DepthUpdate) else None

    def read_snapshot(self, symbol: Symbol, body: bytes) -> DepthSnapshot:
        """Read the body of ``GET /api/v3/depth``."""
        return parse_depth(symbol, body)

    def read_rules(self, body: bytes) -> dict[Symbol, SymbolRules]:
        """Read the body of ``GET /api/v3/exchangeInfo``."""
        return parse_exchange_info(body)
