"""Use cases of workflow definitions."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.db.engine import Database
from hephaestus_core.errors import NotFound
from hephaestus_core.events.log import emit
from hephaestus_core.hosts.store import known_programs
from hephaestus_core.workflows.models import WorkflowDefinition
from hephaestus_core.workflows.rules import checked_definition


@dataclass(frozen=True)
class DefinitionView:
    """A workflow definition as readers see it."""

    id: str
    name: str
    description: str
    phases: list[dict[str, Any]]
    config: dict[str, Any]
    launch_template: dict[str, Any] | None


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
        return [_view(definition) for definition in session.scalars(query)]


def get_definition(db: Database, definition_id: str) -> DefinitionView:
    """Return one definition.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        return find_definition(session, definition_id)


def find_definition(session: Session, definition_id: str) -> DefinitionView:
    """Return one definition, in the open transaction.

    Raises:
        NotFound: there is none with this id; names those there are.
    """
    definition = session.get(WorkflowDefinition, definition_id)
    if definition is None:
        known = ", ".join(session.scalars(select(WorkflowDefinition.id).limit(20)))
        raise NotFound(
            f"No workflow definition {definition_id!r}; registered: {known or 'none'}.",
            field="definition_id",
        )
    return _view(definition)


def _view(definition: WorkflowDefinition) -> DefinitionView:
    return DefinitionView(
        id=definition.id,
        name=definition.name,
        description=definition.description,
        phases=definition.phases,
        config=definition.config,
        launch_template=definition.launch_template,
    )
