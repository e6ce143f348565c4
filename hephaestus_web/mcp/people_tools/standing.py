"""Tools about how a workflow stands: its agents together, diagnoses, and its limits."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from pydantic import Field

from hephaestus_core.conductor.service import coherence_of
from hephaestus_core.conductor.views import CoherenceView
from hephaestus_core.diagnoses.service import diagnoses_of, rhythm_of
from hephaestus_core.diagnoses.views import DiagnosesView
from hephaestus_core.lifecycle import service
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_web.mcp.identity import CallContext, person_door
from hephaestus_web.mcp.shapes import Limit

WorkflowId = Annotated[UUID, Field(description="From start_workflow or list_workflows.")]
NewLimit = Annotated[int | None, Field(description="null: as it is.")]


def get_coherence(context: CallContext, workflow_id: WorkflowId) -> CoherenceView:
    """Read which live agents of a workflow do the same or change the same lines, with advice."""
    own = person_door(context)
    return coherence_of(own.database, workflow_id, own.wiring.settings.conductor_policy)


def get_diagnoses(
    context: CallContext, workflow_id: WorkflowId, limit: Limit = 10
) -> DiagnosesView:
    """List the runs of the diagnostician on a workflow, newest first, and whether one is due."""
    own = person_door(context)
    found = diagnoses_of(own.database, workflow_id, rhythm_of(own.wiring.settings))
    return replace(found, items=found.items[:limit])


def change_limits(  # noqa: PLR0917 - the SDK passes all of them by name
    context: CallContext,
    workflow_id: WorkflowId,
    tasks_per_workflow: NewLimit = None,
    tasks_per_attempt: NewLimit = None,
    task_depth: NewLimit = None,
    messages_per_minute: NewLimit = None,
    tasks_per_diagnosis: NewLimit = None,
    diagnoses_per_workflow: NewLimit = None,
) -> WorkflowView:
    """Change limits of a running workflow, for its running agents too."""
    given = {
        "tasks_per_workflow": tasks_per_workflow,
        "tasks_per_attempt": tasks_per_attempt,
        "task_depth": task_depth,
        "messages_per_minute": messages_per_minute,
        "tasks_per_diagnosis": tasks_per_diagnosis,
        "diagnoses_per_workflow": diagnoses_per_workflow,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    return service.change_limits(person_door(context).database, workflow_id, changed)
