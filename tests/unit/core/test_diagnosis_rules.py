"""When a workflow is diagnosed: the pure rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.conditions.views import ConditionView
from hephaestus_core.contract.conditions import CURABLE, Cause, Condition
from hephaestus_core.contract.statuses import DiagnosisStatus
from hephaestus_core.diagnoses.rules import Earlier, Rhythm, Standstill, outlook

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RHYTHM = Rhythm(enabled=True, still_for=60, cooldown=120)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def standing(
    name: Condition = Condition.STANDS_STILL,
    cause: Cause | None = Cause.RESULT_MISSING,
    **given: Any,
) -> Standstill:
    condition = ConditionView(name=name, cause=cause, reason="Because.", until=None, finished=True)
    usual: dict[str, Any] = {"since": ago(61), "failed_at": None, "earlier": None, "most": 3}
    return Standstill(condition=condition, **(usual | given))


def run(status: str = "completed", number: int = 1, tasks: int = 2, **given: Any) -> Earlier:
    usual: dict[str, Any] = {"started_at": ago(400), "ended_at": ago(300)}
    return Earlier(
        number=number, status=DiagnosisStatus(status), tasks_created=tasks, **(usual | given)
    )


def due_in(still: Standstill, rhythm: Rhythm = RHYTHM) -> float | None:
    found = outlook(still, rhythm, NOW)
    return None if found.due_at is None else (found.due_at - NOW).total_seconds()


def test_it_is_due_once_it_has_stood_still_for_long_enough() -> None:
    assert due_in(standing()) == -1
    assert due_in(standing(since=ago(20))) == 40
    assert outlook(standing(since=ago(20)), RHYTHM, NOW).sentence.endswith("from 12:00:40 UTC on.")


def test_the_next_run_waits_for_the_end_of_the_cooldown() -> None:
    assert due_in(standing(earlier=run(ended_at=ago(100)))) == 20
    assert due_in(standing(earlier=run("failed", tasks=0, ended_at=ago(130)))) == -1


@pytest.mark.parametrize(
    ("still", "words"),
    [
        (standing(Condition.WAITS_FOR_YOU, Cause.QUESTION), "It waits for a person"),
        (standing(Condition.WAITS_FOR_YOU, Cause.ROUNDS_USED_UP), "It waits for a person"),
        (standing(Condition.AT_WORK, None), "does not stand still"),
        (standing(Condition.QUIET, None), "does not stand still"),
        (standing(cause=Cause.NO_HOST), "No task could change this"),
        (standing(cause=Cause.QUOTA), "No task could change this"),
        (standing(earlier=run("running", ended_at=None)), "about to end"),
        (standing(earlier=run(number=3)), "3 of 3 runs"),
        (standing(earlier=run("failed", number=3)), "3 of 3 runs"),
        (standing(since=ago(301), earlier=run(tasks=0)), "found nothing"),
        (standing(cause=Cause.TASKS_FAILED, failed_at=ago(500), earlier=run()), "none has failed"),
    ],
)
def test_it_says_why_there_is_no_run(still: Standstill, words: str) -> None:
    found = outlook(still, RHYTHM, NOW)
    assert found.due_at is None
    assert words in found.sentence


def test_it_is_due_again_when_something_has_changed() -> None:
    assert due_in(standing(since=ago(200), earlier=run(tasks=0))) is not None
    failed_since = standing(cause=Cause.TASKS_FAILED, failed_at=ago(350), earlier=run())
    assert due_in(failed_since) is not None
    assert due_in(standing(earlier=run(number=3), most=4)) is not None


def test_it_can_be_off() -> None:
    off = Rhythm(enabled=False, still_for=0, cooldown=0)
    assert due_in(standing(), off) is None
    assert "diagnostic_agent_enabled" in outlook(standing(), off, NOW).sentence


@given(
    name=st.sampled_from(Condition),
    cause=st.sampled_from(Cause),
    number=st.integers(0, 6),
    status=st.sampled_from(DiagnosisStatus),
    tasks=st.integers(0, 5),
    since=st.floats(0, 10_000),
    ended=st.floats(0, 10_000),
)
def test_a_run_is_due_only_within_all_bounds(
    *,
    name: Condition,
    cause: Cause,
    number: int,
    status: DiagnosisStatus,
    tasks: int,
    since: float,
    ended: float,
) -> None:
    earlier = run(status, number, tasks, ended_at=ago(ended)) if number else None
    found = outlook(standing(name, cause, since=ago(since), earlier=earlier), RHYTHM, NOW)
    assert found.sentence[0].isupper()
    assert found.sentence.endswith((".", "…"))
    if found.due_at is not None:
        assert name == Condition.STANDS_STILL
        assert cause in CURABLE
        assert number < 3
        assert not number or status != DiagnosisStatus.RUNNING
    if found.due_at is not None and found.due_at <= NOW:
        assert since >= 59.9
        assert not number or ended >= 119.9
