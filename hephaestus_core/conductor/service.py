"""Use cases of the Conductor: it looks at the agents of each workflow together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.conductor import store
from hephaestus_core.conductor.models import Coherence
from hephaestus_core.conductor.rules import LOW, Assessment, Finding, Member, assess, may_be_same
from hephaestus_core.conductor.views import CoherenceView, FindingView
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.policies import ConductorPolicy
from hephaestus_core.contract.statuses import FindingKind
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.duplicates.judge import Answer, judge
from hephaestus_core.duplicates.text import read
from hephaestus_core.events.log import emit
from hephaestus_core.intake.rulings import is_duplicate
from hephaestus_core.messages import service as messages
from hephaestus_core.settings.config import Settings
from hephaestus_core.workflows import store as workflows

#: Pairs of texts that are compared in one workflow.
_MOST_PAIRS: Final = 200
_NONE: Final = Assessment(1.0, ())


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """What follows from a look."""

    policy: ConductorPolicy
    confirm_seconds: float
    """A task is withdrawn only if a look as long before has found the same."""


def conduct_of(settings: Settings) -> Conduct:
    """Return what follows from a look by the settings: two sweeps have to agree."""
    return Conduct(
        policy=settings.conductor_policy, confirm_seconds=settings.monitoring_interval / 2
    )


def look(db: Database, conduct: Conduct) -> None:
    """Look at the agents of each workflow together, and do what the policy says."""
    with db.snapshot() as session:
        found = {id_: each for id_, each in store.members(session).items() if len(each) > 1}
        before = store.with_agents(session)
    for workflow_id in sorted({*found, *before}):
        _look_at(db, workflow_id, found.get(workflow_id, []), conduct)
    if before or found:
        with db.transaction() as session:
            store.forget_ended(session)


def _look_at(db: Database, workflow_id: UUID, members: list[Member], conduct: Conduct) -> None:
    same = _same(db, workflow_id, members)
    assessment = assess(members, same) if members else _NONE
    with db.transaction() as session:
        # Whoever looks at the same time waits, and sees of what the agents were told.
        workflows.lock(session, workflow_id)
        row, now = store.get(session, workflow_id), database_now(session)
        news = _news(row, assessment, now)
        values = _values(members, same, assessment, news, now)
        if conduct.policy != "observe":
            values["told"] = _tell(session, assessment, row.told if row else [])
        if row is not None and row.low_since and values["low_since"]:
            values["low_since"] = row.low_since
        store.put(session, workflow_id, values)
        _emit(session, workflow_id, row, assessment, len(members))
    if conduct.policy == "act":
        _withdraw(db, assessment, news, now - timedelta(seconds=conduct.confirm_seconds))


def _same(db: Database, workflow_id: UUID, members: list[Member]) -> list[tuple[UUID, UUID]]:
    """Return the pairs whose texts ask for the same; compared anew only if the tasks change."""
    pairs = may_be_same(members)[:_MOST_PAIRS]
    tasks = sorted(str(member.task_id) for member in members)
    with db.reading() as session:
        row = store.get(session, workflow_id)
        if row is not None and row.compared == tasks:
            known_same = {(UUID(each["one"]), UUID(each["other"])) for each in row.same}
            return [pair for pair in map(_tasks_of, pairs) if pair in known_same]
        wanted = {member.task_id for pair in pairs for member in pair}
        known = {id_: read(words) for id_, words in store.texts(session, list(wanted)).items()}
    return [
        _tasks_of(pair)
        for pair in pairs
        if judge(known[pair[0].task_id], known[pair[1].task_id]).answer is Answer.SAME
    ]


def _tasks_of(pair: tuple[Member, Member]) -> tuple[UUID, UUID]:
    return pair[0].task_id, pair[1].task_id


def _news(row: Coherence | None, found: Assessment, now: datetime) -> dict[str, float]:
    """Return since when each finding is known, in POSIX seconds."""
    known = {each["key"]: each["since"] for each in (row.findings if row else [])}
    return {finding.key: known.get(finding.key, now.timestamp()) for finding in found.findings}


def _values(
    members: Sequence[Member],
    same: Sequence[tuple[UUID, UUID]],
    found: Assessment,
    since: dict[str, float],
    now: datetime,
) -> dict[str, Any]:
    return {
        "coherence": found.coherence,
        "agents": len(members),
        "findings": [_row(each, since[each.key]) for each in found.findings],
        "compared": sorted(str(member.task_id) for member in members),
        "same": [{"one": str(one), "other": str(other)} for one, other in same],
        "told": [],
        "low_since": now if found.coherence < LOW else None,
        "looked_at": now,
    }


def _row(finding: Finding, since: float) -> dict[str, Any]:
    return {
        "key": finding.key,
        "since": since,
        "kind": finding.kind,
        "agent_ids": [str(member.agent_id) for member in finding.pair],
        "task_ids": [str(member.task_id) for member in finding.pair],
        "detail": finding.detail,
        "recommendation": finding.recommendation,
    }


def _tell(session: Session, found: Assessment, told: list[str]) -> list[str]:
    """Tell both agents of each new finding; returns the findings that were told."""
    for finding in found.findings:
        if finding.key not in told:
            one, other = finding.pair
            for agent, colleague in ((one, other), (other, one)):
                words = _message(finding, colleague)
                messages.add(
                    session, agent.agent_id, words, sender="the Conductor", attempt_only=True
                )
    return [finding.key for finding in found.findings]


def _message(finding: Finding, colleague: Member) -> str:
    who = f"Agent {colleague.agent_id} works at task {colleague.task_id} beside you."
    advice = (
        "Agree with it by `send_message` who changes them, so that the merge does not conflict."
        if finding.kind is FindingKind.CONTENTION
        else "Read that task with `get_task`, and agree with it by `send_message` who does what."
    )
    return f"{who} {finding.detail} {advice}"


def _emit(
    session: Session, workflow_id: UUID, row: Coherence | None, found: Assessment, agents: int
) -> None:
    before = {each["key"] for each in (row.findings if row else [])}
    if before != {finding.key for finding in found.findings}:
        told = [f"{each.kind}: {each.detail} {each.recommendation}" for each in found.findings]
        emit(
            session,
            EventType.COHERENCE_CHANGED,
            workflow_id=workflow_id,
            coherence=found.coherence,
            agents=agents,
            findings=told,
        )


def _withdraw(db: Database, found: Assessment, since: dict[str, float], until: datetime) -> None:
    """Withdraw the tasks of duplicates that were known before ``until``; their work is kept."""
    for finding in found.findings:
        stops = finding.stops
        if stops is None or since[finding.key] > until.timestamp():
            continue
        [stays] = [member for member in finding.pair if member is not stops]
        try:
            is_duplicate(
                db,
                stops.task_id,
                of=stays.task_id,
                reason="The Conductor found that another agent does the same work and is further.",
            )
        except HephaestusError:
            continue  # One of them has ended meanwhile, or comes after the other.


def coherence_of(db: Database, workflow_id: UUID, policy: str) -> CoherenceView:
    """Return how the agents of a workflow got along at the last look.

    Raises:
        NotFound: no such workflow.
    """
    with db.reading() as session:
        workflows.get(session, workflow_id)
        row = store.get(session, workflow_id)
    if row is None:
        return CoherenceView(
            workflow_id=workflow_id,
            policy=policy,
            coherence=1.0,
            agents=0,
            findings=[],
            looked_at=None,
        )
    return CoherenceView(
        workflow_id=workflow_id,
        policy=policy,
        coherence=row.coherence,
        agents=row.agents,
        findings=[_view(each) for each in row.findings],
        looked_at=row.looked_at,
    )


def _view(stored: dict[str, Any]) -> FindingView:
    return FindingView(
        kind=FindingKind(stored["kind"]),
        agent_ids=[UUID(each) for each in stored["agent_ids"]],
        task_ids=[UUID(each) for each in stored["task_ids"]],
        detail=stored["detail"],
        recommendation=stored["recommendation"],
    )
