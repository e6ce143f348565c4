"""Whether the Guardian of a running stack sees all agents, and whether a model judges them."""

from pathlib import Path

from hephaestus_core.contract.errors import HephaestusError
from hephaestus_core.contract.llm import CallKind, LlmOutcome
from hephaestus_core.settings.config import Settings
from hephaestus_core.settings.llm_settings import route_of
from hephaestus_sdk.api.connecting import running_stack
from hephaestus_sdk.api.host_views import Host
from hephaestus_sdk.client import HephaestusClient

_BY_RULES = "rules alone judge agents, since no model is configured (see docs/guardian.md)"
_WELL = "it sees all agents; rules and a model judge them"
#: Outcomes that are meant so.
_MEANT = {None, LlmOutcome.ANSWERED, LlmOutcome.NOT_CONFIGURED}
_SECONDS = 2.0


def found(settings: Settings, *, running: bool) -> tuple[bool, str]:
    """Return whether the Guardian is well, and a sentence; a stack that runs here is asked."""
    hosts = _hosts(settings.home) if running else []
    told = [f"{host.name}: {why}" for host in hosts if (why := _faults(host))]
    if told:
        return False, "; ".join(told)
    judged = settings.trajectory_calls_per_hour and route_of(settings, CallKind.TRAJECTORY)
    return True, _WELL if judged else _BY_RULES


def _faults(host: Host) -> str:
    judging = None if host.judge_outcome in _MEANT else host.judge_detail
    return " ".join(filter(None, (host.sweep_alarm, judging)))


def _hosts(home: Path) -> list[Host]:
    """Return the hosts of the stack; none if it does not answer, which other checks tell."""
    try:
        address = running_stack(home)
        with HephaestusClient(address.url, address.token, patience=_SECONDS) as client:
            return list(client.hosts())
    except HephaestusError:
        return []
