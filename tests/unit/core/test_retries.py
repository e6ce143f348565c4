from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.tasks.rules import (
    POLICIES,
    GiveUp,
    Retry,
    SwitchProgram,
    after_failure,
    priority_number,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CLASSES = list(FailureClass)
#: Those whose retries are counted.
COUNTED = [class_ for class_ in CLASSES if class_ is not FailureClass.HOST]


@pytest.mark.parametrize("failure_class", COUNTED)
def test_each_class_is_retried_as_often_as_its_policy_says(failure_class: FailureClass) -> None:
    retries = 0
    while isinstance(after_failure(failure_class, retries=retries, now=NOW, jitter=0), Retry):
        retries += 1
    assert retries == POLICIES[failure_class].retries


@given(st.integers(0, 10**9), st.floats(0, 1))
def test_a_failure_of_the_host_never_fails_the_task_nor_delays_it(
    retries: int, jitter: float
) -> None:
    step = after_failure(FailureClass.HOST, retries=retries, now=NOW, jitter=jitter)
    assert step == Retry(NOW)


def test_a_permanent_failure_is_final() -> None:
    assert after_failure("permanent", retries=0, now=NOW, jitter=0) == GiveUp(
        "gave up after the first attempt (permanent)"
    )


def test_delays_double_up_to_the_longest() -> None:
    delays = [
        step.due_at - NOW
        for n in range(8)
        if isinstance(step := after_failure("transient", retries=n, now=NOW, jitter=0), Retry)
    ]
    assert delays[:4] == [timedelta(seconds=s) for s in (1, 2, 4, 8)]


@given(
    st.sampled_from(CLASSES),
    st.integers(0, 100),
    st.floats(0, 1),
)
def test_no_retry_is_later_than_half_as_much_again_as_the_longest_delay(
    failure_class: FailureClass, retries: int, jitter: float
) -> None:
    step = after_failure(failure_class, retries=retries, now=NOW, jitter=jitter)
    if isinstance(step, Retry):
        assert NOW <= step.due_at <= NOW + POLICIES[failure_class].longest_delay * 1.5


def test_a_quota_is_waited_for_to_its_end() -> None:
    end = NOW + timedelta(hours=5)
    step = after_failure("quota", retries=0, now=NOW, jitter=0, not_before=end)
    assert step == Retry(end)


@given(st.sampled_from(CLASSES), st.integers(0, 100), st.lists(st.text(), min_size=1))
def test_a_program_that_failed_makes_place_for_the_next_at_once(
    failure_class: FailureClass, retries: int, left: list[str]
) -> None:
    step = after_failure(failure_class, retries=retries, now=NOW, jitter=0, programs_left=left)
    assert step == SwitchProgram(tuple(left))


def test_an_unknown_priority_is_named_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'high'"):
        priority_number("hihg")
