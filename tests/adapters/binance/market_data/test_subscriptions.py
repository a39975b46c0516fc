"""What a connection asks for and what of it is confirmed."""

import json

import pytest

from adapters.binance.market_data.frames import ControlReply
from adapters.binance.market_data.subscriptions import (
    STREAMS_PER_REQUEST,
    URL_STREAMS_CHARACTERS_MAX,
    Subscriptions,
)
from adapters.network.pacing import SECOND_NS
from domain.errors import VenueUnavailableError
from domain.values import Symbol


BNB = Symbol("BNBUSDT")


def subscriptions(
    *symbols: Symbol, suffixes: tuple[str, ...] = ("depth@100ms",)
) -> Subscriptions:
    return Subscriptions(suffixes=suffixes, symbols=symbols, answer_wait_seconds=10)


def many(count: int) -> list[Symbol]:
    return [Symbol(f"SYMBOL{number}USDT") for number in range(count)]


def test_url_holds_what_fits_and_messages_the_rest() -> None:
    wanted = many(400)
    asked = subscriptions(*wanted)

    streams, in_url = asked.for_url()
    requests = []
    while request := asked.next_request(0):
        requests.append(json.loads(request))

    assert len(streams) <= URL_STREAMS_CHARACTERS_MAX
    named = streams.split("/") + [name for each in requests for name in each["params"]]
    assert named == [f"{symbol.lower()}@depth@100ms" for symbol in wanted]
    assert len(in_url) > 100
    assert max(len(each["params"]) for each in requests) == STREAMS_PER_REQUEST
    assert len({each["id"] for each in requests}) == len(requests)


def test_all_streams_of_a_symbol_are_asked_for_together() -> None:
    asked = subscriptions(*many(300), suffixes=("bookTicker", "depth@100ms"))
    asked.for_url()

    request = json.loads(asked.next_request(0) or "")

    names = [name.partition("@")[0] for name in request["params"]]
    assert all(names.count(name) == 2 for name in names)


def test_symbol_outside_ascii_is_escaped_in_the_url_only() -> None:
    coin = Symbol("测试币456")
    asked = subscriptions(coin)

    streams, _ = asked.for_url()
    asked.add(coin)

    assert streams == "%E6%B5%8B%E8%AF%95%E5%B8%81456@depth@100ms"
    assert "测试币456@depth@100ms" in (asked.next_request(0) or "")


def test_answer_confirms_each_symbol_once() -> None:
    asked = subscriptions(BNB)
    asked.next_request(0)
    assert not asked.is_complete

    assert asked.confirm_by_reply(ControlReply(request_id=1)) == (BNB,)
    assert asked.confirm_by_reply(ControlReply(request_id=1)) == ()
    assert not asked.confirm_by_data(BNB)
    assert asked.is_complete


def test_answers_to_nobodys_question_are_ignored() -> None:
    asked = subscriptions(BNB)

    assert asked.confirm_by_reply(ControlReply(request_id=None)) == ()
    assert asked.confirm_by_reply(ControlReply(request_id="x")) == ()
    assert asked.confirm_by_reply(ControlReply(request_id=99)) == ()


def test_refusal_names_the_venues_reason() -> None:
    with pytest.raises(VenueUnavailableError, match="code 2: no"):
        subscriptions(BNB).confirm_by_reply(
            ControlReply(request_id=1, error="code 2: no")
        )


def test_request_without_answer_is_overdue_after_the_wait() -> None:
    asked = subscriptions(BNB)
    asked.next_request(0)

    assert not asked.is_overdue(9 * SECOND_NS)
    assert asked.is_overdue(10 * SECOND_NS)
