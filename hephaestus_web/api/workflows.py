"""Workflows: executions of definitions."""

from typing import Any
from uuid import UUID

from hephaestus_core.changes.diffs import workflow_diff
from hephaestus_core.changes.rules import DiffView, MergeView
from hephaestus_core.changes.service import page_of_merges
from hephaestus_core.conductor.service import coherence_of
from hephaestus_core.conductor.views import CoherenceView
from hephaestus_core.diagnoses.service import diagnoses_of, rhythm_of
from hephaestus_core.diagnoses.views import DiagnosesView
from hephaestus_core.facts import service as facts
from hephaestus_core.facts.rules import FactView
from hephaestus_core.lifecycle import deleting, service
from hephaestus_core.lifecycle.approving import approve_delivery, send_back
from hephaestus_core.lifecycle.views import DeletionView, WorkflowView
from hephaestus_core.messages.service import broadcast_to
from hephaestus_core.messages.views import MessageView
from hephaestus_core.results.service import page_of_results
from hephaestus_core.results.views import ResultView
from hephaestus_core.summaries.service import Summary, summarize
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.access.auth import caller
from hephaestus_web.history.files import WorkflowFiles
from hephaestus_web.history.service import files_by_author
from hephaestus_web.launching.starting import start
from hephaestus_web.requests.bodies import Blueprint
from hephaestus_web.requests.cursors import cursor_key, cursor_text
from hephaestus_web.requests.idempotency import idempotency_key
from hephaestus_web.schemas.base import PageInput, ReasonInput
from hephaestus_web.schemas.messages import BroadcastInput
from hephaestus_web.schemas.views import items_of, page_of, schema_of
from hephaestus_web.schemas.workflows import (
    ApprovalInput,
    DeletionInput,
    FactsInput,
    FilesFilter,
    LimitsInput,
    SendBackInput,
    WorkflowFilter,
    WorkflowInput,
)
from hephaestus_web.wiring import database, wiring

blueprint = Blueprint(
    "workflows", __name__, url_prefix="/workflows", description="Executions of definitions"
)

WorkflowSchema = schema_of(WorkflowView)
FactListSchema = items_of(FactView)


@blueprint.post("", keyed=True)
@blueprint.arguments(WorkflowInput)
@blueprint.response(201, WorkflowSchema)
def start_workflow(body: dict[str, Any]) -> WorkflowView:
    """Start a workflow with its first task: of the definition's prompt, or as `task` says."""
    return start(wiring(), body, created_by=caller().name, key=idempotency_key())


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


@blueprint.get("/<uuid:workflow_id>/deletion")
@blueprint.response(200, schema_of(DeletionView))
def preview_deletion(workflow_id: UUID) -> DeletionView:
    """Read what the deletion of a workflow takes away; once it was asked for, how far it is."""
    return deleting.preview_deletion(database(), workflow_id)


@blueprint.delete("/<uuid:workflow_id>")
@blueprint.arguments(DeletionInput, location="query")
@blueprint.response(202, schema_of(DeletionView))
def delete_workflow(query: dict[str, Any], workflow_id: UUID) -> DeletionView:
    """Delete a workflow in which nothing is at work, with its tasks, agents, events and files.

    Nobody finds it from now on; what it has left goes within minutes. Branches with commits that
    nothing else holds stay, unless `drop_unmerged` is true. Asking again changes nothing.
    """
    return deleting.delete_workflow(database(), workflow_id, by=caller().name, **query)


@blueprint.post("/<uuid:workflow_id>/approve")
@blueprint.arguments(ApprovalInput)
@blueprint.response(200, WorkflowSchema)
def approve_workflow(body: dict[str, Any], workflow_id: UUID) -> WorkflowView:
    """Let a workflow that waits for approval go on to its base branch.

    If that was moved otherwise than forward (`base_moved_to`), this accepts the move instead: held
    merges and a held delivery go on with the branch as it is now.

    With `expected_commit`, that of the diff that was looked at, no other commit is delivered; if
    the diff is one of another commit by now, the answer is a 409 with the code `commit_moved`.
    """
    return approve_delivery(database(), workflow_id, **body)


@blueprint.post("/<uuid:workflow_id>/send-back")
@blueprint.arguments(SendBackInput)
@blueprint.response(201, schema_of(TaskView))
def send_back_workflow(body: dict[str, Any], workflow_id: UUID) -> TaskView:
    """Have work that waits for its delivery mended; answers with the task that does it.

    The work is delivered only after that, and after a person has looked at it again.
    """
    return send_back(database(), workflow_id, by=caller().name, **body)


