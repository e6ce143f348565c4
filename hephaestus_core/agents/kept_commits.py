"""Commits of an ended agent that its branch does not hold: people see where they are."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from hephaestus_core.agents import store
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.kept_commits import KeptCommit, brief, in_words
from hephaestus_core.db.engine import Database


def record_kept(db: Database, agent_id: UUID, *, kept: Sequence[KeptCommit], path: str) -> None:
    """Record the commits that an agent's host keeps beside its branch. Safe to repeat.

    Args:
        path: the repository on its host that has them.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        agent = store.lock(session, agent_id)
        entries = [asdict(each) for each in brief(kept)]
        if entries == agent.kept_commits:
            return
        agent.kept_commits, agent.kept_in = entries, path
        store.tell(
            session,
            agent,
            EventType.AGENT_COMMITS_KEPT,
            host=agent.host,
            path=path,
            reason=in_words(brief(kept)),
        )
