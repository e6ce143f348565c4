"""Amounts of money, as pages and commands write them."""

import pytest

from hephaestus_core.contract.money import in_dollars


@pytest.mark.parametrize(
    ("dollars", "written"),
    [
        (0, "$0.00"),
        (0.0000002, "< $0.01"),
        (0.0099, "< $0.01"),
        (0.01, "$0.01"),
        (12.5, "$12.50"),
        (1_250, "$1,250.00"),
    ],
)
def test_what_is_less_than_a_cent_is_not_nothing(dollars: float, written: str) -> None:
    assert in_dollars(dollars) == written
