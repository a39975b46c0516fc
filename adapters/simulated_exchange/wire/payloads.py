"""The venue's bytes for every event and reply of market data.

Shapes as the venue documents them (binance-spot-api-docs, web-socket-streams.md and
rest-api.md, read 2026-07-21). Times are milliseconds here; `to_microseconds` rewrites
a finished payload for a connection that asked for the finer unit.
"""

import re
from collections.abc import Iterable

from adapters.simulated_exchange.market.amounts import to_text
from adapters.simulated_exchange.market.market_events import (
    DepthChanged,
    ScaledLevels,
    TouchChanged,
    TradePrinted,
    TradesAggregated,
)
from adapters.simulated_exchange.market.source import (
    AveragePrice,
    TextLevels,
    TouchView,
    VisibleBook,
)


_TIME_FIELD = re.compile(rb'("[ETOC]"|"k":{"t"):(\d{13})(?=[,}])')
_KLINE_END = re.compile(rb'("k":{"t":\d{16},"T":\d{13})000')


def combined(stream: str, data: bytes) -> bytes:
    """Wrap a payload for a connection in combined mode."""
    return b'{"stream":"%b","data":%b}' % (stream.encode(), data)


def to_microseconds(data: bytes) -> bytes:
    """Return the payload with its times in microseconds."""
    data = _TIME_FIELD.sub(rb"\1:\g<2>000", data)
    return _KLINE_END.sub(rb"\g<1>999", data)


def _levels(levels: ScaledLevels) -> str:
    return ",".join(f'["{to_text(p)}","{to_text(q)}"]' for p, q in levels)


def _text_levels(levels: TextLevels) -> str:
    return ",".join(f'["{price}","{quantity}"]' for price, quantity in levels)


def depth_update(event: DepthChanged, event_ms: int) -> bytes:
    """Return a diff depth event."""
    return (
        f'{{"e":"depthUpdate","E":{event_ms},"s":"{event.symbol}",'
        f'"U":{event.first_id},"u":{event.last_id},'
        f'"b":[{_levels(event.bids)}],"a":[{_levels(event.asks)}]}}'
    ).encode()


def book_ticker(event: TouchChanged) -> bytes:
    """Return a bookTicker event, which carries neither type nor time."""
    return (
        f'{{"u":{event.update_id},"s":"{event.symbol}",'
        f'"b":"{to_text(event.bid)}","B":"{to_text(event.bid_quantity)}",'
        f'"a":"{to_text(event.ask)}","A":"{to_text(event.ask_quantity)}"}}'
    ).encode()


def trade(event: TradePrinted, event_ms: int) -> bytes:
    """Return a trade event."""
    return (
        f'{{"e":"trade","E":{event_ms},"s":"{event.symbol}","t":{event.trade_id},'
        f'"p":"{to_text(event.price)}","q":"{to_text(event.quantity)}","T":{event_ms},'
        f'"m":{_boolean(event.buyer_is_maker)},"M":true}}'
    ).encode()


def aggregate_trade(event: TradesAggregated, event_ms: int) -> bytes:
    """Return an aggTrade event."""
    return (
        f'{{"e":"aggTrade","E":{event_ms},"s":"{event.symbol}","a":{event.aggregate_id},'
        f'"p":"{to_text(event.price)}","q":"{to_text(event.quantity)}",'
        f'"f":{event.first_trade_id},"l":{event.last_trade_id},"T":{event_ms},'
        f'"m":{_boolean(event.buyer_is_maker)},"M":true}}'
    ).encode()


def average_price(symbol: str, average: AveragePrice, event_ms: int) -> bytes:
    """Return an avgPrice event."""
    return (
        f'{{"e":"avgPrice","E":{event_ms},"s":"{symbol}","i":"{average.minutes}m",'
        f'"w":"{average.price}","T":{average.close_time_ms}}}'
    ).encode()


def depth_snapshot(book: VisibleBook) -> bytes:
    """Return a REST depth reply, which is also the payload of partial depth."""
    if book.body is not None:
        return book.body
    return (
        f'{{"lastUpdateId":{book.last_update_id},'
        f'"bids":[{_text_levels(book.bids)}],"asks":[{_text_levels(book.asks)}]}}'
    ).encode()


def touch(symbol: str, view: TouchView) -> str:
    """Return one element of a REST bookTicker reply."""
    return (
        f'{{"symbol":"{symbol}","bidPrice":"{view.bid}","bidQty":"{view.bid_quantity}",'
        f'"askPrice":"{view.ask}","askQty":"{view.ask_quantity}"}}'
    )


def server_shutdown(event_ms: int) -> bytes:
    """Return the farewell that arrives without any subscription."""
    return f'{{"e":"serverShutdown","E":{event_ms}}}'.encode()


def array(elements: Iterable[str]) -> bytes:
    """Return a JSON array of finished elements."""
    return f"[{','.join(elements)}]".encode()


def _boolean(value: bool) -> str:  # noqa: FBT001 - a formatter of booleans
    return "true" if value else "false"
