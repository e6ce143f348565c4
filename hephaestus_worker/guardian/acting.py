"""Acts on agents after a look at them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from hephaestus_core.guardian import acting
from hephaestus_core.guardian.ladder import HEALTHY, Bounds
from hephaestus_core.guardian.limits import Limits
from hephaestus_core.guardian.observation import Act
from hephaestus_core.guardian.watching import Glimpse
from hephaestus_core.settings.config import Settings
from hephaestus_worker.host.machine import Machine

#: A hung agent is restarted after so many times the time after which it counts as hung.
_BEFORE_A_RESTART: Final = 3


def limits_of(settings: Settings) -> Limits:
    """Return the thresholds of the rules by the settings."""
    silence = settings.stuck_minutes * 60
    return replace(Limits(), silence=silence, silence_kill=_BEFORE_A_RESTART * silence)


def bounds_of(settings: Settings) -> Bounds:
    """Return the bounds of acts by the settings."""
    return Bounds(
        restarts=settings.restarts_per_task,
        interventions=settings.interventions_per_task,
        # The next sweep follows up; another one that comes too early does not.
        patience=settings.monitoring_interval / 2,
    )


def act_on_all(machine: Machine, seen: Mapping[UUID, Glimpse]) -> None:
    """Follow up what was done to agents, and act on those that do not get on."""
    waiting = acting.followed_up(machine.db, machine.name)
    for agent_id, glimpse in seen.items():
        if agent_id in waiting or _asks_for_an_act(glimpse):
            acting.act_on(machine.db, agent_id, glimpse.verdict, bounds=bounds_of(machine.settings))


def _asks_for_an_act(glimpse: Glimpse) -> bool:
    verdict = glimpse.verdict
    return verdict is not None and verdict.act != Act.LEAVE and verdict.label not in HEALTHY
