"""Databases as earlier versions of the service left them.

Their tables are made by the migrations that there were, their rows are plain SQL in the
form in which those versions wrote them: nothing here uses today's code for either.
"""

import shutil
import tempfile
from contextlib import closing
from typing import Any, Final

from playhouse.migrations import Runner

from adapters.persistence.backends import backend_of
from adapters.persistence.schema import MIGRATIONS


_FIRST: Final = ("0001_initial",)
_REAL_VENUES: Final = (*_FIRST, "0002_real_venues")
_RECONCILED: Final = (*_REAL_VENUES, "0003_fills_by_time")
_BOUND: Final = (*_RECONCILED, "0004_venue")
_COUNTED: Final = (*_BOUND, "0007_children_never_sent")

BEFORE_POSITIONS: Final = (*_COUNTED, "0005_tenures")
"""The version before order events had positions."""

_POSITIONS: Final = "0008_event_positions"
_OF_EVENTS: Final = (_POSITIONS, "0013_fill_of_event")
"""Steps that change the table of events, one upon the other."""

BEFORE_LONE_INTENTS: Final = (*BEFORE_POSITIONS, _POSITIONS)
"""The version in which an intent was written with its order's step."""

BEFORE_TOUCHES: Final = (*BEFORE_LONE_INTENTS, "0009_lone_intents")
"""The version that did not record what the book showed."""

BEFORE_PRICE_PATH: Final = (*BEFORE_TOUCHES, "0010_touches")
"""The version that kept no price paths."""

_PRICE_PATH: Final = (*BEFORE_PRICE_PATH, "0011_price_path")

BEFORE_FILLS_OF_EVENTS: Final = (*_PRICE_PATH, "0012_tokens")
"""The version whose events did not say which fill they booked."""

BEFORE_PAUSES: Final = (*BEFORE_FILLS_OF_EVENTS, "0013_fill_of_event")
"""The version that could not pause an order."""

_PAUSES: Final = (*BEFORE_PAUSES, "0014_paused_orders")
_AUDIT: Final = (*_PAUSES, "0015_audit")

VERSIONS: Final = (
    _FIRST,
    _REAL_VENUES,
    _RECONCILED,
    _BOUND,
    _COUNTED,
    BEFORE_POSITIONS,
    BEFORE_LONE_INTENTS,
    BEFORE_TOUCHES,
    BEFORE_PRICE_PATH,
    _PRICE_PATH,
    BEFORE_FILLS_OF_EVENTS,
    BEFORE_PAUSES,
    _PAUSES,
    _AUDIT,
    (*_AUDIT, "0016_webhooks"),
    (*_AUDIT, "0016_webhooks", "0017_fills_of_all_by_time"),
)
"""The steps that each version that there was had taken; 0007 landed before 0005."""

NAMES: Final = tuple(f"{len(steps)} steps" for steps in VERSIONS)
VENUE: Final = "binance at old.example"

_ORDERS: Final = """
    INSERT INTO orders (
        order_id, sequence, client_order_id, symbol, side, quantity, price,
        time_in_force, expires_at, created_at, updated_at, status, reason, filled,
        filled_quote, at_venue, children, version, idempotency_key, fingerprint)
    VALUES
        ('DONE', 1, NULL, 'BNBUSDT', 'SELL', '3', '100', 'GTC', NULL,
        '2025-12-31T23:59:01.000000+00:00', '2025-12-31T23:59:08.000000+00:00',
        'FILLED', 'COMPLETED', '3', '303', '0', 2, 6, NULL,
        'BNBUSDT|SELL|3|100|GTC||'),
        ('PART', 2, NULL, 'BNBUSDT', 'SELL', '5', '100', 'GTC', NULL,
        '2025-12-31T23:59:02.000000+00:00', '2025-12-31T23:59:05.000000+00:00',
        'PARTIALLY_FILLED', NULL, '2', '200', '0', 1, 3, NULL,
        'BNBUSDT|SELL|5|100|GTC||'),
        ('FLIGHT', 3, NULL, 'BNBUSDT', 'SELL', '4', '100', 'GTC', NULL,
        '2025-12-31T23:59:10.000000+00:00', '2025-12-31T23:59:12.000000+00:00',
        'NEW', 'CHILD_UNKNOWN', '0', '0', '3', 1, 3, NULL,
        'BNBUSDT|SELL|4|100|GTC||'),
        ('WAITS', 4, 'mine', 'BNBUSDT', 'BUY', '2', '90', 'GTD',
        '2026-01-01T00:10:00.000000+00:00', '2025-12-31T23:59:20.000000+00:00',
        '2025-12-31T23:59:20.000000+00:00', 'NEW', NULL, '0', '0', '0', 0, 1, 'key',
        'BNBUSDT|BUY|2|90|GTD|2026-01-01T00:10:00+00:00|mine')
"""

