"""A venue on paper: fills a child order at the very slices it was made of."""

from typing import assert_never

from actors.messages.venue import ChildAnswered, ForgetChild, QueryChild, SubmitChild
from actors.runtime.actor import RuntimeActor
from actors.runtime.runtime import Place
from actors.runtime.timers import NANOSECONDS
from domain.execution import ChildOrder, ChildResult, ChildStatus, VenueFill
from domain.ports import Meter
from domain.values import ZERO


GatewayMessage = SubmitChild | QueryChild | ForgetChild
"""What every gateway understands."""


class PaperGateway(RuntimeActor):
    """Plays the venue, by design section 4.

    Owns: the answers given and not yet known to be on disk.
    Receives: SubmitChild, QueryChild, ForgetChild from executors.
    Sends: ChildAnswered to them.
    Asks: nobody.
    Ends: when its supervisor stops it. What it had not answered by then was never
        filled, and what it had answered without anybody writing it down neither.
    """

    def __init__(self, *, place: Place, meter: Meter) -> None:
        super().__init__(place=place)
        self._meter = meter
        self._answers: dict[str, ChildResult] = {}

    def on_receive(self, message: GatewayMessage) -> None:
        """Handle one message."""
        match message:
            case SubmitChild():
                self._submit(message)
            case QueryChild():
                self._query(message)
            case ForgetChild():
                self._answers.pop(message.child_id, None)
            case _:
                assert_never(message)

    def _submit(self, message: SubmitChild) -> None:
        if message.received_ns:
            passed_ns = self.place.runtime.clock.monotonic_ns() - message.received_ns
            self._meter.observe_seconds("frame_to_child", passed_ns / NANOSECONDS)
        child_id = message.child.child_id
        result = self._answers.get(child_id)
        if result is None:
            result = self._answers[child_id] = self._fill(message.child)
        message.reply_to.tell(ChildAnswered(result=result))

    def _query(self, message: QueryChild) -> None:
        child = message.child
        result = self._answers.get(child.child_id)
        if result is None:
            result = ChildResult(
                child_id=child.child_id,
                order_id=child.order_id,
                status=ChildStatus.NEVER_SENT,
                fills=(),
            )
        message.reply_to.tell(ChildAnswered(result=result))

    def _fill(self, child: ChildOrder) -> ChildResult:
        now = self.place.runtime.clock.now()
        fills = tuple(
            VenueFill(
                price=part.price,
                quantity=part.quantity,
                fee=ZERO,
                fee_asset=None,
                trade_id=None,
                update_id=part.update_id,
                executed_at=now,
            )
            for part in child.slices
        )
        return ChildResult(
            child_id=child.child_id,
            order_id=child.order_id,
            status=ChildStatus.DONE,
            fills=fills,
        )
