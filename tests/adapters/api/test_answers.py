"""Answers are written with exact amounts, and read back as they were written."""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.api.amounts import Amount
from adapters.api.bodies import ListAnswer, decoder_of, encode
from adapters.api.markets import BookAnswer, SymbolAnswer
from adapters.api.orders import (
    FillAnswer,
    OrderAnswer,
    OrderEventAnswer,
    SummaryAnswer,
)
from adapters.api.service import HaltAnswer, ReadinessAnswer
from domain.orders.summary import add_up, summarise
from domain.risk.halt import Halt, HaltSet
from domain.values import TimeInForce
from tests.adapters.http.fakes import (
    BNBUSDT,
    BOOK,
    NOON,
    READY,
    RULES,
    make_event,
    make_fill,
    make_order,
)


FILLED = make_order(filled=Decimal(100), filled_quote=Decimal(27150))
ANSWERS: Mapping[str, msgspec.Struct] = {
    "order": OrderAnswer.of(FILLED),
    "GTD": OrderAnswer.of(
        make_order(time_in_force=TimeInForce.GTD, expires_at=NOON, client_order_id="a")
    ),
    "fill": FillAnswer.of(make_fill()),
    "event": OrderEventAnswer.of(make_event(), BNBUSDT),
    "summary": SummaryAnswer.of(
        summarise(FILLED, add_up([make_fill()]), [make_fill()]),
        "paper",
        is_real_money=False,
    ),
    "symbol": SymbolAnswer.of(RULES[0]),
    "book": BookAnswer.of(BOOK),
    "readiness": ReadinessAnswer.of(READY),
    "halt": HaltAnswer.of(
        HaltSet(
            halt=Halt(is_on=True, reason="look", since=NOON),
            children_in_flight=1,
            is_on_disk=False,
        )
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_is_read_as_it_was_written(name: str) -> None:
    answer = ANSWERS[name]

    assert decoder_of(type(answer))(encode(answer)) == answer


def test_a_list_of_answers_is_read_as_it_was_written() -> None:
    orders = ListAnswer(items=[OrderAnswer.of(FILLED)], next_cursor="next1")

    assert decoder_of(ListAnswer[OrderAnswer])(encode(orders)) == orders


def test_only_an_order_that_expires_has_a_time_for_it() -> None:
    assert "expires_at" not in json.loads(encode(OrderAnswer.of(FILLED)))


@given(
    st.decimals(
        min_value=-(10**40), max_value=10**40, places=20, allow_infinity=False
    ).filter(lambda amount: amount.is_finite())
)
def test_amount_is_written_in_plain_digits_and_read_exactly(amount: Decimal) -> None:
    text = json.loads(encode([Amount(amount)]))[0]

    assert set(text) <= set("-.0123456789")
    assert Amount.read(text) == amount
    assert str(Amount(amount)) == f"{Amount(amount)}" == text


def test_amount_has_no_exponent_and_no_padding_zeros() -> None:
    assert encode([Amount("1E-7"), Amount("270.00"), Amount("1E+3"), Amount(0)]) == (
        b'["0.0000001","270","1000","0"]'
    )


@pytest.mark.parametrize(
    "written", ["1", "0.5", '"1e5"', '"NaN"', '"Infinity"', '"+1"', '" 1"', '"٣"', '""']
)
def test_what_is_no_string_of_plain_digits_is_not_an_amount(written: str) -> None:
    book = encode(replace_first_price(written))

    with pytest.raises(msgspec.ValidationError, match=r"amount.*\$\.bids\[0\]"):
        decoder_of(BookAnswer)(book)


def replace_first_price(written: str) -> dict[str, object]:
    members: dict[str, object] = json.loads(encode(BookAnswer.of(replace(BOOK))))
    return members | {"bids": [[json.loads(written), "1"]]}


def test_members_that_a_newer_service_has_are_left_out() -> None:
    members = json.loads(encode(ANSWERS["order"])) | {"mood": "calm"}

    assert decoder_of(OrderAnswer)(json.dumps(members)) == ANSWERS["order"]


def test_a_value_that_is_no_part_of_the_api_is_not_written() -> None:
    with pytest.raises(NotImplementedError, match="complex"):
        encode(1j)
