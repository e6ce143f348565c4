"""The health of a host: unwell after failures in a row, tried ever more rarely, well after one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.contract.statuses import Health
from hephaestus_core.hosts.health import (
    LONGEST_PAUSE,
    UNWELL_AFTER,
    Standing,
    after_failed_start,
    may_claim,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NEVER_LONGER = LONGEST_PAUSE * 1.5

#: What happens to a host: time passes, a start goes well, or it fails (with its jitter).
STEPS = st.lists(
    st.one_of(
        st.floats(0, 400).map(lambda seconds: timedelta(seconds=seconds)),
        st.just(None),
        st.floats(0, 1),
    ),
    max_size=60,
)


def failed(before: Standing, *, at: datetime = NOW, jitter: float = 0) -> Standing:
    return after_failed_start(before, started_at=at, now=at, jitter=jitter)


@given(STEPS)
def test_an_unwell_host_claims_nothing_until_it_is_due_and_is_due_in_a_bounded_time(
    steps: list[timedelta | float | None],
) -> None:
    now, standing, in_a_row = NOW, Standing(), 0
    for step in steps:
        if isinstance(step, timedelta):
            now += step
        elif not may_claim(standing, starting=False, now=now):
            assert standing.next_try_at is not None
            assert now < standing.next_try_at <= now + NEVER_LONGER
        elif step is None:
            standing, in_a_row = Standing(), 0
        else:
            standing, in_a_row = failed(standing, at=now, jitter=step), in_a_row + 1
        assert (standing.status == Health.UNWELL) == (in_a_row >= UNWELL_AFTER)
        assert may_claim(standing, starting=False, now=now + NEVER_LONGER)


@given(STEPS, st.integers(0, 10**6))
def test_an_unwell_host_starts_one_agent_at_a_time(
    steps: list[timedelta | float | None], seconds: int
) -> None:
    standing = Standing()
    for jitter in (step for step in steps if isinstance(step, float)):
        standing = failed(standing, jitter=jitter)
    now = NOW + timedelta(seconds=seconds)
    assert may_claim(standing, starting=True, now=now) == (standing.status == Health.WELL)


def test_the_pauses_double_up_to_the_longest() -> None:
    standing, now, pauses = Standing(failures=UNWELL_AFTER - 1), NOW, []
    for _ in range(8):
        standing = failed(standing, at=now)
        assert standing.next_try_at is not None
        pauses.append((standing.next_try_at - now).total_seconds())
        now = standing.next_try_at
    assert pauses == [5, 10, 20, 40, 80, 120, 120, 120]


def test_starts_that_were_under_way_together_count_once() -> None:
    unwell = failed(failed(Standing()), at=NOW + timedelta(seconds=1))
    later = NOW + timedelta(seconds=2)
    again = after_failed_start(unwell, started_at=NOW, now=later, jitter=0)
    assert again == unwell


@given(st.integers(0, 10**6))
def test_no_number_of_failures_is_too_great(failures: int) -> None:
    standing = failed(Standing(failures=failures), jitter=1)
    assert standing.next_try_at is None or standing.next_try_at <= NOW + NEVER_LONGER
