"""Titles of tasks and workflows, and failures that no longer apply."""

from typing import Any

from hephaestus_core.agents.details import task_detail
from hephaestus_core.agents.views import Trouble
from hephaestus_core.changes import service as changes
from hephaestus_core.definitions.service import save_definition
from hephaestus_core.lifecycle import service as lifecycle
from hephaestus_core.lifecycle.orders import LaunchOrder
from hephaestus_core.results import service as results
from hephaestus_core.summaries.service import summarize
from hephaestus_core.tasks import service as tasks
from tests.engine import PHASES, Engine


def launched(engine: Engine, **order: Any) -> Any:
    parameter = {"name": "bug", "label": "Bug", "type": "textarea", "required": False}
    template = {"parameters": [parameter], "phase_1_task_prompt": "Phase 1: look\n\n{bug}"}
    definition = {"id": "bugs", "name": "Bugs", "phases": PHASES, "launch_template": template}
    save_definition(engine.db, definition)
    found = lifecycle.start_workflow(
        engine.db, LaunchOrder(definition_id="bugs", repository="/nowhere", **order)
    )
    assert found.initial_task_id is not None
    first = tasks.get_task(engine.db, found.initial_task_id)
    assert first.title == found.title, "the template's own text names nothing"
    return found.title


def test_a_workflow_is_called_by_what_a_person_wrote(engine: Engine) -> None:
    words = {"launch_params": {"bug": "Totals are wrong\nsince May"}}
    assert launched(engine, **words) == "Totals are wrong"
    assert launched(engine, **words, title="The totals") == "The totals"
    assert launched(engine, **words, description="For the release") == "For the release"
    assert launched(engine) == "Bugs"


def test_a_task_has_its_title_wherever_it_is_read(engine: Engine) -> None:
    engine.with_host("a")
    engine.start_workflow()
    parent = engine.create("# Mend the boat\nwith tar")
    child = engine.create("with tar", title="Tar", parent_task_id=parent.id)
    assert (parent.title, child.title) == ("Mend the boat", "Tar")
    detail = task_detail(engine.db, parent.id)
    assert [brief.title for brief in detail.children] == ["Tar"]
    assert [each.title for each in summarize(engine.db, engine.workflow_id).tree] == [
        "Mend the boat",
        "Tar",
    ]
    agent = engine.run(engine.claimed())
    results.submit(engine.db, agent.id, explanation="It floats")
    engine.report_done(agent)
    engine.end(agent)
    [job] = changes.due_merges(engine.db)
    assert job.title == "Mend the boat"
    review = tasks.list_tasks(engine.db, workflow_id=engine.workflow_id).items[0]
    assert review.title == "Judge the result: It floats"


def test_a_done_task_shows_no_failure_of_an_earlier_attempt(engine: Engine) -> None:
    engine.with_host("a")
    engine.start_workflow()
    task = engine.create()
    crashed = Trouble("agent_fault", "it gave up", program_failed=False)
    engine.end(engine.run(engine.claimed()), failure=crashed)
    queued = tasks.get_task(engine.db, task.id)
    assert (queued.failure_class, queued.failure_reason) == ("agent_fault", "it gave up")
    tasks.bump_task(engine.db, task.id)
    engine.finish(engine.run(engine.claimed()))

    done = task_detail(engine.db, task.id)
    assert (done.status, done.failure_class, done.failure_reason) == ("done", None, None)
    assert done.attempts[0].failure_reason == "it gave up", "the attempt keeps it"


def test_a_cancelled_task_shows_why_it_was_cancelled_alone(engine: Engine) -> None:
    engine.with_host("a")
    engine.start_workflow()
    task = engine.create()
    engine.end(engine.run(engine.claimed()), failure=Trouble("agent_fault", "it gave up"))
    cancelled = tasks.cancel_task(engine.db, task.id, reason="not needed")
    assert (cancelled.failure_class, cancelled.failure_reason) == (None, "not needed")
