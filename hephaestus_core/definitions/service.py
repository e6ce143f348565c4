"""Use cases of workflow definitions."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hephaestus_core.contract.definitions import checked_definition
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions.models import WorkflowDefinition
from hephaestus_core.definitions.store import DefinitionView, find_definition, view
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.store import known_programs


def save_definition(db: Database, raw: Mapping[str, Any]) -> DefinitionView:
    """Register a definition, or replace the one of that id. Running workflows keep theirs.

    Raises:
        InvalidInput: the definition breaks a rule; names the field.
    """
    with db.transaction() as session:
        definition = checked_definition(raw, known_programs(session))
        values = asdict(definition)
        session.execute(
            insert(WorkflowDefinition)
            .values(**values)
            .on_conflict_do_update(index_elements=["id"], set_=values)
        )
        emit(session, "definition.saved", definition_id=definition.id)
    return DefinitionView(**values)


def list_definitions(db: Database) -> list[DefinitionView]:
    """Return all definitions, by name."""
    with db.reading() as session:
        query = select(WorkflowDefinition).order_by(WorkflowDefinition.name, WorkflowDefinition.id)
        return [view(definition) for definition in session.scalars(query)]


def get_definition(db: Database, definition_id: str) -> DefinitionView:
    """Return one definition.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        return find_definition(session, definition_id)
