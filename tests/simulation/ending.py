"""The end of a world: when nothing breaks any more, everything must come right."""

import contextlib
from collections.abc import Iterator

from actors import ledger, listener, names, router
from actors.executor import Executor
from actors.messages.recording import GetLedgerStatus, LedgerStatus
from actors.router import Router
from actors.runtime.timers import NANOSECONDS
from domain.reasons import BookState
from domain.values import Side
from tests.fakes import Recorder
from tests.simulation.feed import MS
from tests.simulation.profile import Limits
from tests.simulation.world import World


PATIENCE_SECONDS = 240
"""Longer than any pause of a supervisor, an executor or a listener."""


@contextlib.contextmanager
def small_limits(limits: Limits) -> Iterator[None]:
    """Make a small world reach the limits that are meant for a large one."""
    places = {
        (ledger, "PAGE_SIZE"): limits.page,
        (ledger, "BATCH_MAX"): limits.batch,
        (listener, "CREDIT_WINDOW"): limits.credit,
        (router, "CREDIT_STEP"): max(limits.credit // 4, 1),
    }
    before = {place: getattr(*place) for place in places}
    try:
        for (module, name), value in places.items():
            setattr(module, name, value)
        yield
    finally:
        for (module, name), value in before.items():
            setattr(module, name, value)


def live(world: World) -> None:
    """Run a world from its start to its end.

    Raises:
        ViolationError: with the first promise that was broken.
    """
    with small_limits(world.profile.limits):
        _live(world)


def _live(world: World) -> None:
    try:
        for _ in range(world.profile.rounds):
            world.round()
        _heal(world)
        _check_rest(world)
        world.stop()
        world.restart()
        _heal(world)
        _check_rest(world)
        for side in Side:
            _sweep(world, side)
        world.clients.check_accepted()
        for order in world.disk.all_orders.values():
            is_ended = order.status.is_final
            world.violations.check(is_ended, "the market came, it did not end", order)
        world.stop()
        world.violations.raise_first()
        _count(world)
    finally:
        world.dispatcher.forget_all()


def _heal(world: World) -> None:
    """End all faults, and let time pass until all is well."""
    world.has_crashes = False
    world.disk.crash_before_commit = world.disk.crash_after_commit = None
    world.outage_until, world.disk.problem = None, None
    world.feed.heal()
    if world.root_watch.received:
        world.restart()
    for second in range(PATIENCE_SECONDS):
        world.run_until_idle()
        if _is_well(world) is None:
            return
        if second % 5 == 0:
            for venue in world.venues.values():
                world.feed.send(venue.change())
        world.pass_time(NANOSECONDS)
    problem = _is_well(world)
    world.violations.check(problem is None, "it does not come right", problem)
    world.violations.raise_first()


def _is_well(world: World) -> str | None:
    """Say what is not well yet, if anything."""
    status = Recorder()
    world.directory.tell(names.LEDGER, GetLedgerStatus(reply_to=status))
    world.run_until_idle()
    if any(one.problem for one in status.all(LedgerStatus)):
        return "the ledger waits for its disk"
    if world.clients.open:
        return "a client waits"
    routers = world.living(Router)
    if len(routers) != len(world.venues):
        return "a router is missing"
    for one in routers:
        venue = world.venues[one._symbol]
        if one._state is not BookState.SYNCED:
            return f"{one._symbol} is {one._state}"
        if one._book.update_id != venue.update_id:
            return f"{one._symbol} is behind"
    working = {one._order_id for one in world.living(Executor)}
    waiting = {
        order_id: waiting
        for one in routers
        for order_id, waiting in one._matcher._waiting.items()
    }
    for order in world.disk.all_orders.values():
        there = waiting.pop(order.order_id, None)
        if order.status.is_final:
            if there is not None:
                return f"{order.order_id} has ended, and waits"
        elif order.order_id not in working:
            return f"{order.order_id} is not worked"
        elif there is None:
            return f"{order.order_id} does not wait"
        elif there.quantity != order.remaining or there.price != order.price:
            return f"{order.order_id} waits as something else"
    return f"unknown orders wait: {waiting}" if waiting else None


def _check_rest(world: World) -> None:
    """Check a world in which nothing has to happen."""
    check = world.violations.check
    clients = world.clients
    clients.check_accepted()
    for one in world.living(Router):
        extra = set(one._clients) - set(one._matcher._waiting)
        check(not extra, "the router remembers", names.router(one._symbol), extra)
    for order in world.disk.all_orders.values():
        check(order.at_venue == 0, "a child is stuck", order)
    open_orders = [o for o in world.disk.all_orders.values() if not o.status.is_final]
    check(
        len(world.living(Executor)) == len(open_orders),
        "executors left over",
        world.living(Executor),
    )
    if world.profile.is_calm:
        check(not clients.timeouts, "a client was not answered", clients.timeouts)
    world.violations.raise_first()


def _sweep(world: World, side: Side) -> None:
    world.sweep(side)
    world.pass_time(50 * MS)
    world.run_until_idle()
    world.violations.raise_first()


def _count(world: World) -> None:
    world.counts["fill"] = world.liquidity.fills
    world.counts["timeout of a client"] = len(world.clients.timeouts)
    for order in world.disk.all_orders.values():
        world.counts[f"order {order.status} {order.reason}"] += 1
