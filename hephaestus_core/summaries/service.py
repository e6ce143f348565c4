"""The summary of a workflow, with which waits end."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from hephaestus_core.changes.rules import LEFT_TO_PEOPLE
from hephaestus_core.conditions.views import ConditionView
from hephaestus_core.contract.left_out import LeftOut
from hephaestus_core.contract.statuses import TaskStatus, WorkflowStatus, work_of
from hephaestus_core.db.engine import Database
from hephaestus_core.lifecycle.reading import views
from hephaestus_core.lifecycle.views import DeliveryView
from hephaestus_core.results.service import shown_result
from hephaestus_core.results.views import ResultView
from hephaestus_core.summaries.conflicts import FileConflict, conflicts_of
from hephaestus_core.tasks.states import LIVE
from hephaestus_core.workflows import store as workflows

#: Most tasks and failures in a summary; lists have the rest, page by page.
_MOST_TASKS = 1000

_TASKS = text("""
    SELECT t.id AS task_id, t.phase_id, t.kind, t.title, left(t.description, 300) AS description,
           t.status, t.created_by, t.creator_agent_id AS created_by_agent_id,
           t.parent_task_id, t.attempt, t.summary, t.merge_commit, t.failure_class,
           t.failure_reason, t.duplicate_of, t.created_at,
           extract(epoch FROM coalesce(t.completed_at, now()) - t.started_at)::float8
               AS duration_seconds
    FROM tasks t WHERE t.workflow_id = :workflow_id
    ORDER BY t.created_at, t.id LIMIT :most
""")

#: A query of its own: failures must appear, however many tasks come before them.
_FAILURES = text("""
    SELECT id AS task_id, title, left(description, 300) AS description, failure_class,
           failure_reason
    FROM tasks WHERE workflow_id = :workflow_id AND status = 'failed'
    ORDER BY created_at, id LIMIT :most
""")

#: Conflicts that wait for a person, by policy or because agents did not resolve them.
_LEFT_TO_PEOPLE = text("""
    SELECT m.task_id, m.branch, w.integration_branch AS target,
           ARRAY(SELECT c->>'path' FROM jsonb_array_elements(m.conflicts) c LIMIT 20) AS paths
    FROM merges m JOIN workflows w ON w.id = m.workflow_id
    WHERE m.workflow_id = :workflow_id AND m.status = 'conflict' AND w.status = 'active'
      AND (w.conflict_resolution = 'manual' OR m.reason = :left)
    ORDER BY m.created_at, m.id LIMIT :most
""")

_MERGES = text("""
    SELECT count(*) FILTER (WHERE status = 'merged') AS merges,
           count(DISTINCT commit) FILTER (WHERE status = 'merged') AS commits,
           coalesce(sum(insertions) FILTER (WHERE status = 'merged'), 0)::int AS insertions,
           coalesce(sum(deletions) FILTER (WHERE status = 'merged'), 0)::int AS deletions
    FROM merges WHERE workflow_id = :workflow_id
""")

_HELD = text("""
    SELECT m.id AS merge_id, m.task_id, t.title, m.reason
    FROM merges m JOIN tasks t ON t.id = m.task_id
    WHERE m.workflow_id = :workflow_id AND m.held_at IS NOT NULL
      AND m.status IN ('pending', 'conflict')
    ORDER BY m.created_at, m.id LIMIT :most
""")

_NOT_COMMITTED = text("""
    SELECT a.task_id, t.title, a.attempt, a.host, a.left_out_in AS folder, a.left_out AS files
    FROM agents a JOIN tasks t ON t.id = a.task_id
    WHERE a.workflow_id = :workflow_id AND a.left_out_in IS NOT NULL
    ORDER BY a.started_at, a.id LIMIT :most
""")


@dataclass(frozen=True)
class PhaseSummary:
    """The tasks of one phase, counted."""

    id: int
    name: str
    total: int
    live: int
    done: int
    failed: int


@dataclass(frozen=True)
class TaskFailure:
    """A task that failed for good, and why."""

    task_id: UUID
    title: str
    description: str
    failure_class: str | None
    failure_reason: str | None


@dataclass(frozen=True)
class LeftToPeople:
    """A task's branch with a conflict that a person has to merge."""

    task_id: UUID
    branch: str
    target: str
    paths: list[str]
    """The first twenty."""


