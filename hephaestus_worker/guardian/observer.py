"""Observes each live agent of this host for the Guardian."""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final
from uuid import UUID

from hephaestus_core.agents import hosting
from hephaestus_core.agents.views import HostAgent
from hephaestus_core.contract.errors import HephaestusError, NotFound
from hephaestus_core.contract.statuses import AgentStatus
from hephaestus_core.db.engine import AWAY
from hephaestus_core.db.isolated import for_each
from hephaestus_core.guardian import sweeping
from hephaestus_core.guardian.liveness import Observation
from hephaestus_core.guardian.observation import Act, Label
from hephaestus_core.guardian.service import record_observation
from hephaestus_core.guardian.usage import counts_of, usage_of
from hephaestus_core.guardian.watching import Glimpse
from hephaestus_core.hosts.rules import incomplete_sweep
from hephaestus_core.logging import log_event
from hephaestus_worker.agents.sessions import Sessions, look, session_of
from hephaestus_worker.guardian.acting import act_on_all, limits_of
from hephaestus_worker.guardian.sights import Shown, fails_again, glimpse, may_ask, read_ahead
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.side_by_side import each
from hephaestus_worker.host.sights import Sight

logger = logging.getLogger(__name__)

#: Agents that are looked at at once.
_AT_ONCE: Final = 8
#: Seconds for all looks of a sweep together.
_LOOK_SECONDS: Final = 45.0
#: Rules about agents that may wait at their prompt: what they wait for is not their report, or no
#: reminder lets them go on.
_NOT_REMINDED: Final = {"waits_for_its_own", "over_limits", "context_full"}
_WATCHED: Final = {AgentStatus.WORKING, AgentStatus.IDLE}


def observe_agents(machine: Machine) -> None:
    """Look at every live agent of this host; an agent that cannot be seen is left alone.

    One sweep at a time. A sweep that fails, or does not see all agents, raises an alarm.
    """
    with machine.busy.try_acquire("sweep") as mine:
        if not mine:
            return
        try:
            alarm = _sweep(machine)
        except AWAY:
            raise  # nothing can be recorded now; the sweep is late soon
        except Exception as error:
            reason = f"The sweep broke off with {type(error).__name__}; see the worker's log."
            sweeping.record_sweep(machine.db, machine.name, reason)
            raise
        sweeping.record_sweep(machine.db, machine.name, alarm)


def _sweep(machine: Machine) -> str | None:
    """Look at all agents; return why some were not seen, None if all were."""
    unreleased = hosting.agents_of(machine.db, machine.name)
    agents = [agent for agent in unreleased if not agent.ended and agent.status in _WATCHED]
    _forget(machine, {agent.id for agent in agents})
    if not agents:
        act_on_all(machine, agents, {})  # what was done to the last ones is followed up
        return None
    _note_usage(machine, agents)
    _note_counts(machine, agents)
    sessions = look(machine)
    if sessions is None:
        return incomplete_sweep(len(agents), len(agents), "tmux did not answer.")
    seen: dict[UUID, Glimpse] = {}
    reasons: list[str] = []
    shown = read_ahead(machine, agents, sessions)
    look_at = partial(_look, machine, sessions, shown, seen, reasons)
    late = each(look_at, agents, threads=_AT_ONCE, seconds=_LOOK_SECONDS)
    found = dict(seen)  # a look that is late does not change it any more
    sweeping.record_looks(machine.db, found)
    faults = for_each(partial(_record_news, machine, found), agents, work="guardian.record")
    faults += act_on_all(machine, agents, found)
    reasons += [f"Acting on an agent broke off with {type(each).__name__}." for each in faults]
    reason = (reasons or [f"It took more than {_LOOK_SECONDS:.0f} s."])[0]
    return incomplete_sweep(len(agents), len(reasons) + len(late), reason)


def _record_news(machine: Machine, found: Mapping[UUID, Glimpse], agent: HostAgent) -> None:
    if (one := found.get(agent.id)) is not None and _is_news(agent, one):
        _record(machine, agent, one)


