"""What a client of the push stream has selected, and nothing else, is sent to it."""

import json
from dataclasses import replace

import pytest

from adapters.api.bodies import decoder_of
from adapters.api.orders import FillAnswer
from domain.orders.records import Record
from tests.adapters.http.pushing import SETTINGS, Event, PushServer
from tests.adapters.http.test_event_push import in_a_loop, limited
from tests.adapters.persistence.builders import whole_life


@in_a_loop
async def test_a_client_that_wants_orders_is_sent_the_order_beside_each_event() -> None:
    async with PushServer() as server:
        client = await server.listen(query="topics=orders")
        server.commit()

        data = (await client.read_kind("order")).data

    order = data.pop("order")
    assert data["kind"] == "ACCEPTED"
    assert (order["id"], order["status"]) == (data["order_id"], "NEW")
    assert (order["quantity"], order["remaining"]) == ("3", "3")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [("symbol=ETHBTC", [3, 6, 9]), ("order=ORDER0000000005", [5])],
)
@in_a_loop
async def test_a_client_is_sent_what_it_has_selected(
    query: str, numbers: list[int]
) -> None:
    async with PushServer(settings=limited(heartbeat_seconds=0.01)) as server:
        server.commit(5)
        client = await server.listen(after=0, query=query)
        server.commit(5)

        events = [await client.read()]
        while events[-1].id != "0-10":
            events.append(await client.read())

    assert [one.id for one in events if one.kind == "order"] == [
        f"0-{number}" for number in numbers
    ]
    assert server.meter.counts["push_events"] == len(numbers)


@in_a_loop
async def test_the_stream_of_an_unknown_order_is_refused() -> None:
    async with PushServer() as server:
        await (await server.connect(query="order=ORDER0000000001")).read_to_end()

    (problem,) = server.refused
    assert (problem.status, problem.code) == (404, "UNKNOWN_ORDER")


@in_a_loop
async def test_fills_come_with_the_events_that_book_them_live_and_from_the_disk() -> (
    None
):
    life = whole_life(1)
    fills = [*life.first_result.fills, *life.end.fills]
    async with PushServer(settings=replace(SETTINGS, page_events=2)) as server:
        live = await server.listen(query="topics=fills")
        records: list[Record] = [life.new, *life.changes]
        for record in records:
            server.disk.write([record])
            server.stream.publish(server.disk.committed())
        end = server.disk.last_position().number
        told = [await live.read() for _ in fills]
        behind = await server.listen(after=0, query="topics=fills")
        told_later = [await behind.read() for _ in fills]
        both = await server.listen(after=0, query="topics=orders,fills")
        everything = [await both.read() for _ in range(end)]

    assert told == told_later
    assert [fill_in(one) for one in told] == [FillAnswer.of(one) for one in fills]
    assert {one.data["symbol"] for one in told} == {"BTCUSDT"}
    assert "order" not in told[0].data
    assert [one.id for one in everything if "fill" in one.data] == [
        one.id for one in told
    ]
    *_, last = everything
    assert last.data["order"]["status"] == "FILLED"
    assert fill_in(last) == fill_in(told[-1])


def fill_in(event: Event) -> FillAnswer:
    return decoder_of(FillAnswer)(json.dumps(event.data["fill"]))
