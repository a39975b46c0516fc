from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from adapters.cli.text_table import Column, ShownColumn, fitting


def column(title: str, *cells: str | None, rank: int = 0) -> Column:
    return Column(title=title, cells=cells, rank=rank)


def test_decimal_points_stand_below_each_other_and_no_digit_changes() -> None:
    amounts = Column(title="", cells=["1.5", "20", None, "0.00078"], is_amount=True)

    assert ShownColumn.of(amounts).texts == [
        "1.5    ",
        "20      ",
        "-      ",
        "0.00078",
    ]


@given(st.lists(st.decimals(0, 10**9, allow_nan=False, places=6)))
def test_an_amount_is_never_cut_nor_rounded(amounts: list[Decimal]) -> None:
    texts = [format(one, "f") for one in amounts]

    shown = ShownColumn.of(Column(title="", cells=texts, is_amount=True))

    assert [one.strip() for one in shown.texts] == texts


def test_columns_are_left_out_by_rank_until_the_rest_fits() -> None:
    columns = [
        column("a", "12345"),
        column("b", "12345", rank=1),
        column("c", "12345", rank=3),
        column("d", "12345", rank=2),
    ]

    def kept(width: int) -> tuple[str, int, bool]:
        layout = fitting(columns, width)
        shown = "".join(one.column.title for one in layout.columns)
        return shown, layout.gap, layout.is_stacked

    assert kept(26) == ("abcd", 2, False)
    assert kept(25) == ("abd", 2, False)
    assert kept(12) == ("ab", 2, False)
    assert kept(11) == ("a", 2, False)
    assert kept(4) == ("a", 2, True)


def test_a_code_is_broken_after_its_underscore_before_rows_are_stacked() -> None:
    status = Column(title="", cells=["PARTIALLY_FILLED"], is_code=True)
    columns = [column("a", "12345"), status]

    def shown(width: int) -> tuple[Sequence[str], int, bool]:
        layout = fitting(columns, width)
        return layout.columns[1].texts, layout.gap, layout.is_stacked

    assert shown(23) == (["PARTIALLY_FILLED"], 2, False)
    assert shown(22) == (["PARTIALLY_FILLED"], 1, False)
    assert shown(21) == (["PARTIALLY_\nFILLED"], 1, False)
    assert shown(16) == (["PARTIALLY_\nFILLED"], 1, False)
    assert shown(15) == (["PARTIALLY_FILLED"], 2, True)


def test_a_column_that_may_be_left_out_is_if_it_is_empty() -> None:
    layout = fitting([column("a", None), column("b", None, rank=1)], 80)

    assert [one.column.title for one in layout.columns] == ["a"]


def test_words_of_others_cannot_steer_the_terminal() -> None:
    assert ShownColumn.of(column("", "\x1b[2Jgone\n")).texts == ["?[2Jgone?"]


def lines(columns: list[Column], width: int) -> list[str]:
    layout = fitting(columns, width)
    return [layout.heading() or "no heading", *layout.rows()]


def test_a_table_has_a_heading_and_no_blanks_at_the_ends_of_its_lines() -> None:
    columns = [
        column("side", "SELL", "BUY"),
        Column(title="price", cells=["61000", "5.25"], is_amount=True),
        column("reason", None, "COMPLETED"),
    ]

    assert lines(columns, 80) == [
        "side     price  reason",
        "SELL  61000     -",
        "BUY       5.25  COMPLETED",
    ]


def test_words_are_broken_where_the_room_ends_and_codes_at_underscores() -> None:
    status = Column(title="status", cells=["PARTIALLY_FILLED"], is_code=True)
    reason = Column(title="reason", cells=["said by the venue " * 2], is_words=True)

    assert lines([column("id", "A1"), status, reason], 40) == [
        "id status     reason",
        "A1 PARTIALLY_ said by the venue said",
        "   FILLED     by the venue",
    ]
    assert lines([column("id", "A1"), reason], 42) == [
        "id  reason",
        "A1  said by the venue said by the venue",
    ]


def test_rows_without_room_are_stacked_and_nothing_is_broken() -> None:
    columns = [column("id", "A1", "A2"), column("price", "64346.71", "1")]

    assert lines(columns, 10) == [
        "no heading",
        "id     A1",
        "price  64346.71",
        "",
        "id     A2",
        "price  1",
        "",
    ]


def test_signs_that_take_two_places_keep_the_columns_straight() -> None:
    columns = [
        column("symbol", "币安人生USDT", "BTCUSDT"),
        column("side", "BUY", "SELL"),
    ]

    assert lines(columns, 80) == [
        "symbol        side",
        "币安人生USDT  BUY",
        "BTCUSDT       SELL",
    ]