def observe_one(machine: Machine, agent_id: UUID) -> None:
    """Look at one agent whose program has given a sign, and act if it alone suffices for that."""
    agent = hosting.agent_of(machine.db, machine.name, agent_id)
    if agent is None or agent.ended or agent.status not in _WATCHED:
        return
    sessions = look(machine)
    if sessions is None or session_of(agent_id, sessions) == "gone":
        return
    # Kept here, too: a sweep forgets agents that its rows do not show yet.
    sight = machine.sights.setdefault(agent_id, Sight())
    seen = glimpse(machine, agent, sessions)
    sweeping.record_looks(machine.db, {agent_id: seen})
    if seen.refused or seen.question:
        _record(machine, agent, seen)
    elif fails_again(sight) or _is_limited(seen):
        act_on_all(machine, [agent], {agent_id: seen})


def _is_limited(seen: Glimpse) -> bool:
    """Whether the agent is to be parked until its provider's limit ends."""
    found = seen.verdict
    return found is not None and (found.label, found.act) == (Label.LIMITED, Act.PARK)


def _note_usage(machine: Machine, agents: Iterable[HostAgent]) -> None:
    """Read what attempts have used, if that is limited."""
    if not limits_of(machine.settings).bound_attempts:
        return
    for agent_id, usage in usage_of(machine.db, [agent.id for agent in agents]).items():
        machine.sights.setdefault(agent_id, Sight()).usage = usage


def _note_counts(machine: Machine, agents: Iterable[HostAgent]) -> None:
    """Count the tasks that agents have created, and the messages that they were sent."""
    for agent_id, counts in counts_of(machine.db, {one.id: one.task_id for one in agents}).items():
        machine.sights.setdefault(agent_id, Sight()).counts = counts


def _record(machine: Machine, agent: HostAgent, seen: Glimpse) -> None:
    """Act on a look: a question goes to a person, everything else by its status."""
    if seen.question and not seen.refused:
        hours = machine.settings.question_hours
        sweeping.ask_person(machine.db, agent.id, seen.question, hours=hours)
        return
    if may_ask(seen.verdict) and not seen.refused:
        return  # the dialog is no failure of the program yet, and may be its agent's print
    left = seen.verdict is not None and seen.verdict.rule in _NOT_REMINDED
    observation = Observation(seen.waiting and not left, seen.trouble, certain=seen.refused)
    record_observation(machine.db, agent.id, observation)


def _look(
    machine: Machine,
    sessions: Sessions,
    shown: Mapping[UUID, Shown],
    seen: dict[UUID, Glimpse],
    reasons: list[str],
    agent: HostAgent,
) -> None:
    """Look at one agent, and note it or the reason why it was not seen."""
    try:
        if session_of(agent.id, sessions) == "gone":
            seen[agent.id] = Glimpse(process="no")
        else:
            seen[agent.id] = glimpse(machine, agent, sessions, shown.get(agent.id))
    except NotFound:
        seen[agent.id] = Glimpse(process="no")
    except HephaestusError as error:
        log_event(logger, "agent_not_seen", agent_id=agent.id, reason=error.message)
        reasons.append(error.message)
    except Exception as error:
        logger.exception("agent_not_seen agent_id=%s", agent.id)
        reasons.append(f"Looking at an agent broke off with {type(error).__name__}.")


def _is_news(agent: HostAgent, seen: Glimpse) -> bool:
    """Whether the look may change anything: an agent at work that goes on is none."""
    at_work = seen.waiting is False or (seen.waiting is None and seen.trouble is None)
    acts = seen.refused or seen.question is not None
    return acts or not (at_work and agent.status == AgentStatus.WORKING)


def _forget(machine: Machine, live: set[UUID]) -> None:
    # A copy: looks that are brought forward add to it meanwhile.
    for agent_id in [known for known in list(machine.sights) if known not in live]:
        machine.sights.pop(agent_id, None)
