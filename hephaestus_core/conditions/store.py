"""The facts of many workflows' conditions, in a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import Row, RowMapping, TextClause, text
from sqlalchemy.orm import Session

from hephaestus_core.changes.rules import LEFT_TO_PEOPLE
from hephaestus_core.conditions.rules import condition
from hephaestus_core.conditions.sentences import quoted
from hephaestus_core.conditions.views import ConditionView, Facts, Fault, HostFacts, Waiting
from hephaestus_core.contract.statuses import BudgetScope, TaskStatus
from hephaestus_core.db.base import WordOf
from hephaestus_core.db.engine import database_now
from hephaestus_core.tasks.states import LIVE

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow

#: The statements name tables of other capabilities, since a condition is of all of them at once.
_FACTS: Final = text("""
    SELECT ids.id AS workflow_id, ended.ended_at, newest.result_status, newest.result_feedback,
           asked.open_questions, asked.first_question, failed.failed_title, failed.failed_reason,
           used_up.rounds_used_up, waiting.waiting_merges, waiting.waiting_branch,
           tried.failed_diagnoses, diagnosed.diagnosis_status, diagnosed.diagnosis_report
    FROM unnest(CAST(:ids AS uuid[])) AS ids (id)
    LEFT JOIN LATERAL (
        SELECT max(completed_at) AS ended_at FROM tasks WHERE workflow_id = ids.id
    ) ended ON true
    LEFT JOIN LATERAL (
        SELECT status AS result_status, left(feedback, 300) AS result_feedback FROM results
        WHERE workflow_id = ids.id ORDER BY submitted_at DESC LIMIT 1
    ) newest ON true
    LEFT JOIN LATERAL (
        SELECT title AS failed_title, left(failure_reason, 300) AS failed_reason
        FROM tasks WHERE workflow_id = ids.id AND status = 'failed' AND kind <> 'diagnosis'
        ORDER BY completed_at LIMIT 1
    ) failed ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS failed_diagnoses FROM diagnoses d JOIN tasks t ON t.id = d.task_id
        WHERE d.workflow_id = ids.id AND t.status = 'failed'
    ) tried ON true
    LEFT JOIN LATERAL (
        SELECT status AS diagnosis_status, left(report, 300) AS diagnosis_report FROM diagnoses
        WHERE workflow_id = ids.id AND diagnoses.ended_at >= ended.ended_at
        ORDER BY number DESC LIMIT 1
    ) diagnosed ON true
    LEFT JOIN LATERAL (
        SELECT p.name AS rounds_used_up FROM join_rounds r
        JOIN phases p ON p.workflow_id = r.workflow_id AND p.phase_id = r.phase_id
        WHERE r.workflow_id = ids.id AND r.task_id IS NULL ORDER BY r.created_at LIMIT 1
    ) used_up ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS waiting_merges, min(branch) AS waiting_branch FROM merges
        WHERE workflow_id = ids.id AND status = 'waiting'
    ) waiting ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS open_questions,
               (array_agg(left(q.text, 300) ORDER BY q.asked_at, q.id))[1] AS first_question
        FROM questions q WHERE q.workflow_id = ids.id AND q.status = 'open'
    ) asked ON true
""")

#: Phases in which no task was created.
_UNREACHED: Final = text("""
    SELECT p.workflow_id, string_agg(p.name, ', ' ORDER BY p.phase_id) AS unreached_phases
    FROM phases p
    WHERE p.workflow_id = ANY(:ids) AND NOT EXISTS (
        SELECT FROM tasks t WHERE t.workflow_id = p.workflow_id AND t.phase_id = p.phase_id
    )
    GROUP BY p.workflow_id
