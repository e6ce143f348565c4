"""Reads of messages that were sent before: by their recipient, by their sender, by people."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.db.engine import Database
from hephaestus_core.messages.models import Message
from hephaestus_core.messages.views import MessageView, view

Cursor = tuple[datetime, UUID]
Page = tuple[list[MessageView], Cursor | None]


def read_box(
    db: Database,
    agent_id: UUID,
    box: Literal["earlier", "sent"],
    *,
    limit: int = 50,
    cursor: Cursor | None = None,
) -> Page:
    """Return a page of an agent's messages, newest first, and the cursor of the next page.

    Args:
        box: ``earlier``: what any attempt at its task has got; ``sent``: what this agent has sent,
            with the receipts.

    Raises:
        NotFound: there is no such agent.
    """
    with db.reading() as session:
        task_id = agents.get(session, agent_id).task_id
    if box == "sent":
        return _page(db, Message.sender_agent_id == agent_id, limit=limit, cursor=cursor)
    got = (Message.task_id == task_id) & Message.delivered_at.is_not(None)
    return _page(db, got, limit=limit, cursor=cursor)


def page_of_messages(
    db: Database,
    *,
    workflow_id: UUID | None = None,
    task_id: UUID | None = None,
    agent_id: UUID | None = None,
    limit: int = 50,
    cursor: Cursor | None = None,
) -> Page:
    """Return a page of messages for people, newest first, and the cursor of the next page.

    Args:
        agent_id: only those from or to this agent.
    """
    wanted = []
    if workflow_id is not None:
        wanted.append(Message.workflow_id == workflow_id)
    if task_id is not None:
        wanted.append(Message.task_id == task_id)
    if agent_id is not None:
        to_it = Message.recipient_agent_id == agent_id
        wanted.append(to_it | (Message.sender_agent_id == agent_id))
    return _page(db, *wanted, limit=limit, cursor=cursor)


def delivery_times(session: Session, message_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when messages were delivered; joins the open transaction."""
    if not message_ids:
        return {}
    query = select(Message.id, Message.delivered_at).where(
        Message.id.in_(message_ids), Message.delivered_at.is_not(None)
    )
    return {row.id: row.delivered_at for row in session.execute(query) if row.delivered_at}


def _page(db: Database, *wanted: ColumnElement[bool], limit: int, cursor: Cursor | None) -> Page:
    query = select(Message).where(*wanted)
    query = query.order_by(Message.created_at.desc(), Message.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(tuple_(Message.created_at, Message.id) < cursor)
    with db.reading() as session:
        found = [view(message) for message in session.scalars(query)]
    shown = found[:limit]
    return shown, (shown[-1].created_at, shown[-1].id) if len(found) > limit else None
