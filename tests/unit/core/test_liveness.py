from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.agents.views import Trouble
from hephaestus_core.guardian.liveness import (
    MOST_REMINDERS,
    Assessment,
    Observation,
    assess,
)

SEEN = st.sampled_from([True, False, None])


def test_one_look_at_a_waiting_prompt_only_marks_it() -> None:
    assert assess("working", 0, Observation(waiting=True)) == Assessment("idle")


def test_the_second_look_reminds_and_the_fifth_gives_up() -> None:
    status, reminders, actions = "working", 0, []
    for _ in range(MOST_REMINDERS + 2):
        found = assess(status, reminders, Observation(waiting=True))
        assert found is not None
        status, reminders = found.status, reminders + (found.action == "remind")
        actions.append(found.action)
    assert actions == ["none", "remind", "remind", "remind", "give_up"]


@given(st.sampled_from(["working", "idle"]), st.integers(0, 10))
def test_what_cannot_be_seen_changes_nothing(status: str, reminders: int) -> None:
    assert assess(status, reminders, Observation(waiting=None)) is None


@given(st.lists(SEEN, max_size=50))
def test_an_agent_is_never_given_up_while_it_works_in_between(looks: list[bool | None]) -> None:
    """Giving up takes two sweeps and all reminders, without a sign of work among them."""
    status, reminders, waits = "working", 0, 0
    for waiting in looks:
        waits = 0 if waiting is False else waits + (waiting is True)
        found = assess(status, reminders, Observation(waiting))
        if found is None:
            continue
        assert found.action != "give_up" or waits >= MOST_REMINDERS + 2
        status = found.status
        reminders = 0 if status == "working" else reminders + (found.action == "remind")


def test_who_is_out_of_quota_is_ended_at_the_second_look_without_a_reminder() -> None:
    seen = Observation(waiting=True, trouble=Trouble("quota", "used up"))
    assert assess("working", 0, seen) == Assessment("idle")
    assert assess("idle", 0, seen) == Assessment("idle", "end")


def test_trouble_that_is_still_on_the_screen_of_a_busy_program_is_over() -> None:
    seen = Observation(waiting=False, trouble=Trouble("permanent", "refused"))
    assert assess("idle", 0, seen) == Assessment("working")


def test_who_could_not_reach_the_provider_is_reminded_to_go_on() -> None:
    seen = Observation(waiting=True, trouble=Trouble("transient", "overloaded"))
    assert assess("idle", 0, seen) == Assessment("idle", "remind")


def test_a_reason_that_the_program_told_several_times_needs_no_second_look() -> None:
    seen = Observation(waiting=False, trouble=Trouble("permanent", "refused"), certain=True)
    assert assess("working", 0, seen) == Assessment("idle", "end")
