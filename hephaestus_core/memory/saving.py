"""Adding to the memories of a repository; joins the open transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from hephaestus_core.memory.rules import MemoryOrder, key_of, learned, names_in, parts_of_names
from hephaestus_core.workflows import store as workflows

if TYPE_CHECKING:
    from hephaestus_core.tasks.models import Task

#: Memories that a new one is compared with.
_COMPARED: Final = 10
#: Texts that are kept beside the first; the oldest of them gives way.
_MOST_TEXTS: Final = 5


@dataclass(frozen=True)
class Source:
    """Where something was learned."""

    repository: str
    workflow_id: UUID | None = None
    task_id: UUID | None = None
    agent_id: UUID | None = None
    commit: str | None = None


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
    source = Source(repository, task.workflow_id, task.id, task.agent_id, commit)
    for order in learned(task.key_learnings):
        save(session, order, source)


def save(session: Session, order: MemoryOrder, source: Source) -> tuple[Memory, bool]:
    """Add a memory, or join it with the one that says the same; say whether it was joined.

    A repeated call changes nothing more.
    """
    store.lock_scope(session, source.repository)
    alike = _saying_the_same(session, order, source.repository)
    same = None if alike is None else store.lock(session, alike.id)
    if same is None:
        memory = _added(order, source)
        session.add(memory)
        session.flush()
        _tell(session, memory, order, source, joined=False)
        return memory, False
    if order.text != same.text and order.text not in same.also:
        _join(same, order)
        _tell(session, same, order, source, joined=True)
    same.saved_at = database_now(session)
    if same.forgotten_because == Forgotten.UNUSED:
        restored(session, same)
    return same, True


def _saying_the_same(session: Session, order: MemoryOrder, repository: str) -> Memory | None:
    exact = store.by_key(session, repository, key_of(order.text))
    if exact is not None:
        return exact
    found = [
        each
        for each in searching.search(
            session, repository, order.text, now=database_now(session), limit=_COMPARED
        )
        if not each.is_global
    ]
    alike = most_alike(order.text, [each.text for each in found])
    return None if alike is None else store.reachable(session, found[alike].id, repository)


def _added(order: MemoryOrder, source: Source) -> Memory:
    return Memory(
        id=uuid4(),
        repository=source.repository,
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


def _join(memory: Memory, order: MemoryOrder) -> None:
    memory.also = [*memory.also, order.text][-_MOST_TEXTS:]
    memory.tags = _union(memory.tags, order.tags)
    memory.files = _union(memory.files, order.files)
    memory.names = _union(memory.names, names_in(order.text, order.files))
    memory.more = _further_words(memory.text, memory.also, memory.files)


def _further_words(text: str, also: Sequence[str], files: Sequence[str]) -> str:
    return " ".join([*also, parts_of_names(" ".join([text, *also]), files)])


def _union(one: Sequence[str], other: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*one, *other]))[:60]


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
