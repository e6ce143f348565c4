"""Workflow definitions for use cases; every function joins the open session."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hephaestus_core.contract.errors import NotFound
from hephaestus_core.definitions.models import WorkflowDefinition

_NONE_REGISTERED: Final = (
    "none is registered: `hephaestus run FILE` registers the one in a file, "
    "`hephaestus dev` those that ship."
)


@dataclass(frozen=True)
class DefinitionView:
    """A workflow definition as readers see it."""

    id: str
    name: str
    description: str
    phases: list[dict[str, Any]]
    config: dict[str, Any]
    launch_template: dict[str, Any] | None
    offered: bool
    """Whether it is offered to people for launch."""


def find_definition(session: Session, definition_id: str) -> DefinitionView:
    """Return one definition, in the open transaction.

    Raises:
        NotFound: there is none with this id; the message lists the known ones.
    """
    definition = session.get(WorkflowDefinition, definition_id)
    if definition is None or definition.deleted_at is not None:
        raise unknown_definition(session, definition_id)
    return view(definition)


def unknown_definition(session: Session, definition_id: str) -> NotFound:
    """Return the error that lists the known definitions."""
    offered = listed(offered_only=True).with_only_columns(WorkflowDefinition.id).limit(20)
    known = ", ".join(session.scalars(offered))
    remedy = f"registered: {known}." if known else _NONE_REGISTERED
    return NotFound(f"No workflow definition {definition_id!r}; {remedy}", field="definition_id")


def listed(*, offered_only: bool) -> Select[WorkflowDefinition]:
    """Return the query for all definitions, by name."""
    query = select(WorkflowDefinition).where(WorkflowDefinition.deleted_at.is_(None))
    if offered_only:
        query = query.where(WorkflowDefinition.offered)
    return query.order_by(WorkflowDefinition.name, WorkflowDefinition.id)


def offered(session: Session) -> list[DefinitionView]:
    """Return the definitions that are offered for launch, by name."""
    return [view(each) for each in session.scalars(listed(offered_only=True))]


def makes_a_task(definition: DefinitionView) -> bool:
    """Say whether a launch makes the first task of the definition's own prompt."""
    prompt = (definition.launch_template or {}).get("phase_1_task_prompt") or ""
    return bool(prompt.strip())


def view(definition: WorkflowDefinition) -> DefinitionView:
    return DefinitionView(
        id=definition.id,
        name=definition.name,
        description=definition.description,
        phases=definition.phases,
        config=definition.config,
        launch_template=definition.launch_template,
        offered=definition.offered,
    )


def definition_names(session: Session, definition_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of definitions, by id."""
    query = select(WorkflowDefinition.id, WorkflowDefinition.name).where(
        WorkflowDefinition.id.in_(set(definition_ids))
    )
    return {row[0]: row[1] for row in session.execute(query)}
