"""The push stream at its boundary: commits go in, bytes come out of sockets."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any, ParamSpec

import pytest

from adapters.http.push_listener import ListenerLimits
from adapters.http.push_settings import PushSettings
from adapters.http.stream_request import StreamRequest
from adapters.http.stream_selection import Excerpt
from tests.adapters.http.pushing import AT_ONCE, SETTINGS, Client, PushServer, at
from tests.adapters.http.talking import PATIENCE_SECONDS


P = ParamSpec("P")

FRAME_BYTES = 240
"""About as long is the frame of an order's acceptance."""

KEPT_BYTES = 700
"""About as much is kept of it, with the order."""

SMALL = replace(
    AT_ONCE, recent_bytes_max=5 * KEPT_BYTES, chunk_bytes_max=2 * KEPT_BYTES
)
"""A few events in memory, two in a chunk."""


def in_a_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    @wraps(test)
    def run(*arguments: P.args, **more: P.kwargs) -> None:
        asyncio.run(test(*arguments, **more))

    return run


def limited(**limits: Any) -> PushSettings:
    """Look at once who has to go, by these limits."""
    return replace(SETTINGS, limits=ListenerLimits(**limits))


@in_a_loop
async def test_a_client_is_told_where_it_begins_and_then_what_is_committed() -> None:
    async with PushServer() as server:
        server.commit(3)
        client = await server.connect()

        begin = await client.read()
        server.commit()
        event = await client.read()

    assert (begin.id, begin.kind, begin.data) == (
        "0-3",
        "position",
        {"position": "0-3"},
    )
    assert (event.id, event.kind) == ("0-4", "order")
    assert event.data == {
        "order_id": "ORDER0000000004",
        "symbol": "BTCUSDT",
        "number": 1,
        "kind": "ACCEPTED",
        "status": "NEW",
        "occurred_at": "2026-01-02T03:04:05.678901Z",
        "quantity": "3",
        "price": "270.01",
        "update_id": None,
        "child_id": None,
        "reason": None,
    }


@pytest.mark.parametrize("pace", [AT_ONCE, SMALL], ids=["all in memory", "few"])
@in_a_loop
async def test_a_client_goes_on_after_any_position(pace: Any) -> None:
    """From the disk, from memory, and at the edge between them."""
    settings = replace(SETTINGS, pace=pace, page_events=3)
    async with PushServer(settings=settings) as server:
        server.commit(6)
        first = await server.listen()
        for _ in range(12):
            server.commit()
        assert await first.read_numbers(18) == list(range(7, 19))

        clients = [await server.listen(after) for after in range(19)]
        server.commit(2)

        for after, client in enumerate(clients):
            assert await client.read_numbers(20) == list(range(after + 1, 21))


@in_a_loop
async def test_all_are_sent_the_same_bytes() -> None:
    async with PushServer() as server:
        clients = [await server.listen() for _ in range(3)]
        server.commit(200)

        texts = [await client.reader.readuntil(b"id: 0-200\n") for client in clients]

    assert texts[0] == texts[1] == texts[2]
    assert texts[0].count(b"event: order\n") == 199


@in_a_loop
async def test_a_position_that_the_database_never_gave_is_refused() -> None:
    async with PushServer() as server:
        server.commit(3)

        client = await server.connect(after=4)
        await client.read_to_end()

    (problem,) = server.refused
    assert (problem.status, problem.code) == (
        HTTPStatus.CONFLICT,
        "POSITION_BEYOND_END",
    )
    assert "0-4" in problem.detail
    assert "0-3" in problem.detail


@in_a_loop
async def test_a_position_that_is_not_final_yet_waits_until_it_is() -> None:
    """Somebody else's transaction is under way, on PostgreSQL."""
    async with PushServer() as server:
        server.commit(3)
        server.disk.hidden = 2
        client = await server.listen(after=3)

        server.disk.hidden = 0
        server.commit()

        assert await client.read_numbers(4) == [4]


