"""People take over the keyboard of an agent: one at a time, until they leave or fall silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.contract.errors import Conflict, StaleAttempt
from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.terminals.models import Keyboard

if TYPE_CHECKING:
    from hephaestus_core.agents.models import Agent

#: Time without a key after which a keyboard is free again.
HELD_FOR: Final = timedelta(minutes=2)

#: The keys of an attempt that is over, or of a hold that is, reach nothing.
_MAY_PRESS: Final = text("""
    SELECT EXISTS (
        SELECT FROM keyboards k JOIN agents a ON a.id = k.agent_id
        WHERE k.agent_id = :agent_id AND k.hold_id = :hold_id AND k.expires_at > now()
          AND a.host = :host AND a.fence = :fence AND a.ended_at IS NULL
          AND NOT EXISTS (
              SELECT FROM agents newer WHERE newer.task_id = a.task_id AND newer.fence > a.fence
          )
    )
""")


@dataclass(frozen=True)
class Hold:
    """A keyboard that somebody has."""

    id: UUID
    agent_id: UUID
    host: str
    fence: int
    """The fence of the attempt for which it was taken."""


def take(db: Database, agent_id: UUID, *, by: str) -> Hold:
    """Give a person the keyboard of a live agent; the Guardian leaves the agent alone meanwhile.

    Somebody who has it already gets it anew, and loses it in the other window.

    Raises:
        NotFound: there is no such agent.
        Conflict: it has ended, or another person has its keyboard.
    """
    with db.transaction() as session:
        agent = _live(session, agent_id)
        row, now = session.get(Keyboard, agent_id), database_now(session)
        if row is not None and row.expires_at > now and row.holder != by:
            raise Conflict(
                f"{row.holder} has the keyboard of this agent; it is free once they release it or "
                f"press no key for {HELD_FOR.total_seconds() / 60:g} minutes."
            )
        if row is None:
            row = Keyboard(agent_id=agent_id)
            session.add(row)
        row.hold_id, row.holder, row.taken_at = uuid4(), by, now
        _extend(row, agent, now)
        agents.tell(session, agent, EventType.AGENT_KEYBOARD_TAKEN, by=by)
        return Hold(row.hold_id, agent_id, agent.host, agent.fence)


def renew(db: Database, hold: Hold) -> bool:
    """Note that a key was pressed; returns False if the keyboard is no longer theirs."""
    with db.transaction() as session:
        agent = agents.lock(session, hold.agent_id)
        row, now = _held(session, hold), database_now(session)
        if row is None or row.expires_at <= now or agent.ended_at is not None:
            return False
        _extend(row, agent, now)
        return True


def release(db: Database, hold: Hold) -> None:
    """Free the keyboard, if it is still theirs."""
    with db.transaction() as session:
        agent = agents.lock(session, hold.agent_id)
        row = _held(session, hold)
        if row is None:
            return
        if agent.fine_until == row.expires_at:
            agent.fine_until = agent.fine_by = None
        session.delete(row)
        agents.tell(session, agent, EventType.AGENT_KEYBOARD_RELEASED, by=row.holder)


def may_press(db: Database, hold: Hold) -> bool:
    """Say whether the keys of a hold may reach the agent; its host asks before it presses them."""
    given = {"agent_id": hold.agent_id, "hold_id": hold.id, "host": hold.host, "fence": hold.fence}
    with db.reading() as session:
        return bool(session.scalar(_MAY_PRESS, given))


def is_held(db: Database, agent_id: UUID) -> bool:
    """Say whether a person has the keyboard of an agent."""
    with db.reading() as session:
        until = session.scalar(select(Keyboard.expires_at).where(Keyboard.agent_id == agent_id))
        return until is not None and until > database_now(session)


def _live(session: Session, agent_id: UUID) -> "Agent":
    try:
        return agents.lock_current(session, agent_id)[1]
    except StaleAttempt as error:
        raise Conflict("This agent has ended; nothing can be typed into its terminal.") from error


def _held(session: Session, hold: Hold) -> Keyboard | None:
    """Return the row of a hold on a locked agent; None if somebody has taken it over."""
    row = session.get(Keyboard, hold.agent_id)
    return row if row is not None and row.hold_id == hold.id else None


def _extend(row: Keyboard, agent: "Agent", now: datetime) -> None:
    """Keep the keyboard for a while, and call the agent fine for as long."""
    row.expires_at = now + HELD_FOR
    if agent.fine_until is None or agent.fine_until < row.expires_at:
        agent.fine_until, agent.fine_by = row.expires_at, row.holder
