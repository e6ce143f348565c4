"""The first ``done`` of an attempt: answered with what is to be looked at before the report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.proofs import checked_proof
from hephaestus_core.agents.reports import refusals_logged
from hephaestus_core.bells import Bell, CeleryTaskName, host_queue
from hephaestus_core.changes.diffs import diff_of
from hephaestus_core.contract.statuses import TaskStatus
from hephaestus_core.db.engine import Database, database_now, ring
from hephaestus_core.reviews.rules import missing, preview
from hephaestus_core.reviews.wanted import wanted
from hephaestus_core.tasks import store as tasks
from hephaestus_core.tasks.followers import missing_after
from hephaestus_core.tasks.kinds import KINDS
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task


def ask_first(
    db: Database, agent_id: UUID, *, proof: Mapping[str, str], key: str | None = None
) -> datetime | None:
    """Take an attempt's first ``done`` as a question, where its phase has a review or leads on.

    Returns when, by the database's clock; its host saves the work now, so that a diff recorded
    later shows all of it. None: this is the report.

    Args:
        proof: what checks need to know.
        key: of the call. A client whose answer was lost calls with the same key again: that is no
            report, but the same question, and its time is returned.

    Raises:
        StaleAttempt: the attempt is over.
        InvalidInput: the proof is out of bounds.
    """
    given = checked_proof(proof)
    with refusals_logged(db, agent_id, "update_task_status done"), db.transaction() as session:
        task, agent, repeats = agents.lock_for_call(
            session, agent_id, key=key, answered=lambda each: each.asked_done_key
        )
        if repeats:
            return agent.asked_done_at
        asked = agent.asked_done_at is not None or task.status == TaskStatus.UNDER_REVIEW
        if asked or not _answers(session, task):
            return None
        now = agent.asked_done_at = agent.last_report_at = database_now(session)
        agent.asked_done_key = key
        agent.proof = given or agent.proof
        bell = Bell(CeleryTaskName.CHECKPOINT_AGENT, host_queue(agent.host), (str(agent.id),))
        ring(session, bell)
        return now


def is_shown(db: Database, agent_id: UUID, *, since: datetime) -> bool:
    """Say whether the diff of the agent's work was recorded since it asked."""
    with db.reading() as session:
        diff = diff_of(session, agents.get(session, agent_id).task_id)
        return diff.recorded_at is not None and diff.recorded_at >= since


def answer(db: Database, agent_id: UUID, *, since: datetime, also: Sequence[str] = ()) -> str:
    """Return what the agent is to look at before it reports: done-definitions, changes, gaps.

    Args:
        also: further gaps.
    """
    with db.reading() as session:
        agent = agents.get(session, agent_id)
        task = tasks.get(session, agent.task_id)
        diff = diff_of(session, task.id)
        shown = diff if diff.recorded_at is not None and diff.recorded_at >= since else None
        gaps = missing(
            wanted(session, task), agent.proof, files=None if shown is None else shown.files
        )
        if follows := missing_after(session, task, nothing_follows=""):
            gaps.append(follows)
        gaps += also
        return preview(task.done_definition, shown, gaps)


def _answers(session: Session, task: "Task") -> bool:
    if task.phase_id is None or not KINDS[task.kind].leads_on:
        return wanted(session, task) is not None
    spec = workflows.phase(session, task.workflow_id, task.phase_id).spec
    return bool(spec.get("leads_to")) or wanted(session, task) is not None
