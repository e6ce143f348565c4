"""The start of a workflow as every door asks for it: a refusal names all faults at once."""

from collections.abc import Mapping
from typing import Any

from hephaestus_core.contract.errors import InvalidInput, RepositoryError
from hephaestus_core.contract.faults import Faults, each_of
from hephaestus_core.db.engine import Database
from hephaestus_core.definitions.service import get_definition
from hephaestus_core.lifecycle.orders import faults_of
from hephaestus_core.lifecycle.service import start_workflow
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_web.launching.orders import launch_order, order_in_place
from hephaestus_web.requests.idempotency import once
from hephaestus_web.wiring import Wiring


def start(
    wiring: Wiring, given: Mapping[str, Any], *, created_by: str, key: str | None
) -> WorkflowView:
    """Start a workflow and its first task.

    Args:
        wiring: of this process.
        given: values by the names of the API.
        created_by: name of the person.
        key: idempotency key, of this person alone.

    Raises:
        NotFound: no such definition.
        InvalidInput, RepositoryError: what is given breaks rules; several faults are told together.
        KeyReused: the key was used for another order.
    """
    try:
        order = launch_order(wiring.settings, given, created_by=created_by, key=key)
    except (InvalidInput, RepositoryError) as fault:
        _with_the_rest(wiring.database, given, fault).refuse()
        raise
    return once(lambda: start_workflow(wiring.database, order))


def _with_the_rest(
    database: Database, given: Mapping[str, Any], fault: InvalidInput | RepositoryError
) -> Faults:
    """Return a fault of the repository with those of all other values."""
    faults = Faults()
    faults.found += each_of(fault)
    known = {each.field for each in faults.found}
    definition = get_definition(database, str(given["definition_id"]))
    others = faults_of(order_in_place(given), definition)
    faults.found += [each for each in others if each.field not in known]
    return faults
