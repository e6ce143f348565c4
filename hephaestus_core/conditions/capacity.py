"""Why no host claims what is queued: the limits of a claim, as a pure rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hephaestus_core.conditions.sentences import at, counted, sentence
from hephaestus_core.conditions.views import HostFacts, Waiting
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


@dataclass(frozen=True)
class Hindrance:
    """What keeps queued tasks from being claimed."""

    cause: Cause
    reason: str
    until: datetime | None = None


def hindrance(
    waiting: Iterable[Waiting], hosts: Sequence[HostFacts], now: datetime
) -> Hindrance | None:
    """Say what keeps all of the queued tasks from being claimed; None if one of them can be."""
    found = [_of_one(group, hosts, now) for group in waiting]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return None
    return min(known, key=_need)


def _need(hindrance: Hindrance) -> tuple[int, float]:
    until = 0.0 if hindrance.until is None else hindrance.until.timestamp()
    return _ORDER.index(hindrance.cause), until


def _of_one(group: Waiting, hosts: Sequence[HostFacts], now: datetime) -> Hindrance | None:
    if group.due_at is not None and group.due_at > now:
        return _put_off(group, group.due_at, now)
    up = [host for host in hosts if host.takes_agents]
    if not up:
        return Hindrance(Cause.NO_HOST, _no_host(hosts, now))
    labelled = [host for host in up if group.labels <= host.labels]
    if not labelled:
        labels = ", ".join(sorted(group.labels))
        text = f"{counted(group.tasks, 'task')} queued, and no host that is up has the label"
        return Hindrance(Cause.NO_LABEL, sentence(f"{text}{'s'[: len(group.labels) - 1]} {labels}"))
    able = [host for host in labelled if _has_program(host, group, hosts)]
    if not able:
        text = f"{counted(group.tasks, 'task')} queued, and no host that is up has {group.program}"
        return Hindrance(Cause.NO_PROGRAM, sentence(text, _who_has(group, hosts, now)))
    return _full(able, hosts)


def _put_off(group: Waiting, due_at: datetime, now: datetime) -> Hindrance:
    when = at(due_at, now)
    if group.quota:
        return Hindrance(Cause.QUOTA, sentence(f"quota until {when}", group.failure), due_at)
    return Hindrance(Cause.RETRY, sentence(f"next attempt at {when}", group.failure), due_at)


def _no_host(hosts: Sequence[HostFacts], now: datetime) -> str:
    if not hosts:
        return "No host has registered; start a worker."
    return sentence(f"no host takes agents: {', '.join(_absence(host, now) for host in hosts)}")


def _absence(host: HostFacts, now: datetime) -> str:
    if host.alive:
        return f"{host.name} is draining"
    return f"{host.name} was last seen at {at(host.last_seen_at, now)}"


def _has_program(host: HostFacts, group: Waiting, hosts: Sequence[HostFacts]) -> bool:
    """Say whether the host may claim it: it has the program, or nobody of late has had it."""
    if group.program is None or group.program in host.programs:
        return True
    return not any(_had(other, group) for other in hosts)


def _had(host: HostFacts, group: Waiting) -> bool:
    return host.recent and group.program in host.programs and group.labels <= host.labels


def _who_has(group: Waiting, hosts: Sequence[HostFacts], now: datetime) -> str:
    return ", ".join(_absence(host, now) for host in hosts if _had(host, group))


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
