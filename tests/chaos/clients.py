"""Clients that order, cancel, amend and ask again, whatever happens to the service."""

import threading
from dataclasses import dataclass, field
from typing import Final

from urllib3.exceptions import HTTPError

from adapters.clock import SystemClock
from tests.chaos.exchange import Exchange
from tests.chaos.journal import Journal
from tests.chaos.wishes import Plan, draw_plan, limit_of, terms_of
from tests.system.client import Answer, Client


_PATIENCE_SECONDS: Final = 0.5
"""After which a client looks whether it is to stop."""

_OPEN_MAX: Final = 60
"""Orders of one client that may be open; above, it cancels in place of ordering."""

_DONE: Final = (200, 201)
_ENDED: Final = 409
_TROUBLE: Final = 500
_TOO_LATE: Final = "EXPIRES_AT_IN_THE_PAST"


class Door:
    """Where clients find the service while it is up."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._changed = threading.Condition()

    def open(self, client: Client) -> None:
        with self._changed:
            self._client = client
            self._changed.notify_all()

    def shut(self) -> None:
        with self._changed:
            self._client = None

    def enter(self) -> Client | None:
        """Wait for the service, for a moment."""
        with self._changed:
            self._changed.wait_for(lambda: self._client is not None, _PATIENCE_SECONDS)
            return self._client


@dataclass(slots=True)
class Wish:
    """An order that a client wants, under one key for ever."""

    name: str
    terms: dict[str, str]
    key: str | None
    """None: it is ``client_order_id`` that tells it from others."""

    order_id: str | None = None
    is_over: bool = False
    asked: int = 0
    is_paused: bool | None = False
    """As the service has answered; None when a call about it was not answered."""


@dataclass(slots=True)
class Trader:
    """One client; its own thread runs it."""

    name: str
    door: Door
    exchange: Exchange
    journal: Journal
    is_over: threading.Event
    wishes: list[Wish] = field(default_factory=list)
    complaints: list[tuple[str, str]] = field(default_factory=list)
    """Order id and what is wrong."""

    _owed: list[Wish] = field(default_factory=list)
    """Without an answer, and insisted on."""

    def run(self) -> None:
        number = 0
        while not self.is_over.is_set():
            number += 1
            plan = draw_plan(f"{self.name}:{number}")
            self.is_over.wait(plan.pause)
            client = self.door.enter()
            while client is None and not self.is_over.is_set():
                client = self.door.enter()
            if client is not None:
                self._step(client, plan, number)

    def _step(self, client: Client, plan: Plan, number: int) -> None:
        try:
            while self._owed:
                self._ask(client, self._owed[-1])
                self._owed.pop()
            self._do(client, plan, number)
        except HTTPError as error:
            self.journal.note("no answer", client=self.name, why=type(error).__name__)

    def _do(self, client: Client, plan: Plan, number: int) -> None:
        kind, wish = plan.kind, self._pick(plan)
        if kind == "place" and len(self._open()) > _OPEN_MAX:
            kind = "cancel"
        if kind == "place" or wish is None:
            self._place(client, plan, number)
        elif kind == "repeat":
            self._ask(client, wish)
        elif kind == "cancel":
            self._note("cancel", wish, client.delete(f"/api/v1/orders/{wish.order_id}"))
        elif kind in {"pause", "resume"}:
            self._pause(client, wish, is_on=kind == "pause")
        else:
            touch = self.exchange.touch(wish.terms["symbol"])
            body = {"price": str(limit_of(_as(plan, wish), touch))}
            if plan.which < 0.5:
                body = {"quantity": str(plan.quantity)}
            if plan.symbol == wish.terms["symbol"]:
                path = f"/api/v1/orders/{wish.order_id}"
                self._note("amend", wish, client.patch(path, body))

    def _pause(self, client: Client, wish: Wish, *, is_on: bool) -> None:
        if not is_on:
            paused = [one for one in self._open() if one.is_paused is not False]
            wish = paused[-1] if paused else wish
        wish.is_paused, before = None, wish.is_paused
        what = "pause" if is_on else "resume"
        answer = client.post(f"/api/v1/orders/{wish.order_id}/{what}", {})
        self._note(what, wish, answer)
        if answer.status in _DONE:
            wish.is_paused = answer.body.get("paused", False)
        elif answer.status < _TROUBLE:
            wish.is_paused = before

    def _place(self, client: Client, plan: Plan, number: int) -> None:
        name = f"{self.name.replace(':', '-')}-{number}"
        terms = terms_of(plan, self.exchange.touch(plan.symbol), SystemClock())
        key: str | None = name
        if plan.is_keyed_by_field:
            terms["client_order_id"], key = name, None
        wish = Wish(name, terms, key)
        self.wishes.append(wish)
        self.journal.note("wish", name=name, **terms)
        try:
            self._ask(client, wish)
        except HTTPError:
            if plan.insists:
                self._owed.append(wish)
            raise

    def _ask(self, client: Client, wish: Wish) -> None:
        """Ask for the order; the same key has to give the same one, for ever."""
        wish.asked += 1
        answer = client.post("/api/v1/orders", wish.terms, key=wish.key)
        if answer.status >= _TROUBLE:
            self.journal.note("trouble", name=wish.name, status=answer.status)
            return
        if wish.order_id is None and answer.body.get("code") == _TOO_LATE:
            return  # its end came before the service did
        if answer.status not in _DONE:
            self.complaints.append(("", f"{wish.name} {wish.terms}: {answer}"))
            return
        order_id = answer.body["id"]
        is_first = wish.asked == 1
        if wish.order_id not in {None, order_id}:
            self.complaints.append((order_id, f"{wish.name} was {wish.order_id}"))
        elif answer.status == 200 and is_first:
            self.complaints.append((order_id, f"{wish.name} is new, and was there"))
        elif answer.status == 201 and wish.order_id is not None:
            self.complaints.append((order_id, f"{wish.name} was accepted twice"))
        wish.order_id = order_id
        wish.is_over = answer.body["reason"] is not None
        self.journal.note("order", name=wish.name, order_id=order_id)

    def _note(self, what: str, wish: Wish, answer: Answer) -> None:
        self.journal.note(what, order_id=wish.order_id, status=answer.status)
        if answer.status == _ENDED or what == "cancel":
            wish.is_over = True
        if 400 <= answer.status < _TROUBLE and answer.status not in {_ENDED, 422}:
            self.complaints.append((wish.order_id or "", f"{what}: {answer}"))

    def _open(self) -> list[Wish]:
        return [
            wish
            for wish in self.wishes
            if wish.order_id is not None
            and not wish.is_over
            and wish.terms["time_in_force"] in {"GTC", "GTD"}
        ]

    def _pick(self, plan: Plan) -> Wish | None:
        found = self._open()[-_OPEN_MAX:]
        return found[int(plan.which * len(found))] if found else None


def _as(plan: Plan, wish: Wish) -> Plan:
    """The plan for the side and symbol of a wish."""
    return Plan(
        **{
            **{name: getattr(plan, name) for name in Plan.__slots__},
            "side": wish.terms["side"],
            "symbol": wish.terms["symbol"],
        }
    )
