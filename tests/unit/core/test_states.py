from hypothesis import given
from hypothesis import strategies as st

from hephaestus_core.agents import states as agents
from hephaestus_core.tasks import states as tasks


def test_every_state_that_is_named_is_a_state() -> None:
    for table in (tasks.TRANSITIONS, agents.TRANSITIONS):
        for followers in table.values():
            assert followers <= set(table)


def test_an_agent_never_comes_back_from_its_end() -> None:
    assert all(not agents.TRANSITIONS[status] for status in agents.ENDED)


def test_only_a_restart_leaves_an_ended_task_or_that_its_work_was_judged_and_accepted() -> None:
    assert {status: tasks.TRANSITIONS[status] for status in tasks.ENDED} == {
        "done": {"queued"},
        "failed": {"queued", "under_review"},
        "cancelled": {"queued"},
        "duplicated": frozenset(),
    }


def test_every_live_task_can_be_cancelled() -> None:
    assert all(tasks.allowed(status, "cancelled") for status in tasks.LIVE)


def test_work_is_done_only_from_review() -> None:
    assert [s for s in tasks.TRANSITIONS if tasks.allowed(s, "done")] == ["under_review"]


@given(st.lists(st.sampled_from(sorted(tasks.TRANSITIONS)), max_size=30))
def test_no_walk_through_the_table_reaches_an_attempt_but_through_the_queue(
    walk: list[str],
) -> None:
    status = "pending"
    for wanted in walk:
        if tasks.allowed(status, wanted):
            assert wanted != "assigned" or status == "queued"
            status = wanted
