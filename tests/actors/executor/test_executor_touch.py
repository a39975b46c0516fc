"""What an order records of the book: when it is offered something, and at its end."""

from actors.messages.ledger import WriteRecord
from domain.orders.order import OrderStatus
from tests.actors.builders import gtd_order, order
from tests.actors.stage import Stage
from tests.actors.workshop import Workshop, waiting
from tests.builders import touch_at


THEN = touch_at("101", "103", update_id=7)
LATER = touch_at("100", "102", update_id=8)


def test_the_end_is_recorded_with_the_touch_of_then(stage: Stage) -> None:
    shop = Workshop(stage, waiting(order()))
    shop.touch = THEN
    shop.offer((101, 5))
    shop.written()
    shop.touch = LATER
    shop.answered((101, 5))

    assert shop.order().status is OrderStatus.FILLED
    assert [change.touch for change in shop.changes()] == [None, LATER]


def test_an_end_without_a_book_is_recorded_all_the_same(stage: Stage) -> None:
    shop = Workshop(stage, waiting(gtd_order(5)))
    stage.pass_seconds(6)

    assert shop.order().status is OrderStatus.EXPIRED
    assert shop.change().touch is None


def test_a_repeated_end_has_the_touch_of_the_first_time(stage: Stage) -> None:
    shop = Workshop(stage, waiting(gtd_order(5)))
    shop.touch = THEN
    stage.pass_seconds(6)
    shop.touch = LATER

    shop.ledger = shop.replace(shop.ledger)
    stage.run()

    (again,) = shop.ledger.all(WriteRecord)
    assert again.record.touch == THEN


def test_a_child_keeps_the_touch_of_its_offer(stage: Stage) -> None:
    shop = Workshop(stage, waiting(order()))
    shop.touch = LATER

    shop.offer((101, 5), touch=THEN)

    child = shop.change().intent
    assert child is not None
    assert child.touch == THEN
    assert child.far_touch == THEN.bid
