"""The example of ``docs/execution-report.md``, worked out from what the page says."""

import re
from dataclasses import replace
from decimal import Decimal

from domain.market.public_trades import TradedSecond
from domain.market.touch import Touch
from domain.orders.child_order import Fill
from domain.orders.order import OrderStatus
from domain.orders.stored_orders import OrderTouches
from domain.reports.figures import Measure, Missing, word_for
from domain.reports.order_report import Evidence, report_on
from domain.values import ChildId, Side
from domain.venue.symbol_rules import SymbolRules
from tests.builders import BTCUSDT, NOW, accepted_order, touch_at, traded_second
from tests.source_files import ROOT


PAGE = (ROOT / "docs/execution-report.md").read_text(encoding="utf-8")
CHILD = ChildId("A-1")
N = r"([0-9.]+)"


def touch_of(name: str) -> Touch:
    ((bid, ask),) = re.findall(rf"^{name}: bid {N}, ask {N}$", PAGE, re.MULTILINE)
    return touch_at(bid, ask)


def public_trades() -> TradedSecond:
    trades = re.findall(
        rf"^public trade while it was open: {N} at {N}$", PAGE, re.MULTILINE
    )
    volumes = {price: quantity for quantity, price in trades}
    return traded_second(int(NOW.timestamp()), volumes, first_id=1)


def example() -> Evidence:
    ((side, quantity, limit),) = re.findall(
        rf"^(BUY|SELL) {N} BTCUSDT at {N}, canceled with 1 unfilled$",
        PAGE,
        re.MULTILINE,
    )
    order = accepted_order(side=Side(side), quantity=quantity, price=limit)
    fills = re.findall(rf"^fill: {N} at {N}, fee {N} (\w+)$", PAGE, re.MULTILINE)
    mids = re.findall(rf"^mid (\d+) s after both fills: {N}$", PAGE, re.MULTILINE)
    return Evidence(
        order=replace(order, status=OrderStatus.CANCELED),
        touches=OrderTouches(arrival=touch_of("arrival"), end=touch_of("end")),
        fills=[
            Fill(
                order_id=order.order_id,
                child_id=CHILD,
                number=number,
                price=Decimal(price),
                quantity=Decimal(filled),
                fee=Decimal(fee),
                fee_asset=asset,
                trade_id=None,
                update_id=None,
                executed_at=NOW,
            )
            for number, (filled, price, fee, asset) in enumerate(fills, start=1)
        ],
        offers={CHILD: touch_of("offer")},
        mids={int(NOW.timestamp()) + int(late): Decimal(mid) for late, mid in mids},
        traded=[public_trades()],
        rules=SymbolRules(symbol=BTCUSDT, base_asset="BTC", quote_asset="USDT"),
    )


def test_the_table_follows_from_the_example() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| [^|`]+ \| (-?[0-9.]+) \| ([a-z ]+) \|$", PAGE, re.MULTILINE
    )
    report = report_on(example())

    found = {measure: figure.bps for measure, figure in report.figures.items()}
    assert {name: Decimal(stated) for name, stated, _ in rows} == found
    assert {name: word for name, _, word in rows} == {
        measure: word_for(measure, bps) or "neither" for measure, bps in found.items()
    }
    assert len(rows) == len(Measure)


def test_the_page_says_what_every_missing_figure_means() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \| ", PAGE, re.MULTILINE)
    assert explained == [missing.value for missing in Missing]
