"""The pass that makes this host agree with the database; it finds what a lost bell missed."""

import logging
import time
from collections.abc import Callable, Container
from functools import partial
from typing import Final
from uuid import UUID

from hephaestus_core.agents import claims, hosting
from hephaestus_core.agents.rules import next_step
from hephaestus_core.agents.views import HostAgent
from hephaestus_core.bells import Bell, CeleryTaskName, host_queue, start_bell
from hephaestus_core.contract.home import agent_of_session
from hephaestus_core.db.isolated import for_each
from hephaestus_core.logging import log_event
from hephaestus_core.tasks.going_on import go_on
from hephaestus_worker.agents.finishing import agents_without_worktree
from hephaestus_worker.agents.logins import keep_logins
from hephaestus_worker.agents.mail import ring_recipients
from hephaestus_worker.agents.outputs import share_outputs
from hephaestus_worker.agents.result_files import keep_result_files
from hephaestus_worker.agents.sessions import Sessions, look, session_of
from hephaestus_worker.host.machine import Machine, pause_of
from hephaestus_worker.host.room import has_room
from hephaestus_worker.orphans.sessions import end_recorded_session, record_session
from hephaestus_worker.passes.integrating import integrate
from hephaestus_worker.passes.reviewing import tend_reviews

logger = logging.getLogger(__name__)

#: Seconds for which a session must have been unknown before it is ended.
_CONFIRM_SECONDS = 15.0

_CELERY_TASK = {
    "start": CeleryTaskName.START_AGENT,
    "finish": CeleryTaskName.FINISH_AGENT,
    "abandon": CeleryTaskName.FINISH_AGENT,
    "checkpoint": CeleryTaskName.CHECKPOINT_AGENT,
}


def reconcile(machine: Machine) -> None:
    """Look at everything once and start what is due; one pass at a time.

    All bells that arrive during a pass are answered by one more pass.
    """
    while not machine.stopping.is_set():
        with machine.busy.try_acquire("reconcile", again=True) as mine:
            if not mine:
                return
            machine.busy.take_refused("reconcile")
            for_each(lambda step: step(machine), _STEPS, work="reconcile")
        if not machine.busy.take_refused("reconcile"):
            return


def _tend_agents(machine: Machine) -> None:
    # Rows before sessions: the session of an agent that the rows show working exists by then.
    agents = hosting.agents_of(machine.db, machine.name)
    sessions = look(machine)
    homeless = agents_without_worktree(machine)
    for_each(partial(_tend, machine, sessions, homeless), agents, work="reconcile.agent")
    if sessions is not None:
        _end_strangers(machine, sessions, {str(agent.id) for agent in agents})


def _tend(
    machine: Machine, sessions: Sessions | None, homeless: Container[UUID], agent: HostAgent
) -> None:
    step = next_step(agent, session_of(agent.id, sessions))
    if agent.id in homeless and step != "start":
        step = "finish"
    if step in {"finish", "abandon"} and machine.long_work.stop(agent.id):
        return  # its own end rings once more
    name = _CELERY_TASK.get(step)
    if name is None or machine.busy.held(f"agent {agent.id}"):
        return
    if machine.pauses.over(pause_of(name, agent.id)):
        machine.send(Bell(name, host_queue(machine.name), (str(agent.id),)))


def _claim(machine: Machine) -> None:
    """Claim until there is no slot or no task left; nothing while disk or memory is short."""
    if not has_room(machine):
        return
    settings = machine.settings
    defaults = claims.Defaults(settings.default_cli_tool, settings.cli_model, settings.cli_fallback)
    while not machine.stopping.is_set():
        agent = claims.claim_next(
            machine.db,
            machine.name,
            most_in_system=settings.max_concurrent_agents,
            lease_seconds=settings.lease_seconds,
            defaults=defaults,
        )
        if agent is None:
            return
        machine.send(start_bell(machine.name, agent.id))


def _end_strangers(machine: Machine, sessions: Sessions, known: set[str]) -> None:
    """End sessions in the name of an agent that have belonged to none here for a while."""
    now = time.monotonic()
    strangers = set(filter(None, map(agent_of_session, sessions))) - known
    for agent_id in list(machine.suspects):
        if agent_id not in strangers:
            del machine.suspects[agent_id]
    for agent_id in strangers:
        if agent_id not in machine.suspects:
            record_session(machine, agent_id)
        since = machine.suspects.setdefault(agent_id, now)
        if now - since >= _CONFIRM_SECONDS:
            log_event(logger, "stranger_ended", agent_id=agent_id)
            end_recorded_session(machine, agent_id)


_STEPS: Final[tuple[Callable[[Machine], None], ...]] = (
    lambda machine: go_on(machine.db),
    _tend_agents,
    _claim,
    tend_reviews,
    ring_recipients,
    share_outputs,
    keep_result_files,
    keep_logins,
    integrate,
)
