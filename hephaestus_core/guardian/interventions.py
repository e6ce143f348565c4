"""Intervention rows; every function joins the open transaction."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import InterventionAction, InterventionEffect
from hephaestus_core.contract.texts import plain
from hephaestus_core.db.engine import database_now
from hephaestus_core.guardian.ladder import Past
from hephaestus_core.guardian.models import Intervention
from hephaestus_core.guardian.steering import GUARDIAN
from hephaestus_core.guardian.views import InterventionView, view
from hephaestus_core.messages import service as messages
from hephaestus_core.messages.mailbox import delivery_times

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent

_MOST_LINES: Final = 12
_LONGEST_LINE: Final = 300
#: Acts at one task that are looked at, the newest.
_MOST: Final = 200


def add(
    session: Session,
    agent: "Agent",
    action: InterventionAction,
    *,
    cause: str,
    key: str,
    evidence: Iterable[str] = (),
    text: str | None = None,
    message: bool = True,
) -> Intervention:
    """Record an act on a locked agent, and send the message that goes with it.

    An earlier act for the same cause, whose effect is not known yet, has had none.

    Args:
        text: the message to the agent, or the question to a person.
        message: whether ``text`` is sent to the agent.
    """
    for earlier in open_of(session, agent):
        if earlier.cause == cause:
            set_effect(session, agent, earlier, InterventionEffect.NONE)
    session.flush()
    sent = None
    if text is not None and message:
        sent = messages.add(session, agent.id, text, sender=GUARDIAN, attempt_only=True)
    row = Intervention(
        workflow_id=agent.workflow_id,
        task_id=agent.task_id,
        agent_id=agent.id,
        attempt=agent.attempt,
        cause=cause,
        key=key,
        evidence=[plain(line[:_LONGEST_LINE]) for line in evidence][:_MOST_LINES],
        action=action,
        text=text,
        message_id=sent.id if sent else None,
    )
    session.add(row)
    session.flush()
    agents.tell(
        session,
        agent,
        EventType.AGENT_INTERVENED,
        intervention_id=row.id,
        action=action,
        cause=cause,
        evidence=row.evidence,
    )
    return row


def get(session: Session, intervention_id: UUID, *, lock: bool = False) -> Intervention:
    """Return the act; lock its task and its agent before it.

    Raises:
        NotFound: there is none with this id.
    """
    query = select(Intervention).where(Intervention.id == intervention_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NotFound(
            f"No intervention {intervention_id}; list the interventions to see their ids."
        )
    return found


def shown(session: Session, row: Intervention) -> InterventionView:
    """Return the act as readers see it."""
    ids = [row.message_id] if row.message_id else []
    return view(row, next(iter(delivery_times(session, ids).values()), None))


def is_overruled(session: Session, agent: "Agent", cause: str) -> bool:
    """Say whether a person has taken back what was done to an agent for a cause."""
    query = select(Intervention.id).where(
        Intervention.agent_id == agent.id,
        Intervention.cause == cause,
        Intervention.undone_at.is_not(None),
    )
    return session.scalar(query.limit(1)) is not None


def last_good_commit(
    session: Session, agent: "Agent", earlier: Sequence[Intervention]
) -> str | None:
    """Return the commit from which the attempt began in which the trouble of a task did."""
    after = 0
    for number, row in enumerate(earlier, start=1):
        if row.effect == InterventionEffect.HEADWAY or row.action == InterventionAction.PARK:
            after = number
    first = min([row.attempt for row in earlier[after:]], default=agent.attempt)
    return agents.base_of(session, agent.task_id, first)


def set_effect(
    session: Session, agent: "Agent", row: Intervention, effect: InterventionEffect
) -> None:
    """Record the effect of an act on a locked agent; one that is known stands."""
    if row.effect is not None:
        return
    row.effect, row.followed_up_at = effect, database_now(session)
    agents.tell(
        session,
        agent,
        EventType.AGENT_INTERVENTION_FOLLOWED,
        intervention_id=row.id,
        action=row.action,
        cause=row.cause,
        effect=effect,
    )


def open_of(session: Session, agent: "Agent") -> list[Intervention]:
    """Return the acts on an agent whose effect is not known yet."""
    query = select(Intervention).where(
        Intervention.agent_id == agent.id, Intervention.effect.is_(None)
    )
    return list(session.scalars(query.order_by(Intervention.sent_at).with_for_update()))


def with_open(session: Session, agent_ids: Collection[UUID], cause: str) -> set[UUID]:
    """Return the agents with an act for a cause whose effect is not known yet; locks nothing."""
    query = select(Intervention.agent_id).where(
        Intervention.agent_id.in_(agent_ids),
        Intervention.cause == cause,
        Intervention.effect.is_(None),
    )
    return set(session.scalars(query.distinct()))


def agents_with_open(session: Session, host: str) -> "list[Agent]":
    """Return the agents of a host with acts whose effect is not known yet."""
    query = select(Intervention.agent_id).where(Intervention.effect.is_(None)).distinct()
    return agents.of_host(session, host, set(session.scalars(query)))


def is_fine(agent: "Agent", now: datetime) -> bool:
    """Say whether a person has called the agent fine for now."""
    return agent.fine_until is not None and agent.fine_until > now


def is_known(session: Session, agent_id: UUID, cause: str, key: str) -> bool:
    """Say whether an agent was acted on for a cause before."""
    query = select(Intervention.id).where(
        Intervention.agent_id == agent_id, Intervention.cause == cause, Intervention.key == key
    )
    return session.scalar(query.limit(1)) is not None


def of_task(session: Session, task_id: UUID) -> list[Intervention]:
    """Return the newest acts at a task, oldest first; those that people took back are left out."""
    query = select(Intervention).where(
        Intervention.task_id == task_id, Intervention.undone_at.is_(None)
    )
    newest = query.order_by(Intervention.sent_at.desc(), Intervention.id.desc()).limit(_MOST)
    return list(session.scalars(newest))[::-1]


def past(session: Session, rows: Sequence[Intervention]) -> list[Past]:
    """Return acts as the ladder sees them."""
    delivered = delivery_times(session, [row.message_id for row in rows if row.message_id])
    return [
        Past(
            attempt=row.attempt,
            cause=row.cause,
            action=row.action,
            sent_at=row.sent_at,
            effect=row.effect,
            delivered_at=delivered.get(row.message_id) if row.message_id else None,
        )
        for row in rows
    ]
