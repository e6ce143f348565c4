"""The Guardian acts on agents that do not get on: one transaction each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
from hephaestus_core.guardian.carrying_out import carry_out
from hephaestus_core.guardian.ladder import Attempt, Bounds, found_effect, next_action
from hephaestus_core.guardian.observation import Verdict
from hephaestus_core.guardian.steering import GUARDIAN
from hephaestus_core.messages import service as messages

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent
    from hephaestus_core.tasks.models import Task

#: Rules that find what no agent gets out of by itself.
_HELPLESS = frozenset({"key_refused", "limited", "context_full"})
_ACTED_ON = frozenset({AgentStatus.WORKING, AgentStatus.IDLE})


@dataclass(frozen=True)
class Done:
    """An act that was taken."""

    id: UUID
    action: InterventionAction


def act_on(
    db: Database,
    agent_id: UUID,
    verdict: Verdict | None,
    *,
    bounds: Bounds,
    question_hours: float = 24.0,
    interruptible: bool = True,
) -> Done | None:
    """Follow up what was done to an agent, and do what its verdict asks for next.

    Sweeps that run at once act once, since the agent is locked and an act without a known effect
    is the last one. Returns the act; None: there was none. After an interruption by the host,
    :func:`record_interrupted` sends the message about it.

    Args:
        verdict: by the rules at the newest look; None: they could not judge.
        question_hours: until a question to a person expires.
        interruptible: its program's turn can be ended by keys.
    """
    with db.transaction() as session:
        found = _acted_on(session, agent_id)
        if found is None:
            return None
        task, agent = found
        attempt = replace(_attempt(session, agent), interruptible=interruptible)
        _follow_up(session, agent, verdict, attempt, bounds)
        if verdict is None or _is_left_alone(session, agent, verdict):
            return None
        rows = interventions.of_task(session, agent.task_id)
        action = next_action(verdict, interventions.past(session, rows), attempt, bounds)
        if action is None:
            return None
        row = carry_out(session, task, agent, verdict, action, rows, hours=question_hours)
        return None if row is None else Done(row.id, action)


def record_interrupted(db: Database, intervention_id: UUID) -> None:
    """Record that the keys of an interruption were pressed, and say why to the agent."""
    with db.transaction() as session:
        row = interventions.get(session, intervention_id)
        found = _acted_on(session, row.agent_id)
        if found is None or row.text is None or row.message_id is not None:
            return
        sent = messages.add(session, row.agent_id, row.text, sender=GUARDIAN, attempt_only=True)
        row.message_id = sent.id


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
        if found is None or interventions.is_fine(found[1], database_now(session)):
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


def _is_left_alone(session: Session, agent: "Agent", verdict: Verdict) -> bool:
    """Whether a person has said that the agent is fine, or is so for this cause.

    What no agent gets out of by itself is acted on all the same.
    """
    if verdict.rule in _HELPLESS:
        return False
    if interventions.is_fine(agent, database_now(session)):
        return True
    return interventions.is_overruled(session, agent, verdict.label)
