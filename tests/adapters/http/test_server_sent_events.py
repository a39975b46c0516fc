"""How old events are, and when the order is told beside one."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.api.bodies import decoder_of
from adapters.api.orders import OrderAnswer
from adapters.http.server_sent_events import heartbeat_frame, order_after
from domain.orders.committed import BEGINNING, CommittedEvent
from tests.adapters.http.fakes import make_event, make_order
from tests.adapters.persistence.builders import NOW


@pytest.mark.parametrize(("seconds", "age"), [(15, 15.0), (0, 0.0), (-3600, 0.0)])
def test_an_event_is_never_younger_than_now_though_the_clock_was_set_back(
    seconds: int, age: float
) -> None:
    frame = heartbeat_frame(NOW + timedelta(seconds=seconds), NOW)

    assert json.loads(frame.partition(b"data: ")[2])["age_seconds"] == age


def test_an_order_is_told_only_if_it_is_as_the_event_left_it() -> None:
    event, order = make_event(), make_order()
    assert order.version == event.number
    exact = CommittedEvent(position=BEGINNING, event=event, order=order)
    further = replace(exact, order=make_order(version=2))

    assert decoder_of(OrderAnswer)(order_after(exact)) == OrderAnswer.of(order)
    assert order_after(further) == b"null"
