"""Use cases of hosts, which look up the lines that their agents change."""

from collections.abc import Sequence
from uuid import UUID

from hephaestus_core.conductor import store
from hephaestus_core.conductor.store import Stale
from hephaestus_core.contract.touched import TouchedFile
from hephaestus_core.db.engine import Database


def stale(db: Database, host: str) -> list[Stale]:
    """Return the agents of a host whose saved work is another than the one last looked up."""
    with db.reading() as session:
        return store.stale(session, host)


def record(db: Database, agent_id: UUID, commit: str, files: Sequence[TouchedFile]) -> None:
    """Keep the lines that the saved work of an agent changes."""
    with db.transaction() as session:
        store.record_touched(session, agent_id, commit, files)
