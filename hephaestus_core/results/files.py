"""Files that an agent hands in with a result.

They are kept in the database, so that pages and the API serve them when host and worktree are gone.
Only the agent's host can read them: a tool of the agent asks for them in rows, the host answers in
these, and the result that is submitted then takes them over.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.bells import reconcile_bell
from hephaestus_core.contract.errors import InvalidInput, NotFound, Unavailable
from hephaestus_core.contract.folders import PATH_LIMIT
from hephaestus_core.contract.texts import plain_text
from hephaestus_core.db.engine import Database, ring
from hephaestus_core.results.models import ResultFile
from hephaestus_core.results.views import FileView

#: Bytes of the files of one result together, and of all results of one workflow.
MOST_BYTES: Final = 20 * 2**20
MOST_OF_WORKFLOW: Final = 10 * MOST_BYTES
#: Files of one result.
_MOST_FILES: Final = 50

_WANTED: Final = text("""
    SELECT f.id, f.path, a.worktree_id, a.id AS agent_id,
           coalesce((SELECT sum(o.size) FROM result_files o WHERE o.request_id = f.request_id), 0)
               AS taken
    FROM result_files f JOIN agents a ON a.id = f.agent_id
    WHERE f.result_id IS NULL AND f.size IS NULL AND f.refusal IS NULL
      AND a.host = :host AND a.ended_at IS NULL
    ORDER BY f.asked_at, f.request_id, f.position
    LIMIT 1
""")
#: Adding a request deletes those that no result has taken over for an hour.
_FORGET: Final = text("""
    DELETE FROM result_files WHERE result_id IS NULL
    AND (agent_id = :agent_id OR asked_at < now() - interval '1 hour')
""")


@dataclass(frozen=True)
class WantedFile:
    """A file that a host is to read."""

    id: UUID
    path: str
    """Relative to the root of the agent's worktree; an agent has named it."""
    worktree_id: UUID
    left: int
    """Most bytes that it may have."""


def ask(db: Database, agent_id: UUID, paths: Sequence[str]) -> UUID:
    """Ask an agent's host for files of its worktree; returns the id of the request.

    Raises:
        StaleAttempt: the attempt is over.
        InvalidInput: they are too many, or a path leads out of the worktree.
    """
    named = _checked(paths)
    request_id = uuid4()
    with db.transaction() as session:
        _, agent = agents.lock_current(session, agent_id)
        session.execute(_FORGET, {"agent_id": agent_id})
        session.add_all(
            ResultFile(request_id=request_id, agent_id=agent_id, path=path, position=position)
            for position, path in enumerate(named)
        )
        ring(session, reconcile_bell(agent.host))
    return request_id


def is_answered(db: Database, request_id: UUID) -> bool:
    """Say whether the host has read or refused all files of a request."""
    open_ = select(func.count()).where(
        ResultFile.request_id == request_id, ResultFile.size.is_(None), ResultFile.refusal.is_(None)
    )
    with db.reading() as session:
        return session.scalar(open_) == 0


def wanted_on(db: Database, host: str) -> WantedFile | None:
    """Return the next file that a host is to read; None if there is none."""
    with db.reading() as session:
        row = session.execute(_WANTED, {"host": host}).mappings().first()
    if row is None:
        return None
    worktree_id = row["worktree_id"] or row["agent_id"]
    return WantedFile(row["id"], row["path"], worktree_id, max(0, MOST_BYTES - int(row["taken"])))


def keep(db: Database, file_id: UUID, content: bytes) -> None:
    """Keep a file that was asked for; later answers change nothing."""
    digest = hashlib.sha256(content).hexdigest()
    _answer(db, file_id, {"content": content, "size": len(content), "sha256": digest})


def refuse(db: Database, file_id: UUID, reason: str) -> None:
    """Refuse a file that was asked for, with the reason for its agent."""
    _answer(db, file_id, {"refusal": reason})


