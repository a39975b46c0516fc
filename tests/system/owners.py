"""Two services on one database and one account, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Final

from tests.chaos.exchange import Exchange
from tests.system.processes import RUN, Program, Service
from tests.system.waiting import eventually


SYMBOL: Final = "BNBUSDT"
ENDS_WITHIN_SECONDS: Final = 4.0
"""After the database and the process run again: a look each second, then the end."""

NOTICED: Final = "Database taken over by another service"

WITHOUT_LOCK: Final = """
import runpy, sys
from adapters.persistence import owned_database
from adapters.persistence.service_claim import Claim
owned_database.claim_database = lambda url: Claim(give_back=dict)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""A service whose early refusal is missed, for whatever reason."""


class Owners:
    """An exchange with an account of ours, and services that trade there."""

    def __init__(self, exchange: Exchange, database: str) -> None:
        self.exchange = exchange
        self.database = database
        self.order_ids: list[str] = []

    def start(self, *, with_lock: bool = True) -> Service:
        """Start a service; returns once it trades."""
        program = (RUN,) if with_lock else ("-c", WITHOUT_LOCK, RUN)
        service = Service(
            self.database,
            *self._options,
            program=program,
            variables=self.exchange.variables,
        )
        service.await_trading()
        return service

    def try_start(self, database: str) -> Program:
        """Start a service that is to be refused; returns at once."""
        where = ("--port", "0", "--database", database)
        command = (RUN, *where, *self._options)
        return Program(*command, variables=self.exchange.variables)

    @property
    def _options(self) -> tuple[str, ...]:
        return (*self.exchange.as_venue, "--symbols", SYMBOL)

    def place(self, service: Service, *, steps: int, count: int = 12) -> None:
        """Place orders, each a little further from the touch than the one before.

        With steps below zero they trade at once, wherever the market goes.
        """
        bid, _ = self.exchange.touch(SYMBOL)
        for number in range(count):
            price = bid + Decimal("0.02") * steps * (number + 1)
            answer = service.client.place(SYMBOL, "SELL", "20", str(price))
            assert answer.status == 201, answer
            self.order_ids.append(answer.body["id"])

    def await_trades(self, more_than: int) -> int:
        """Wait until the venue has executed more than so many; return how many."""
        return eventually(
            lambda: self._trades(more_than),
            within_seconds=20,
            what="the venue executes something",
        )

    def _trades(self, more_than: int) -> int:
        found = len(self.exchange.audit().executions)
        return found if found > more_than else 0

    def settle(self, service: Service) -> None:
        """Cancel what is open, and wait until every end is known."""
        for order_id in self.order_ids:
            service.client.delete(f"/api/v1/orders/{order_id}")
        eventually(
            lambda: not list(service.client.orders("&status=open")),
            within_seconds=15,
            what="all orders end",
        )

    def assert_books_agree(self, service: Service) -> None:
        """Hold the orders' fills against the venue's trades; and nothing sold twice."""
        ours = {
            (fill["child_id"], fill["trade_id"], Decimal(fill["quantity"]))
            for order_id in self.order_ids
            for fill in service.client.fills(order_id)
        }
        audit = self.exchange.audit()
        theirs = {
            (one.child_id, one.trade_id, one.quantity) for one in audit.executions
        }
        assert ours == theirs
        for order_id in self.order_ids:
            sold = sum(
                one.quantity
                for one in audit.executions
                if one.child_id.startswith(f"{order_id}-")
            )
            assert sold == Decimal(service.client.order(order_id)["filled"]) <= 20

    def assert_succeeded(self, service: Service) -> None:
        """Wait until a service has found out and ended; it says so once."""
        eventually(
            lambda: service.exit_code is not None,
            within_seconds=ENDS_WITHIN_SECONDS,
            what="the older service ends",
        )
        assert service.wait() == 1
        alarms = [line for line in service.err.lines if "CRITICAL" in line]
        assert len(alarms) == 1, alarms
        assert NOTICED in alarms[0]
        assert "Traceback" not in service.err.text


@contextmanager
def owners(database: str) -> Iterator[Owners]:
    """Open the stage."""
    with Exchange(7, "--symbols", SYMBOL) as exchange:
        yield Owners(exchange, database)
