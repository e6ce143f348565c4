"""Workflows: executions of definitions."""

from typing import Any
from uuid import UUID

from hephaestus_core.changes.rules import MergeView
from hephaestus_core.changes.service import list_merges
from hephaestus_core.lifecycle import service
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.results.service import ResultView, list_results
from hephaestus_core.summaries.service import Summary, summarize
from hephaestus_web.auth import caller
from hephaestus_web.bodies import Blueprint
from hephaestus_web.cursors import cursor_key, cursor_text
from hephaestus_web.idempotency import idempotency_key, once
from hephaestus_web.launches import launch_order
from hephaestus_web.schemas.base import EmptyInput, ReasonInput
from hephaestus_web.schemas.views import items_of, page_of, schema_of
from hephaestus_web.schemas.workflows import WorkflowFilter, WorkflowInput
from hephaestus_web.wiring import database, wiring

blueprint = Blueprint(
    "workflows", __name__, url_prefix="/workflows", description="Executions of definitions"
)

WorkflowSchema = schema_of(WorkflowView)


@blueprint.post("")
@blueprint.arguments(WorkflowInput)
@blueprint.response(201, WorkflowSchema)
def start_workflow(body: dict[str, Any]) -> WorkflowView:
    """Start a workflow, with its first task where the definition has a prompt for one."""
    settings, key = wiring().settings, idempotency_key()
    order = launch_order(settings, body, created_by=caller().name, key=key)
    return once(lambda: service.start_workflow(database(), order))


@blueprint.get("")
@blueprint.arguments(WorkflowFilter, location="query")
@blueprint.response(200, page_of(WorkflowView))
def list_workflows(query: dict[str, Any]) -> dict[str, Any]:
    """List workflows, newest first."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = service.list_workflows(database(), **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}


@blueprint.get("/<uuid:workflow_id>")
@blueprint.response(200, WorkflowSchema)
def get_workflow(workflow_id: UUID) -> WorkflowView:
    """Read one workflow, its tasks counted."""
    return service.get_workflow(database(), workflow_id)


@blueprint.post("/<uuid:workflow_id>/stop")
@blueprint.arguments(ReasonInput)
@blueprint.response(200, WorkflowSchema)
def stop_workflow(body: dict[str, Any], workflow_id: UUID) -> WorkflowView:
    """Stop a workflow and all of its tasks; what agents did stays in their branches."""
    return service.stop_workflow(database(), workflow_id, **body)


@blueprint.post("/<uuid:workflow_id>/approve")
@blueprint.arguments(EmptyInput)
@blueprint.response(200, WorkflowSchema)
def approve_workflow(_body: dict[str, Any], workflow_id: UUID) -> WorkflowView:
    """Let a workflow that waits for approval go on to its base branch."""
    return service.approve_delivery(database(), workflow_id)


@blueprint.get("/<uuid:workflow_id>/merges")
@blueprint.response(200, items_of(MergeView))
def list_workflow_merges(workflow_id: UUID) -> dict[str, list[MergeView]]:
    """List the merges of a workflow, oldest first."""
    return {"items": list_merges(database(), workflow_id)}


@blueprint.get("/<uuid:workflow_id>/results")
@blueprint.response(200, items_of(ResultView))
def list_workflow_results(workflow_id: UUID) -> dict[str, list[ResultView]]:
    """List the results submitted in a workflow, oldest first."""
    return {"items": list_results(database(), workflow_id)}


@blueprint.get("/<uuid:workflow_id>/summary")
@blueprint.response(200, schema_of(Summary))
def summarize_workflow(workflow_id: UUID) -> Summary:
    """Read what a workflow came to: tasks, failures, merges, result, delivery, who created what."""
    return summarize(database(), workflow_id)
