"""What an operator says of an order that is on hold, or whose child is in doubt."""

import logging
from typing import Final

from actors.executor.links import GatewayLink
from actors.executor.record import OrderRecord
from actors.executor.requests import Requests
from actors.messages.desk import ReleaseRequest, SettleRequest
from domain.orders.child_order import ChildOrder
from domain.orders.child_settlement import child_settled, why_not_by_hand
from domain.reasons import RefusalCode
from domain.refusals import Refusal


logger = logging.getLogger(__name__)

_NONE_OPEN: Final[Refusal | None] = child_settled("the order has none in flight")


def child_first(child: ChildOrder) -> Refusal:
    """Refuse what has to wait until a person has said what became of a child."""
    detail = (
        "the order is on hold for its child order; settle that by hand first: "
        f"run.py settle {child.child_id}"
    )
    return Refusal(code=RefusalCode.CHILD_NOT_SETTLED, detail=detail)


def serve_by_hand(
    request: SettleRequest | ReleaseRequest,
    record: OrderRecord,
    gateway: GatewayLink,
    requests: Requests,
) -> bool:
    """Do as the operator says; return False when the order stays as it is."""
    order, child = record.order, gateway.child
    assert order is not None
    if isinstance(request, SettleRequest):
        refusal = _NONE_OPEN
        if child is not None:
            refusal = why_not_by_hand(order, child, request.command)
        if child is None or refusal is not None:
            request.reply_to.tell(refusal)
            return False
        gateway.settled()
        requests.promise(request, record.settle_by_hand(child, request.command))
        logger.warning("Child settled by hand child_id=%s", child.child_id)
    elif order.is_on_hold:
        requests.promise(request, record.release())
    else:
        request.reply_to.tell(order)
        return False
    return True