_CHILDREN: Final = """
    INSERT INTO children (
        child_id, order_id, symbol, side, price, quantity, slices, status,
        reason{column})
    VALUES
        ('DONE-1', 'DONE', 'BNBUSDT', 'SELL', '100', '2', '[["101","2",5]]', 'DONE',
        'EXPIRED'{at[0]}),
        ('PART-1', 'PART', 'BNBUSDT', 'SELL', '100', '2', '[["100","2",6]]', 'DONE',
        ''{at[1]}),
        ('DONE-2', 'DONE', 'BNBUSDT', 'SELL', '100', '2', '[["101","2",7]]', 'DONE',
        ''{at[2]}),
        ('FLIGHT-1', 'FLIGHT', 'BNBUSDT', 'SELL', '100', '3', '[["100","3",8]]',
        'INTENDED', ''{at[3]})
"""

_INTENDED_AT: Final = (
    "2025-12-31T23:59:03.000000+00:00",
    "2025-12-31T23:59:04.000000+00:00",
    "2025-12-31T23:59:07.000000+00:00",
    "2025-12-31T23:59:11.000000+00:00",
)

_FILLS: Final = """
    INSERT INTO fills (
        order_id, child_id, number, symbol, price, quantity, fee, fee_asset, trade_id,
        update_id, executed_at)
    VALUES
        ('DONE', 'DONE-1', 1, 'BNBUSDT', '101', '1', '0.001', 'BNB', {trades[0]}, 5,
        '2025-12-31T23:59:03.500000+00:00'),
        ('PART', 'PART-1', 1, 'BNBUSDT', '100', '2', '0.002', 'BNB', {trades[1]}, 6,
        '2025-12-31T23:59:04.500000+00:00'),
        ('DONE', 'DONE-2', 1, 'BNBUSDT', '101', '2', '0.002', 'BNB', {trades[2]}, 7,
        '2025-12-31T23:59:07.500000+00:00')
"""

_EVENTS: Final = """
    INSERT INTO order_events (
        order_id, number, step, status, occurred_at, quantity, price, update_id,
        child_id, reason)
    VALUES
        ('DONE', 1, 'ACCEPTED', 'NEW', '2025-12-31T23:59:01.000000+00:00', '3', '100',
        NULL, NULL, NULL),
        ('PART', 1, 'ACCEPTED', 'NEW', '2025-12-31T23:59:02.000000+00:00', '5', '100',
        NULL, NULL, NULL),
        ('DONE', 2, 'CHILD_INTENDED', 'NEW', '2025-12-31T23:59:03.000000+00:00', '2',
        '101', 5, 'DONE-1', NULL),
        ('PART', 2, 'CHILD_INTENDED', 'NEW', '2025-12-31T23:59:04.000000+00:00', '2',
        '100', 6, 'PART-1', NULL),
        ('PART', 3, 'PART_FILLED', 'PARTIALLY_FILLED',
        '2025-12-31T23:59:05.000000+00:00', '2', '100', 6, 'PART-1', NULL),
        ('DONE', 3, 'PART_FILLED', 'PARTIALLY_FILLED',
        '2025-12-31T23:59:06.000000+00:00', '1', '101', 5, 'DONE-1', NULL),
        ('DONE', 4, 'CHILD_ENDED', 'PARTIALLY_FILLED',
        '2025-12-31T23:59:06.000000+00:00', '1', NULL, NULL, 'DONE-1', 'DONE'),
        ('DONE', 5, 'CHILD_INTENDED', 'PARTIALLY_FILLED',
        '2025-12-31T23:59:07.000000+00:00', '2', '101', 7, 'DONE-2', NULL),
        ('DONE', 6, 'FILLED', 'FILLED', '2025-12-31T23:59:08.000000+00:00', '2', '101',
        7, 'DONE-2', NULL),
        ('FLIGHT', 1, 'ACCEPTED', 'NEW', '2025-12-31T23:59:10.000000+00:00', '4', '100',
        NULL, NULL, NULL),
        ('FLIGHT', 2, 'CHILD_INTENDED', 'NEW', '2025-12-31T23:59:11.000000+00:00', '3',
        '100', 8, 'FLIGHT-1', NULL),
        ('FLIGHT', 3, 'CHILD_UNKNOWN', 'NEW', '2025-12-31T23:59:12.000000+00:00', '3',
        NULL, NULL, 'FLIGHT-1', 'timed out'),
        ('WAITS', 1, 'ACCEPTED', 'NEW', '2025-12-31T23:59:20.000000+00:00', '2', '90',
        NULL, NULL, NULL)
"""

