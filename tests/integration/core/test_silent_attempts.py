"""What a task lacks is named, and earlier work counts, when its attempt adds no commit."""

from typing import Any

import pytest

from hephaestus_core.agents import hosting, reports
from hephaestus_core.agents import service as agents
from hephaestus_core.agents.rules import SILENCE
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.changes import service as changes
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.intake.creation import TaskOrder
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.reviews import checking, due
from hephaestus_core.reviews.service import page_of_reviews
from hephaestus_core.reviews.views import ReviewView
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from hephaestus_core.tokens import token_hash
from tests.engine import PHASES, Engine

CHECK = {"check_type": "command_success", "command": "make test"}
GREEN = CheckOutcome("command_success", "make test", "passed")
RED = CheckOutcome("command_success", "make test", "failed", "it exited with 2")
REVIEW = {"enabled": True, "criteria": [CHECK], "reviewer": "machine"}
#: As the Guardian ends an attempt that answers none of its reminders.
SILENT = Trouble(FailureClass.AGENT_FAULT, f"{SILENCE} after 3 reminders")
CRASHED = Trouble(FailureClass.TRANSIENT, "its session died")


def begun(engine: Engine, **phase: Any) -> TaskView:
    """Start a workflow with one task, of a phase with these fields."""
    engine.start_workflow(phases=[{**PHASES[0], **phase}, PHASES[1]])
    return engine.create()


def attempt(engine: Engine, task: TaskView, base: str) -> AgentView:
    """Run the next attempt at a task, which begins at a commit."""
    tasks.bump_task(engine.db, task.id)
    agent = engine.claimed()
    hosting.record_prepared(
        engine.db,
        agent.id,
        fence=agent.fence,
        base_commit=base,
        token_hash=token_hash(str(agent.id)),
    )
    hosting.record_running(engine.db, agent.id, fence=agent.fence)
    return agent


def check(engine: Engine, outcome: CheckOutcome) -> None:
    [job] = due.due_checks(engine.db, "a")
    assert checking.record_checks(engine.db, job.id, [outcome])


def newest(engine: Engine) -> ReviewView:
    return page_of_reviews(engine.db)[0][0]


def reason(engine: Engine, task: TaskView) -> str:
    return tasks.get_task(engine.db, task.id).failure_reason or ""


def test_every_silent_attempt_names_what_has_not_followed_though_it_adds_no_commit(
    engine: Engine,
) -> None:
    task = begun(engine, validation=REVIEW, leads_to=[2])
    for base in ("base", "c1", "c1"):
        silent = attempt(engine, task, base)
        engine.end(silent, commit="c1", failure=SILENT, conversation="talk")
        if base == "base":
            check(engine, GREEN)
        assert agents.get_agent(engine.db, silent.id).conversation == {"base": "talk"}.get(base)
        assert reason(engine, task).startswith(SILENT.reason)
        assert "leads to a task of phase 2" in reason(engine, task)
    assert engine.status(task) == "failed"


def test_a_silent_attempt_without_commits_names_the_check_that_fails_on_earlier_work(
    engine: Engine,
) -> None:
    task = begun(engine, validation=REVIEW)
    engine.end(attempt(engine, task, "base"), commit="c1", failure=SILENT)
    check(engine, RED)
    for _ in range(2):
        engine.end(attempt(engine, task, "c1"), commit="c1", failure=SILENT)
        assert reason(engine, task).startswith(SILENT.reason)
        assert "make test: it exited with 2" in reason(engine, task)
    # One commit is checked once, and the reviews do not run out.
    assert (engine.status(task), len(page_of_reviews(engine.db)[0])) == ("failed", 1)


def test_what_has_not_followed_is_named_before_the_checks_that_failed(engine: Engine) -> None:
    task = begun(engine, validation=REVIEW, leads_to=[2])
    engine.end(attempt(engine, task, "base"), commit="c1", failure=SILENT)
    check(engine, RED)
    for _ in range(2):
        assert "leads to a task of phase 2" in reason(engine, task)[:300]
        assert "make test: it exited with 2" in reason(engine, task)
        engine.end(attempt(engine, task, "c1"), commit="c1", failure=SILENT)
    assert lifecycle.get_workflow(engine.db, engine.workflow_id).condition.cause == "tasks_failed"


def test_a_silent_attempt_whose_work_crashed_before_is_reviewed(engine: Engine) -> None:
    task = begun(engine, validation=REVIEW)
    engine.end(attempt(engine, task, "base"), commit="c1", failure=CRASHED)
    engine.end(attempt(engine, task, "c1"), commit="c1", failure=SILENT)
    assert newest(engine).unreported
    check(engine, GREEN)
    assert [job.tip for job in changes.due_merges(engine.db)] == ["c1"]


def test_unreported_work_passes_once_what_was_missing_has_followed(engine: Engine) -> None:
    task = begun(engine, validation=REVIEW, leads_to=[2])
    engine.end(attempt(engine, task, "base"), commit="c1", failure=SILENT)
    check(engine, GREEN)
    second = attempt(engine, task, "c1")
    order = TaskOrder(workflow_id=engine.workflow_id, phase_id=2, description="Go on.")
    reports.create_task(engine.db, second.id, order)
    engine.end(second, commit="c1", failure=SILENT)
    check(engine, GREEN)
    assert [job.tip for job in changes.due_merges(engine.db)] == ["c1"]


@pytest.mark.parametrize("failure", [SILENT, None])
def test_a_silent_attempt_without_a_review_names_what_has_not_followed(
    engine: Engine, failure: Trouble | None
) -> None:
    task = begun(engine, leads_to=[2])
    engine.end(attempt(engine, task, "base"), commit=None, failure=failure)
    assert "without a report" in reason(engine, task)
    assert "leads to a task of phase 2" in reason(engine, task)


def test_an_attempt_that_gives_up_is_not_told_what_has_not_followed(engine: Engine) -> None:
    task = begun(engine, leads_to=[2])
    agent = attempt(engine, task, "base")
    words = "The service is down."
    reports.report_status(engine.db, agent.id, status="failed", summary="", failure_reason=words)
    engine.end(agent, commit=None)
    assert reason(engine, task) == words


def test_reviewed_work_of_an_earlier_attempt_is_merged(engine: Engine) -> None:
    task = begun(engine, validation=REVIEW)
    engine.end(attempt(engine, task, "base"), commit="c1", failure=CRASHED)
    second = attempt(engine, task, "c1")
    engine.report_done(second)
    checking.begin_review(engine.db, second.id, commit="c1")
    check(engine, GREEN)
    engine.end(second, commit="c1")
    assert [job.tip for job in changes.due_merges(engine.db)] == ["c1"]


def test_a_reason_for_no_work_does_not_spare_earlier_work_its_checks(engine: Engine) -> None:
    task = begun(engine, validation=REVIEW, leads_to=[2])
    engine.end(attempt(engine, task, "base"), commit="c1", failure=SILENT)
    check(engine, GREEN)
    second = attempt(engine, task, "c1")
    reports.report_status(
        engine.db, second.id, status="done", summary="none", nothing_follows="all is there"
    )
    checking.begin_review(engine.db, second.id, commit="c1")
    assert newest(engine).status == "checking"
    check(engine, RED)
    assert engine.status(task) == "needs_work"
