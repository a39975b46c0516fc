"""Says what a run came to; of a difference, all that is known about it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from tests.chaos.comparing import order_of
from tests.chaos.disk import Disk
from tests.chaos.running import Outcome


SHOWN_MAX = 5
"""Orders that are told in full."""

HONESTLY = (
    "Orders, faults, lives and pauses come from the seed; what the service is doing"
    " when it is killed is up to the machine."
)


def reproduce(seed: int, kills: int) -> str:
    """The one command that runs the same again."""
    return f"make chaos CHAOS_SEED={seed} CHAOS_KILLS={kills}"


def summary(outcome: Outcome) -> str:
    """Some lines with figures."""
    lives, disk, audit = outcome.lives, outcome.disk, outcome.audit
    ended = sum(order.is_final for order in disk.orders.values())
    statuses = Counter(child.status for child in disk.children.values())
    doubts = doubt_seconds(disk)
    longest = f", the longest after {max(doubts.values()):.1f} s" if doubts else ""
    working = len(disk.orders) - ended
    executed = {execution.child_id for execution in audit.executions}
    caught, lucky = len(lives.in_flight), len(lives.in_flight & executed)
    steps = Counter(step.step for step in disk.steps)
    lines = [
        f"seed {outcome.seed}: {lives.kills} kills in {outcome.seconds:.0f} s,",
        f"  {lives.at_start} of them during a start",
        f"orders {len(disk.orders)}: {ended} ended, {working} still work",
        f"  of {outcome.requests} that clients asked for",
        f"  {steps['PAUSED']} times paused, {steps['RESUMED']} times resumed",
        f"children {len(disk.children)}: {_counts(statuses)}",
        f"  {caught} in flight when the service was killed, {lucky} of them executed",
        f"unknown outcomes {len(doubts)}, all known now{longest}",
        f"trades at the exchange {len(audit.executions)}",
        f"fills on disk {len(disk.fills)}",
        f"faults applied: {_counts(Counter(outcome.applied))}",
        f"differences: {len(outcome.differences)}",
    ]
    return "\n".join(lines)


def doubt_seconds(disk: Disk) -> dict[str, float]:
    """How long it took to find out about each child whose outcome was unknown."""
    began: dict[str, datetime] = {}
    ended: dict[str, datetime] = {}
    for step in disk.steps:
        if step.child_id is None:
            continue
        if step.step == "CHILD_UNKNOWN":
            began.setdefault(step.child_id, step.at)
        ended[step.child_id] = step.at
    return {
        child_id: (ended[child_id] - since).total_seconds()
        for child_id, since in began.items()
    }


def findings(outcome: Outcome) -> str:
    """Everything about the differences, and how to see them again."""
    lines = [f"{one.order_id or 'the run'}: {one.text}" for one in outcome.differences]
    order_ids = dict.fromkeys(one.order_id for one in outcome.differences)
    for order_id in [one for one in order_ids if one][:SHOWN_MAX]:
        lines += ["", *_story(outcome, order_id)]
    again = reproduce(outcome.seed, outcome.lives.kills)
    lines += ["", f"seed {outcome.seed}; the same again: {again}"]
    lines += [HONESTLY, f"What was done: {outcome.lives.journal.path}"]
    lines += [f"What the service said: {outcome.lives.log}"]
    lines += [f"Its database: {outcome.lives.database}"]
    return "\n".join(lines)


def _story(outcome: Outcome, order_id: str) -> Iterator[str]:
    disk, audit = outcome.disk, outcome.audit
    yield f"order {disk.orders.get(order_id, f'{order_id} is not on disk')}"
    yield from (f"  {step}" for step in disk.steps if step.order_id == order_id)
    yield "  its children on our disk:"
    children = disk.children.values()
    yield from (f"    {child}" for child in children if child.order_id == order_id)
    yield "  its fills on our disk:"
    yield from (f"    {fill}" for owner, fill in disk.fills if owner == order_id)
    yield "  the exchange's orders:"
    for found in audit.orders:
        if order_of(found["clientOrderId"]) == order_id:
            shown = {name: found[name] for name in found if name != "account"}
            yield f"    {shown}"
    yield "  the exchange's trades:"
    for execution in audit.executions:
        if order_of(execution.child_id) == order_id:
            yield f"    {execution}"


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counter.items()))
