"""The pass that finds orphans of this host, moves them aside and later deletes them."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hephaestus_core.agents.claimed_names import claimed
from hephaestus_core.contract.errors import AgentProgramError, RepositoryError, Unavailable
from hephaestus_core.contract.statuses import OrphanKind, OrphanStatus
from hephaestus_core.hosts import orphans
from hephaestus_core.hosts.orphan_rules import (
    Place,
    Step,
    grace_of,
    next_step,
    retention_of,
    since_last_look,
)
from hephaestus_core.hosts.orphans import KnownOrphan
from hephaestus_core.logging import log_event
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.orphans import steps
from hephaestus_worker.orphans.looking import Seen, claims, look, size_of

logger = logging.getLogger(__name__)

_LOOKED: Final = "orphans"
_Key = tuple[OrphanKind, str]


@dataclass(frozen=True)
class _Case:
    """A thing as it was found, and its row."""

    kind: OrphanKind
    name: str
    seen: Seen | None
    known: KnownOrphan | None
    step: Step


def tend_orphans(machine: Machine) -> None:
    """Look at everything that bears a mark of this host, and take one step with each orphan."""
    with machine.busy.try_acquire("orphans") as mine:
        if mine:
            for case in _cases(machine):
                _take(machine, case)


def _cases(machine: Machine) -> list[_Case]:
    now = time.monotonic()
    # Disks before rows: a row is made before what it stands for. If the database is away, the
    # pass ends here, and nothing is an orphan.
    things = look(machine)
    is_claimed = claims(machine, claimed(machine.db))
    known = {(row.kind, row.name): row for row in orphans.known(machine.db, machine.name)}
    seconds = since_last_look(now, machine.looked_at.get(_LOOKED))
    machine.looked_at[_LOOKED] = now
    found = {(kind, name): seen for kind in things for name, seen in (things[kind] or {}).items()}
    unknown = {kind for kind in things if things[kind] is None}
    retention = retention_of(machine.settings.orphan_days)
    cases = list[_Case]()
    waiting = list[KnownOrphan]()
    for key in sorted({*found, *known}):
        row, seen = known.get(key), found.get(key)
        place: Place = "unknown" if key[0] in unknown else seen.where if seen else "gone"
        step = next_step(
            row.status if row else None,
            place,
            claimed=is_claimed(*key),
            waited=row.waited + seconds if row else 0.0,
            grace=grace_of(key[0], retention),
            retention=retention,
        )
        if row and step == "leave" and place != "unknown":
            waiting.append(row)
        cases.append(_Case(*key, seen, row, step))
    orphans.count_seconds(machine.db, [row.id for row in waiting], seconds)
    return cases


def _take(machine: Machine, case: _Case) -> None:
    row = case.known
    if case.step == "sight" and case.seen is not None:
        _sight(machine, case, case.seen)
    elif row is None or case.step == "leave":
        return
    elif case.step == "forget":
        orphans.forget(machine.db, row.id)
    else:
        _act(machine, case, row)


def _sight(machine: Machine, case: _Case, seen: Seen) -> None:
    path = seen.path
    size = size_of(Path(path)) if case.kind in {OrphanKind.WORKTREE, OrphanKind.MIRROR} else None
    log_event(logger, "orphan_found", kind=case.kind, name=case.name, place=path)
    orphans.record_found(machine.db, machine.name, case.kind, case.name, place=path, size=size)


def _act(machine: Machine, case: _Case, row: KnownOrphan) -> None:
    """Quarantine or remove it, then record that. What fails is told, and tried again."""
    try:
        if case.step == "remove":
            if row.status == OrphanStatus.QUARANTINED:
                steps.remove(machine, case.kind, case.name)
            orphans.record_removed(machine.db, row.id)
        # It may have been claimed since the look: a new attempt may use an old place.
        elif not claims(machine, claimed(machine.db))(case.kind, case.name):
            place = steps.quarantine(machine, case.kind, case.name)
            orphans.record_quarantined(machine.db, row.id, place=place)
    except (RepositoryError, AgentProgramError, Unavailable, OSError) as error:
        reason = str(error)
        log_event(logger, "orphan_left", level=logging.WARNING, name=case.name, reason=reason)
        orphans.record_obstacle(machine.db, row.id, reason)
        return
    log_event(logger, f"orphan_{case.step}", kind=case.kind, name=case.name)
