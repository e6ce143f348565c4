"""Looks up the lines that the saved work of this host's agents changes, for the Conductor."""

import logging
import time
from typing import Final

from hephaestus_core.conductor import touched_lines
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.logging import log_event
from hephaestus_worker.git.merging.touched import touched
from hephaestus_worker.git.origins.mirror import Mirror
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.repositories import mirror_of

logger = logging.getLogger(__name__)

#: Seconds of a sweep that may pass; what is left is looked up in the next one.
_SECONDS: Final = 0.4


def look_up_lines(machine: Machine) -> None:
    """Look up the changed lines of the agents whose saved work is another than before."""
    until = time.monotonic() + _SECONDS
    mirrors: dict[str, Mirror] = {}
    for one in touched_lines.stale(machine.db, machine.name):
        if time.monotonic() > until:
            return
        try:
            if one.repository not in mirrors:
                mirrors[one.repository] = mirror_of(machine, one.repository)
            files = touched(mirrors[one.repository], one.base, one.commit)
        except RepositoryError as error:
            log_event(logger, "lines_not_read", agent_id=one.agent_id, reason=error.message)
            continue
        touched_lines.record(machine.db, one.agent_id, one.commit, files)
