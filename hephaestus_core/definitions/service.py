"""Use cases of workflow definitions."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from hephaestus_core.contract.definitions.definition import WorkflowDefinition as Definition
from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions.models import WorkflowDefinition
from hephaestus_core.definitions.store import (
    DefinitionView,
    find_definition,
    listed,
    unknown_definition,
    view,
)
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.store import known_programs


def save_definition(db: Database, raw: Mapping[str, Any]) -> DefinitionView:
    """Register a definition, or replace the one of that id. Running workflows keep theirs.

    Raises:
        InvalidDefinitionError: the definition breaks a rule, or names an agent program that
            neither Hephaestus nor any host has; names the field.
    """
    definition = Definition.from_dict(raw)
    values = definition.to_dict()
    with db.transaction() as session:
        definition.check_programs(known_programs(session))
        session.execute(
            insert(WorkflowDefinition)
            .values(**values)
            .on_conflict_do_update(index_elements=["id"], set_={**values, "deleted_at": None})
        )
        emit(session, EventType.DEFINITION_SAVED, definition_id=definition.id)
    return DefinitionView(**values)


def delete_definition(db: Database, definition_id: str) -> DefinitionView:
    """Delete a definition and return it; saving one with its id brings it back.

    Its workflows are untouched: each has its own phases.

    Raises:
        NotFound: there is none with this id.
    """
    with db.transaction() as session:
        deleted = session.scalar(
            update(WorkflowDefinition)
            .where(WorkflowDefinition.id == definition_id, WorkflowDefinition.deleted_at.is_(None))
            .values(deleted_at=func.now())
            .returning(WorkflowDefinition)
        )
        if deleted is None:
            raise unknown_definition(session, definition_id)
        emit(session, EventType.DEFINITION_DELETED, definition_id=definition_id)
        return view(deleted)


def list_definitions(db: Database, *, offered_only: bool = False) -> list[DefinitionView]:
    """Return all definitions, or those offered for launch, by name."""
    with db.reading() as session:
        return [view(each) for each in session.scalars(listed(offered_only=offered_only))]


def get_definition(db: Database, definition_id: str) -> DefinitionView:
    """Return one definition.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        return find_definition(session, definition_id)
