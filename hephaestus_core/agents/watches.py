"""What the Guardian sees of agents; every function joins the open transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.agents.models import AgentWatch
from hephaestus_core.agents.views import Watch

_SHOWN: Final = tuple(each.name for each in fields(Watch))
#: Built once: each reader of agents runs it.
_WATCHES: Final = select(
    AgentWatch.agent_id, *(getattr(AgentWatch, name) for name in _SHOWN)
).where(AgentWatch.agent_id.in_(bindparam("agent_ids", expanding=True)))


def watches_of(session: Session, agent_ids: Collection[UUID]) -> dict[UUID, Watch]:
    """Return what was last seen of agents; those at which nobody has looked are left out."""
    if not agent_ids:
        return {}
    found = session.execute(_WATCHES, {"agent_ids": list(agent_ids)})
    return {agent_id: Watch(**dict(zip(_SHOWN, shown, strict=True))) for agent_id, *shown in found}


def histories_of(session: Session, agent_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Return the last looks at agents, oldest first."""
    query = select(AgentWatch.agent_id, AgentWatch.looks).where(AgentWatch.agent_id.in_(agent_ids))
    return {row[0]: row[1] for row in session.execute(query)} if agent_ids else {}


def screen_of(session: Session, agent_id: UUID) -> str | None:
    """Return an agent's screen as it was last seen, with its colours; None: it never was."""
    return session.scalar(select(AgentWatch.screen).where(AgentWatch.agent_id == agent_id))


def record(
    session: Session,
    found: Mapping[UUID, tuple[Watch, Sequence[Mapping[str, Any]]]],
    screens: Mapping[UUID, str | None],
) -> None:
    """Store what was seen of agents, each with its last looks, in one statement.

    Args:
        screens: an agent without one keeps the screen that was seen before.
    """
    if not found:
        return
    rows = [
        {"agent_id": agent_id, **vars(watch), "looks": list(looks), "screen": screens.get(agent_id)}
        for agent_id, (watch, looks) in sorted(found.items())
    ]
    added = insert(AgentWatch).values(rows)
    news: dict[str, Any] = {name: added.excluded[name] for name in (*_SHOWN, "looks")}
    news["screen"] = func.coalesce(added.excluded.screen, AgentWatch.screen)
    session.execute(added.on_conflict_do_update(index_elements=["agent_id"], set_=news))
