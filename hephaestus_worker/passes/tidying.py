"""Housekeeping of a host's disk: packs mirrors, deletes old logs."""

import logging
import time
from pathlib import Path

from hephaestus_core.agents import hosting
from hephaestus_core.contract import agent_files
from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.contract.home import PANE_LOG, HomeLayout
from hephaestus_core.db.isolated import for_each
from hephaestus_core.logging import log_event
from hephaestus_worker.agents.launch_files import OWN
from hephaestus_worker.git.objects import drafts
from hephaestus_worker.git.origins.mirror import pack
from hephaestus_worker.git.worktrees import worktrees
from hephaestus_worker.host import kept_setups
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.reviews import run_folders
from hephaestus_worker.terminal.private_files import delete

logger = logging.getLogger(__name__)

#: Days for which the logs of an agent are kept after its last output.
KEPT_DAYS = 30
_DAY_SECONDS = 86_400


def tidy(machine: Machine) -> None:
    """Pack every mirror; delete folders of agents that ended long ago.

    The trees of checks whose worker was killed go too, and unused results of set-ups.
    """
    for mirror in machine.folders.mirrors.glob("*.git"):
        try:
            pack(mirror)
        except RepositoryError as error:
            log_event(logger, "mirror_not_packed", mirror=mirror.name, reason=error.message)
        drafts.delete_left(mirror)
    worktrees.delete_left(machine.folders.worktrees)
    home = HomeLayout(machine.settings.home)
    run_folders.tidy(home.checks)
    kept_setups.tidy(home.setups, now=time.time())
    # Folders before rows: the row of an agent that has a folder exists by then.
    folders = list(machine.folders.agents.iterdir())
    live = {str(agent.id) for agent in hosting.agents_of(machine.db, machine.name)}
    ended = [folder for folder in folders if folder.name not in live]
    for_each(_delete_old, ended, work="tidying.agents")


def _delete_old(folder: Path) -> None:
    delete(folder if _is_old(folder, now=time.time()) else folder / OWN)


def _is_old(folder: Path, *, now: float) -> bool:
    written = agent_files.changed(folder, PANE_LOG) or folder.stat().st_mtime
    return now - written > KEPT_DAYS * _DAY_SECONDS
