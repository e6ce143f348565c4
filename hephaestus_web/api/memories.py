"""What agents have learned about repositories."""

from typing import Any
from uuid import UUID

from flask import Response

from hephaestus_core.contract.memory_lines import MEDIA_TYPE
from hephaestus_core.memory import importing, service
from hephaestus_core.memory.forgetting import forgetting_policy
from hephaestus_core.memory.rules import MemoryView
from hephaestus_web.access.auth import caller
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.schemas.memories import (
    EditInput,
    ExportFilter,
    ImportPlace,
    MemoryFilter,
    MemoryInput,
    MemoryQuestion,
    RatingInput,
)
from hephaestus_web.schemas.views import items_of, page_of, schema_of
from hephaestus_web.wiring import database, vectors, wiring

blueprint = Blueprint(
    "memories", __name__, url_prefix="/memories", description="What agents have learned"
)


@blueprint.get("")
@blueprint.arguments(MemoryFilter, location="query")
@blueprint.response(200, page_of(MemoryView))
def list_memories(query: dict[str, Any]) -> dict[str, Any]:
    """List memories, newest first, with those that agents are not told any more."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = service.page_of_memories(database(), **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}


@blueprint.get("/search")
@blueprint.arguments(MemoryQuestion, location="query")
@blueprint.response(200, items_of(MemoryView))
def search_memories(query: dict[str, Any]) -> dict[str, list[MemoryView]]:
    """Search as agents do: the memories that bear on a question, best first, or none.

    It does not count as a use.
    """
    return {"items": service.search_memories(database(), **query, vectors=vectors())}


@blueprint.get("/export")
@blueprint.arguments(ExportFilter, location="query")
@blueprint.bytes_response(200, MEDIA_TYPE)
def export_memories(query: dict[str, Any]) -> Response:
    """Download memories as lines of JSON, newest first; `import` takes them.

    A line has the scope, what is told, and where it was learned: task, attempt, commit and time.
    Ratings and uses stay behind. The answer is cut off without its last chunk if it cannot be
    ended.
    """
    return Response(importing.exported(database(), **query), content_type=MEDIA_TYPE)


@blueprint.post("/import")
@blueprint.arguments(ImportPlace, location="query")
@blueprint.text_body(MEDIA_TYPE, "At most 500 lines of JSON, as `export` writes them.")
@blueprint.response(200, schema_of(importing.Imported))
def import_memories(body: bytes, query: dict[str, Any]) -> importing.Imported:
    """Add the memories of lines of JSON; one that is known in the same scope adds nothing.

    So a repeated request adds nothing. Faulty lines are left out; the first 20 are named by number.
    """
    return importing.import_lines(database(), body, **query)


@blueprint.get("/<uuid:memory_id>")
@blueprint.response(200, schema_of(MemoryView))
def get_memory(memory_id: UUID) -> MemoryView:
    """Read one memory."""
    return service.get_memory(database(), memory_id)


@blueprint.post("")
@blueprint.arguments(MemoryInput)
@blueprint.response(201, schema_of(MemoryView))
def add_memory(body: dict[str, Any]) -> MemoryView:
    """Add a memory. If one says the same, it gets this text too and is the answer.

    So a repeated request adds nothing.
    """
    kind = body.pop("type")
    return service.add_memory(database(), type_=kind, **body)


@blueprint.put("/<uuid:memory_id>")
@blueprint.arguments(EditInput)
@blueprint.response(200, schema_of(MemoryView))
def edit_memory(body: dict[str, Any], memory_id: UUID) -> MemoryView:
    """Replace what a memory says and where it is found; its ratings and uses stay."""
    return service.edit_memory(database(), memory_id, **body)


@blueprint.put("/<uuid:memory_id>/rating")
@blueprint.arguments(RatingInput)
@blueprint.response(200, schema_of(MemoryView))
def rate_memory(body: dict[str, Any], memory_id: UUID) -> MemoryView:
    """Rate a memory, in place of the caller's earlier rating; what two rate wrong is forgotten."""
    policy = forgetting_policy(wiring().settings)
    return service.rate_memory(database(), memory_id, **body, person=caller().name, policy=policy)


@blueprint.post("/<uuid:memory_id>/restore")
@blueprint.response(200, schema_of(MemoryView))
def restore_memory(memory_id: UUID) -> MemoryView:
    """Let a forgotten memory be told again; ratings as wrong are taken back."""
    return service.restore_memory(database(), memory_id)


@blueprint.delete("/<uuid:memory_id>")
@blueprint.response(200, schema_of(MemoryView))
def delete_memory(memory_id: UUID) -> MemoryView:
    """Delete a memory with its ratings; answers with what it was."""
    return service.delete_memory(database(), memory_id)
