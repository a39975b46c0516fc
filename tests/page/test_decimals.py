"""The page's own arithmetic against Python's, and its reader of the push stream."""

from decimal import ROUND_HALF_UP, Context, Decimal
from random import Random
from typing import Any

from tests.page.browser import Page


EXACT = Context(prec=200)
PLACES = 12

COUNT = """
const [pairs, places, done] = arguments;
import('/static/page/decimal.js').then(({ Decimal }) => done(pairs.map(([a, b]) => {
  const [x, y] = [Decimal.of(a), Decimal.of(b)];
  return [x.plus(y), x.minus(y), x.times(y), y.sign ? x.dividedBy(y, places) : null,
    x.compare(y), x.isMultipleOf(y), x.rounded(2), x.toFixed(4)].map(one =>
      one instanceof Decimal ? String(one) : one);
})));
"""

READ = """
const [texts, done] = arguments;
import('/static/page/decimal.js').then(({ Decimal }) =>
  done(texts.map(text => Decimal.read(text)).map(found => found && String(found))));
"""

WRITE = """
const [pairs, done] = arguments;
import('/static/page/decimal.js').then(({ Decimal }) =>
  done(pairs.map(([text, places]) => Decimal.of(text).grouped(places))));
"""

CUT = """
const [text, done] = arguments;
import('/static/page/stream.js').then(({ EventReader }) => {
  const all = [];
  for (let cut = 0; cut <= text.length; cut++) {
    const found = [];
    const take = event => found.push([event.type, event.id, event.data]);
    const reader = new EventReader(take);
    reader.read(text.slice(0, cut));
    reader.read(text.slice(cut));
    all.push(JSON.stringify(found));
  }
  done([...new Set(all)]);
});
"""


def ask(page: Page, script: str, *arguments: Any) -> Any:
    page.open()
    return page.browser.execute_async_script(script, *arguments)


def plain(value: Decimal) -> str:
    """Write without an exponent, and with no more places than needed."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EXACT)


def amounts() -> list[str]:
    """Amounts as the API has them, and the largest and smallest of them."""
    random = Random(12)
    drawn = [
        f"{'-' if random.random() < 0.1 else ''}"
        f"{random.randrange(10 ** random.randrange(1, 17))}"
        f".{random.randrange(10**12):012}"[: random.randrange(6, 30)]
        for _ in range(300)
    ]
    edges = ["0", "0.1", "0.2", "0.3", "0.00001", "0.000000000001", "0.5", "-0.5"]
    return [*edges, "9999999999999999.999999999999", *drawn]


def test_amounts_are_counted_exactly(page: Page) -> None:
    first = amounts()
    second = list(reversed(first))
    pairs = list(zip(first, second, strict=True))

    counted = ask(page, COUNT, pairs, PLACES)

    for (a, b), got in zip(pairs, counted, strict=True):
        x, y = Decimal(a), Decimal(b)
        wanted = [
            plain(EXACT.add(x, y)),
            plain(EXACT.subtract(x, y)),
            plain(EXACT.multiply(x, y)),
            plain(rounded(EXACT.divide(x, y), PLACES)) if y else None,
            int(x.compare(y)),
            EXACT.remainder(x, y) == 0 if y else True,
            plain(rounded(x, 2)),
            f"{rounded(x, 4):f}".replace("-0.0000", "0.0000"),
        ]
        assert got == wanted, (a, b)


def test_only_plain_decimals_are_read(page: Page) -> None:
    wrong = [
        "",
        ".",
        "-",
        "1e3",
        "0x10",
        "1,000",
        "+1",
        "NaN",
        "1 2",
        "1.2.3",
        "\u0661",
    ]
    right = {"1": "1", "0.50": "0.5", ".5": "0.5", "5.": "5", " 7 ": "7", "-0": "0"}

    read = ask(page, READ, [*wrong, *right])

    assert read == [None] * len(wrong) + list(right.values())


def test_numbers_are_written_for_people(page: Page) -> None:
    cases = {
        ("64192.1", 2): "64,192.10",
        ("999.995", 2): "1,000.00",
        ("1234567", 0): "1,234,567",
        ("-1234.5", 1): "\N{MINUS SIGN}1,234.5",
        ("-0.04", 1): "0.0",
        ("0.00001", 5): "0.00001",
    }

    assert ask(page, WRITE, list(cases)) == list(cases.values())


def test_the_stream_is_read_however_it_is_cut(page: Page) -> None:
    text = (
        "retry: 1000\nid: 0-7\nevent: position\ndata: {}\n\n"
        ": a comment\n\nevent: order\r\nid: 0-8\r\ndata: one\r\ndata: two\r\n\r\n"
        "event: halt\ndata: {}\n\nevent: order\ndata: unfinished"
    )

    assert ask(page, CUT, text) == [
        '[["position","0-7","{}"],["order","0-8","one\\ntwo"],["halt",null,"{}"]]'
    ]
