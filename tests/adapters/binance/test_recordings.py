"""The parsers against real recordings, where they are beside the project."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.binance.market_data.frames import FrameParser, Ignored
from adapters.binance.rest_replies import parse_depth, parse_exchange_info
from adapters.replay.recordings import Recording
from domain.market.updates import DepthUpdate, Statement, TopOfBook
from domain.values import Symbol


SESSIONS = ["btcusdt-20240808", "ethusdt-20240808", "multi-20260808", "small-20211012"]


def frames(session: Path) -> Iterator[bytes]:
    for _, frame in Recording(session).frames():
        yield frame


def as_text(levels: tuple[Statement, ...]) -> list[list[str]]:
    return [list(level) for level in levels]


@pytest.mark.parametrize("name", SESSIONS)
def test_every_recorded_frame_is_read_as_what_it_is(
    shared_market_data: Path, name: str
) -> None:
    parser = FrameParser()

    for frame in frames(shared_market_data / "sessions" / name):
        message = parser.parse(frame, 3)
        source = json.loads(frame)
        data = source["data"]
        match message:
            case DepthUpdate():
                assert data["e"] == "depthUpdate"
                assert [message.first_update_id, message.last_update_id] == [
                    data["U"],
                    data["u"],
                ]
                assert len(message.bids) == len(data["b"])
                assert as_text(message.asks) == data["a"]
            case TopOfBook():
                assert message.update_id == data["u"]
                assert as_text((message.bid,)) == [[data["b"], data["B"]]]
                assert as_text((message.ask,)) == [[data["a"], data["A"]]]
            case Ignored():
                assert source["stream"].partition("@")[2] == message.kind
            case _:
                pytest.fail(f"{frame!r} was read as {message}")


def test_kinds_of_a_recording_are_counted_as_its_manifest_does(
    shared_market_data: Path,
) -> None:
    parser = FrameParser()
    folder = shared_market_data / "sessions" / "btcusdt-20240808"

    kinds = Counter(type(parser.parse(frame)) for frame in frames(folder))

    assert kinds == {DepthUpdate: 3_451, TopOfBook: 28_040, Ignored: 9_757}


def test_recorded_snapshots_are_read(shared_market_data: Path) -> None:
    paths = sorted((shared_market_data / "sessions").rglob("*.snapshot.json"))
    assert len(paths) == 6

    for path in paths:
        symbol = Symbol(path.name.removesuffix(".snapshot.json"))
        body = path.read_bytes()
        snapshot = parse_depth(symbol, body)
        source = json.loads(body)
        assert snapshot.last_update_id == source["lastUpdateId"]
        assert as_text(snapshot.bids) == source["bids"]
        assert as_text(snapshot.asks) == source["asks"]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("spot-20211012-full.json.gz", 1_695),
        ("spot-20240908-subset.json", 15),
        ("spot-20250807-25symbols.json", 25),
    ],
)
def test_recorded_exchange_info_is_read(
    shared_market_data: Path, name: str, count: int
) -> None:
    path = shared_market_data / "exchange_info" / name
    body = path.read_bytes()

    rules = parse_exchange_info(gzip.decompress(body) if name.endswith("gz") else body)

    assert len(rules) == count
    for each in rules.values():
        assert each.tick_size > 0
        assert each.step_size > 0
        assert each.min_notional > 0


def test_steps_written_with_two_decimals_are_read(shared_market_data: Path) -> None:
    path = shared_market_data / "exchange_info" / "spot-20240908-subset.json"

    rules = parse_exchange_info(path.read_bytes(), {Symbol("SHIBUSDT")})

    assert rules[Symbol("SHIBUSDT")].step_size == 1
