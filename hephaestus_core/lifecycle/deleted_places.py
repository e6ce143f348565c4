"""What a deleted workflow has left on hosts and in its repository, for the passes of hosts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update

from hephaestus_core.db.engine import Database
from hephaestus_core.lifecycle.models import Deletion, DeletionOnHost

#: For how long a repository that cannot be reached is tried.
_TRIED_FOR: Final = timedelta(days=1)


@dataclass(frozen=True)
class FilesToDelete:
    """The attempts of a deleted workflow whose files one host still has."""

    workflow_id: UUID
    agent_ids: list[UUID]


@dataclass(frozen=True)
class BranchesToDelete:
    """The branches of a deleted workflow."""

    workflow_id: UUID
    repository: str
    integration_branch: str
    branches: list[str]
    """Those of its attempts."""
    drops_unmerged: bool


def files_to_delete(db: Database, host: str, *, most: int) -> list[FilesToDelete]:
    """Return whose files this host is to delete: workflows whose rows are gone, oldest first."""
    query = (
        select(DeletionOnHost.workflow_id, DeletionOnHost.agent_ids)
        .join(Deletion, Deletion.workflow_id == DeletionOnHost.workflow_id)
        .where(
            DeletionOnHost.host == host,
            DeletionOnHost.files_gone_at.is_(None),
            Deletion.rows_gone_at.is_not(None),
        )
        .order_by(Deletion.asked_at)
        .limit(most)
    )
    with db.reading() as session:
        return [FilesToDelete(*row) for row in session.execute(query)]


def record_files_gone(db: Database, host: str, workflow_id: UUID) -> None:
    """Record that this host has no files of a deleted workflow any more."""
    own = DeletionOnHost.workflow_id == workflow_id, DeletionOnHost.host == host
    with db.transaction() as session:
        session.execute(update(DeletionOnHost).where(*own).values(files_gone_at=func.now()))


def branches_to_delete(db: Database, host: str, *, most: int) -> list[BranchesToDelete]:
    """Return whose branches are to go, of workflows that have worked on this host."""
    columns = (
        *(Deletion.workflow_id, Deletion.repository, Deletion.integration_branch),
        *(Deletion.branches, Deletion.drops_unmerged),
    )
    query = (
        select(*columns)
        .join(DeletionOnHost, DeletionOnHost.workflow_id == Deletion.workflow_id)
        .where(
            DeletionOnHost.host == host,
            Deletion.branches_gone_at.is_(None),
            Deletion.rows_gone_at.is_not(None),
        )
        .order_by(Deletion.asked_at)
        .limit(most)
    )
    with db.reading() as session:
        return [BranchesToDelete(*row) for row in session.execute(query)]


def record_branches_gone(db: Database, workflow_id: UUID, *, kept: list[str]) -> None:
    """Record that a host has deleted what may go; the first host's word stands."""
    still_open = Deletion.workflow_id == workflow_id, Deletion.branches_gone_at.is_(None)
    values = {"branches_gone_at": func.now(), "branches_kept": kept, "branches_fault": None}
    with db.transaction() as session:
        session.execute(update(Deletion).where(*still_open).values(values))


def record_branches_fault(db: Database, workflow_id: UUID, reason: str) -> None:
    """Record why the repository could not be tended; after a day its branches are left."""
    with db.transaction() as session:
        deletion = session.get_one(Deletion, workflow_id, with_for_update=True)
        if deletion.branches_gone_at is not None:
            return
        deletion.branches_fault = reason
        now = session.scalar(select(func.now()))
        if now is not None and now - deletion.asked_at > _TRIED_FOR:
            deletion.branches_gone_at = now
            deletion.branches_kept = [*deletion.branches, deletion.integration_branch]
