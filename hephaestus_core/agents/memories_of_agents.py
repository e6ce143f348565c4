"""Memories that agents save, find and rate: those of their workflow's repository alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store
from hephaestus_core.contract.errors import NotFound
from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import MemoryRating, checked_word
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.memory import store as memories
from hephaestus_core.memory.forgetting import Policy, forget_if_wrong
from hephaestus_core.memory.rules import MemoryView, checked
from hephaestus_core.memory.saving import Source, save
from hephaestus_core.memory.searching import Near, near_to, search
from hephaestus_core.vectors.service import Vectors
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent


@dataclass(frozen=True)
class Saved:
    """A memory after it was saved."""

    memory: MemoryView
    joined: bool
    """It says the same as one that was known before."""


def save_memory(
    db: Database,
    agent_id: UUID,
    type_: str,
    text: str,
    *,
    tags: Sequence[str] = (),
    files: Sequence[str] = (),
) -> Saved:
    """Save what the agent has learned; the same again changes nothing.

    Raises:
        StaleAttempt: the agent's attempt is over.
        InvalidInput: see :func:`checked`.
    """
    order = checked(type_, text, tags=tags, files=files)
    with db.transaction() as session:
        agent, repository = _reporting(session, agent_id)
        commit = agent.checkpoint_commit or agent.base_commit
        source = Source(
            repository,
            workflow_id=agent.workflow_id,
            task_id=agent.task_id,
            agent_id=agent.id,
            commit=commit,
        )
        memory, joined = save(session, order, source)
        session.flush()
        [view] = memories.views(session, [memory.id])
        return Saved(view, joined)


def find_memories(
    db: Database, agent_id: UUID, question: str, *, limit: int, vectors: Vectors | None = None
) -> list[MemoryView]:
    """Return the memories that answer a question, best first; they count as used by the agent.

    Raises:
        StaleAttempt: the agent's attempt is over.
        InvalidInput: the question is empty or too long.
    """
    asked = plain_text(question, "question", required=True)
    near = _near(db, agent_id, asked, vectors)
    with db.transaction() as session:
        agent, repository = _reporting(session, agent_id)
        now = database_now(session)
        found = search(session, repository, asked, now=now, limit=limit, near=near)
        memories.use(session, agent.id, [each.id for each in found])
        return found


def rate_memory(
    db: Database, agent_id: UUID, memory_id: UUID, rating: str, *, policy: Policy
) -> MemoryView:
    """Rate a memory; a later rating of the same agent replaces the earlier one.

    What enough rate wrong is forgotten at once.

    Raises:
        StaleAttempt: the agent's attempt is over.
        NotFound: the agent's repository has no such memory.
        InvalidInput: the rating is unknown.
    """
    judged = checked_word(MemoryRating, rating, "rating")
    with db.transaction() as session:
        agent, repository = _reporting(session, agent_id)
        if memories.reachable(session, memory_id, repository) is None:
            raise NotFound(
                f"No memory {memory_id}; find_memories and your prompt show the ids.",
                field="memory_id",
            )
        memory = memories.lock(session, memory_id)
        if memory is not None and memories.rate(session, agent.id, memory_id, judged):
            told = {"memory_id": str(memory_id), "rating": str(judged)}
            store.tell(session, agent, EventType.MEMORY_RATED, **told)
            [view] = memories.views(session, [memory_id])
            forget_if_wrong(session, memory, wrong=view.wrong, policy=policy)
        [view] = memories.views(session, [memory_id])
        return view


def _near(db: Database, agent_id: UUID, question: str, vectors: Vectors | None) -> Near:
    if vectors is None or not vectors.knows_meaning():
        return []  # most stacks: spare them the look-ups
    with db.reading() as session:
        workflow_id = store.get(session, agent_id).workflow_id
        repository = workflows.get(session, workflow_id).repository
    return near_to(vectors, repository, question)


def _reporting(session: Session, agent_id: UUID) -> "tuple[Agent, str]":
    """Return the locked agent, from which one hears now, and its workflow's repository."""
    _, agent = store.lock_current(session, agent_id)
    agent.last_report_at = database_now(session)
    return agent, workflows.get(session, agent.workflow_id).repository
