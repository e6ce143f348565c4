"""The rule of conditions, on facts that are written down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hephaestus_core.conditions.rules import condition
from hephaestus_core.conditions.views import Facts, HostFacts, Waiting
from hephaestus_core.contract.statuses import (
    DeliveryStatus,
    DiagnosisStatus,
    ResultStatus,
    TaskStatus,
    WorkflowStatus,
)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)

OPEN = Facts(
    status=WorkflowStatus.ACTIVE,
    closed_at=None,
    closed_reason=None,
    repository="/repo",
    base_branch="main",
    integration_branch="hephaestus/wf-1",
    delivery_status=DeliveryStatus.NONE,
    delivery_reason=None,
    has_result=False,
    accepted=False,
    tasks={},
    live_tasks=0,
    live_agents=0,
)
DONE = replace(OPEN, tasks={"done": 2}, ended_at=NOW)
QUEUED = Waiting(tasks=2, labels=frozenset(), program=None, due_at=None, quota=False, failure=None)
HOST = HostFacts(
    name="a",
    alive=True,
    draining=False,
    recent=True,
    labels=frozenset({"linux"}),
    programs=frozenset({"claude"}),
    slots=2,
    most_in_system=10,
    agents=0,
    last_seen_at=NOW,
)


def said(facts: Facts, *hosts: HostFacts) -> tuple[str, str | None, str]:
    found = condition(facts, hosts, NOW)
    return found.name, found.cause, found.reason


def waiting(*groups: Waiting) -> Facts:
    queued = sum(group.tasks for group in groups)
    return replace(OPEN, tasks={"queued": queued}, live_tasks=queued, waiting=groups)


@pytest.mark.parametrize(
    ("facts", "name", "cause", "words"),
    [
        (OPEN, "quiet", None, "It has no task yet."),
        (DONE, "quiet", None, "All tasks are over since 12:00:00 UTC; it takes more."),
        (replace(DONE, has_result=True), "stands_still", "result_missing", "is expected."),
        (
            replace(DONE, has_result=True, unreached_phases="fix, verify"),
            "stands_still",
            "result_missing",
            "is expected; no task was created in: fix, verify.",
        ),
        (
            replace(
                OPEN,
                tasks={"pending": 2},
                live_tasks=2,
                stuck_tasks=2,
                stuck_title="b",
                blocker_title="a",
                blocker_status=TaskStatus.CANCELLED,
            ),
            "stands_still",
            "waits_for_task",
            "“b” (and 1 more) waits for task “a”, which was cancelled",
        ),
        (
            replace(DONE, has_result=True, rounds_used_up="verify"),
            "waits_for_you",
            "rounds_used_up",
            "“verify” has had all of its rounds",
        ),
        (replace(DONE, has_result=True, accepted=True), "quiet", None, "result was accepted"),
        (
            replace(DONE, result_status=ResultStatus.REJECTED, result_feedback="no test"),
            "stands_still",
            "result_rejected",
            "12:00:00 UTC: no test.",
        ),
        (
            replace(DONE, tasks={"done": 1, "failed": 1}, failed_title="Fix", failed_reason="gone"),
            "stands_still",
            "tasks_failed",
            "1 task failed for good; all tasks are over since 12:00:00 UTC: “Fix”: gone.",
        ),
        (
            replace(DONE, tasks={"done": 1, "failed": 1}, accepted=True),
            "quiet",
            None,
            "result was accepted",
        ),
        (replace(DONE, delivery_status=DeliveryStatus.PENDING), "at_work", None, "goes to main"),
        (
            replace(DONE, delivery_status=DeliveryStatus.AWAITING_APPROVAL),
            "waits_for_you",
            "approval",
            "main",
        ),
        (
            replace(DONE, delivery_status=DeliveryStatus.CONFLICT, delivery_reason="a.txt."),
            "waits_for_you",
            "conflict",
            "conflicts with main: a.txt.",
        ),
        (
            replace(DONE, delivery_status=DeliveryStatus.HELD),
            "waits_for_you",
            "held_delivery",
            "to main now.",
        ),
        (
            replace(
                OPEN,
                tasks={"queued": 2, "in_progress": 1},
                live_tasks=3,
                live_agents=1,
                held_by_budget=2,
                spent_budget="the workflow",
            ),
            "waits_for_you",
            "budget",
            "2 tasks queued, and the budget of the workflow is spent; raise it.",
        ),
        (
            replace(OPEN, tasks={"in_progress": 1}, live_tasks=1, live_agents=1),
            "at_work",
            None,
            "1 agent at work.",
        ),
        (
            replace(OPEN, tasks={"under_review": 1}, live_tasks=1, open_merges=1),
            "at_work",
            None,
            "1 merge to be made.",
        ),
        (
            replace(
                OPEN,
                tasks={"under_review": 1},
                live_tasks=1,
                open_merges=1,
                held_merges=1,
                held_reason="main is checked out there",
            ),
            "waits_for_you",
            "held_merge",
            "1 merge held: main is checked out there.",
        ),
        (
            replace(
                OPEN,
                tasks={"under_review": 1, "in_progress": 1},
                live_tasks=2,
                live_agents=1,
                open_merges=1,
                left_to_people=1,
                left_live=1,
                left_branch="b",
            ),
            "waits_for_you",
            "conflict",
            "the first is b into hephaestus/wf-1.",
        ),
        (
            replace(DONE, status=WorkflowStatus.STOPPED, closed_at=NOW, closed_reason="enough"),
            "over",
            None,
            "Stopped 12:00:00 UTC: enough.",
        ),
        (
            replace(
                DONE,
                status=WorkflowStatus.COMPLETED,
                delivery_status=DeliveryStatus.AWAITING_APPROVAL,
            ),
            "waits_for_you",
            "approval",
            "your approval",
        ),
        (
            replace(DONE, status=WorkflowStatus.COMPLETED, delivery_status=DeliveryStatus.PENDING),
            "at_work",
            None,
            "goes to main",
        ),
    ],
)
def test_a_condition_and_its_reason(facts: Facts, name: str, cause: str | None, words: str) -> None:
    found = said(facts, HOST)
    assert found[:2] == (name, cause)
    assert words in found[2]


@pytest.mark.parametrize(
    ("group", "hosts", "cause", "words"),
    [
        (QUEUED, [], "no_host", "No host has registered; start a worker."),
        (
            QUEUED,
            [replace(HOST, alive=False), replace(HOST, name="b", draining=True)],
            "no_host",
            "a was last seen at 12:00:00 UTC, b is draining",
        ),
        (replace(QUEUED, labels=frozenset({"gpu"})), [HOST], "no_label", "has the label gpu."),
        (
            replace(QUEUED, program="codex"),
            [HOST, replace(HOST, name="b", draining=True, programs=frozenset({"codex"}))],
            "no_program",
            "no host that is up has codex: b is draining.",
        ),
        (QUEUED, [replace(HOST, agents=2)], "limit", "All slots are taken: a 2 of 2."),
        (
            QUEUED,
            [HOST, replace(HOST, name="b", slots=20, agents=10)],
            "limit",
            "The system has 10 agents of at most 10.",
        ),
        (
            replace(QUEUED, due_at=LATER, quota=True, failure="used up"),
            [HOST],
            "quota",
            "Quota until 12:10:00 UTC: used up.",
        ),
        (
            replace(QUEUED, due_at=LATER, failure="it crashed"),
            [HOST],
            "retry",
            "Next attempt at 12:10:00 UTC: it crashed.",
        ),
    ],
)
def test_why_nothing_can_be_claimed(
    group: Waiting, hosts: list[HostFacts], cause: str, words: str
) -> None:
    facts = waiting(group)
    name, found, reason = said(facts, *hosts)
    assert (name, found) == ("stands_still", cause)
    assert words in reason
    assert not condition(facts, hosts, NOW).finished, "it may go on by itself"


@pytest.mark.parametrize(
    "group",
    [
        QUEUED,
        replace(QUEUED, due_at=NOW),
        replace(QUEUED, labels=frozenset({"linux"}), program="claude"),
        # Nobody has it: a host claims the task and says what is missing.
        replace(QUEUED, program="codex"),
    ],
)
def test_what_can_be_claimed_is_at_work(group: Waiting) -> None:
    assert said(waiting(group), HOST)[0] == "at_work"
    blocked = replace(QUEUED, labels=frozenset({"gpu"}))
    assert said(waiting(blocked, group), HOST)[0] == "at_work"


def test_what_a_person_has_to_see_to_is_named_before_what_passes_by_itself() -> None:
    quota = replace(QUEUED, due_at=LATER, quota=True)
    facts = waiting(quota, replace(QUEUED, labels=frozenset({"gpu"})))
    assert said(facts, HOST)[1] == "no_label"
    sooner = replace(QUEUED, due_at=NOW + timedelta(minutes=1), quota=True)
    assert condition(waiting(quota, sooner), [HOST], NOW).until == sooner.due_at


def test_a_diagnosis_stands_behind_the_reason_that_it_was_about() -> None:
    still = replace(
        DONE,
        has_result=True,
        tasks={"done": 1, "failed": 1},
        failed_diagnoses=1,
        diagnosis_status=DiagnosisStatus.COMPLETED,
        diagnosis_report="nobody knows the password",
        unreached_phases="fix",
    )
    name, cause, reason = said(still, HOST)
    assert (name, cause) == ("stands_still", "result_missing")
    assert reason.endswith("created in: fix. The diagnosis of that: nobody knows the password.")
    failed = replace(still, diagnosis_status=DiagnosisStatus.FAILED)
    assert "The diagnosis of that failed: nobody" in said(failed, HOST)[2]
    more = replace(still, tasks={"failed": 2}, failed_title="Build it", failed_reason="no disk")
    # The diagnosis may have ended long after the task that failed.
    assert (
        "1 task failed for good; all tasks are over since 12:00:00 UTC: “Build it”"
        in (said(more, HOST)[2])
    )
    assert "iagnosis" not in said(replace(still, accepted=True), HOST)[2]
