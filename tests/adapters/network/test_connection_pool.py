import pytest
import urllib3
from urllib3.exceptions import HTTPError

from adapters.network.connection_pool import fresh_pool_manager
from tests.adapters.binance.trading.loopback import Said, TradingServer
from tests.adapters.witnesses import HandClock


def test_a_connection_is_used_again_until_it_was_quiet_for_long() -> None:
    clock = HandClock()
    with TradingServer() as server:
        pool = fresh_pool_manager(clock, answer_seconds_max=5, maxsize=2, retries=False)
        for seconds, connections in ((0, 1), (5, 1), (5, 1), (5.1, 2)):
            clock.advance(seconds)
            assert pool.request("GET", f"{server.url}/api/v3/time").status == 200
            assert server.connections == connections
        pool.clear()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_errors_name_the_address_and_no_class_of_ours(scheme: str) -> None:
    with TradingServer() as server:
        port = urllib3.util.parse_url(server.url).port
    pool = fresh_pool_manager(HandClock(), answer_seconds_max=5, retries=False)

    with pytest.raises(HTTPError) as caught:
        pool.request("GET", f"{scheme}://127.0.0.1:{port}/")

    assert str(caught.value).startswith(f"127.0.0.1:{port}: Failed to establish")


@pytest.mark.parametrize("dribbles", ["head", "body"])
def test_an_answer_that_dribbles_in_is_given_up(dribbles: str) -> None:
    with TradingServer() as server:
        server.answers = lambda _asked: Said(body="x" * 300, dribbles=dribbles)
        pool = fresh_pool_manager(HandClock(), answer_seconds_max=0.3, retries=False)

        with pytest.raises(HTTPError, match="timed out"):
            pool.request("GET", f"{server.url}/api/v3/time")
        pool.clear()