""")

#: Those that are not done stand in an index of their own; they are few.
_OPEN_MERGES: Final = text("""
    SELECT workflow_id, count(*) AS open_merges,
           count(*) FILTER (WHERE left_to_people) AS left_to_people,
           (array_agg(branch ORDER BY created_at) FILTER (WHERE left_to_people))[1]
               AS left_branch,
           count(*) FILTER (WHERE left_to_people AND live) AS left_live,
           count(*) FILTER (WHERE held) AS held_merges,
           (array_agg(reason ORDER BY created_at) FILTER (WHERE held))[1] AS held_reason
    FROM (
        SELECT m.workflow_id, m.branch, m.reason, m.created_at, m.held_at IS NOT NULL AS held,
               t.status = 'under_review' AS live,
               m.status = 'conflict' AND w.status = 'active'
               AND (w.conflict_resolution = 'manual' OR m.reason = :left) AS left_to_people
        FROM merges m JOIN workflows w ON w.id = m.workflow_id JOIN tasks t ON t.id = m.task_id
        WHERE m.status IN ('pending', 'conflict') AND m.workflow_id = ANY(:ids)
    ) open GROUP BY workflow_id
""")

#: Pending tasks behind one that has ended otherwise than done, at any distance.
_STUCK: Final = text("""
    WITH RECURSIVE stuck (id, workflow_id, title, blocker_title, blocker_status, far) AS (
        SELECT t.id, t.workflow_id, t.title, a.title, a.status, 1
        FROM tasks t JOIN task_dependencies d ON d.task_id = t.id
        JOIN tasks named ON named.id = d.after_id
        JOIN tasks a ON a.id = coalesce(named.duplicate_of, named.id)
        WHERE t.workflow_id = ANY(:ids) AND t.status = 'pending'
          AND a.status IN ('failed', 'cancelled')
        UNION
        SELECT t.id, t.workflow_id, t.title, stuck.blocker_title, stuck.blocker_status,
               stuck.far + 1
        FROM stuck JOIN task_dependencies d ON d.after_id = stuck.id
        JOIN tasks t ON t.id = d.task_id AND t.status = 'pending'
    )
    SELECT workflow_id, count(DISTINCT id) AS stuck_tasks,
           (array_agg(title ORDER BY far, id))[1] AS stuck_title,
           (array_agg(blocker_title ORDER BY far, id))[1] AS blocker_title,
           (array_agg(blocker_status ORDER BY far, id))[1] AS blocker_status
    FROM stuck GROUP BY workflow_id
""").columns(blocker_status=WordOf(TaskStatus))

#: Open ones stand in an index of their own.
_AWAITED: Final = text("""
    SELECT r.workflow_id, count(*) AS awaited_reviews,
           (array_agg(t.title ORDER BY r.created_at))[1] AS awaited_title,
           left((array_agg(r.reason ORDER BY r.created_at))[1], 300) AS awaited_reason
    FROM reviews r JOIN tasks t ON t.id = r.task_id
    WHERE r.status = 'person_review' AND r.workflow_id = ANY(:ids)
    GROUP BY r.workflow_id
""")

#: Spent budgets stand in an index of their own; where there is none, that is all that is read.
_HOLDING: Final = text("""
    SELECT b.subject_id, b.scope, b.workflow_id FROM budgets b
    WHERE b.status = 'spent' AND b.action <> 'warn'
      AND (b.scope <> 'day' OR b.day = (now() AT TIME ZONE 'UTC')::date)
      AND (b.workflow_id = ANY(:ids) OR b.workflow_id IS NULL)
""")
_QUEUED_OF: Final = text("""
    SELECT t.id, t.workflow_id, t.title FROM tasks t WHERE t.status = 'queued' AND t.id = ANY(:ids)
""")

_WAITING: Final = text("""
    SELECT t.workflow_id, t.required_labels AS labels,
           split_part(coalesce(t.next_programs[1], t.cli_tool, p.spec->>'cli_tool', ''), ':', 1)
               AS program,
           count(*) AS tasks, min(t.due_at) AS due_at,
           bool_or(t.failure_class = 'quota') AS quota,
           left(min(t.failure_reason), 300) AS failure
    FROM tasks t LEFT JOIN phases p ON p.workflow_id = t.workflow_id AND p.phase_id = t.phase_id
    WHERE t.status = 'queued' AND t.workflow_id = ANY(:ids)
    GROUP BY t.workflow_id, labels, program, t.due_at > :now
