"""Workflow definitions."""

from typing import Any

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.definitions import service
from hephaestus_core.definitions.store import DefinitionView
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.schemas.definitions import DefinitionFilter, DefinitionInput
from hephaestus_web.schemas.views import items_of, schema_of
from hephaestus_web.wiring import database

blueprint = Blueprint(
    "definitions",
    __name__,
    url_prefix="/workflow-definitions",
    description="What kinds of workflow there are",
)


@blueprint.get("")
@blueprint.arguments(DefinitionFilter, location="query")
@blueprint.response(200, items_of(DefinitionView))
def list_definitions(query: dict[str, Any]) -> dict[str, list[DefinitionView]]:
    """List the definitions that are offered for launch, by name; with `all`, the others too.

    Those that programs make of bare phase lists for themselves are not offered.
    """
    return {"items": service.list_definitions(database(), offered_only=not query["all"])}


@blueprint.get("/<definition_id>")
@blueprint.response(200, schema_of(DefinitionView))
def get_definition(definition_id: str) -> DefinitionView:
    """Read one definition."""
    return service.get_definition(database(), definition_id)


@blueprint.put("/<definition_id>")
@blueprint.arguments(DefinitionInput)
@blueprint.response(200, schema_of(DefinitionView))
def save_definition(body: dict[str, Any], definition_id: str) -> DefinitionView:
    """Register a definition, or replace the one of that id; running workflows keep theirs.

    Null stands for the default. An agent program is known when it is built in, or when a host
    that has it has reported so.
    """
    named = body.get("id")
    if named is not None and named != definition_id:
        raise InvalidInput(
            f"The path names {definition_id!r} and 'id' another one; leave 'id' out.", field="id"
        )
    return service.save_definition(database(), {**body, "id": definition_id})


@blueprint.delete("/<definition_id>")
@blueprint.response(200, schema_of(DefinitionView))
def delete_definition(definition_id: str) -> DefinitionView:
    """Delete a definition; its workflows go on and are kept, as each has its own phases."""
    return service.delete_definition(database(), definition_id)
