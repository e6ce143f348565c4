"""The outline of a workflow's tasks: the live frontier, what is unfolded, and what matches."""

from uuid import UUID

import pytest

from hephaestus_core.agents.views import Trouble
from hephaestus_core.contract.failures import FailureClass
from hephaestus_core.contract.signs import Sign
from hephaestus_core.costs.ledger import record_turns
from hephaestus_core.costs.views import Tokens, Turn
from hephaestus_core.outline.rules import PAGE, Folds
from hephaestus_core.outline.service import graph, outline, timeline
from hephaestus_core.outline.store import MOST_FOUND, Wanted
from hephaestus_core.outline.views import Line, More, OutlineView
from hephaestus_core.tasks import service as tasks
from tests.engine import Engine
from tests.statements import counted

#: More than a page that is shown as a whole.
MANY = 70


def titles(view: OutlineView) -> list[str]:
    return [
        "  " * (line.level - 1)
        + (line.task.title if isinstance(line, Line) else f"{line.hidden} more")
        for line in view.lines
    ]


@pytest.fixture
def workflow(engine: Engine) -> UUID:
    """A workflow with one task from which many others came, of which few are not over."""
    engine.start_workflow()
    root = engine.create("Plan it.")
    agent = engine.run(engine.claimed())
    made = [
        engine.create(f"Part {number}.", parent_task_id=root.id, phase_id=2)
        for number in range(MANY)
    ]
    for task in made[2:]:
        tasks.cancel_task(engine.db, task.id)
    record_turns(engine.db, agent.id, [Turn("a", Tokens(1_000_000), "claude-haiku-4-5")], {})
    failing = engine.run(engine.claimed())
    tasks.restart_task(engine.db, made[40].id)
    engine.end(failing, failure=Trouble(FailureClass.PERMANENT, "no disk"))
    return engine.workflow_id


def test_it_shows_what_is_live_or_failed_below_its_creators(engine: Engine, workflow: UUID) -> None:
    view = outline(engine.db, workflow, folds=Folds(opened={None: 1}))
    shown = [line.task for line in view.lines if isinstance(line, Line)]
    signs = {task.title: task.sign for task in shown}
    assert signs["Plan it."] == Sign.AT_WORK
    assert (signs["Part 0."], signs["Part 1."]) == (Sign.FAILED, Sign.WAITS_ITS_TURN)
    assert signs["Part 40."] == Sign.WAITS_ITS_TURN
    assert (view.found, view.shown) == (4, 4)
    [plan] = [task for task in shown if task.title == "Plan it."]
    assert (plan.dollars, plan.children, plan.program) == (1.0, MANY, "scripted")
    assert next(task.note for task in shown if task.sign == Sign.FAILED) == "no disk"
    assert len(shown) == 4
    [more] = [line for line in view.lines if isinstance(line, More)]
    assert (more.hidden, more.earlier, more.later) == (MANY - 3, None, 1)
    # A page of its children, and those that are live.
    opened = outline(engine.db, workflow, folds=Folds(opened={plan.id: 1})).lines
    assert len(opened) == 1 + PAGE + 2
    [more] = [line for line in opened if isinstance(line, More)]
    assert (more.hidden, more.earlier, more.later) == (MANY - PAGE - 1, None, 2)
    shut = outline(engine.db, workflow, folds=Folds(shut={plan.id}))
    assert titles(shut) == ["Plan it."]


def test_it_shows_what_matches_with_its_creators(engine: Engine, workflow: UUID) -> None:
    def found(**wanted: object) -> list[str]:
        return titles(outline(engine.db, workflow, Wanted(**wanted)))  # type: ignore[arg-type]

    assert found(words="PART 6") == [
        "Plan it.",
        *(f"  Part {n}." for n in (6, *range(60, 70))),
        "  59 more",
    ]
    assert found(sign=Sign.FAILED) == ["Plan it.", "  Part 0.", "  69 more"]
    assert found(phase_id=1) == ["Plan it."]
    assert found(words="100%") == []
    first = outline(engine.db, workflow, Wanted(phase_id=2))
    assert (first.found, first.shown, first.more) == (MANY, MOST_FOUND, True)
    last = outline(engine.db, workflow, Wanted(phase_id=2, page=2))
    assert (last.shown, last.more) == (MANY - MOST_FOUND, False)


def test_its_cost_does_not_grow_with_the_tasks(engine: Engine, workflow: UUID) -> None:
    with counted(engine.db) as sent:
        outline(engine.db, workflow)
    assert len(sent) <= 8


def test_a_task_of_another_workflow_is_not_unfolded(engine: Engine, workflow: UUID) -> None:
    engine.launch()
    foreign = engine.create("Elsewhere.")
    folds = Folds(opened={foreign.id: 1})
    assert "Elsewhere." not in "".join(titles(outline(engine.db, workflow, folds=folds)))


def test_a_small_workflow_is_shown_as_a_whole(engine: Engine) -> None:
    engine.start_workflow()
    first = engine.create("One.")
    second = engine.create("Two.", parent_task_id=first.id)
    engine.create("Three.", parent_task_id=second.id)
    for _ in range(2):
        engine.finish(engine.run(engine.claimed()))
    assert titles(outline(engine.db, engine.workflow_id)) == ["One.", "  Two.", "    Three."]


def test_graph_and_timeline_have_every_task_and_attempt(engine: Engine, workflow: UUID) -> None:
    nodes = graph(engine.db, workflow)
    assert [node.parent for node in nodes] == [-1, *[0] * MANY]
    assert nodes[0].title == "Plan it."
    bars = timeline(engine.db, workflow)
    assert [(bar.title, bar.failed) for bar in bars] == [("Plan it.", False), ("Part 0.", True)]
    assert bars[0].ended_at is None
    assert bars[1].ended_at is not None
