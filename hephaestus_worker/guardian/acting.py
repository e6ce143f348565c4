"""Acts on agents after a look at them."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from hephaestus_core.agents.views import HostAgent
from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.home import session_name
from hephaestus_core.contract.statuses import InterventionAction
from hephaestus_core.db.isolated import for_each
from hephaestus_core.guardian import acting
from hephaestus_core.guardian.ladder import Bounds, asks_for_an_act
from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.watching import Glimpse
from hephaestus_core.logging import log_event
from hephaestus_core.settings.config import Settings
from hephaestus_worker.host.machine import Machine

logger = logging.getLogger(__name__)

#: A hung agent is restarted after so many times the time after which it counts as hung.
_BEFORE_A_RESTART: Final = 3


def limits_of(settings: Settings) -> Limits:
    """Return the thresholds of the rules by the settings."""
    silence = settings.stuck_minutes * 60
    minutes = settings.attempt_minutes
    return replace(
        Limits(),
        silence=silence,
        silence_kill=_BEFORE_A_RESTART * silence,
        age=None if minutes is None else minutes * 60,
        turns=settings.attempt_turns,
        tokens=settings.attempt_tokens,
        cost=settings.attempt_dollars,
    )


def bounds_of(settings: Settings) -> Bounds:
    """Return the bounds of acts by the settings."""
    return Bounds(
        restarts=settings.restarts_per_task,
        interventions=settings.interventions_per_task,
        # The next sweep follows up; another one that comes too early does not.
        patience=settings.monitoring_interval / 2,
    )


def act_on_all(
    machine: Machine, agents: Iterable[HostAgent], seen: Mapping[UUID, Glimpse]
) -> list[Exception]:
    """Follow up what was done to agents, and act on those that do not get on; return the faults."""
    waiting = acting.followed_up(machine.db, machine.name)
    due = [
        (agent, found)
        for agent in agents
        if (found := seen.get(agent.id)) is not None
        and (agent.id in waiting or _asks_for_an_act(found))
    ]
    return for_each(lambda each: _act_on(machine, *each), due, work="guardian.act")


def _act_on(machine: Machine, agent: HostAgent, seen: Glimpse) -> None:
    keys = machine.program(agent.program).interrupt_keys
    done = acting.act_on(
        machine.db,
        agent.id,
        seen.verdict,
        bounds=bounds_of(machine.settings),
        question_hours=machine.settings.question_hours,
        interruptible=bool(keys),
    )
    if done is not None and done.action == InterventionAction.INTERRUPT:
        _interrupt(machine, agent, keys, done.id)


def _interrupt(
    machine: Machine, agent: HostAgent, keys: tuple[str, ...], intervention_id: UUID
) -> None:
    """Press the keys that end a turn; if they cannot be pressed, the next sweep goes further."""
    try:
        for key in keys:
            machine.tmux.send_keys(session_name(str(agent.id)), key)
    except HephaestusError as error:
        log_event(logger, "agent_not_interrupted", agent_id=agent.id, reason=error.message)
        return
    acting.record_interrupted(machine.db, intervention_id)


def _asks_for_an_act(glimpse: Glimpse) -> bool:
    return glimpse.verdict is not None and asks_for_an_act(glimpse.verdict)
