"""Accepted work is merged, whatever becomes of its author, its review and its judge."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import AgentView, Trouble
from hephaestus_core.changes import losses
from hephaestus_core.changes import service as changes
from hephaestus_core.contract.check_outcomes import CheckOutcome
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.statuses import TaskKind
from hephaestus_core.results import service as results
from hephaestus_core.results.verdicts import decide_result
from hephaestus_core.reviews import checking, due
from hephaestus_core.reviews.service import page_of_reviews
from hephaestus_core.reviews.verdicts import give_review
from hephaestus_core.tasks import service as tasks
from hephaestus_core.tasks.views import TaskView
from tests.engine import PHASES, Engine

CHECK = {"check_type": "command_success", "command": "make test"}
RED = CheckOutcome("command_success", "make test", "failed", "it exited with 2", output="1 failed")


def at_work(engine: Engine) -> AgentView:
    return engine.run(engine.claimed())


def saved(engine: Engine, agent: AgentView) -> None:
    waiting = hosting.waiting_for(engine.db, agent.id)
    hosting.record_checkpoint(
        engine.db, agent.id, fence=agent.fence, commit="saved", waiting=waiting
    )


def submitted(engine: Engine, criteria: list[Any]) -> tuple[TaskView, AgentView, UUID]:
    """Return a task whose work is reported and its checks begun, its agent, and its result."""
    reviewed = {**PHASES[0], "validation": {"enabled": True, "criteria": criteria}}
    engine.start_workflow(
        phases=[reviewed],
        has_result=True,
        result_criteria="it works",
        on_result_found="complete",
    )
    task, agent = engine.create(), at_work(engine)
    result = results.submit(engine.db, agent.id, explanation="works")
    engine.report_done(agent)
    checking.begin_review(engine.db, agent.id, commit="c1")
    return task, agent, result.id


@pytest.mark.parametrize("how", ["crashes", "ends in silence", "gives up", "is lost"])
@pytest.mark.parametrize("on_result_found", ["stop_all", "complete"])
def test_accepted_work_is_merged_however_its_author_ends(
    engine: Engine, on_result_found: str, how: str
) -> None:
    engine.start_workflow(
        has_result=True, result_criteria="it works", on_result_found=on_result_found
    )
    engine.create()
    author = at_work(engine)
    results.submit(engine.db, author.id, explanation="works")
    saved(engine, author)
    reviewer = at_work(engine)
    results.judge(engine.db, reviewer.id, passed=True, feedback="checked")
    if how == "is lost":
        with engine.db.transaction() as session:
            session.execute(text("UPDATE hosts SET lease_expires_at = now() - interval '1 h'"))
            session.execute(text("UPDATE agents SET lease_expires_at = now() - interval '1 h'"))
        for _ in range(2):
            losses.expire(engine.db, confirm_seconds=0)
    else:
        failures = {
            "crashes": Trouble(FailureClass.TRANSIENT, "it was killed"),
            "gives up": Trouble(FailureClass.AGENT_FAULT, "no idea"),
        }
        engine.end(author, failure=failures.get(how), commit="saved")
    assert [job.tip for job in changes.due_merges(engine.db)] == ["saved"]
    engine.merge_due()
    assert tasks.get_task(engine.db, author.task_id).status == "done"


def test_a_verdict_against_accepted_work_does_not_throw_it_away(engine: Engine) -> None:
    task, agent, result_id = submitted(engine, ["It is tested."])
    engine.end(agent, commit="c1")
    judges = [at_work(engine), at_work(engine)]
    kinds = {tasks.get_task(engine.db, judge.task_id).kind: judge for judge in judges}
    decide_result(engine.db, result_id, passed=True, feedback="", decided_by="ann")
    give_review(engine.db, kinds[TaskKind.REVIEW].id, passed=False, feedback="no test")
    assert [job.tip for job in changes.due_merges(engine.db)] == ["c1"]
    engine.merge_due()
    assert engine.status(task) == "done"


@pytest.mark.parametrize("lost", [False, True])
def test_work_that_is_accepted_during_its_checks_is_merged_once(engine: Engine, lost: bool) -> None:
    task, agent, result_id = submitted(engine, [CHECK])
    decide_result(engine.db, result_id, passed=True, feedback="", decided_by="ann")
    engine.end(agent, commit="c1", lost="the worktree is gone" if lost else None)
    for job in due.due_checks(engine.db, "a"):
        checking.record_checks(engine.db, job.id, [RED])
    assert [job.tip for job in changes.due_merges(engine.db)] == ["c1"]
    engine.merge_due()
    assert (engine.status(task), page_of_reviews(engine.db)[0][0].status) == ("done", "dropped")
