from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.orders.child_order import Fill
from domain.orders.order import Order
from domain.orders.summary import OrderSummary, add_up, summarise
from domain.values import ChildId, Side
from tests.builders import NOW, accepted_order


def fill(
    price: str, quantity: str, fee: str = "0", fee_asset: str | None = None
) -> Fill:
    order = accepted_order()
    return Fill(
        order_id=order.order_id,
        child_id=ChildId(f"{order.order_id}-1"),
        number=1,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(fee),
        fee_asset=fee_asset,
        trade_id=None,
        update_id=None,
        executed_at=NOW,
    )


def summed(order: Order, fills: Sequence[Fill]) -> OrderSummary:
    return summarise(order, add_up(fills), fills)


def test_seller_gains_what_was_got_above_the_limit() -> None:
    order = accepted_order(side=Side.SELL, price="100")

    summary = summed(order, [fill("101", "1"), fill("100.5", "2")])

    assert summary.order is order
    assert summary.totals.count == 2
    assert summary.totals.filled == Decimal(3)
    assert summary.totals.filled_quote == Decimal(302)
    assert summary.gain == Decimal(2)


def test_buyer_gains_what_was_paid_below_the_limit() -> None:
    order = accepted_order(side=Side.BUY, price="100")

    summary = summed(order, [fill("99", "1"), fill("99.5", "2")])

    assert summary.gain == Decimal(2)


def test_limit_that_was_made_stricter_later_counts_against_earlier_fills() -> None:
    order = accepted_order(side=Side.SELL, price="102")

    assert summed(order, [fill("101", "2")]).gain == Decimal(-2)


def test_order_without_fills_has_nothing_to_sum_up() -> None:
    summary = summed(accepted_order(), [])

    assert summary.totals.count == 0
    assert not any((summary.totals.filled, summary.totals.filled_quote, summary.gain))
    assert summary.totals.fees == ()


def test_fees_are_summed_by_asset_and_zero_ones_left_out() -> None:
    fills = [
        fill("101", "1", "0.002", "USDT"),
        fill("101", "1", "0.0001", "BNB"),
        fill("101", "1", "0.003", "USDT"),
        fill("101", "1", "0", "ETH"),
        fill("101", "1"),
    ]

    summary = summed(accepted_order(), fills)

    assert summary.totals.fees == (
        ("BNB", Decimal("0.0001")),
        ("USDT", Decimal("0.005")),
    )
    assert summary.fills == tuple(fills)


long_amounts = st.decimals("0.000000000001", "9999999999999999", places=12)


@given(
    st.lists(st.tuples(long_amounts, long_amounts), max_size=9),
    long_amounts,
    st.sampled_from(Side),
)
def test_gain_and_totals_are_exact(
    parts: list[tuple[Decimal, Decimal]], limit: Decimal, side: Side
) -> None:
    order = accepted_order(side=side, price=format(limit, "f"))

    summary = summed(order, [fill(format(p, "f"), format(q, "f")) for p, q in parts])

    quote = sum((Fraction(p) * Fraction(q) for p, q in parts), Fraction(0))
    filled = sum((Fraction(q) for _, q in parts), Fraction(0))
    assert Fraction(summary.totals.filled_quote) == quote
    assert Fraction(summary.totals.filled) == filled
    above = quote - Fraction(limit) * filled
    assert Fraction(summary.gain) == (above if side is Side.SELL else -above)
