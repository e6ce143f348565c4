"""Fact rows; every function joins the open transaction."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from hephaestus_core.contract.commands import COMMANDS
from hephaestus_core.contract.events import EventType
from hephaestus_core.events.log import emit
from hephaestus_core.facts.models import Fact
from hephaestus_core.facts.rules import FACTS, FactView

if TYPE_CHECKING:
    from hephaestus_core.workflows.models import Workflow


def facts_for(session: Session, workflow: "Workflow") -> dict[str, str]:
    """Return what counts in a workflow, by name; what nobody knows is missing.

    Its own commands, decided at the launch, come before what was recorded.
    """
    return {fact.name: fact.value for fact in in_force(session, workflow)}


def in_force(session: Session, workflow: "Workflow") -> list[FactView]:
    """Return the same with who recorded each, in the order of ``FACTS``."""
    found = {fact.name: fact for fact in _recorded(session, workflow) if fact.value}
    launched = {
        name: FactView(name, workflow.config[name], "launch", workflow_id=workflow.id)
        for name in COMMANDS
        if workflow.config.get(name)
    }
    return [fact for name in FACTS if (fact := launched.get(name) or found.get(name))]


def record(
    session: Session,
    workflow: "Workflow",
    values: Mapping[str, str],
    *,
    recorded_by: str,
    agent_id: UUID | None = None,
) -> None:
    """Record facts that have been checked; joins the transaction that has locked the workflow."""
    known = {fact.name: fact for fact in _recorded(session, workflow)}
    for name, value in values.items():
        before = known.get(name)
        if before is None or (before.value != value and not _settled(before, workflow, agent_id)):
            _put(session, workflow, name, value, agent_id=agent_id, recorded_by=recorded_by)
            emit(
                session,
                EventType.FACT_RECORDED,
                workflow_id=workflow.id,
                agent_id=agent_id,
                name=name,
                value=value,
                recorded_by=recorded_by,
            )


def _settled(fact: FactView, workflow: "Workflow", agent_id: UUID | None) -> bool:
    """Say whether a person has decided the fact, which no agent of the workflow changes."""
    return agent_id is not None and fact.agent_id is None and fact.workflow_id == workflow.id


def _put(session: Session, workflow: "Workflow", name: str, value: str, **by: Any) -> None:
    changed = {"value": value, "recorded_at": func.now(), **by}
    key = {"workflow_id": workflow.id, "name": name, "of_person": by["agent_id"] is None}
    statement = insert(Fact).values(**key, repository=workflow.repository, **changed)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))


def _recorded(session: Session, workflow: "Workflow") -> list[FactView]:
    """Return the newest of each: of this workflow before others, of people before agents."""
    query = (
        select(Fact)
        .ext(distinct_on(Fact.name))
        .where(Fact.repository == workflow.repository)
        .order_by(
            Fact.name,
            (Fact.workflow_id == workflow.id).desc(),
            Fact.of_person.desc(),
            Fact.recorded_at.desc(),
        )
    )
    return [
        FactView(
            name=fact.name,
            value=fact.value,
            recorded_by=fact.recorded_by,
            agent_id=fact.agent_id,
            workflow_id=fact.workflow_id,
            recorded_at=fact.recorded_at,
        )
        for fact in session.scalars(query.execution_options(populate_existing=True))
    ]