@blueprint.post("/<uuid:workflow_id>/limits")
@blueprint.arguments(LimitsInput)
@blueprint.response(200, WorkflowSchema)
def change_limits(body: dict[str, Any], workflow_id: UUID) -> WorkflowView:
    """Change limits of a running workflow, for its running agents too."""
    return service.change_limits(database(), workflow_id, body)


@blueprint.get("/<uuid:workflow_id>/facts")
@blueprint.response(200, FactListSchema)
def list_facts(workflow_id: UUID) -> dict[str, list[FactView]]:
    """List the facts of the repository that count in a workflow, with who recorded each."""
    return {"items": facts.list_facts(database(), workflow_id)}


@blueprint.post("/<uuid:workflow_id>/facts")
@blueprint.arguments(FactsInput)
@blueprint.response(200, FactListSchema)
def correct_facts(body: dict[str, Any], workflow_id: UUID) -> dict[str, list[FactView]]:
    """Record facts that no agent of the workflow changes; answers with all that count."""
    name = caller().name
    return {"items": facts.correct_facts(database(), workflow_id, body, by=name)}


@blueprint.post("/<uuid:workflow_id>/messages")
@blueprint.arguments(BroadcastInput)
@blueprint.response(201, items_of(MessageView))
def message_workflow(body: dict[str, Any], workflow_id: UUID) -> dict[str, list[MessageView]]:
    """Send a message to every live agent of a workflow, or of a phase; answers with each."""
    return {"items": broadcast_to(database(), workflow_id, **body, sender=caller().name)}


@blueprint.get("/<uuid:workflow_id>/diff")
@blueprint.response(200, schema_of(DiffView))
def get_workflow_diff(workflow_id: UUID) -> DiffView:
    """Read what a workflow's merged work changes, as of its newest merge.

    The patch has at most 256 KiB, the list of files 500 entries; `truncated` says if that was less
    than all. `base` and `commit` name the whole of it for git.
    """
    return workflow_diff(database(), workflow_id)


@blueprint.get("/<uuid:workflow_id>/files")
@blueprint.arguments(FilesFilter, location="query")
@blueprint.response(200, schema_of(WorkflowFiles))
def get_workflow_files(query: dict[str, Any], workflow_id: UUID) -> WorkflowFiles:
    """Read which files a workflow's merged work changed, and which tasks did it.

    Files that most tasks changed come first. The newest 200 merges are read, of a repository in a
    folder of this machine; `unread` says why they cannot be read. There are at most 500 files.
    """
    return files_by_author(database(), wiring().settings, workflow_id, **query)


@blueprint.get("/<uuid:workflow_id>/merges")
@blueprint.arguments(PageInput, location="query")
@blueprint.response(200, page_of(MergeView))
def list_workflow_merges(query: dict[str, Any], workflow_id: UUID) -> dict[str, Any]:
    """List the merges of a workflow, oldest first."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = page_of_merges(database(), workflow_id, **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}


@blueprint.get("/<uuid:workflow_id>/results")
@blueprint.arguments(PageInput, location="query")
@blueprint.response(200, page_of(ResultView))
def list_workflow_results(query: dict[str, Any], workflow_id: UUID) -> dict[str, Any]:
    """List the results submitted in a workflow, oldest first."""
    cursor = cursor_key(query.pop("cursor", None))
    items, following = page_of_results(database(), workflow_id, **query, cursor=cursor)
    return {"items": items, "next_cursor": cursor_text(following)}


@blueprint.get("/<uuid:workflow_id>/diagnoses")
@blueprint.response(200, schema_of(DiagnosesView))
def list_diagnoses(workflow_id: UUID) -> DiagnosesView:
    """List the newest runs of the diagnostician on a workflow, and say whether one is due."""
    return diagnoses_of(database(), workflow_id, rhythm_of(wiring().settings))


@blueprint.get("/<uuid:workflow_id>/coherence")
@blueprint.response(200, schema_of(CoherenceView))
def get_coherence(workflow_id: UUID) -> CoherenceView:
    """Read how the live agents of a workflow get along: duplicates, lines that two change."""
    return coherence_of(database(), workflow_id, wiring().settings.conductor_policy)


@blueprint.get("/<uuid:workflow_id>/summary")
@blueprint.response(200, schema_of(Summary))
def summarize_workflow(workflow_id: UUID) -> Summary:
    """Read what a workflow came to: tasks, failures, merges, result, delivery, who created what."""
    return summarize(database(), workflow_id)
