"""Use cases of facts: people read and correct them."""

from collections.abc import Mapping
from uuid import UUID

from hephaestus_core.db.engine import Database
from hephaestus_core.facts import store
from hephaestus_core.facts.rules import FactView, checked
from hephaestus_core.workflows import store as workflows


def list_facts(db: Database, workflow_id: UUID) -> list[FactView]:
    """Return the facts that count in a workflow.

    Raises:
        NotFound: there is none with this id.
    """
    with db.reading() as session:
        return store.in_force(session, workflows.get(session, workflow_id))


def correct_facts(
    db: Database, workflow_id: UUID, values: Mapping[str, str], *, by: str
) -> list[FactView]:
    """Record facts of a person, which no agent of the workflow changes; return all that count.

    Args:
        values: by name; an empty text takes a fact back.
        by: the person's name.

    Raises:
        NotFound: there is no such workflow.
        InvalidInput: see :func:`checked`.
    """
    with db.transaction() as session:
        workflow = workflows.lock(session, workflow_id)
        store.record(session, workflow, checked(values), recorded_by=by)
        return store.in_force(session, workflow)
