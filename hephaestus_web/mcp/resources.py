"""Workflows and tasks as MCP resources: JSON documents that a client can list and read."""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import pydantic_core
from mcp_types import (
    ListResourcesResult,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from hephaestus_core.contract.errors import InvalidInput, NotFound
from hephaestus_core.lifecycle.service import list_workflows
from hephaestus_core.lifecycle.views import WorkflowView
from hephaestus_core.tasks.service import list_tasks
from hephaestus_core.tasks.views import TaskView
from hephaestus_web.mcp.identity import AgentDoor, Door
from hephaestus_web.mcp.reading import read_task, read_workflow
from hephaestus_web.requests.cursors import Key, cursor_key, cursor_text

_JSON: Final = "application/json"
_PAGE: Final = 100
_URI: Final = re.compile(r"hephaestus://(?P<kind>workflows|tasks)/(?P<id>[0-9a-fA-F-]{36})")
#: Most characters of a text in a list.
_LIST_TEXT: Final = 200


class Library:
    """All workflows and tasks for people; for an agent its workflow and the tasks in it.

    A list has workflows first, then tasks, each newest first.
    """

    templates: Sequence[ResourceTemplate] = (
        ResourceTemplate(
            uri_template="hephaestus://workflows/{id}",
            name="workflow",
            title="Workflow",
            description="A workflow: its goal, its phases, its tasks counted, its delivery.",
            mime_type=_JSON,
        ),
        ResourceTemplate(
            uri_template="hephaestus://tasks/{id}",
            name="task",
            title="Task",
            description="A task whole: attempts, children, parent, what its agent was told.",
            mime_type=_JSON,
        ),
    )

    def listed(self, door: Door, cursor: str | None) -> ListResourcesResult:
        """Return a page of workflows, or of tasks after the last workflow.

        Raises:
            InvalidInput: the cursor is none of ours.
            StaleAttempt, Forbidden: the caller may read nothing.
        """
        door.check_may_read()
        kind, _, place = (cursor or "workflows:").partition(":")
        if kind == "tasks":
            return _tasks(door, cursor_key(place or None))
        if kind == "workflows":
            return _workflows(door, cursor_key(place or None))
        raise InvalidInput("Unknown cursor; send the `nextCursor` of the previous page.")

    def read(self, door: Door, uri: str) -> ReadResourceResult:
        """Return a workflow or a task as JSON.

        Raises:
            NotFound: the URI names nothing, or nothing that the caller may read.
            StaleAttempt, Forbidden: the caller may read nothing.
        """
        kind, identity = _parsed(uri)
        read = read_workflow if kind == "workflows" else read_task
        found = read(door, identity)
        text = pydantic_core.to_json(found, indent=2).decode()
        return ReadResourceResult(
            contents=[TextResourceContents(uri=uri, mime_type=_JSON, text=text)]
        )


def _workflows(door: Door, after: Key | None) -> ListResourcesResult:
    if isinstance(door, AgentDoor):
        found, following = [read_workflow(door, door.caller.workflow_id)], None
    else:
        found, following = list_workflows(door.database, limit=_PAGE, cursor=after)
    next_cursor = "tasks:" if following is None else f"workflows:{cursor_text(following)}"
    return ListResourcesResult(resources=_described(found), next_cursor=next_cursor)


def _tasks(door: Door, after: Key | None) -> ListResourcesResult:
    own = door.caller.workflow_id if isinstance(door, AgentDoor) else None
    page = list_tasks(door.database, workflow_id=own, limit=_PAGE, cursor=after)
    next_cursor = None if page.cursor is None else f"tasks:{cursor_text(page.cursor)}"
    return ListResourcesResult(resources=_described(page.items), next_cursor=next_cursor)


def _described(items: Iterable[WorkflowView | TaskView]) -> list[Resource]:
    return [_resource(item) for item in items]


def _resource(item: WorkflowView | TaskView) -> Resource:
    if isinstance(item, WorkflowView):
        kind, title = "workflow", f"{item.title} ({item.condition.name.replace('_', ' ')})"
    else:
        kind, title = "task", f"{item.title} ({item.status})"
    return Resource(
        uri=f"hephaestus://{kind}s/{item.id}",
        name=f"{kind} {item.id}",
        title=title,
        description=" ".join(item.description[:_LIST_TEXT].split()) or None,
        mime_type=_JSON,
    )


def _parsed(uri: str) -> tuple[str, UUID]:
    match = _URI.fullmatch(uri)
    try:
        if match is not None:
            return match["kind"], UUID(match["id"])
    except ValueError:
        pass
    raise NotFound(
        f"There is no resource {uri!r}; use hephaestus://workflows/{{id}} or hephaestus://tasks/{{id}}."
    )
