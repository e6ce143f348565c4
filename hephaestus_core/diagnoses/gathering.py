"""What a diagnostic agent is told: bounded facts of its workflow, as text between marks.

A crossing into the tables of tasks and results: each question is one query with a bound.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from hephaestus_core.contract.quoting import Marks
from hephaestus_core.diagnoses import store
from hephaestus_core.events.log import read_newest

if TYPE_CHECKING:
    from hephaestus_core.conditions.still import Still

#: Most entries of each list.
_MOST_TASKS: Final = 60
_MOST_RESULTS: Final = 5
_MOST_EVENTS: Final = 40
_MOST_RUNS: Final = 3
#: Most characters of an entry, and of a whole list.
_ENTRY_LIMIT: Final = 700
_EVENT_LIMIT: Final = 200
_LIST_LIMIT: Final = 12_000

#: What failed or never began says more than what is done.
_TASKS: Final = text("""
    SELECT id, phase_id, status, title, failure_class,
           left(coalesce(failure_reason, summary, ''), 500) AS said
    FROM tasks WHERE workflow_id = :workflow_id AND kind IN ('work', 'conflict')
    ORDER BY CASE status WHEN 'failed' THEN 0 WHEN 'cancelled' THEN 2 WHEN 'done' THEN 3
             WHEN 'duplicated' THEN 4 ELSE 1 END,
             completed_at DESC NULLS LAST, id
    LIMIT :most
""")
_RESULTS: Final = text("""
    SELECT status, outcome, left(explanation, 200) AS explanation,
           left(coalesce(feedback, ''), 450) AS feedback
    FROM results WHERE workflow_id = :workflow_id ORDER BY submitted_at DESC LIMIT :most
""")


def facts_in_words(session: Session, still: "Still", *, most_tasks: int) -> str:
    """Return the text of the task that finds out why a workflow stands still.

    Args:
        session: the open one.
        still: the workflow with its condition.
        most_tasks: tasks that the run may create.
    """
    workflow_id, marks = still.id, Marks()
    given = {"workflow_id": workflow_id}
    tasks = session.execute(_TASKS, {**given, "most": _MOST_TASKS})
    results = session.execute(_RESULTS, {**given, "most": _MOST_RESULTS})
    runs = store.of_workflow(session, workflow_id, limit=_MOST_RUNS)
    events = read_newest(session, limit=_MOST_EVENTS, workflow_id=workflow_id)
    parts = [
        (
            "This workflow stands still short of its goal, and no agent is at work. Find out why, "
            "by the facts below, by its tasks, and by your worktree, which holds all that is "
            f"merged so far. Then create what is missing, at most {most_tasks} tasks. "
            f"{marks.explanation}"
        ),
        marks.quoted("the reason for the standstill", still.condition.reason),
        _listed(marks, "the tasks so far, failed ones first", map(_task, tasks)),
        _listed(marks, "the results so far, the newest first", map(_result, results)),
        _listed(marks, "the diagnoses before, the newest first", map(_run, runs)),
        _listed(marks, "the newest events", map(_event, events)),
    ]
    return "\n\n".join(part for part in parts if part)


def _listed(marks: Marks, source: str, entries: Iterable[str]) -> str:
    lines = "\n".join(f"- {entry}" for entry in entries)
    return marks.quoted(source, lines, limit=_LIST_LIMIT) if lines else ""


def _task(row: Any) -> str:
    phase = "" if row.phase_id is None else f", phase {row.phase_id}"
    said = f": {row.failure_class or ''} {row.said}" if row.said else ""
    return _line(f"{row.id} {row.status}{phase}, {row.title}{said}")


def _result(row: Any) -> str:
    return _line(f"{row.status}, {row.outcome}: {row.explanation} Judgement: {row.feedback}")


def _run(run: Any) -> str:
    words = run.report or "no report"
    return _line(f"run {run.number} {run.status}, {run.tasks_created} tasks created: {words}")


def _event(event: Any) -> str:
    data = " ".join(f"{name}={value}" for name, value in event.data.items() if value)
    return _line(f"{event.at:%H:%M:%S} {event.type} {data}", _EVENT_LIMIT)


def _line(words: str, limit: int = _ENTRY_LIMIT) -> str:
    line = " ".join(words.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"
