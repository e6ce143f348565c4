"""Why no host claims what is queued: the limits of a claim, as a pure rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hephaestus_core.conditions.sentences import at, counted, sentence
from hephaestus_core.conditions.views import Facts, HostFacts, Waiting
from hephaestus_core.contract.conditions import Cause

#: What a person has to see to comes before what passes by itself.
_ORDER: Final = (
    Cause.NO_HOST,
    Cause.NO_LABEL,
    Cause.NO_PROGRAM,
    Cause.LIMIT,
    Cause.QUOTA,
    Cause.RETRY,
)
#: Characters of a fault's reason; `hephaestus hosts` shows it whole.
_LONGEST_REASON: Final = 200


@dataclass(frozen=True)
class Hindrance:
    """What keeps queued tasks from being claimed."""

    cause: Cause
    reason: str
    until: datetime | None = None


def hindrance(facts: Facts, hosts: Sequence[HostFacts], now: datetime) -> Hindrance | None:
    """Say what keeps all of the queued tasks from being claimed; None if one of them can be."""
    found = [hindrance_of(group, facts.repository, hosts, now) for group in facts.waiting]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    return min(known, key=_need)


def hindrance_of(
    group: Waiting, repository: str, hosts: Sequence[HostFacts], now: datetime
) -> Hindrance | None:
    """Say what keeps tasks that need the same from being claimed; None if nothing does."""
    return _of_one(group, _Look(repository, hosts, now))


@dataclass(frozen=True)
class _Look:
    """All hosts at one moment, as tasks on one repository see them."""

    repository: str
    hosts: Sequence[HostFacts]
    now: datetime


def _need(hindrance: Hindrance) -> tuple[int, float]:
    until = 0.0 if hindrance.until is None else hindrance.until.timestamp()
    return _ORDER.index(hindrance.cause), until


def _of_one(group: Waiting, look: _Look) -> Hindrance | None:
    if group.due_at is not None and group.due_at > look.now:
        return _put_off(group, group.due_at, look.now)
    up = [host for host in look.hosts if host.takes_agents(look.repository)]
    if not up:
        return _no_host(look)
    labelled = [host for host in up if group.labels <= host.labels]
    if not labelled:
        labels = ", ".join(sorted(group.labels))
        plural = "s"[: len(group.labels) - 1]
        text = f"{counted(group.tasks, 'task')} queued, and no host that is up has the label"
        having = [_absence(host, look) for host in look.hosts if group.labels <= host.labels]
        return Hindrance(Cause.NO_LABEL, sentence(f"{text}{plural} {labels}", ", ".join(having)))
    able = [host for host in labelled if _has_program(host, group, look.hosts)]
    if not able:
        text = f"{counted(group.tasks, 'task')} queued, and no host that is up has {group.program}"
        return Hindrance(Cause.NO_PROGRAM, sentence(text, _who_has(group, look)))
    return _full(able, look.hosts)


def _put_off(group: Waiting, due_at: datetime, now: datetime) -> Hindrance:
    when = at(due_at, now)
    if group.quota:
        return Hindrance(Cause.QUOTA, sentence(f"quota until {when}", group.failure), due_at)
    return Hindrance(Cause.RETRY, sentence(f"next attempt at {when}", group.failure), due_at)


def _no_host(look: _Look) -> Hindrance:
    if not look.hosts:
        return Hindrance(Cause.NO_HOST, "No host has registered; start a worker.")
    absent = ", ".join(_absence(host, look) for host in look.hosts)
    return Hindrance(
        Cause.NO_HOST, sentence(f"no host takes agents: {absent}"), min(_tries(look), default=None)
    )


def _tries(look: _Look) -> Iterator[datetime]:
    """Yield when each host that is alive but unwell tries a start again."""
    for host in look.hosts:
        fault = host.fault(look.repository)
        if host.alive and not host.draining and fault and fault.next_try_at:
            yield fault.next_try_at


def _absence(host: HostFacts, look: _Look) -> str:
    if not host.alive:
        return f"{host.name} was last seen at {at(host.last_seen_at, look.now)}"
    fault = host.fault(look.repository)
    if host.draining or fault is None:
        return f"{host.name} is draining"
    again = f", tries again at {at(fault.next_try_at, look.now)}" if fault.next_try_at else ""
    return f"{host.name} is unwell{again} ({fault.reason[:_LONGEST_REASON].rstrip('.')})"


def _has_program(host: HostFacts, group: Waiting, hosts: Sequence[HostFacts]) -> bool:
    """Say whether the host may claim it: it has the program, or nobody of late has had it."""
    if group.program is None or group.program in host.programs:
        return True
    return not any(_had(other, group) for other in hosts)


def _had(host: HostFacts, group: Waiting) -> bool:
    return host.recent and group.program in host.programs and group.labels <= host.labels


def _who_has(group: Waiting, look: _Look) -> str:
    return ", ".join(_absence(host, look) for host in look.hosts if _had(host, group))


def _full(able: Sequence[HostFacts], hosts: Sequence[HostFacts]) -> Hindrance | None:
    """Return the limit that is reached on every host that could take the task."""
    alive = sum(host.agents for host in hosts)
    with_slots = [host for host in able if host.agents < host.slots]
    if any(host.most_in_system is None or alive < host.most_in_system for host in with_slots):
        return None
    if with_slots:
        most = max(host.most_in_system or 0 for host in with_slots)
        return Hindrance(Cause.LIMIT, f"The system has {alive} agents of at most {most}.")
    taken = ", ".join(f"{host.name} {host.agents} of {host.slots}" for host in able)
    return Hindrance(Cause.LIMIT, sentence(f"all slots are taken: {taken}"))
