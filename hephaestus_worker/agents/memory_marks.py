"""Which memories of an agent's prompt speak of files that have changed since."""

import logging
import time
from typing import Final
from uuid import UUID

from hephaestus_core.agents.views import LaunchPlan
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.logging import log_event
from hephaestus_worker.git.merging.changed_since import changed_since
from hephaestus_worker.git.origins.mirror import Mirror

logger = logging.getLogger(__name__)

#: Seconds for all memories of a prompt; a start does not wait longer for them.
_SECONDS: Final = 5.0


def changed_files(mirror: Mirror, plan: LaunchPlan, base: str) -> dict[UUID, list[str]]:
    """Return by memory the files that differ between its commit and the one to start from.

    Memories of which the mirror does not know the commit are left out, as are those that are not
    reached in time: whether their files have changed is unknown.
    """
    deadline = time.monotonic() + _SECONDS
    found: dict[UUID, list[str]] = {}
    for each in plan.learned:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            found[each.id] = changed_since(mirror, each.commit, base, each.files, timeout=left)
        except RepositoryError as error:
            log_event(logger, "memory_age_unknown", memory_id=each.id, reason=str(error))
    return found