@in_a_loop
async def test_a_database_out_of_reach_is_503_for_a_first_client() -> None:
    async with PushServer() as server:
        server.disk.is_away = True
        await (await server.connect()).read_to_end()
        server.disk.is_away = False

        await server.listen()

    (problem,) = server.refused
    assert (problem.status, problem.code) == (503, "STORE_UNAVAILABLE")


@in_a_loop
async def test_clients_stay_while_the_database_is_out_of_reach_and_miss_nothing() -> (
    None
):
    async with PushServer(settings=limited(heartbeat_seconds=0)) as server:
        server.commit(5)
        live = await server.listen()
        server.commit()
        await live.read_numbers(6)
        server.disk.is_away = True
        behind = await server.connect(after=2)
        server.disk.commit()  # published by nobody, so only the disk has it
        server.commit()
        for client in (live, behind):
            await client.read_kind("heartbeat")

        server.disk.is_away = False

        assert await live.read_numbers(8) == [7, 8]
        assert await behind.read_numbers(8) == [3, 4, 5, 6, 7, 8]


@in_a_loop
async def test_an_error_of_ours_while_handing_on_sends_all_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with PushServer() as server:
        client = await server.listen()

        with monkeypatch.context() as broken:
            broken.setattr(server.push, "_meter", None)
            broken.setattr("adapters.http.stream_selection.Selection.of", _fail)
            server.commit()
            assert await client.read_to_end() == b""

        again = await server.listen(after=0)
        assert await again.read_numbers(1) == [1]


def _fail(*_: object) -> Excerpt:
    raise ValueError


@in_a_loop
async def test_one_client_too_many_is_refused_and_has_room_when_another_goes() -> None:
    settings = replace(SETTINGS, listeners_max=2)
    async with PushServer(settings=settings) as server:
        first = await server.listen()
        await server.listen()
        await (await server.connect()).read_to_end()
        assert server.push.counts() == {"live": 2, "catching_up": 0}

        first.close()
        await server.handlers[0]

        await server.listen()
    (problem,) = server.refused
    assert (problem.status, problem.code) == (503, "TOO_MANY_LISTENERS")


@in_a_loop
async def test_a_client_that_does_not_read_is_dropped_and_comes_back() -> None:
    async with PushServer() as server:
        slow, quick = await connect_reading_little(server), await server.listen()
        begin = await slow.read()
        assert begin.id == "0-0"
        expected = 0
        while not server.handlers[0].done():
            expected += 100
            server.commit(100)
            numbers = await quick.read_numbers(expected)
            assert numbers == list(range(expected - 99, expected + 1))

        seen = 0
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                event = await slow.read()
                assert event.id == f"0-{seen + 1}"
                seen += 1
        back = await server.listen(after=seen)
        assert await back.read_numbers(expected) == list(range(seen + 1, expected + 1))

    assert server.meter.counts["push_listeners_dropped"] == 1
    unread = (expected - seen) * FRAME_BYTES
    assert unread > 256 * 1024 - 65_536


