"""Callers: people and programs by API token, agents by the token of their attempt."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from hephaestus_core.access.models import ApiToken
from hephaestus_core.access.rules import Role, Scope
from hephaestus_core.agents import store as agents
from hephaestus_core.contract.errors import Unauthenticated
from hephaestus_core.db.engine import Database
from hephaestus_core.tokens import token_hash

#: The last use of a token is stored at most once in this time.
_NOTED_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Person:
    """A person, or a program with a person's token."""

    name: str
    role: str
    scopes: frozenset[str] = frozenset()
    """Scopes that the token is narrowed to; empty: all."""
    token_id: UUID | None = field(default=None, compare=False)
    """Id of the token, since names are reused; None for a caller without one."""

    def may(self, scope: Scope) -> bool:
        """Say whether the token's scopes include the scope."""
        return not self.scopes or scope in self.scopes


@dataclass(frozen=True)
class AgentCaller:
    """An agent, identified by its attempt's token."""

    agent_id: UUID
    task_id: UUID
    workflow_id: UUID
    over: bool
    """The attempt has ended: reads and reports are refused."""


def person_of_hash(db: Database, hashed: str) -> Person:
    """Return the holder of the API token with this hash.

    Raises:
        Unauthenticated: the token is unknown, expired or revoked.
    """
    asked = select(ApiToken, func.now()).where(ApiToken.token_hash == hashed)
    with db.reading() as session:
        found, now = session.execute(asked).one_or_none() or (None, None)
    if found is None or now is None or not _is_good(found, now):
        raise Unauthenticated(
            "The token is unknown, expired or revoked. On this stack's machine a valid one is in "
            "secrets/admin.token of its home; send it as 'Authorization: Bearer …'."
        )
    if found.last_used_at is None or now - found.last_used_at > _NOTED_EVERY:
        _note_use(db, found.id, now)
    return Person(found.name, found.role, frozenset(found.scopes), found.id)


def agent_of(db: Database, token: str) -> AgentCaller:
    """Return the agent that holds an attempt's token.

    Raises:
        Unauthenticated: no attempt has this token.
    """
    with db.reading() as session:
        agent = agents.by_token(session, token_hash(token))
    if agent is None:
        raise Unauthenticated("No attempt has this token; agents get theirs when they are started.")
    over = agent.ended_at is not None
    return AgentCaller(agent.id, agent.task_id, agent.workflow_id, over)


def holder_of_hash(db: Database, hashed: str) -> Person | None:
    """Return the name of the token's holder, valid or not; None for an unknown token.

    The name of an agent is ``agent <id>``. The name is for the audit log and grants nothing.
    """
    with db.reading() as session:
        found = session.scalar(select(ApiToken).where(ApiToken.token_hash == hashed))
        if found is not None:
            return Person(found.name, found.role)
        agent = agents.by_token(session, hashed)
    return None if agent is None else Person(f"agent {agent.id}", "agent")


def ensure_token(db: Database, *, name: str, role: Role, token: str) -> None:
    """Store ``token`` under this name; the stack does so with its admin token."""
    values = {"role": role, "token_hash": token_hash(token)}
    with db.transaction() as session:
        session.execute(
            insert(ApiToken)
            .values(name=name, **values)
            .on_conflict_do_update(
                index_elements=["name"], index_where=text("revoked_at IS NULL"), set_=values
            )
        )


def _is_good(token: ApiToken, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now)


def _note_use(db: Database, token_id: UUID, now: datetime) -> None:
    with db.transaction() as session:
        session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))
