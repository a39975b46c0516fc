"""Says of a world at rest, without faults, what is not as it should be.

Among other things: every open order waits in its router, with all that is left of it.
"""

from functools import reduce

from actors import names
from actors.executor.executor import Executor
from actors.intake.manager import Manager
from actors.messages.ledger import GetLedgerStatus, LedgerStatus
from actors.router.router import Router
from domain.matching.matcher import WaitingOrder
from domain.orders.order import Order
from domain.reasons import BookState
from domain.values import ZERO, OrderId, notional, total
from tests.fakes import Recorder
from tests.simulation.world import World


def what_is_wrong(world: World) -> str | None:
    """Say what is not well yet, if anything."""
    return (
        _wrong_with_ledger(world)
        or ("a predecessor runs on" if world.succession.predecessors else None)
        or ("a client waits" if world.clients.open else None)
        or ("an operator waits" if world.operators.open else None)
        or ("trading is halted" if world.disk.is_halted else None)
        or _wrong_with_books(world)
        or _wrong_with_orders(world)
        or _wrong_with_open_notional(world)
    )


def _wrong_with_ledger(world: World) -> str | None:
    status = Recorder()
    world.directory.tell(names.LEDGER, GetLedgerStatus(reply_to=status))
    world.run_until_idle()
    problems = [one.problem for one in status.all(LedgerStatus)]
    return None if problems == [None] else f"the ledger: {problems}"


def _wrong_with_books(world: World) -> str | None:
    routers = world.living(Router)
    if len(routers) != len(world.venues):
        return "a router is missing"
    for router in routers:
        now = router.snapshot()
        venue = world.venues[now.symbol]
        if now.state is not BookState.SYNCED:
            return f"{now.symbol} is {now.state}"
        if now.pause is not None or now.is_venue_awaited:
            return f"{now.symbol} does not trade: {now.pause}"
        if now.book.update_id != venue.update_id:
            return f"{now.symbol} is behind"
        if extra := now.remembered - now.away - now.waiting.keys():
            return f"{now.symbol} remembers {extra}"
    return None


def _wrong_with_open_notional(world: World) -> str | None:
    """Compare what the manager holds for open with the orders on disk.

    An amendment that an executor took to its grave counts until the order ends or is
    amended again.
    """
    managers = [one.snapshot() for one in world.living(Manager)]
    for manager in managers if world.trading is not None else ():
        for symbol in world.venues:
            amounts = [
                manager.reserved.get(
                    order.order_id, notional(order.price, order.remaining)
                )
                for order in world.disk.all_orders.values()
                if order.symbol == symbol and not order.status.is_final
            ]
            held = manager.open_notional.get(symbol, ZERO)
            expected = reduce(total, amounts, ZERO)
            if held != expected:
                return f"{symbol}: {held} counts as open, not {expected}"
    return None


def _wrong_with_orders(world: World) -> str | None:
    working = {one.snapshot().order_id: one for one in world.living(Executor)}
    waiting: dict[OrderId, WaitingOrder] = {}
    for router in world.living(Router):
        waiting.update(router.snapshot().waiting)
    for order in world.disk.all_orders.values():
        name = order.order_id
        executor, there = working.pop(name, None), waiting.pop(name, None)
        if order.status.is_final:
            if executor is not None or there is not None:
                return f"{name} has ended, and is worked"
        elif executor is None:
            return f"{name} is not worked"
        elif (problem := _wrong_with_waiting(world, order, there)) is not None:
            return f"{name} {problem}"
    return f"unknown orders: {working} {waiting}" if working or waiting else None


def _wrong_with_waiting(
    world: World, order: Order, there: WaitingOrder | None
) -> str | None:
    if (there is None) is not order.is_paused:
        return "is not in its router, or is paused and in it"
    if there is not None and (there.left, there.price) != (
        order.remaining,
        order.price,
    ):
        return "waits as something else"
    if order.at_venue:
        return "has a child that is stuck"
    if order.expires_at is not None and order.expires_at <= world.clock.now():
        return "has expired, and waits"
    return None
