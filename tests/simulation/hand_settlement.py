"""The operator who looks children up at the venue, and settles them by hand."""

from actors import names
from actors.messages.client_requests import ReleaseRequest, SettleRequest
from actors.runtime.addresses import Directory
from domain.orders.child_order import VenueFill
from domain.orders.commands import ReleaseOrder, SettleChild, StatedFill
from domain.orders.order import Order
from tests.fakes import Recorder
from tests.simulation.disk import Disk
from tests.simulation.engine import Engine


def see_to_orders_on_hold(disk: Disk, engine: Engine, directory: Directory) -> int:
    """State what has become of each child in question, or release its order."""
    held = [one for one in disk.all_orders.values() if one.is_on_hold]
    for order in held:
        _see_to(order, disk, engine, directory)
    return len(held)


def _see_to(order: Order, disk: Disk, engine: Engine, directory: Directory) -> None:
    child = disk.unresolved.get(order.order_id)
    request: SettleRequest | ReleaseRequest
    if child is None:
        release = ReleaseOrder(order_id=order.order_id, symbol=order.symbol)
        request = ReleaseRequest(command=release, reply_to=Recorder())
    else:
        kept = engine.kept(child.child_id)
        assert kept is not None, "it is on hold because of what was said of it"
        settle = SettleChild(
            order_id=order.order_id,
            symbol=order.symbol,
            child_id=child.child_id,
            fills=tuple(map(_as_stated, kept.result.fills)),
            note="simulated",
        )
        request = SettleRequest(command=settle, reply_to=Recorder())
    directory.tell(names.symbol_supervisor(order.symbol), request)


def _as_stated(fill: VenueFill) -> StatedFill:
    return StatedFill(
        price=fill.price,
        quantity=fill.quantity,
        trade_id=fill.trade_id,
        fee=fill.fee,
        fee_asset=fill.fee_asset,
        executed_at=fill.executed_at,
    )
