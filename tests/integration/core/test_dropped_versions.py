"""Where a merge keeps one side of a file, the other is told, and reviewers see it."""

from hephaestus_core.agents.views import AgentView
from hephaestus_core.changes import service as changes
from hephaestus_core.changes.diffs import record_attempt_diff
from hephaestus_core.changes.rules import MergeReport
from hephaestus_core.contract.diffs import Diff, FileChange
from hephaestus_core.messages import service as messages
from hephaestus_core.reviews import checking
from hephaestus_core.tasks.service import get_task, list_tasks, restart_task
from hephaestus_core.tasks.views import TaskView
from tests.engine import PHASES, Engine

CHANGED = Diff("base", "tip", 1, 2, 1, [FileChange("shared.py", 2, 1)], "", truncated=False)


def finished(engine: Engine, name: str, **order: str) -> AgentView:
    """Return the author of reported work on the shared file, whose merge is due."""
    engine.create(name, **order)
    author = engine.run(engine.claimed())
    record_attempt_diff(engine.db, author.id, CHANGED)
    engine.report_done(author)
    engine.end(author)
    return author


def merged(engine: Engine, *, kept: str | None) -> None:
    [job] = changes.due_merges(engine.db)
    conflict = {"path": "shared.py", "kind": "content", "kept": kept}
    found = [conflict] if kept else []
    report = MergeReport("merged", f"m-{job.task_id}", conflicts=found)
    changes.record_merge(engine.db, job.merge_id, report)


def follow_ups(engine: Engine) -> list[TaskView]:
    found = list_tasks(engine.db, workflow_id=engine.workflow_id).items
    return [task for task in found if task.created_by == "dropped version"]


def test_a_task_brings_back_what_was_dropped_of_earlier_work(engine: Engine) -> None:
    engine.start_workflow()
    first = finished(engine, "first")
    merged(engine, kept=None)
    finished(engine, "second")

    merged(engine, kept="theirs")

    [told] = follow_ups(engine)
    assert (told.parent_task_id, told.phase_id) == (first.task_id, 1)
    assert "- shared.py" in told.description
    author = engine.run(engine.claimed())
    assert author.task_id == told.id
    record_attempt_diff(engine.db, author.id, CHANGED)
    engine.report_done(author)
    engine.end(author)
    merged(engine, kept="ours")
    assert len(follow_ups(engine)) == 1, "no such task makes another one"


def test_the_side_that_came_later_and_lost_is_told_too(engine: Engine) -> None:
    engine.start_workflow()
    finished(engine, "first")
    merged(engine, kept=None)
    second = finished(engine, "second")

    merged(engine, kept="ours")

    [told] = follow_ups(engine)
    assert told.parent_task_id == second.task_id


def test_conflicts_that_are_left_to_resolvers_are_not_told(engine: Engine) -> None:
    engine.start_workflow()
    finished(engine, "first")
    merged(engine, kept=None)
    finished(engine, "second")
    merged(engine, kept="both")
    assert follow_ups(engine) == []


def test_reviewers_see_the_conflicts_that_were_settled_in_the_changed_files(
    engine: Engine,
) -> None:
    validation = {"enabled": True, "criteria": ["It is right."]}
    engine.start_workflow(phases=[PHASES[0], {**PHASES[1], "validation": validation}])
    finished(engine, "first")
    merged(engine, kept=None)
    loser = finished(engine, "second")
    merged(engine, kept="ours")
    engine.create("reviewed", phase_id=2, priority="critical")
    author = engine.run(engine.claimed())
    record_attempt_diff(engine.db, author.id, CHANGED)
    engine.report_done(author)
    checking.begin_review(engine.db, author.id, commit="c1")
    engine.end(author, commit="c1")

    judge = engine.claimed()

    told = get_task(engine.db, judge.task_id).description
    assert f"shared.py: task {loser.task_id} and what was merged before it" in told
    assert f"merge m-{loser.task_id} kept the version of what was merged before." in told


def test_an_author_at_work_gets_a_message_in_place_of_a_task(engine: Engine) -> None:
    engine.start_workflow()
    first = finished(engine, "first")
    merged(engine, kept=None)
    finished(engine, "second")
    restart_task(engine.db, first.task_id)
    again = engine.run(engine.claimed())
    assert again.task_id == first.task_id

    merged(engine, kept="theirs")

    [told] = messages.take_unread(engine.db, again.id)[0]
    assert "- shared.py" in told.text
    assert "bring back what is still needed" in told.text
    assert follow_ups(engine) == []
