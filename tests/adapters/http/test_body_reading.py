"""Bodies are read in one go or, to name all faults, field by field: with one result."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from adapters.api.amounts import NumberText
from adapters.api.operator_requests import HaltRequest, SettleByFillsRequest
from adapters.api.order_requests import AmendOrderRequest, PlaceOrderRequest
from adapters.http.body_reading import BodyReading, read_body
from adapters.http.problems import ProblemError


GOOD: dict[str, list[object]] = {
    "symbol": ["BNBUSDT"],
    "side": ["SELL", "BUY"],
    "quantity": ["0.5", NumberText("300")],
    "price": ["270", NumberText("1.5")],
    "time_in_force": ["GTD", None],
    "expires_at": ["2031-05-01T12:00:00+02:00", None],
    "client_order_id": ["my-1", None],
}
orders = st.fixed_dictionaries(
    {name: st.sampled_from(GOOD[name]) for name in list(GOOD)[:4]},
    optional={name: st.sampled_from(GOOD[name]) for name in list(GOOD)[4:]},
)


@settings(derandomize=True, database=None)
@given(members=orders)
def test_field_by_field_reads_what_is_read_in_one_go(
    members: dict[str, object],
) -> None:
    whole = asdict(read_body(members, PlaceOrderRequest))

    reading = BodyReading(members | {"more": 1}, PlaceOrderRequest)

    assert [fault.field for fault in reading.faults] == ["more"]
    assert {name: str(one) for name, one in reading.values.items()} == {
        name: str(one) for name, one in whole.items()
    }


@pytest.mark.parametrize("text", ["1e5", "1E2", "-1", "0", "0.0000000000001"])
def test_a_number_is_judged_by_its_digits_as_written(text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_body({"reason": NumberText(text)}, HaltRequest)
    assert caught.value.problem.field == "reason"

    reading = BodyReading({"price": NumberText(text)}, AmendOrderRequest)

    assert [fault.field for fault in reading.faults] == ["price"]
    assert text in reading.faults[0].detail


def test_faults_inside_a_list_are_named_with_their_place() -> None:
    fills: list[object] = [{"price": "1", "quantity": "1"}, {"price": "x", "who": 1}, 5]
    members: dict[str, object] = {"note": "seen", "fills": fills}

    reading = BodyReading(members, SettleByFillsRequest)

    assert [(fault.field, fault.code) for fault in reading.faults] == [
        ("fills[1].who", "FIELD_UNKNOWN"),
        ("fills[1].price", "FIELD_INVALID"),
        ("fills[1].quantity", "FIELD_MISSING"),
        ("fills[2]", "FIELD_INVALID"),
    ]
    assert [fault.detail for fault in reading.faults] == [
        "unknown field 'who'",
        "price 'x' is not a plain decimal number",
        "quantity is missing",
        "fills[2] must be an object with price and quantity",
    ]
    assert len(reading.values["fills"]) == 1
