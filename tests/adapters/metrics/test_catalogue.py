"""Whatever is counted anywhere is in the catalogue, and under the right kind."""

import ast

from adapters.metrics.catalogue import COUNTERS, HISTOGRAMS
from tests.source_files import PRODUCT, nodes


def metered(method: str) -> set[str]:
    """The names that the product hands to a meter's method, where it spells them."""
    return {
        str(call.args[0].value)
        for file in PRODUCT
        for call in nodes(file)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == method
        and "meter" in ast.unparse(call.func.value)
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_what_is_counted_is_in_the_catalogue() -> None:
    counted = metered("count")

    assert "children" in counted
    assert counted - {one.name for one in COUNTERS} == set()


def test_what_is_timed_is_in_the_catalogue() -> None:
    timed = metered("observe_seconds")

    assert "commit_seconds" in timed
    assert timed - HISTOGRAMS.keys() == set()


def test_names_have_their_unit_and_nothing_has_two() -> None:
    names = [one.name for one in COUNTERS]

    assert len({*names, *HISTOGRAMS}) == len(names) + len(HISTOGRAMS)
    assert [name for name in HISTOGRAMS if not name.endswith("_seconds")] == []
    assert [name for name in names if name.endswith("_total")] == []
