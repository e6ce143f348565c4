"""What people have deleted goes: rows, then files of this host, then branches; a bounded pass."""

import logging
from functools import partial

from hephaestus_core.contract.errors import RepositoryError
from hephaestus_core.db.isolated import for_each
from hephaestus_core.lifecycle import deleted_places
from hephaestus_core.lifecycle.deleted_places import BranchesToDelete, FilesToDelete
from hephaestus_core.lifecycle.deleted_rows import delete_rows
from hephaestus_core.logging import log_event
from hephaestus_worker.git.merging.branches import drop_deleted
from hephaestus_worker.host.machine import Machine
from hephaestus_worker.host.repositories import mirror_of
from hephaestus_worker.terminal.private_files import delete

logger = logging.getLogger(__name__)

#: Transactions of one pass; the next one goes on.
_BATCHES = 400
#: Workflows whose files and branches one pass deletes.
_WORKFLOWS = 5


def delete_workflows(machine: Machine) -> None:
    """Delete what is due here. A pass that is killed is gone on with by the next one."""
    with machine.busy.try_acquire("deleting") as mine:
        if not mine:
            return
        delete_rows(machine.db, batches=_BATCHES)
        files = deleted_places.files_to_delete(machine.db, machine.name, most=_WORKFLOWS)
        for_each(partial(_delete_files, machine), files, work="deleting.files")
        branches = deleted_places.branches_to_delete(machine.db, machine.name, most=_WORKFLOWS)
        for_each(partial(_delete_branches, machine), branches, work="deleting.branches")


def _delete_files(machine: Machine, files: FilesToDelete) -> None:
    for agent_id in files.agent_ids:
        for folder in (machine.folders.agent(agent_id), machine.folders.set_aside(agent_id)):
            if folder.exists():
                delete(folder)
    deleted_places.record_files_gone(machine.db, machine.name, files.workflow_id)


def _delete_branches(machine: Machine, work: BranchesToDelete) -> None:
    try:
        kept = drop_deleted(
            mirror_of(machine, work.repository),
            work.branches,
            work.integration_branch,
            unmerged=work.drops_unmerged,
        )
    except RepositoryError as error:
        log_event(logger, "branches_left", reason=error.message, workflow_id=work.workflow_id)
        deleted_places.record_branches_fault(machine.db, work.workflow_id, error.message)
        return
    deleted_places.record_branches_gone(machine.db, work.workflow_id, kept=kept)