def taken_over(session: Session, request_id: UUID, agent_id: UUID) -> list[FileView]:
    """Return the files of an answered request of this agent.

    Raises:
        Unavailable: the host has not answered yet.
        InvalidInput: the host has refused one.
    """
    query = select(ResultFile).where(
        ResultFile.request_id == request_id,
        ResultFile.agent_id == agent_id,
        ResultFile.result_id.is_(None),
    )
    found = list(session.scalars(query.order_by(ResultFile.position)))
    refused = [f"{file.path}: {file.refusal}" for file in found if file.refusal is not None]
    if refused:
        raise InvalidInput(f"Nothing was submitted. {' '.join(refused)}", field="files")
    if not found or any(file.size is None for file in found):
        raise Unavailable("Your host has not read the files in time; submit the result again.")
    return [_view(file) for file in found]


def attach(session: Session, request_id: UUID, result_id: UUID, workflow_id: UUID) -> None:
    """Give the files of a request to a result of a locked workflow.

    Raises:
        InvalidInput: the workflow's results have too many bytes of files by then.
    """
    session.execute(
        update(ResultFile)
        .where(ResultFile.request_id == request_id)
        .values(result_id=result_id, workflow_id=workflow_id)
    )
    query = select(func.sum(ResultFile.size)).where(ResultFile.workflow_id == workflow_id)
    if (session.scalar(query) or 0) > MOST_OF_WORKFLOW:
        raise InvalidInput(
            f"The files of this workflow's results have more than {MOST_OF_WORKFLOW // 2**20} MiB "
            "together; submit the result with fewer files.",
            field="files",
        )


def drop(session: Session, request_id: UUID) -> None:
    """Delete the files of a request that no result needs."""
    session.execute(delete(ResultFile).where(ResultFile.request_id == request_id))


def files_of(session: Session, result_ids: Sequence[UUID]) -> dict[UUID, list[FileView]]:
    """Return the files of each of these results, in the order in which they were named."""
    found: dict[UUID, list[FileView]] = {result_id: [] for result_id in result_ids}
    query = select(ResultFile).where(ResultFile.result_id.in_(result_ids))
    for file in session.scalars(query.order_by(ResultFile.position)):
        assert file.result_id is not None
        found[file.result_id].append(_view(file))
    return found


def read(db: Database, file_id: UUID) -> tuple[FileView, UUID, bytes]:
    """Return a file of a result, the id of its workflow, and its content.

    Raises:
        NotFound: no result has a file with this id.
    """
    with db.reading() as session:
        file = session.get(ResultFile, file_id)
        if file is None or file.workflow_id is None or file.content is None:
            raise NotFound(
                f"No result has a file {file_id}; list the workflow's results to see their files.",
                field="file_id",
            )
        return _view(file), file.workflow_id, file.content


def _answer(db: Database, file_id: UUID, values: dict[str, object]) -> None:
    open_ = (
        ResultFile.id == file_id,
        ResultFile.size.is_(None),
        ResultFile.refusal.is_(None),
    )
    with db.transaction() as session:
        session.execute(update(ResultFile).where(*open_).values(**values))


def _view(file: ResultFile) -> FileView:
    return FileView(file.id, file.path, file.size or 0, file.sha256 or "")


def _checked(paths: Sequence[str]) -> list[str]:
    if len(paths) > _MOST_FILES:
        raise InvalidInput(f"{len(paths)} files are named; at most {_MOST_FILES}.", field="files")
    return list(dict.fromkeys(_inside(path) for path in paths))


def _inside(path: str) -> str:
    named = plain_text(path, "files", limit=PATH_LIMIT, required=True)
    parts = PurePosixPath(named).parts
    if named.startswith(("/", "~")) or ".." in parts or not parts or not named.isprintable():
        raise InvalidInput(
            f"{named!r} is no path inside your worktree; name files relative to its root.",
            field="files",
        )
    return str(PurePosixPath(*parts))
