"""The matcher against design section 4, written again with lists and loops."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.market.order_book import LocalOrderBook
from domain.market.updates import DepthSnapshot, DepthUpdate, statements_of
from domain.matching.matcher import Allocation, Matcher, WaitingOrder
from domain.orders.child_order import Slice
from domain.values import OrderId, Side, TimeInForce
from tests.builders import BTCUSDT, read


ZERO = Decimal(0)
MAY_WAIT = (TimeInForce.GTC, TimeInForce.GTD)


@dataclass
class Liquidity:
    """One statement of the venue, and what is left of it for us."""

    price: Decimal
    left: Decimal
    update_id: int


@dataclass
class NaiveMatcher:
    """No index and no shortcut: everything is looked at, every time."""

    levels: dict[Side, list[Liquidity]] = field(
        default_factory=lambda: {Side.SELL: [], Side.BUY: []}
    )
    waiting: list[WaitingOrder] = field(default_factory=list)

    def state(self, update: DepthUpdate) -> None:
        for side, levels in ((Side.SELL, update.bids), (Side.BUY, update.asks)):
            for price, quantity in read(levels):
                others = [one for one in self.levels[side] if one.price != price]
                if quantity:
                    others.append(Liquidity(price, quantity, update.last_update_id))
                self.levels[side] = others

    def arrive(self, order: WaitingOrder) -> Allocation | None:
        self.withdraw(order.order_id)
        there = sum((one.left for one in self.good_levels(order)), ZERO)
        most = min(there, order.released)
        if order.time_in_force is TimeInForce.FOK and most < order.left:
            return Allocation(order_id=order.order_id, slices=())
        slices = self.take(order)
        if not slices and order.time_in_force in MAY_WAIT:
            self.waiting.append(order)
            return None
        return Allocation(order_id=order.order_id, slices=slices)

    def withdraw(self, order_id: OrderId) -> None:
        self.waiting = [one for one in self.waiting if one.order_id != order_id]

    def match(self) -> list[Allocation]:
        given = []
        sells = [one for one in self.waiting if one.side is Side.SELL]
        buys = [one for one in self.waiting if one.side is Side.BUY]
        sells.sort(key=lambda one: (one.price, one.sequence))
        buys.sort(key=lambda one: (-one.price, one.sequence))
        for order in sells + buys:
            slices = self.take(order)
            if slices:
                self.withdraw(order.order_id)
                given.append(Allocation(order_id=order.order_id, slices=slices))
        return given

    def give_back(self, side: Side, slices: tuple[Slice, ...]) -> None:
        for part in slices:
            for one in self.levels[side]:
                if (one.price, one.update_id) == (part.price, part.update_id):
                    one.left += part.quantity

    def good_levels(self, order: WaitingOrder) -> list[Liquidity]:
        """Those within the limit, best first."""
        if order.side is Side.SELL:
            good = [one for one in self.levels[Side.SELL] if one.price >= order.price]
            return sorted(good, key=lambda one: -one.price)
        good = [one for one in self.levels[Side.BUY] if one.price <= order.price]
        return sorted(good, key=lambda one: one.price)

    def take(self, order: WaitingOrder) -> tuple[Slice, ...]:
        open_quantity, slices = order.released, []
        for one in self.good_levels(order):
            quantity = min(open_quantity, one.left)
            if quantity > 0:
                one.left -= quantity
                open_quantity -= quantity
                slices.append(
                    Slice(price=one.price, quantity=quantity, update_id=one.update_id)
                )
        return tuple(slices)


class Run:
    """Both matchers through the same day, as a router would lead them."""

    def __init__(self) -> None:
        self.book = LocalOrderBook(BTCUSDT)
        self.matcher = Matcher(self.book)
        self.naive = NaiveMatcher()
        self.orders: dict[OrderId, WaitingOrder] = {}
        self.away: dict[OrderId, Allocation] = {}
        self.stated: dict[tuple[Side, Decimal, int], Decimal] = {}
        self.taken: dict[tuple[Side, Decimal, int], Decimal] = defaultdict(Decimal)

    def update(self, update: DepthUpdate) -> None:
        self.note_statements(update)
        self.book.apply(update)
        self.naive.state(update)
        expected = self.naive.match()
        is_triggered = self.matcher.is_triggered_by(update)
        self.compare(self.matcher.match() if is_triggered else [], expected)

    def reload(self, snapshot: DepthSnapshot) -> None:
        """A new book: what was taken from the old one cannot be given back."""
        as_update = DepthUpdate(
            symbol=BTCUSDT,
            first_update_id=snapshot.last_update_id,
            last_update_id=snapshot.last_update_id,
            bids=snapshot.bids,
            asks=snapshot.asks,
        )
        self.note_statements(as_update)
        self.book.load(snapshot)
        self.naive.levels = {Side.SELL: [], Side.BUY: []}
        self.naive.state(as_update)
        self.compare(self.matcher.match(), self.naive.match())

    def enlist(self, order: WaitingOrder) -> None:
        self.orders[order.order_id] = order
        found, expected = self.matcher.enlist(order), self.naive.arrive(order)
        assert found == expected
        if found is not None:
            self.compare([found], [expected] if expected else [])

    def withdraw(self, order_id: OrderId) -> None:
        self.matcher.withdraw(order_id)
        self.naive.withdraw(order_id)

    def settle(self, order_id: OrderId) -> None:
        """The child was filled: what remains is enlisted again."""
        allocation = self.away.pop(order_id)
        order = self.orders[order_id]
        filled = sum((one.quantity for one in allocation.slices), ZERO)
        left = order.left - filled
        if left and order.time_in_force in MAY_WAIT:
            self.enlist(replace(order, left=left, released=left))

    def release(self, order_id: OrderId) -> None:
        """The child was never sent: others may have the slices."""
        slices = self.away.pop(order_id).slices
        side = self.orders[order_id].side
        for one in slices:
            self.taken[side, one.price, one.update_id] -= one.quantity
        self.book.taken_by(side).give_back(slices)
        self.naive.give_back(side, slices)
        self.compare(self.matcher.match(), self.naive.match())

    def note_statements(self, update: DepthUpdate) -> None:
        for side, levels in ((Side.SELL, update.bids), (Side.BUY, update.asks)):
            for price, quantity in read(levels):
                self.stated[side, price, update.last_update_id] = quantity

    def compare(self, found: list[Allocation], expected: list[Allocation]) -> None:
        assert found == expected
        for allocation in found:
            order = self.orders[allocation.order_id]
            if allocation.slices:
                self.away[order.order_id] = allocation
            self.check_limits(order, allocation)
            for one in allocation.slices:
                statement = (order.side, one.price, one.update_id)
                self.taken[statement] += one.quantity
                assert self.taken[statement] <= self.stated[statement]
        assert len(self.matcher) == len(self.naive.waiting)

    def check_limits(self, order: WaitingOrder, allocation: Allocation) -> None:
        total = sum((one.quantity for one in allocation.slices), ZERO)
        assert total <= order.released
        if order.time_in_force is TimeInForce.FOK:
            assert total in (ZERO, order.left)
        for one in allocation.slices:
            is_sell = order.side is Side.SELL
            assert one.price >= order.price if is_sell else one.price <= order.price


prices = st.integers(min_value=95, max_value=105).map(Decimal)
quantities = st.integers(min_value=0, max_value=6).map(Decimal)
levels = st.lists(st.tuples(prices, quantities), max_size=4).map(statements_of)
books = st.dictionaries(prices, quantities, max_size=5).map(
    lambda found: statements_of(found.items())
)
amounts = st.tuples(st.integers(1, 9), st.integers(1, 9))


def arrival(
    amounts: tuple[int, int], side: Side, price: Decimal, time_in_force: TimeInForce
) -> WaitingOrder:
    return WaitingOrder(
        order_id=OrderId("to be numbered"),
        side=side,
        price=price,
        released=Decimal(min(amounts)),
        left=Decimal(max(amounts)),
        sequence=0,
        time_in_force=time_in_force,
    )


arrivals = st.builds(
    arrival,
    st.one_of(amounts, st.integers(1, 9).map(lambda all_of_it: (all_of_it, all_of_it))),
    side=st.sampled_from(Side),
    price=prices,
    time_in_force=st.sampled_from([TimeInForce.GTC, *TimeInForce]),
)
deeds = st.one_of(
    st.tuples(st.just("update"), st.tuples(levels, levels)),
    st.tuples(st.just("update"), st.tuples(levels, levels)),
    st.tuples(st.just("arrive"), arrivals),
    st.tuples(st.just("arrive"), arrivals),
    st.tuples(st.just("settle"), st.integers(0, 30)),
    st.tuples(st.just("settle"), st.integers(0, 30)),
    st.tuples(st.just("release"), st.integers(0, 30)),
    st.tuples(st.just("withdraw"), st.integers(0, 30)),
    st.tuples(st.just("reload"), st.tuples(books, books)),
)


def lead(run: Run, number: int, deed: tuple[str, object]) -> None:
    match deed:
        case "update", (tuple(bids), tuple(asks)):
            run.update(
                DepthUpdate(
                    symbol=BTCUSDT,
                    first_update_id=number,
                    last_update_id=number,
                    bids=bids,
                    asks=asks,
                )
            )
        case "arrive", WaitingOrder() as order:
            order_id = OrderId(f"O{number}")
            run.enlist(replace(order, order_id=order_id, sequence=number))
        case "reload", (tuple(bids), tuple(asks)):
            run.away.clear()
            run.reload(
                DepthSnapshot(
                    symbol=BTCUSDT, last_update_id=number, bids=bids, asks=asks
                )
            )
        case "withdraw", int(which) if run.orders:
            run.withdraw(list(run.orders)[which % len(run.orders)])
        case "settle" | "release" as what, int(which) if run.away:
            order_id = list(run.away)[which % len(run.away)]
            (run.settle if what == "settle" else run.release)(order_id)


@settings(max_examples=250)
@given(st.lists(deeds, min_size=10, max_size=60))
def test_matcher_gives_what_a_naive_one_gives(
    happening: list[tuple[str, object]],
) -> None:
    run = Run()

    for number, deed in enumerate(happening, start=1):
        lead(run, number, deed)
