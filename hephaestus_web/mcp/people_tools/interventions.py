"""Tools about the Guardian's acts on agents."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from hephaestus_core.agents.views import AgentView
from hephaestus_core.guardian import overruling
from hephaestus_core.guardian.following_up import GuardianReport, report
from hephaestus_core.guardian.reading import page_of_interventions
from hephaestus_core.guardian.views import InterventionView
from hephaestus_web.mcp.identity import CallContext, person_door
from hephaestus_web.mcp.people_tools.agents import AgentId
from hephaestus_web.mcp.shapes import Cursor, Limit, NextCursor
from hephaestus_web.requests.cursors import cursor_key, cursor_text


@dataclass(frozen=True)
class Interventions:
    """A page of the Guardian's acts, newest first."""

    interventions: list[InterventionView]
    next_cursor: NextCursor


def get_interventions(
    context: CallContext,
    workflow_id: Annotated[
        UUID | None, Field(description="Only in this workflow; null: in all.")
    ] = None,
    agent_id: Annotated[UUID | None, Field(description="Only on this agent; null: on all.")] = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Interventions:
    """List what the Guardian has done about agents, newest first, with cause and effect."""
    found, following = page_of_interventions(
        person_door(context).database,
        workflow_id=workflow_id,
        agent_id=agent_id,
        limit=limit,
        cursor=cursor_key(cursor or None),
    )
    return Interventions(found, cursor_text(following))


def get_guardian_report(
    context: CallContext,
    days: Annotated[int, Field(ge=1, le=30, description="The last so many days.")] = 7,
) -> GuardianReport:
    """Read how often agents made headway after the judgements of models on them."""
    return report(person_door(context).database, days=days)


def undo_intervention(
    context: CallContext,
    intervention_id: Annotated[UUID, Field(description="From get_interventions.")],
) -> InterventionView:
    """Take an act of the Guardian back; it does no more for this cause in this attempt."""
    own = person_door(context)
    return overruling.undo(own.database, intervention_id, by=own.person.name)


def call_agent_fine(
    context: CallContext,
    agent_id: AgentId,
    minutes: Annotated[float, Field(ge=0, le=1440, description="How long; 0: no more.")] = 30,
) -> AgentView:
    """Have the Guardian neither steer nor end a live agent for a while."""
    own = person_door(context)
    return overruling.call_fine(own.database, agent_id, minutes=minutes, by=own.person.name)
