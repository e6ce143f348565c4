import pytest

from hephaestus_core.hosts.rules import clock_ahead, is_clock_wrong


def test_the_difference_is_that_from_the_middle_of_the_question() -> None:
    assert clock_ahead(100.0, 90.0, 100.4) == pytest.approx(10.2)
    assert clock_ahead(100.0, 110.0, 100.0) == -10.0


@pytest.mark.parametrize("answered_at", [102.0, 99.0], ids=["late", "set back meanwhile"])
def test_an_answer_that_tells_nothing_is_none(answered_at: float) -> None:
    assert clock_ahead(100.0, 90.0, answered_at) is None


@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_is_wrong_from_two_seconds_on_until_it_is_within_one(sign: int) -> None:
    seen, wrong = [], False
    for ahead in (1.9, 2.0, 1.9, 1.1, 0.9, 1.9):
        wrong = is_clock_wrong(sign * ahead, was_wrong=wrong)
        seen.append(wrong)
    assert seen == [False, True, True, True, False, False]
