"""Who calls: people and programs by API token, agents by the token of their attempt."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from hephaestus_core.access.models import ApiToken
from hephaestus_core.agents import store as agents
from hephaestus_core.db.engine import Database
from hephaestus_core.errors import Unauthenticated
from hephaestus_core.tokens import token_hash

Role = Literal["admin", "operator", "viewer"]


@dataclass(frozen=True)
class Person:
    """A person or a program of theirs."""

    name: str
    role: str


@dataclass(frozen=True)
class AgentCaller:
    """An agent, known by its attempt's token."""

    agent_id: UUID
    task_id: UUID
    workflow_id: UUID
    over: bool
    """The attempt has ended; it may read nothing more, and its reports are refused."""


def person_of(db: Database, token: str) -> Person:
    """Return who holds an API token.

    Raises:
        Unauthenticated: the token is unknown, expired or revoked.
    """
    return person_of_hash(db, token_hash(token))


def person_of_hash(db: Database, hashed: str) -> Person:
    """Return who holds the API token with this hash, as a signed session cookie names it.

    Raises:
        Unauthenticated: the token is unknown, expired or revoked.
    """
    query = select(ApiToken).where(
        ApiToken.token_hash == hashed,
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now()),
    )
    with db.reading() as session:
        found = session.scalar(query)
    if found is None:
        raise Unauthenticated(
            "The token is unknown, expired or revoked. On this stack's machine a good one is in "
            "secrets/admin.token of its home; send it as 'Authorization: Bearer …'."
        )
    return Person(name=found.name, role=found.role)


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


def ensure_token(db: Database, *, name: str, role: Role, token: str) -> None:
    """Make ``token`` the one of this name, as the local stack does with its admin token."""
    values = {"role": role, "token_hash": token_hash(token), "revoked_at": None}
    with db.transaction() as session:
        session.execute(
            insert(ApiToken)
            .values(name=name, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values)
        )
