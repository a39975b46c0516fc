"""A company's own authority: whoever trusts it says so once, for all connections."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.chaos.exchange import Exchange
from tests.system.processes import RUN, START_SECONDS, Program, Service
from tests.system.tls import encrypting, make_authority
from tests.system.waiting import eventually


SYMBOL = "BNBUSDT"


@contextmanager
def encrypted(tmp_path: Path) -> Iterator[tuple[Exchange, tuple[str, ...], Path]]:
    """Yield an exchange behind TLS, the options to trade on it, and its authority."""
    authority, server = make_authority(tmp_path)
    with Exchange(3, "--symbols", SYMBOL) as exchange:
        port = urlsplit(exchange.url).port
        assert port is not None
        with encrypting(server, port) as tls_port:
            place = f"//127.0.0.1:{tls_port}"
            options = (
                *("--market", "binance", "--trading", "live", "--symbols", SYMBOL),
                *("--rest-url", f"https:{place}", "--stream-url", f"wss:{place}"),
                *("--ws-api-url", f"wss:{place}/ws-api/v3"),
            )
            yield exchange, options, authority


def test_every_connection_trusts_the_authority_that_ssl_cert_file_names(
    tmp_path: Path,
) -> None:
    with encrypted(tmp_path) as (exchange, options, authority):
        variables = {**exchange.variables, "SSL_CERT_FILE": str(authority)}
        with Service(tmp_path / "o.db", *options, variables=variables) as service:
            service.await_trading()
            order = service.client.place(SYMBOL, "SELL", "0.05", "400").body
            eventually(
                lambda: service.client.order(order["id"])["status"] == "FILLED",
                within_seconds=20,
                what="the order is filled",
            )
            eventually(
                lambda: "User stream connected url=wss://" in service.err.text,
                within_seconds=10,
                what="the account's own events come, too",
            )


def test_without_it_the_service_does_not_start_and_says_why(tmp_path: Path) -> None:
    with encrypted(tmp_path) as (exchange, options, _authority):
        where = ("--port", "0", "--database", f"sqlite:///{tmp_path / 'o.db'}")
        with Program(RUN, *where, *options, variables=exchange.variables) as program:
            exit_code = program.wait(START_SECONDS)

        assert exit_code == 1
        assert "CERTIFICATE_VERIFY_FAILED" in program.err.text
        assert "Traceback" not in program.err.text
