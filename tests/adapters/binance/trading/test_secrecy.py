"""Keys and signatures are in requests, and nowhere else."""

import logging
from typing import Any

import pytest

from adapters.binance.trading.keys import Credentials
from adapters.binance.trading.settings import TradingSettings
from adapters.binance.trading.venue import BinanceVenue
from tests.adapters.binance.trading.builders import child, order_body
from tests.adapters.binance.trading.loopback import (
    KEY,
    SECRET,
    Said,
    TradingServer,
    error,
    said,
)
from tests.adapters.witnesses import HandClock
from tests.fakes import ALLOWED


TROUBLE = [
    error(-2015, f"Invalid API-key {KEY}, secret {SECRET}", 401),
    error(-1022, f"Signature for {KEY} is not valid."),
    error(-1021, f"Timestamp of {KEY}"),
    error(-1000, KEY, 500),
    error(-1003, f"{KEY} IP banned", 418),
    error(-9999, f"{SECRET} {KEY}"),
    Said(status=403, body=f"<html>{KEY}"),
    Said(body=f'"{KEY}"'),
    Said(body=f'{{"symbol":"{KEY}","orderId":"{SECRET}"}}'),
    said(order_body(child(), symbol=KEY)),
    said(order_body(child(), clientOrderId=SECRET)),
    said(order_body(child(), "0", status=KEY)),
    said(order_body(child(), "0", expiryReason=SECRET)),
    Said(status=307, headers={"Location": f"http://127.0.0.1:1/{KEY}"}),
    Said(cut=True),
    Said(body=KEY, cut_in_body=True),
    Said(hang=True),
]


@pytest.mark.parametrize("trouble", TROUBLE, ids=range(len(TROUBLE)))
def test_no_trouble_brings_a_secret_into_logs_or_answers(
    server: TradingServer, caplog: pytest.LogCaptureFixture, trouble: Said
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers = lambda asked: None if asked.call == "GET time" else trouble
    clock = HandClock()
    venue = BinanceVenue(
        rest_url=server.url,
        credentials=Credentials(api_key=KEY, api_secret=SECRET),
        clock=clock,
        settings=TradingSettings(timeout_seconds=0.2),
    )

    said_by_us: list[Any] = [venue, venue.place(child(), ALLOWED)]
    for thoroughly in (False, True):
        clock.advance(3 * 86_400)
        one = venue.look_up(child(), since=clock.now(), thoroughly=thoroughly)
        said_by_us += [one, venue.probe(), venue.account()]
    venue.close()

    text = repr(said_by_us) + caplog.text
    signatures = [asked.fields.get("signature", KEY) for asked in server.asked]
    assert [secret for secret in (KEY, SECRET, *signatures) if secret in text] == []


def test_connection_that_fails_does_not_show_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    venue = BinanceVenue(
        rest_url="http://127.0.0.1:1",
        credentials=Credentials(api_key=KEY, api_secret=SECRET),
        clock=HandClock(),
    )

    text = repr(venue.place(child(), ALLOWED)) + caplog.text

    venue.close()
    assert "signature" not in text
    assert KEY not in text
