"""What people can see of a workflow, read from the API once it has come to rest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hephaestus_sdk import HephaestusSDK
from hephaestus_sdk.api.intervention_views import Intervention
from hephaestus_sdk.api.review_views import Review
from hephaestus_sdk.models import Event, Merge, Message, Task, Workflow, WorkflowResult


@dataclass(frozen=True)
class Seen:
    """A workflow with all that belongs to it."""

    workflow: Workflow
    tasks: list[Task]
    """Each with its attempts."""
    reviews: list[Review]
    results: list[WorkflowResult]
    merges: list[Merge]
    messages: list[Message]
    events: list[Event]
    interventions: list[Intervention]
    outputs: Mapping[str, str]
    """The screens of its agents, by agent."""


def look_at(sdk: HephaestusSDK, workflow_id: str) -> Seen:
    """Read all that people can see of a workflow."""
    tasks = [sdk.get_task(task.id) for task in sdk.get_tasks(workflow_id=workflow_id)]
    attempts = [attempt for task in tasks for attempt in task.attempts]
    return Seen(
        workflow=sdk.get_workflow(workflow_id),
        tasks=tasks,
        reviews=sdk.client.reviews(workflow_id=workflow_id),
        results=sdk.client.results(workflow_id),
        merges=sdk.client.merges(workflow_id),
        messages=sdk.client.messages(workflow_id=workflow_id, limit=None),
        events=list(_events(sdk, workflow_id)),
        interventions=sdk.client.interventions(workflow_id=workflow_id, limit=None),
        outputs={attempt.id: _output(sdk, attempt.id) for attempt in attempts},
    )


def _output(sdk: HephaestusSDK, agent_id: str) -> str:
    return "".join(part.text for part in sdk.client.output_so_far(agent_id))


def _events(sdk: HephaestusSDK, workflow_id: str) -> Iterator[Event]:
    after = 0
    while (page := sdk.client.events(after, workflow_id=workflow_id)).items:
        yield from page.items
        after = page.last_seq
