"""The files that agents of this host hand in with results: read from their worktrees, and kept.

An agent may have put anything in the place of a file, so links, pipes and devices are refused.
"""

from typing import Final

from hephaestus_core.contract import agent_files
from hephaestus_core.results import files
from hephaestus_worker.host.machine import Machine

_NO_FILE: Final = (
    "is no regular file of your worktree; links, pipes, devices and files with a second name are "
    "refused. Copy its content to a file of its own."
)
_TOO_LARGE: Final = (
    f"is too large: the files of a result may have {files.MOST_BYTES // 2**20} MiB together. Hand "
    "in less, or commit it and name its path."
)


def keep_result_files(machine: Machine) -> None:
    """Read all files that this host is asked for."""
    while not machine.stopping.is_set():
        wanted = files.wanted_on(machine.db, machine.name)
        if wanted is None:
            return
        worktree = machine.folders.worktree(wanted.worktree_id)
        content = agent_files.read(worktree, wanted.path, most=wanted.left + 1)
        if content is None:
            files.refuse(machine.db, wanted.id, _NO_FILE)
        elif len(content) > wanted.left:
            files.refuse(machine.db, wanted.id, _TOO_LARGE)
        else:
            files.keep(machine.db, wanted.id, content)
