from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from adapters.cli.text_table import Column, fitting


def column(title: str, *cells: str | None, rank: int = 0) -> Column:
    return Column(title=title, cells=cells, rank=rank)


def test_decimal_points_stand_below_each_other_and_no_digit_changes() -> None:
    amounts = Column(title="", cells=["1.5", "20", None, "0.00078"], is_amount=True)

    assert amounts.texts() == ["1.5    ", "20      ", "-      ", "0.00078"]


@given(st.lists(st.decimals(0, 10**9, allow_nan=False, places=6)))
def test_an_amount_is_never_cut_nor_rounded(amounts: list[Decimal]) -> None:
    texts = [format(one, "f") for one in amounts]

    shown = Column(title="", cells=texts, is_amount=True).texts()

    assert [one.strip() for one in shown] == texts


def test_columns_are_left_out_by_rank_until_the_rest_fits() -> None:
    columns = [
        column("a", "12345"),
        column("b", "12345", rank=1),
        column("c", "12345", rank=3),
        column("d", "12345", rank=2),
    ]

    def kept(width: int) -> tuple[str, int]:
        shown, gap = fitting(columns, width)
        return "".join(one.title for one in shown), gap

    assert kept(26) == ("abcd", 2)
    assert kept(25) == ("abd", 2)
    assert kept(12) == ("ab", 2)
    assert kept(5) == ("a", 2)
    assert kept(4) == ("a", 1)


def test_a_column_that_may_be_left_out_is_if_it_is_empty() -> None:
    shown, _ = fitting([column("a", None), column("b", None, rank=1)], 80)

    assert [one.title for one in shown] == ["a"]


def test_words_of_others_cannot_steer_the_terminal() -> None:
    assert column("", "\x1b[2Jgone\n").texts() == ["?[2Jgone?"]
