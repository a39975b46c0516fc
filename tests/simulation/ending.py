"""The end of a world: when nothing breaks any more, everything must come right."""

import contextlib
from collections.abc import Iterator

import pykka

from actors import ledger, listener
from actors.router import credit_granter as crediting
from actors.runtime.timers import NANOSECONDS
from domain.values import Side
from tests.simulation.checks_at_rest import what_is_wrong
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
        (crediting, "CREDIT_STEP"): max(limits.credit // 4, 1),
    }
    before = {context: getattr(*context) for context in places}
    try:
        for (module, name), value in places.items():
            setattr(module, name, value)
        yield
    finally:
        for (module, name), value in before.items():
            setattr(module, name, value)


@contextlib.contextmanager
def nothing_left_behind() -> Iterator[None]:
    """Have Pykka forget actors whose process was killed while it started them.

    They never ran, so that no dispatcher knows them; but each keeps its whole world.
    """
    before = set(pykka.ActorRegistry.get_all())
    try:
        yield
    finally:
        for ref in pykka.ActorRegistry.get_all():
            if ref not in before:
                pykka.ActorRegistry.unregister(ref)


def live(world: World) -> None:
    """Run a world from its start to its end.

    Raises:
        ViolationError: with the first promise that was broken.
    """
    with small_limits(world.profile.limits), nothing_left_behind():
        _live(world)


def _live(world: World) -> None:
    try:
        for _ in range(world.profile.rounds):
            world.round()
        _heal(world)
        _check_promises(world)
        world.stop()
        world.restart()
        _heal(world)
        _check_promises(world)
        world.clients.resume_all(world.directory)
        _heal(world)
        for side in Side:
            _sweep(world, side)
        for order in world.disk.all_orders.values():
            is_ended = order.status.is_final
            world.violations.check(is_ended, "the market came, it did not end", order)
        _check_promises(world)
        world.stop()
        world.violations.raise_first()
        _count(world)
    finally:
        world.succession.kill_all()
        world.dispatcher.forget_all()


def _heal(world: World) -> None:
    """End all faults, and let time pass until all is well."""
    world.has_crashes = False
    world.disk.end_faults()
    world.outage_until = None
    world.feed.heal()
    world.succession.heal()
    if world.trading is not None:
        world.trading.heal()
    if world.root_watch.received:
        world.restart()
    for second in range(PATIENCE_SECONDS):
        world.run_until_idle()
        if what_is_wrong(world) is None:
            return
        if world.disk.is_halted and not world.operators.open:
            world.operators.throw(world.directory, is_on=False)
        world.see_to_orders_on_hold()
        if second % 5 == 0:
            for venue in world.venues.values():
                world.move(venue)
        world.pass_time(NANOSECONDS)
    problem = what_is_wrong(world)
    world.violations.check(problem is None, "it does not come right", problem)
    world.violations.raise_first()


def _check_promises(world: World) -> None:
    """Check what clients were told."""
    world.clients.check_answers()
    if world.profile.is_calm:
        forgotten = world.clients.timeouts
        world.violations.check(not forgotten, "a client was not answered", forgotten)
        late = world.operators.timeouts
        world.violations.check(not late, "an operator was not answered", late)
    if world.trading is not None:
        world.trading.engine.check_books()
    world.followers.check_all()
    world.violations.raise_first()


def _sweep(world: World, side: Side) -> None:
    world.sweep(side)
    world.pass_time(50 * MS)
    world.run_until_idle()
    for _ in range(PATIENCE_SECONDS):
        orders = world.disk.all_orders.values()
        if world.trading is None or all(
            order.status.is_final for order in orders if order.side is side
        ):
            break  # else it may take several children, so many a second
        world.pass_time(NANOSECONDS)
        world.run_until_idle()
    world.violations.raise_first()


def _count(world: World) -> None:
    world.counts["fill"] = world.liquidity.fills
    world.counts["point of a price path"] = world.evidence.points
    kind = "paper" if world.trading is None else "trading"
    world.counts[f"world {kind}"] += 1
    world.counts["halt answered"] = world.operators.answers
    world.counts["timeout of an operator"] = world.operators.timeouts
    world.counts["timeout of a client"] = len(world.clients.timeouts)
    for order in world.disk.all_orders.values():
        world.counts[f"order {order.status} {order.reason}"] += 1
