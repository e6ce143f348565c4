"""The Guardian acts on agents that do not get on: one transaction each."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.watches import watches_of
from hephaestus_core.contract.errors import StaleAttempt
from hephaestus_core.contract.statuses import (
    AgentStatus,
    InterventionAction,
    InterventionEffect,
    TaskStatus,
)
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.guardian import interventions
from hephaestus_core.guardian.ladder import ENDING, Attempt, Bounds, found_effect, next_action
from hephaestus_core.guardian.observation import Verdict
from hephaestus_core.guardian.steering import words

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task

_ACTED_ON = frozenset({AgentStatus.WORKING, AgentStatus.IDLE})


def act_on(
    db: Database, agent_id: UUID, verdict: Verdict | None, *, bounds: Bounds
) -> InterventionAction | None:
    """Follow up what was done to an agent, and do what its verdict asks for next.

    Sweeps that run at once act once, since the agent is locked and an act without a known effect
    is the last one. Returns the act; None: there was none.

    Args:
        verdict: by the rules at the newest look; None: they could not judge.
    """
    with db.transaction() as session:
        found = _acted_on(session, agent_id)
        if found is None:
            return None
        _, agent = found
        attempt = _attempt(session, agent)
        _follow_up(session, agent, verdict, attempt, bounds)
        if verdict is None or _is_fine(session, agent):
            return None
        earlier = interventions.past(session, interventions.of_task(session, agent.task_id))
        action = next_action(verdict, earlier, attempt, bounds)
        if action is None or action in ENDING:
            return None
        key = verdict.rule
        interventions.add(
            session,
            agent,
            action,
            cause=verdict.label,
            key=key,
            evidence=verdict.evidence,
            text=words(action, verdict.label, key),
        )
        return action


def followed_up(db: Database, host: str) -> set[UUID]:
    """Return the agents of a host with acts whose effect is not known yet.

    The acts on agents that have ended are followed up at once.
    """
    with db.transaction() as session:
        found = interventions.agents_with_open(session, host)
        for agent in found:
            if agent.ended_at is not None:
                _follow_up_ended(session, agent)
        return {agent.id for agent in found if agent.ended_at is None}


def steer(
    db: Database,
    agent_id: UUID,
    text: str,
    *,
    cause: str,
    key: str,
    evidence: Iterable[str] = (),
) -> bool:
    """Send an agent a message of the Guardian, once in its attempt for each cause and key.

    Returns False, and does nothing, if it was steered for that before, is fine in a person's eyes,
    has reported its task, or has ended.

    Args:
        cause: the label of the verdict, such as ``drifting``.
        key: tells causes with the same label apart.
        evidence: lines on which the verdict is based; they are shown to people only.

    Raises:
        InvalidInput: the text is empty or too long.
    """
    with db.transaction() as session:
        found = _acted_on(session, agent_id)
        if found is None or _is_fine(session, found[1]):
            return False
        if interventions.is_known(session, agent_id, cause, key):
            return False
        interventions.add(
            session,
            found[1],
            InterventionAction.STEER,
            cause=cause,
            key=key,
            evidence=evidence,
            text=text,
        )
        return True


def record_effect(db: Database, agent_id: UUID, *, cause: str, effect: InterventionEffect) -> int:
    """Record the effect of what was done to an agent for a cause; returns of how many acts."""
    with db.transaction() as session:
        found = _acted_on(session, agent_id)
        if found is None:
            return 0
        mine = [r for r in interventions.open_of(session, found[1]) if r.cause == cause]
        for row in mine:
            interventions.set_effect(session, found[1], row, effect)
        return len(mine)


def _acted_on(session: Session, agent_id: UUID) -> "tuple[Task, Agent] | None":
    """Return an agent and its task, both locked, if it is at work on it."""
    try:
        task, agent = agents.lock_current(session, agent_id)
    except StaleAttempt:
        return None
    at_work = agent.status in _ACTED_ON and task.status != TaskStatus.UNDER_REVIEW
    return (task, agent) if at_work else None


def _attempt(session: Session, agent: "Agent") -> Attempt:
    watch = watches_of(session, [agent.id]).get(agent.id)
    began = agent.running_at or agent.started_at
    return Attempt(
        number=agent.attempt,
        age=(database_now(session) - began).total_seconds(),
        programs_left=len(agent.programs[1:]),
        acted_at=watch.last_tool_at if watch else None,
    )


def _follow_up(
    session: Session, agent: "Agent", verdict: Verdict | None, attempt: Attempt, bounds: Bounds
) -> None:
    rows = interventions.open_of(session, agent)
    now = database_now(session)
    for row, one in zip(rows, interventions.past(session, rows), strict=True):
        effect = found_effect(one, verdict, attempt, bounds, now)
        if effect is not None:
            interventions.set_effect(session, agent, row, effect)


def _follow_up_ended(session: Session, agent: "Agent") -> None:
    well = agent.failure_class is None and agent.parked_for is None
    effect = InterventionEffect.HEADWAY if well else InterventionEffect.ENDED
    for row in interventions.open_of(session, agent):
        interventions.set_effect(session, agent, row, effect)


def _is_fine(session: Session, agent: "Agent") -> bool:
    """Whether a person has said that the agent is fine for now."""
    return agent.fine_until is not None and agent.fine_until > database_now(session)
