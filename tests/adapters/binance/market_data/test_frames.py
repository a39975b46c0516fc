"""The parser of stream frames, against payloads as the venue documents them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.binance.market_data.frames import (
    ControlReply,
    FrameParser,
    Ignored,
    ServerShutdown,
    stream_name,
)
from domain.errors import MalformedMessageError
from domain.market.updates import GONE, DepthUpdate, TopOfBook
from domain.values import Symbol


DEPTH = (
    b'{"stream":"bnbbtc@depth@100ms","data":{"e":"depthUpdate","E":1672515782136,'
    b'"s":"BNBBTC","U":157,"u":160,"b":[["0.0024","10"]],"a":[["0.0026","0.00"]]}}'
)
TICKER = (
    b'{"stream":"bnbusdt@bookTicker","data":{"u":400900217,"s":"BNBUSDT",'
    b'"b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000"}}'
)


def test_depth_frame_becomes_an_update_with_its_levels() -> None:
    assert FrameParser().parse(DEPTH, 7) == DepthUpdate(
        symbol=Symbol("BNBBTC"),
        first_update_id=157,
        last_update_id=160,
        bids=(("0.00240000", "10.00000000"),),
        asks=(("0.00260000", GONE),),
        received_ns=7,
    )


def test_book_ticker_without_event_name_is_told_by_its_stream() -> None:
    assert FrameParser().parse(TICKER, 9) == TopOfBook(
        symbol=Symbol("BNBUSDT"),
        update_id=400900217,
        bid=("25.35190000", "31.21000000"),
        ask=("25.36520000", "40.66000000"),
        received_ns=9,
    )


def test_second_frame_of_a_stream_reads_like_the_first() -> None:
    parser = FrameParser()

    assert parser.parse(DEPTH) == parser.parse(DEPTH.decode())


def test_amounts_keep_every_digit_that_a_float_would_lose() -> None:
    text = b"92233720368.54775807"

    message = FrameParser().parse(TICKER.replace(b"31.21000000", text))

    assert isinstance(message, TopOfBook)
    assert str(message.bid[1]) == text.decode()


def test_frame_with_its_keys_in_another_order_is_read() -> None:
    inner = DEPTH[DEPTH.index(b'{"e"') : -1]
    frame = b'{ "data": ' + inner + b', "stream": "bnbbtc@depth@100ms" }'

    assert FrameParser().parse(frame) == FrameParser().parse(DEPTH)


def test_symbol_outside_ascii_is_read() -> None:
    frame = DEPTH.replace(b"bnbbtc", "测试币456".encode())

    message = FrameParser().parse(frame.replace(b"BNBBTC", "测试币456".encode()))

    assert isinstance(message, DepthUpdate)
    assert message.symbol == "测试币456"


@pytest.mark.parametrize(
    "frame",
    [
        b'{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
        b'{"e":"serverShutdown","E":1770123456789}',
    ],
)
def test_server_shutdown_is_told_in_both_its_shapes(frame: bytes) -> None:
    assert FrameParser().parse(frame) == ServerShutdown()


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (b'{"stream":"bnbbtc@trade","data":{"e":"trade","p":"0.001"}}', "trade"),
        (b'{"stream":"bnbbtc@depth5","data":{"lastUpdateId":160}}', "depth5"),
        (b'{"stream":"bnbbtc@invented","data":{"e":"new","x":[{}]}}', "invented"),
        (b'{"stream":"!other","data":[]}', "!other"),
        (b'{"e":"invented","E":1}', "invented"),
    ],
)
def test_unknown_kinds_are_ignored_by_name(frame: bytes, kind: str) -> None:
    assert FrameParser().parse(frame) == Ignored(kind=kind)


@pytest.mark.parametrize(
    ("frame", "reply"),
    [
        (b'{"result":null,"id":1}', ControlReply(request_id=1)),
        (b'{"result":["a@b"],"id":"x-1"}', ControlReply(request_id="x-1")),
        (
            b'{"code":2,"msg":"Invalid request: no","id":3}',
            ControlReply(request_id=3, error="code 2: Invalid request: no"),
        ),
        (
            b'{"error":{"code":3,"msg":"Invalid JSON"},"id":null}',
            ControlReply(request_id=None, error="code 3: Invalid JSON"),
        ),
    ],
)
def test_answers_to_control_messages_are_read(
    frame: bytes, reply: ControlReply
) -> None:
    assert FrameParser().parse(frame) == reply


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00\xff",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        DEPTH[:-1],
        DEPTH + b"x",
        DEPTH.replace(b'"0.0024"', b'"NaN"'),
        DEPTH.replace(b'"0.0024"', b'"Infinity"'),
        DEPTH.replace(b'"0.0024"', b'"-0.0024"'),
        DEPTH.replace(b'"0.0024"', b'"0"'),
        DEPTH.replace(b'"0.0024"', b'"1e400"'),
        DEPTH.replace(b'"0.0024"', b"null"),
        DEPTH.replace(b'"10"', b'"-1"'),
        DEPTH.replace(b'["0.0024","10"]', b'["0.0024"]'),
        DEPTH.replace(b'"U":157', b'"U":161'),
        DEPTH.replace(b'"U":157', b'"U":-1'),
        DEPTH.replace(b'"u":160', b'"u":1e3'),
        DEPTH.replace(b'"u":160', b'"u":true'),
        DEPTH.replace(b'"s":"BNBBTC"', b'"s":"BNBUSDT"'),
        DEPTH.replace(b"depthUpdate", b"trade"),
        DEPTH.replace(b"BNBBTC", b"\xff\xfe"),
        TICKER.replace(b"25.35190000", b"sNaN"),
        TICKER.replace(b'"u":400900217', b'"u":-5'),
        TICKER.replace(b"31.21000000", b"-1"),
        b'{"stream":5,"data":{}}',
        b'{"stream":"bnbbtc@trade","data":{"p":',
        b'{"id":1}',
    ],
)
def test_frames_that_cannot_be_read_are_refused(frame: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        FrameParser().parse(frame)


def test_text_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(MalformedMessageError):
        FrameParser().parse('{"stream":"\ud800"}')


def test_names_of_streams_are_not_remembered_without_end() -> None:
    parser = FrameParser()

    for number in range(5_000):
        parser.parse(b'{"stream":"x%d@trade","data":{}}' % number)

    assert len(parser._readers) == 4096
    assert parser.parse(b'{"stream":"last@trade","data":{}}') == Ignored(kind="trade")


def test_stream_names_are_lower_case_up_to_the_kind() -> None:
    assert stream_name(Symbol("BNBUSDT"), "bookTicker") == "bnbusdt@bookTicker"


def _read_or_refuse(frame: bytes | str) -> None:
    parser = FrameParser()
    for _ in range(2):  # the second time by the remembered reader
        try:
            parser.parse(frame)
        except MalformedMessageError:
            continue


@given(st.binary())
def test_any_bytes_are_read_or_refused(frame: bytes) -> None:
    _read_or_refuse(frame)


@given(st.text())
def test_any_text_is_read_or_refused(frame: str) -> None:
    _read_or_refuse(frame)


@given(st.sampled_from([DEPTH, TICKER]), st.data())
def test_any_damage_to_a_frame_is_read_or_refused(
    frame: bytes, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(frame)))
    stop = data.draw(st.integers(start, min(len(frame), start + 8)))

    _read_or_refuse(frame[:start] + data.draw(st.binary(max_size=8)) + frame[stop:])


@given(st.text(alphabet="0123456789.eE-+_ NaInfity", max_size=12))
def test_any_amount_in_a_level_is_a_plain_number_or_refused(text: str) -> None:
    frame = DEPTH.replace(b'"10"', f'"{text}"'.encode())

    try:
        message = FrameParser().parse(frame)
    except MalformedMessageError:
        return

    assert isinstance(message, DepthUpdate)
    assert Decimal(message.bids[0][1]).is_finite()
    assert Decimal(message.bids[0][1]) >= 0
