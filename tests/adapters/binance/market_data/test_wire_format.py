"""What recordings hold is read as the live feed reads it."""

import pytest

from adapters.binance.market_data.wire_format import BinanceWireFormat
from domain.errors import MalformedMessageError
from domain.values import Symbol


BTC = Symbol("BTCUSDT")
DEPTH = (
    b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT",'
    b'"U":7,"u":9,"b":[["61700.10","2"]],"a":[]}}'
)
TRADE = b'{"stream":"btcusdt@trade","data":{"e":"trade","s":"BTCUSDT"}}'


def test_depth_frame_is_an_update() -> None:
    update = BinanceWireFormat().read_update(DEPTH)

    assert update is not None
    assert (update.symbol, update.first_update_id, update.last_update_id) == (BTC, 7, 9)
    assert update.bids == (("61700.10000000", "2.00000000"),)


def test_any_other_frame_is_none() -> None:
    assert BinanceWireFormat().read_update(TRADE) is None


def test_snapshot_and_rules_are_bodies_of_rest_calls() -> None:
    wire = BinanceWireFormat()

    snapshot = wire.read_snapshot(BTC, b'{"lastUpdateId":7,"bids":[],"asks":[]}')

    assert (snapshot.symbol, snapshot.last_update_id) == (BTC, 7)
    assert wire.read_rules(b'{"symbols":[]}') == {}


def test_what_cannot_be_read_is_said_to_be_malformed() -> None:
    wire = BinanceWireFormat()

    with pytest.raises(MalformedMessageError):
        wire.read_update(DEPTH[:-1])
    with pytest.raises(MalformedMessageError):
        wire.read_snapshot(BTC, b"[]")
    with pytest.raises(MalformedMessageError):
        wire.read_rules(b"[]")
