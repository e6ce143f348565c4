"""Files that a host does not commit: the agent is told, and people see where they are."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from hephaestus_core.agents import store as agents
from hephaestus_core.agents.states import ENDED
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.left_out import LeftOut, brief, in_words
from hephaestus_core.db.engine import Database
from hephaestus_core.messages import service as messages


def record_left_out(
    db: Database, agent_id: UUID, *, left_out: Sequence[LeftOut], folder: str
) -> None:
    """Record what of a live agent's new files is not saved; none: all is saved.

    The agent is told once of each file or folder, and so is whoever reads events.

    Args:
        folder: on the agent's host, where they are.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        agent = agents.lock(session, agent_id)
        if agent.status in ENDED:
            return
        named = brief(left_out)
        known = {each["path"] for each in agent.left_out}
        agent.left_out = [asdict(each) for each in named]
        agent.left_out_in = folder if named else None
        if all(each.path in known for each in named):
            return
        words = in_words(named)
        reason = f"not saved: {words}"
        agents.tell(
            session,
            agent,
            EventType.AGENT_FILES_LEFT_OUT,
            host=agent.host,
            path=folder,
            reason=reason,
        )
        messages.add(session, agent.id, _advice(named), sender="Hephaestus")


def record_set_aside(
    db: Database, agent_id: UUID, *, left_out: Sequence[LeftOut], folder: str
) -> None:
    """Record where an ending agent's files that were not saved are put; a second time is nothing.

    Without any, what was recorded before is no more: all is saved.

    Args:
        folder: on the agent's host; they stay there until a person deletes them.

    Raises:
        NotFound: there is no such agent.
    """
    with db.transaction() as session:
        agent = agents.lock(session, agent_id)
        if agent.left_out_in == folder:
            return
        named = brief(left_out)
        agent.left_out = [asdict(each) for each in named]
        agent.left_out_in = folder if named else None
        if not named:
            return
        reason = f"kept on host '{agent.host}' in {folder}: {in_words(named)}"
        agents.tell(
            session,
            agent,
            EventType.AGENT_FILES_SET_ASIDE,
            host=agent.host,
            path=folder,
            reason=reason,
        )


def _advice(named: Sequence[LeftOut]) -> str:
    heavy = [each for each in named if not each.reason]
    refused = [each for each in named if each.reason]
    parts = []
    if heavy:
        parts.append(
            "These new files are not saved for you, because together they are too many or too "
            f"large: {in_words(heavy)}. Commit them yourself if they belong to the work; otherwise "
            "delete them or list them in .gitignore."
        )
    if refused:
        parts.append(
            f"These files are not saved, because git refuses them: {in_words(refused)}. Change "
            "them so that git accepts them, or delete them."
        )
    return " ".join(
        [*parts, "All your other work is saved. As they are, these files will not be merged."]
    )
