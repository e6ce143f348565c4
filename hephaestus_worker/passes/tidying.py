"""Housekeeping of a host's disk: packs mirrors, deletes old logs."""

import logging
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from hephaestus_core.agents import hosting
from hephaestus_core.changes import service as changes
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.home import PANE_LOG, HomeLayout
from hephaestus_core.logging import log_event
from hephaestus_worker.git.objects import drafts
from hephaestus_worker.git.origins.mirror import pack
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.passes.integrating import drop_spent
from hephaestus_worker.reviews import run_folders

logger = logging.getLogger(__name__)

#: Days for which the logs of an agent are kept after its last output.
KEPT_DAYS = 30
#: Days for which branches that a delivery had to leave are looked for once more.
_BRANCH_DAYS = 2
_DAY_SECONDS = 86_400
_DELETE_SECONDS = 60.0


def tidy(machine: Machine) -> None:
    """Pack every mirror; delete folders of agents that ended long ago, and spent branches.

    The trees of checks whose worker was killed go too.
    """
    for mirror in machine.folders.mirrors.glob("*.git"):
        try:
            pack(mirror)
        except RepositoryError as error:
            log_event(logger, "mirror_not_packed", mirror=mirror.name, reason=error.message)
        drafts.delete_left(mirror)
    worktrees.delete_left(machine.folders.worktrees)
    run_folders.tidy(HomeLayout(machine.settings.home).checks)
    live = {str(agent.id) for agent in hosting.agents_of(machine.db, machine.name)}
    for folder in machine.folders.agents.iterdir():
        if folder.name not in live and _is_old(folder, now=time.time()):
            _delete(folder)
    for work in changes.delivered_lately(machine.db, days=_BRANCH_DAYS):
        drop_spent(machine, work)


def _delete(folder: Path) -> None:
    """Delete an agent's folder. It may nest deeper than Python's own function can follow."""
    with suppress(subprocess.TimeoutExpired):  # the next pass goes on
        subprocess.run(["rm", "-rf", "--", str(folder)], check=False, timeout=_DELETE_SECONDS)


def _is_old(folder: Path, *, now: float) -> bool:
    written = agent_files.changed(folder, PANE_LOG) or folder.stat().st_mtime
    return now - written > KEPT_DAYS * _DAY_SECONDS
