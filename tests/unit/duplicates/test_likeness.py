import time

import pytest

from hephaestus_core.duplicates.likeness import most_alike

ORDER = (
    "Fix the rounding of amounts in `billing/total.py`: the sum of all positions is rounded once "
    "at the end, and not for each position."
)


SAME = (
    "Fix the rounding of all amounts in billing/total.py. The sum of the positions is rounded once "
    "at the end and not for each position!"
)
OTHER = (
    "Fix the display of amounts in `billing/total.py`: the currency stands after the number, and "
    "not before it, as a person in Germany expects."
)


@pytest.mark.parametrize("same", [ORDER, ORDER.replace("Fix", "FIX"), SAME])
def test_the_same_work_in_other_words_is_the_same(same: str) -> None:
    assert most_alike(ORDER, ["Write a page on billing.", same]) == 1


@pytest.mark.parametrize(
    "other",
    [
        ORDER.replace("total.py", "tax.py"),
        ORDER.replace("and not for", "and for"),
        ORDER + " Then do the same in version 2.",
        OTHER,
        "",
    ],
)
def test_another_name_number_or_negation_is_other_work(other: str) -> None:
    assert most_alike(ORDER, [other]) is None


def test_the_most_alike_of_several_is_taken() -> None:
    near = ORDER.replace("at the end", "at the very end")
    assert most_alike(ORDER, [near, ORDER]) == 1
    assert most_alike(ORDER, []) is None


def test_long_orders_take_linear_time() -> None:
    long = "a." * 100_000 + " " + "word " * 20_000
    begun = time.process_time()
    assert most_alike(long, [long]) == 0
    assert time.process_time() - begun < 2
