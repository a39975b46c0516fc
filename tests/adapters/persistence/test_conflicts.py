from dataclasses import replace

import pytest

from adapters.persistence.queries import SqlOrderQueries
from adapters.persistence.store import SqlTradeStore
from domain.orders.records import NewOrder, RecordOutcome, Stored
from domain.orders.stored_orders import OrderFilter
from domain.reasons import RefusalCode
from domain.refusals import Refusal
from tests.adapters.persistence.audit import events_of
from tests.adapters.persistence.builders import (
    canceled,
    new_order,
    whole_life,
)


TOO_LATE = Refusal(code=RefusalCode.EXPIRES_AT_IN_THE_PAST, detail="too late")


def refusal_of(outcome: RecordOutcome) -> tuple[RefusalCode, str | None]:
    assert isinstance(outcome, Refusal)
    return outcome.code, outcome.field


def pair(*, same_request: bool, by_key: bool) -> tuple[NewOrder, NewOrder]:
    """Two requests that share the idempotency key, or the client order id."""
    first, second = (
        new_order(
            sequence,
            idempotency_key="key" if by_key else None,
            client_order_id=None if by_key else "mine",
            fingerprint="same" if same_request else f"request {sequence}",
        )
        for sequence in (1, 2)
    )
    return first, second


@pytest.mark.parametrize("by_key", [True, False])
@pytest.mark.parametrize("in_one_batch", [True, False])
def test_same_request_gives_the_first_order_again(
    store: SqlTradeStore,
    queries: SqlOrderQueries,
    *,
    by_key: bool,
    in_one_batch: bool,
) -> None:
    first, second = pair(same_request=True, by_key=by_key)

    if in_one_batch:
        outcomes = store.write([first, second])
    else:
        outcomes = (*store.write([first]), *store.write([second]))

    assert outcomes == (
        Stored(order=first.order),
        Stored(order=first.order, repeated=True),
    )
    assert queries.orders(OrderFilter()).orders == (first.order,)
    assert events_of(queries, second.order.order_id) == []


@pytest.mark.parametrize("by_key", [True, False])
@pytest.mark.parametrize("in_one_batch", [True, False])
def test_other_request_under_a_used_key_is_refused(
    store: SqlTradeStore,
    queries: SqlOrderQueries,
    *,
    by_key: bool,
    in_one_batch: bool,
) -> None:
    first, second = pair(same_request=False, by_key=by_key)

    if in_one_batch:
        outcomes = store.write([first, second])
    else:
        outcomes = (*store.write([first]), *store.write([second]))

    assert outcomes[0] == Stored(order=first.order)
    assert refusal_of(outcomes[1]) == (
        (RefusalCode.IDEMPOTENCY_KEY_REUSED, "Idempotency-Key")
        if by_key
        else (RefusalCode.CLIENT_ORDER_ID_REUSED, "client_order_id")
    )
    assert queries.orders(OrderFilter()).orders == (first.order,)
    assert events_of(queries, second.order.order_id) == []


def test_key_is_remembered_after_the_order_has_ended(store: SqlTradeStore) -> None:
    first, second = pair(same_request=True, by_key=True)
    ended = canceled(first.order)
    store.write([first, ended])

    outcomes = store.write([second])

    assert outcomes == (Stored(order=ended.order, repeated=True),)


def test_refused_order_leaves_its_neighbours_in_the_batch_alone(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    first, second = pair(same_request=False, by_key=True)
    neighbour = new_order(3)

    outcomes = store.write([first, second, neighbour])

    assert outcomes[2] == Stored(order=neighbour.order)
    assert queries.order(neighbour.order.order_id) == neighbour.order
    assert events_of(queries, neighbour.order.order_id) == [neighbour.event]


def test_orders_without_keys_never_collide(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    batch = [replace(new_order(number), fingerprint="same") for number in range(1, 9)]

    store.write(batch)

    assert len(queries.orders(OrderFilter()).orders) == 8


def test_outcomes_keep_the_order_of_mixed_records(store: SqlTradeStore) -> None:
    life = whole_life(1)
    other = new_order(2)

    outcomes = store.write([life.new, life.first_intent, other, life.first_result])

    assert outcomes == (
        Stored(order=life.new.order),
        Stored(order=life.first_intent.order),
        Stored(order=other.order),
        Stored(order=life.first_result.order),
    )


def test_refused_request_is_not_written_and_answered_as_refused(
    store: SqlTradeStore, queries: SqlOrderQueries
) -> None:
    record = replace(new_order(1, idempotency_key="k"), refusal=TOO_LATE)

    assert store.write([record]) == (TOO_LATE,)
    assert queries.orders(OrderFilter()).orders == ()


def test_request_that_was_accepted_once_is_never_refused_later(
    store: SqlTradeStore,
) -> None:
    first = new_order(1, idempotency_key="k", fingerprint="same")
    again = new_order(0, idempotency_key="k", fingerprint="same")
    store.write([first])

    outcomes = store.write([replace(again, refusal=TOO_LATE)])

    assert outcomes == (Stored(order=first.order, repeated=True),)


def test_refused_request_under_a_used_key_is_a_conflict(store: SqlTradeStore) -> None:
    store.write([new_order(1, idempotency_key="k", fingerprint="first")])
    other = new_order(0, idempotency_key="k", fingerprint="other")

    (outcome,) = store.write([replace(other, refusal=TOO_LATE)])

    assert isinstance(outcome, Refusal)
    assert outcome.code is RefusalCode.IDEMPOTENCY_KEY_REUSED