""")

_HOSTS: Final = text("""
    SELECT h.name, h.status = 'active' AND h.lease_expires_at > now() AS alive, h.draining,
           h.last_seen_at > now() - interval '1 hour' AS recent, h.labels, h.programs,
           h.programs_without_login AS without_login, h.slots,
           h.most_in_system, h.last_seen_at,
           (SELECT count(*) FROM agents a WHERE a.host = h.name AND a.ended_at IS NULL) AS agents
    FROM hosts h ORDER BY h.name
""")

_FAULTS: Final = text("""
    SELECT f.host, f.repository, f.reason, f.next_try_at
    FROM host_faults f WHERE f.status = 'unwell' ORDER BY f.repository, f.cause
""")

#: Closed workflows whose work is where it belongs: the condition *over*, for the database.
_IS_OVER: Final = """EXISTS (
    SELECT FROM workflows w WHERE w.id = workflows.id AND w.status <> 'active'
    AND w.delivery_status NOT IN ('pending', 'held', 'awaiting_approval', 'conflict')
    AND NOT EXISTS (SELECT FROM tasks t WHERE t.workflow_id = w.id AND t.status = ANY(:live))
    AND NOT EXISTS (
        SELECT FROM merges m WHERE m.workflow_id = w.id AND m.status IN ('pending', 'conflict')
    )
)"""
_OVER: Final = text(_IS_OVER).bindparams(live=sorted(LIVE))
_OPEN: Final = text(f"NOT {_IS_OVER}").bindparams(live=sorted(LIVE))


def is_over(*, over: bool) -> TextClause:
    """Return the clause that selects the workflows that are over, or those that are not."""
    return _OVER if over else _OPEN


def conditions_of(
    session: Session,
    rows: Sequence["Workflow | Row[Any]"],
    counts: Mapping[UUID, Mapping[str, int]],
    agents: Mapping[UUID, int],
) -> dict[UUID, tuple[ConditionView, Facts]]:
    """Return how each of the workflows stands, and the facts that say so.

    Args:
        session: whose statements should all see the same moment.
        rows: the workflows, or their columns that a condition needs.
        counts: the number of tasks of each, by status.
        agents: how many agents of each are alive.
    """
    now = database_now(session)
    ids = [row.id for row in rows]
    read = _by_workflow(session.execute(_FACTS, {"ids": ids}).mappings())
    merges = session.execute(_OPEN_MERGES, {"ids": ids, "left": LEFT_TO_PEOPLE}).mappings()
    merging = _by_workflow(merges)
    pending = [id_ for id_ in ids if counts[id_].get("pending")]
    stuck = _by_workflow(session.execute(_STUCK, {"ids": pending}).mappings()) if pending else {}
    held = [id_ for id_ in ids if counts[id_].get("under_review")]
    judging = _by_workflow(session.execute(_AWAITED, {"ids": held}).mappings()) if held else {}
    queued = {id_: counts[id_]["queued"] for id_ in ids if counts[id_].get("queued")}
    unpaid = _held_by_budgets(session, queued) if queued else {}
    idle = [id_ for id_ in ids if counts[id_].get("queued") and not agents.get(id_)]
    waiting = _waiting(session, idle, now) if idle else {}
    hosts = hosts_of(session) if idle else []
    short = [row.id for row in rows if _lacks_result(row, counts[row.id], read[row.id])]
    unreached = (
        _by_workflow(session.execute(_UNREACHED, {"ids": short}).mappings()) if short else {}
    )
    found = {}
    for row in rows:
        facts = _facts(
            row,
            counts[row.id],
            agents.get(row.id, 0),
            {
                **read[row.id],
                **merging.get(row.id, {}),
                **stuck.get(row.id, {}),
                **judging.get(row.id, {}),
                **unpaid.get(row.id, {}),
                **unreached.get(row.id, {}),
                "waiting": waiting.get(row.id, ()),
            },
        )
        found[row.id] = (condition(facts, hosts, now), facts)
    return found


def _lacks_result(
    row: "Workflow | Row[Any]", counts: Mapping[str, int], read: Mapping[str, Any]
) -> bool:
    """Say whether all of its tasks but diagnoses went well, and yet its result is missing."""
    failed = counts.get(TaskStatus.FAILED, 0) - read["failed_diagnoses"]
    ended = {TaskStatus.DONE, TaskStatus.CANCELLED, TaskStatus.DUPLICATED, TaskStatus.FAILED}
    return row.has_result and row.result_id is None and not failed and counts.keys() <= ended


def _facts(
    row: "Workflow | Row[Any]", counts: Mapping[str, int], agents: int, read: dict[str, Any]
) -> Facts:
    live = sum(number for status, number in counts.items() if status in LIVE)
    return Facts(
        status=row.status,
        closed_at=row.completed_at,
        closed_reason=row.closed_reason,
        repository=row.repository,
        base_branch=row.base_branch,
        integration_branch=row.integration_branch,
        delivery_status=row.delivery_status,
        delivery_reason=row.delivery_reason,
        has_result=row.has_result,
        accepted=row.result_id is not None,
        tasks=counts,
        live_tasks=live,
        live_agents=agents,
        **{**read, "ended_at": None if live else read["ended_at"]},
    )


def _by_workflow(rows: Iterable[RowMapping]) -> dict[UUID, dict[str, Any]]:
    """Return each row by the id of its workflow, which it then lacks."""
    return {
        row["workflow_id"]: {key: value for key, value in row.items() if key != "workflow_id"}
        for row in rows
    }


def _held_by_budgets(session: Session, queued: Mapping[UUID, int]) -> dict[UUID, dict[str, Any]]:
    """Return for each workflow how many of its queued tasks spent budgets hold, and which."""
    rows = session.execute(_HOLDING, {"ids": list(queued)}).all()
    found: dict[UUID, dict[str, Any]] = {}
    tasks = [row.subject_id for row in rows if row.scope == BudgetScope.TASK]
    for task in session.execute(_QUEUED_OF, {"ids": tasks}) if tasks else ():
        held = found.setdefault(task.workflow_id, {"held_by_budget": 0})
        held["held_by_budget"] += 1
        held.setdefault("spent_budget", f"task {quoted(task.title)}")
    for row in rows:
        if row.scope == BudgetScope.WORKFLOW and row.workflow_id in queued:
            all_of = {"held_by_budget": queued[row.workflow_id], "spent_budget": "the workflow"}
            found[row.workflow_id] = all_of
    if any(row.scope == BudgetScope.DAY for row in rows):
        return {
            id_: {"held_by_budget": number, "spent_budget": "the day"}
            for id_, number in queued.items()
        }
    return found


def _waiting(session: Session, ids: list[UUID], now: object) -> dict[UUID, tuple[Waiting, ...]]:
    found: dict[UUID, list[Waiting]] = defaultdict(list)
    for row in session.execute(_WAITING, {"ids": ids, "now": now}):
        found[row.workflow_id].append(
            Waiting(
                tasks=row.tasks,
                labels=frozenset(row.labels),
                program=row.program or None,
                due_at=row.due_at,
                quota=bool(row.quota),
                failure=row.failure,
            )
        )
    return {workflow_id: tuple(groups) for workflow_id, groups in found.items()}


def hosts_of(session: Session) -> list[HostFacts]:
    """Return all hosts, as far as it matters to whether they can take a task."""
    faults: dict[str, list[Fault]] = defaultdict(list)
    for row in session.execute(_FAULTS):
        faults[row.host].append(Fault(row.repository, row.reason, row.next_try_at))
    return [
        HostFacts(
            **{
                **row,
                "labels": frozenset(row["labels"]),
                "programs": frozenset(row["programs"]),
                "without_login": frozenset(row["without_login"]),
                "faults": tuple(faults[row["name"]]),
            }
        )
        for row in session.execute(_HOSTS).mappings()
    ]
