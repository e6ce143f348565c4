"""Adding to the memories of a repository; joins the open transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import Forgotten
from hephaestus_core.db.engine import database_now
from hephaestus_core.duplicates.likeness import most_alike
from hephaestus_core.events.log import emit
from hephaestus_core.memory import searching, store
from hephaestus_core.memory.forgetting import restored
from hephaestus_core.memory.models import Memory
from hephaestus_core.memory.rules import (
    MOST_FILES,
    MOST_NAMES,
    MOST_TAGS,
    MOST_TEXTS,
    MemoryOrder,
    key_of,
    learned,
    names_in,
    parts_of_names,
)
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: Memories that a new one is compared with.
_COMPARED: Final = 10


@dataclass(frozen=True)
class Source:
    """Where something was learned."""

    repository: str
    is_global: bool = False
    """Agents in all repositories are told it."""
    workflow_id: UUID | None = None
    task_id: UUID | None = None
    agent_id: UUID | None = None
    commit: str | None = None
    origin_task_id: UUID | None = None
    origin_agent_id: UUID | None = None
    """What learned it, on the stack from which it is imported."""
    created_at: datetime | None = None
    """When it was learned there; None: now."""


def learn(session: Session, task: "Task", *, commit: str | None) -> None:
    """Turn the learnings of a task that is done into memories.

    Args:
        session: the open one, which has locked the task.
        task: whose status has become done.
        commit: that holds its work, if there is any.
    """
    if not task.key_learnings:
        return
    repository = workflows.get(session, task.workflow_id).repository
    source = Source(
        repository,
        workflow_id=task.workflow_id,
        task_id=task.id,
        agent_id=task.agent_id,
        commit=commit,
    )
    for order in learned(task.key_learnings):
        save(session, order, source)


def save(
    session: Session, order: MemoryOrder, source: Source, asked: searching.Question | None = None
) -> tuple[Memory, bool]:
    """Add a memory, or join it with the one that says the same; say whether it was joined.

    A repeated call changes nothing more.

    Args:
        session: the open one.
        order: the memory.
        source: where it was learned.
        asked: its text as :func:`searching.understood` returns it; None: it is read here.
    """
    store.lock_scope(session, source.repository)
    alike = _saying_the_same(session, order, source, asked)
    same = None if alike is None else store.lock(session, alike.id)
    if same is None:
        memory = _added(order, source, now=database_now(session))
        session.add(memory)
        session.flush()
        _tell(session, memory, order, source, joined=False)
        return memory, False
    if join(same, order):
        _tell(session, same, order, source, joined=True)
    same.saved_at = database_now(session)
    if same.forgotten_because == Forgotten.UNUSED:
        restored(session, same)
    return same, True


def join(memory: Memory, order: MemoryOrder) -> bool:
    """Keep one more text that says the same; say whether the memory did not have it."""
    if order.text == memory.text or order.text in memory.also:
        return False
    memory.also = [*memory.also, order.text][-MOST_TEXTS:]
    memory.tags = _union(memory.tags, order.tags, most=MOST_TAGS)
    memory.files = _union(memory.files, order.files, most=MOST_FILES)
    memory.names = _union(memory.names, names_in(order.text, order.files), most=MOST_NAMES)
    memory.more = _further_words(memory.text, memory.also, memory.files)
    return True


def _saying_the_same(
    session: Session, order: MemoryOrder, source: Source, asked: searching.Question | None
) -> Memory | None:
    repository = source.repository
    exact = store.by_key(session, repository, key_of(order.text), is_global=source.is_global)
    if exact is not None:
        return exact
    found = [
        each
        for each in searching.search(
            session,
            repository,
            order.text,
            now=database_now(session),
            limit=_COMPARED,
            asked=asked,
        )
        if (each.repository, each.is_global) == (repository, source.is_global)
    ]
    alike = most_alike(order.text, [each.text for each in found])
    return None if alike is None else store.reachable(session, found[alike].id, repository)


def _added(order: MemoryOrder, source: Source, *, now: datetime) -> Memory:
    return Memory(
        id=uuid4(),
        repository=source.repository,
        is_global=source.is_global,
        type=order.type,
        text=order.text,
        tags=order.tags,
        files=order.files,
        key=key_of(order.text),
        names=names_in(order.text, order.files),
        more=_further_words(order.text, [], order.files),
        task_id=source.task_id,
        agent_id=source.agent_id,
        commit=source.commit,
        origin_task_id=source.origin_task_id,
        origin_agent_id=source.origin_agent_id,
        created_at=min(source.created_at or now, now),
        saved_at=now,
    )


def rewrite(memory: Memory, order: MemoryOrder, *, is_global: bool) -> None:
    """Give a memory another content; the other texts that said the same no longer do."""
    if order.text != memory.text:
        memory.also = []
    memory.type, memory.text = order.type, order.text
    memory.tags, memory.files = order.tags, order.files
    memory.key = key_of(order.text)
    memory.names = names_in(" ".join([order.text, *memory.also]), order.files)
    memory.more = _further_words(order.text, memory.also, order.files)
    memory.is_global = is_global


def _further_words(text: str, also: Sequence[str], files: Sequence[str]) -> str:
    return " ".join([*also, parts_of_names(" ".join([text, *also]), files)])


def _union(one: Sequence[str], other: Sequence[str], *, most: int) -> list[str]:
    return list(dict.fromkeys([*one, *other]))[:most]


def _tell(
    session: Session, memory: Memory, order: MemoryOrder, source: Source, *, joined: bool
) -> None:
    emit(
        session,
        EventType.MEMORY_SAVED,
        workflow_id=source.workflow_id,
        task_id=source.task_id,
        agent_id=source.agent_id,
        memory_id=str(memory.id),
        type=memory.type,
        text=order.text[:500],
        joined="yes" if joined else "no",
    )