@dataclass(frozen=True)
class HeldMerge:
    """A held merge, and its remedy."""

    merge_id: UUID
    task_id: UUID
    title: str
    reason: str


@dataclass(frozen=True)
class NotCommitted:
    """Files of one attempt that are in no commit, and where they are."""

    task_id: UUID
    title: str
    attempt: int
    host: str
    folder: str
    files: list[LeftOut]


@dataclass(frozen=True)
class TaskBranch:
    """A task's place in the tree of creators; the description is shortened."""

    task_id: UUID
    phase_id: int | None
    kind: str
    title: str
    description: str
    status: str
    created_by: str
    created_by_agent_id: UUID | None
    parent_task_id: UUID | None
    attempt: int
    summary: str | None
    merge_commit: str | None
    failure_class: str | None
    failure_reason: str | None
    duplicate_of: UUID | None
    created_at: datetime
    duration_seconds: float | None


@dataclass(frozen=True)
class Summary:
    """The summary of a workflow; ``finished`` if nothing more happens by itself."""

    workflow_id: UUID
    title: str
    status: WorkflowStatus
    condition: ConditionView
    finished: bool
    duration_seconds: float
    tasks: dict[str, int]
    phases: list[PhaseSummary]
    failures: list[TaskFailure]
    left_to_people: list[LeftToPeople]
    conflicts: list[FileConflict]
    merges: int
    commits: int
    insertions: int
    deletions: int
    held_merges: list[HeldMerge]
    not_committed: list[NotCommitted]
    result: ResultView | None
    delivery: DeliveryView
    tree: list[TaskBranch]


def summarize(db: Database, workflow_id: UUID, *, most_tasks: int = _MOST_TASKS) -> Summary:
    """Return the present summary of a workflow, with at most so many tasks.

    Raises:
        NotFound: there is none with this id.
    """
    with db.snapshot() as session:
        [workflow] = views(session, [workflows.get(session, workflow_id)])
        given = {"workflow_id": workflow_id, "most": most_tasks}
        tree = [TaskBranch(**row) for row in session.execute(_TASKS, given).mappings()]
        failures = [TaskFailure(**row) for row in session.execute(_FAILURES, given).mappings()]
        given["left"] = LEFT_TO_PEOPLE
        left = [LeftToPeople(**row) for row in session.execute(_LEFT_TO_PEOPLE, given).mappings()]
        held = [HeldMerge(**row) for row in session.execute(_HELD, given).mappings()]
        kept = [_not_committed(row) for row in session.execute(_NOT_COMMITTED, given).mappings()]
        merges = dict(session.execute(_MERGES, {"workflow_id": workflow_id}).mappings().one())
        conflicts = conflicts_of(session, workflow_id)
        result = shown_result(session, workflow_id, workflow.result_id)
    return Summary(
        workflow_id=workflow_id,
        title=workflow.title,
        status=workflow.status,
        condition=workflow.condition,
        finished=workflow.condition.finished,
        duration_seconds=workflow.duration_seconds,
        tasks={"total": work_of(workflow.task_counts), **workflow.task_counts},
        phases=[_phase(phase.id, phase.name, phase.task_counts) for phase in workflow.phases],
        failures=failures,
        left_to_people=left,
        conflicts=conflicts,
        **merges,
        held_merges=held,
        not_committed=kept,
        result=result,
        delivery=workflow.delivery,
        tree=tree,
    )


def _not_committed(row: RowMapping) -> NotCommitted:
    return NotCommitted(**{**row, "files": [LeftOut(**each) for each in row["files"]]})


def _phase(number: int, name: str, counts: dict[str, int]) -> PhaseSummary:
    tally = Counter(counts)
    return PhaseSummary(
        id=number,
        name=name,
        total=work_of(counts),
        live=sum(tally[status] for status in LIVE),
        done=tally[TaskStatus.DONE],
        failed=tally[TaskStatus.FAILED],
    )
