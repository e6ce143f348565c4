"""What live rows of all hosts claim of things on disks; a crossing into the table of workflows."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from hephaestus_core.db.engine import Database

_LIVE: Final = text("""
    SELECT id::text, coalesce(worktree_id, id)::text AS worktree, branch
    FROM agents WHERE released_at IS NULL
""")
#: A workflow needs its branches until its work is delivered and its last agent is gone.
_OPEN: Final = text("""
    SELECT w.repository, w.integration_branch,
           array(SELECT DISTINCT b.branch FROM agents b WHERE b.workflow_id = w.id) AS branches
    FROM workflows w
    WHERE w.status = 'active'
       OR w.delivery_status IN ('awaiting_approval', 'pending', 'held', 'conflict')
       OR EXISTS (SELECT FROM merges m WHERE m.workflow_id = w.id
                  AND m.status IN ('waiting', 'pending', 'conflict'))
       OR EXISTS (SELECT FROM agents a WHERE a.workflow_id = w.id AND a.released_at IS NULL)
""")


@dataclass(frozen=True)
class Claimed:
    """Names that rows claim, whatever host they are of."""

    agents: frozenset[str]
    """Ids of the agents that no host has released."""
    worktrees: frozenset[str]
    branches: frozenset[str]
    repositories: frozenset[str]


def claimed(db: Database) -> Claimed:
    """Return what live rows claim at one moment."""
    with db.snapshot() as session:
        live = session.execute(_LIVE).all()
        workflows = session.execute(_OPEN).all()
    branches = {row.branch for row in live} | {row.integration_branch for row in workflows}
    return Claimed(
        agents=frozenset(row.id for row in live),
        worktrees=frozenset(row.worktree for row in live),
        branches=frozenset(branches.union(*(row.branches for row in workflows))),
        repositories=frozenset(row.repository for row in workflows),
    )
