"""The page of what was decided in a workflow without a person."""

from uuid import UUID

from flask import render_template, request

from hephaestus_core.digests.service import decisions_of
from hephaestus_core.lifecycle import service
from hephaestus_web.pages.blueprint import blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.wiring import database


@blueprint.get("/workflows/<uuid:workflow_id>/decisions")
def decisions(workflow_id: UUID) -> str:
    """Show what the Guardian, the merges and the comparison of tasks have decided, newest first."""
    workflow = service.get_workflow(database(), workflow_id)
    key = cursor_key(request.args.get("cursor"))
    found, before = decisions_of(database(), workflow_id, before=key[0] if key else None)
    return render_template(
        "workflow/decisions.html",
        workflow=workflow,
        decisions=found,
        next_cursor=cursor_text((before, workflow_id) if before else None),
    )
