"""One side of the book against a dictionary that keeps the same promises."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.market.order_book import BookSide
from domain.market.updates import statements_of
from domain.orders.child_order import Slice
from domain.values import Side


class NaiveSide:
    """The same promises, kept by a dictionary and by sorting."""

    def __init__(self, taker: Side) -> None:
        self.taker = taker
        self.stated: dict[Decimal, tuple[Decimal, int]] = {}
        self.left: dict[Decimal, Decimal] = {}

    def state(self, price: Decimal, quantity: Decimal, update_id: int) -> None:
        self.stated.pop(price, None)
        self.left.pop(price, None)
        if quantity:
            self.stated[price] = (quantity, update_id)
            self.left[price] = quantity

    def best_first(self) -> list[Decimal]:
        return sorted(self.stated, reverse=self.taker is Side.SELL)

    def take(self, limit: Decimal, quantity: Decimal) -> tuple[Slice, ...]:
        found = []
        for price in self.best_first():
            is_good = price >= limit if self.taker is Side.SELL else price <= limit
            got = min(quantity, self.left[price]) if is_good else Decimal(0)
            if got:
                self.left[price] -= got
                quantity -= got
                update_id = self.stated[price][1]
                found.append(Slice(price=price, quantity=got, update_id=update_id))
        return tuple(found)

    def give_back(self, slices: tuple[Slice, ...]) -> None:
        for one in slices:
            if one.price in self.stated and self.stated[one.price][1] == one.update_id:
                self.left[one.price] += one.quantity


prices = st.integers(min_value=1, max_value=9).map(Decimal)
quantities = st.integers(min_value=0, max_value=5).map(Decimal)
deeds = st.one_of(
    st.tuples(st.just("state"), st.lists(st.tuples(prices, quantities), max_size=5)),
    st.tuples(st.just("take"), st.tuples(prices, st.integers(1, 9).map(Decimal))),
    st.tuples(st.just("give back"), st.integers(0, 20)),
    st.tuples(st.just("load"), st.dictionaries(prices, quantities, max_size=6)),
)


@settings(max_examples=300)
@given(st.sampled_from(Side), st.lists(deeds, min_size=5, max_size=40))
def test_side_does_what_a_naive_one_does(
    taker: Side, happening: list[tuple[str, object]]
) -> None:
    side, naive = BookSide(taker), NaiveSide(taker)
    out: list[tuple[Slice, ...]] = []

    for update_id, deed in enumerate(happening, start=1):
        match deed:
            case "state", list(stated):
                side.state(statements_of(stated), update_id)
                for price, quantity in stated:
                    naive.state(price, quantity, update_id)
            case "load", dict(book):
                side.load(statements_of(book.items()), update_id)
                naive = NaiveSide(taker)
                for price, quantity in book.items():
                    naive.state(price, quantity, update_id)
            case "take", (Decimal() as limit, Decimal() as quantity):
                taken = side.take(limit, quantity)
                assert taken == naive.take(limit, quantity)
                out.append(taken)
            case "give back", int(number) if out:
                slices = out.pop(number % len(out))
                side.give_back(slices)
                naive.give_back(slices)
        assert_same(side, naive)


def assert_same(side: BookSide, naive: NaiveSide) -> None:
    best_first = naive.best_first()
    assert len(side) == len(best_first)
    assert side.best_price() == (best_first[0] if best_first else None)
    assert side.top(99) == tuple(
        (price, naive.stated[price][0]) for price in best_first
    )
    for limit in map(Decimal, range(1, 10)):
        good = [p for p in best_first if side.is_good_enough(p, limit)]
        there = sum((naive.left[price] for price in good), Decimal(0))
        assert side.available(limit, Decimal(999)) == there
