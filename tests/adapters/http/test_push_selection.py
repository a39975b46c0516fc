"""What a client of the push stream has selected, and nothing else, is sent to it."""

import pytest

from tests.adapters.http.pushing import PushServer
from tests.adapters.http.test_event_push import in_a_loop, limited


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
