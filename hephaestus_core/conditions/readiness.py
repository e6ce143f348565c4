"""Whether hosts can take the work of a launch now, as a pure rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hephaestus_core.conditions.views import HostFacts


@dataclass(frozen=True)
class Need:
    """What the tasks of some phases need of a host."""

    program: str
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ProgramReadiness:
    """The hosts that are up and can run a program: they have it, and a login for it."""

    need: Need
    hosts: tuple[str, ...]
    logged_out: tuple[str, ...]
    """Hosts that have it, and whose user has no login for it; tasks come to them all the same."""
    obstacle: str | None
    """Why there is neither."""


@dataclass(frozen=True)
class Readiness:
    """What hosts can take at one moment."""

    programs: tuple[ProgramReadiness, ...]
    slots: int
    """Of the hosts that can run one of the programs."""
    free: int
    """Of those, as far as the limit of the whole system lets them be used."""


def readiness(needs: Iterable[Need], hosts: Sequence[HostFacts], repository: str) -> Readiness:
    """Say which hosts can run what a launch needs.

    Args:
        needs: of its phases.
        hosts: all of them.
        repository: to be worked on, without a login; a fault may concern it alone.
    """
    up = [host for host in hosts if host.takes_agents(repository)]
    programs = tuple(_of_program(need, up, known=bool(hosts)) for need in dict.fromkeys(needs))
    named = {name for each in programs for name in (*each.hosts, *each.logged_out)}
    able = [host for host in up if host.name in named]
    alive = sum(host.agents for host in hosts)
    return Readiness(
        programs=programs,
        slots=sum(host.slots for host in able),
        free=sum(_free(host, alive) for host in able),
    )


def _of_program(need: Need, up: Sequence[HostFacts], *, known: bool) -> ProgramReadiness:
    labelled = [host for host in up if need.labels <= host.labels]
    having = [host for host in labelled if need.program in host.programs]
    able = tuple(host.name for host in having if need.program not in host.without_login)
    logged_out = tuple(host.name for host in having if need.program in host.without_login)
    obstacle = None if having else _obstacle(need, up, labelled, known=known)
    return ProgramReadiness(need, able, logged_out, obstacle)


def _obstacle(
    need: Need, up: Sequence[HostFacts], labelled: Sequence[HostFacts], *, known: bool
) -> str:
    if not known:
        return "no host has registered yet"
    if not up:
        return "no host takes agents now"
    if not labelled:
        return f"no host that is up has the label {', '.join(sorted(need.labels))}"
    return "installed on no host that is up"


def _free(host: HostFacts, alive: int) -> int:
    most = host.slots - host.agents
    if host.most_in_system is not None:
        most = min(most, host.most_in_system - alive)
    return max(most, 0)