TOLD: Final = (
    *(("DONE", 1), ("PART", 1), ("DONE", 2), ("PART", 2), ("PART", 3)),
    *(("DONE", number) for number in range(3, 7)),
    *(("FLIGHT", number) for number in range(1, 4)),
    ("WAITS", 1),
)
"""The events of these orders by order and number, as they happened."""

_HELD: Final = (
    """
    INSERT INTO orders (
        order_id, sequence, client_order_id, symbol, side, quantity, price,
        time_in_force, expires_at, created_at, updated_at, status, reason, filled,
        filled_quote, at_venue, children, version, idempotency_key, fingerprint)
    VALUES
        ('HELD', 5, NULL, 'BNBUSDT', 'SELL', '2', '100', 'GTC', NULL,
        '2025-12-31T23:59:30.000000+00:00', '2025-12-31T23:59:31.000000+00:00', 'NEW',
        'ON_HOLD', '0', '0', '0', 0, 2, NULL, 'BNBUSDT|SELL|2|100|GTC||')
    """,
    """
    INSERT INTO order_events (
        order_id, number, step, status, occurred_at, quantity, price, update_id,
        child_id, reason)
    VALUES
        ('HELD', 1, 'ACCEPTED', 'NEW', '2025-12-31T23:59:30.000000+00:00', '2', '100',
        NULL, NULL, NULL),
        ('HELD', 2, 'HELD', 'NEW', '2025-12-31T23:59:31.000000+00:00', NULL, NULL, NULL,
        NULL, 'the venue has a trade of it that we have not')
    """,
)

TOLD_OF_HELD: Final = (("HELD", 1), ("HELD", 2))

_HALT: Final = """
    INSERT INTO switches (name, is_on, reason, since)
    VALUES ('halt', 1, 'over the weekend', '2025-12-31T23:59:40.000000+00:00')
"""
_BOUND_TO: Final = f"""
    INSERT INTO facts (name, value) VALUES ('venue', '{VENUE}'),
        ('silence {VENUE}', '2025-12-31T23:59:00.000000+00:00')
"""  # noqa: S608 - constants
_TENURE: Final = """
    INSERT INTO tenures (scope, epoch, owner) VALUES ('*', 7, 'old pid 4711 abc')
"""


def make_tables(url: str, steps: tuple[str, ...]) -> None:
    """Make a database in which so many migrations were run, or run those missing."""
    with _opened(url) as database, tempfile.TemporaryDirectory() as folder:
        for name in steps:
            shutil.copy(MIGRATIONS / f"{name}.py", folder)
        with database.atomic():
            Runner(database, folder).up()
        backend_of(url).prepare(database)


def make_database(url: str, steps: tuple[str, ...], *, is_halted: bool = False) -> None:
    """Make a database in which a service of that version was killed.

    If its events have positions, that service migrated an older one.
    """
    make_tables(url, tuple(step for step in steps if step not in _OF_EVENTS))
    with _opened(url) as database, database.atomic():
        for statement in _rows(steps, is_halted=is_halted):
            database.execute_sql(statement)
    make_tables(url, steps)


def _rows(steps: tuple[str, ...], *, is_halted: bool) -> list[str]:
    has_venue = "0004_venue" in steps
    trades = (11, 12, 13) if has_venue else ("NULL",) * 3  # on paper they have none
    found = [_ORDERS, _children(steps), _FILLS.format(trades=trades), _EVENTS]
    if "0003_fills_by_time" in steps:
        found += _HELD
    if is_halted:
        found.append(_HALT)
    if has_venue:
        found.append(_BOUND_TO)
    if "0005_tenures" in steps:
        found.append(_TENURE)
    return found


def _children(steps: tuple[str, ...]) -> str:
    if "0002_real_venues" not in steps:
        return _CHILDREN.format(column="", at=("",) * 4)
    moments = [f", '{moment}'" for moment in _INTENDED_AT]
    return _CHILDREN.format(column=", intended_at", at=moments)


def _opened(url: str) -> Any:
    """Connect; no more than the tables of back then are known of."""
    database = backend_of(url).migrator()
    database.connect()
    return closing(database)