async def connect_reading_little(server: PushServer, line: bytes = b"\n") -> Client:
    """Connect with a small window, so that the server sees what is not read."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(0)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", server.port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=4096)
    return server.add(Client(reader, writer), line)


@in_a_loop
async def test_a_client_that_catches_up_slowly_is_not_dropped() -> None:
    """It is sent the next page when it has read the one before."""
    async with PushServer() as server:
        server.commit(5_000)
        client = await connect_reading_little(server, b"0-0\n")

        assert await client.read_numbers(5_000) == list(range(1, 5_001))
    assert "push_listeners_dropped" not in server.meter.counts


@in_a_loop
async def test_a_quiet_stream_has_heartbeats_with_time_and_age() -> None:
    async with PushServer(settings=limited(heartbeat_seconds=0)) as server:
        client = await server.listen()
        before = await client.read_kind("heartbeat")
        server.commit()
        await client.read_numbers(1)
        after = await client.read_kind("heartbeat")

    time_text = "2026-01-02T03:05:35.678901Z"
    assert before.id is None
    assert before.data["time"] == time_text
    assert (before.data["last_event_at"], before.data["age_seconds"]) == (None, None)
    assert after.data["last_event_at"] == "2026-01-02T03:04:05.678901Z"
    assert after.data["age_seconds"] == 90


@in_a_loop
async def test_an_old_connection_is_ended_in_order() -> None:
    async with PushServer(settings=limited(age_seconds_max=0)) as server:
        server.commit()
        client = await server.connect(after=1)

        text = await client.read_to_end()

    assert text.startswith(b"retry: 1000\nid: 0-1\nevent: position\n")
    assert text.endswith(b"\n\n")


@pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system does not have it"
)
@in_a_loop
async def test_a_client_that_has_vanished_is_noticed() -> None:
    """Its machine takes nothing any more, and what waits is less than is dropped."""
    limits = limited(silence_seconds_max=0.05, send_buffer_bytes=4096)
    async with PushServer(settings=limits) as server:
        await connect_reading_little(server)
        other = await server.listen()
        server.commit(400)
        await other.read_numbers(400)

        async with asyncio.timeout(PATIENCE_SECONDS):
            await server.handlers[0]

    assert "push_listeners_dropped" not in server.meter.counts


@in_a_loop
async def test_a_client_that_closes_is_noticed_and_then_nothing_is_read() -> None:
    async with PushServer() as server:
        for number in (1, 2, 3):
            client = await server.listen()
            server.commit()
            await client.read_numbers(number)
            assert len(server.stream._subscriptions) == 1
            client.close()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await server.handlers[-1]
                while server.stream._subscriptions:
                    await server.turn()
        assert server.push.counts() == {"live": 0, "catching_up": 0}


@in_a_loop
async def test_a_cancelled_request_leaves_nothing_behind() -> None:
    async with PushServer() as server:
        server.commit(500)
        clients = [await server.connect(after) for after in (None, 0, 500, 3)]
        for steps, client in enumerate(clients):
            for _ in range(steps * 3):
                await server.turn()
            while len(server.handlers) <= steps:
                await server.turn()
            server.handlers[steps].cancel()
            await client.read_to_end()

        assert server.push.counts() == {"live": 0, "catching_up": 0}
        assert await (await server.listen(after=499)).read_numbers(500) == [500]


@in_a_loop
async def test_a_stop_ends_256_clients_at_once() -> None:
    async with PushServer() as server:
        server.commit(300)
        clients = [await server.listen() for _ in range(255)]
        server.disk.is_away = True
        clients.append(await server.listen(after=0))
        assert server.push.counts() == {"live": 255, "catching_up": 1}
        began = time.monotonic()

        server.push.stop()
        for client in clients:
            assert await client.read_to_end() == b""
        await asyncio.gather(*server.handlers)

        assert time.monotonic() - began < 2
        await (await server.connect()).read_to_end()
    (problem,) = server.refused
    assert (problem.status, problem.code) == (503, "STOPPING")


@in_a_loop
async def test_one_that_goes_while_it_catches_up_holds_up_nobody() -> None:
    """``drain`` of a closed connection neither fails nor waits."""
    asked = 0

    async def drained() -> None:
        nonlocal asked
        asked += 1
        assert asked <= 3  # until it is noticed
        client.writer.close()

    one_by_one = replace(SETTINGS, pace=replace(AT_ONCE, chunk_bytes_max=1))
    async with PushServer(settings=one_by_one) as server:
        live = await server.listen()
        server.commit(5)
        await live.read_numbers(5)
        client = await server.connect()

        await server.push.serve(
            StreamRequest(), at(1), client.writer.transport, drained
        )

        server.commit()
        assert await live.read_numbers(6) == [6]
