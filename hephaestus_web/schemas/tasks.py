"""Requests about tasks."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input, PageInput, number, query_number


class TaskInput(Input):
    """A task to create."""

    workflow_id = fields.UUID(required=True)
    description = fields.String(required=True)
    phase_id = number(required=True)
    priority = fields.String(load_default="medium")
    done_definition = fields.String(allow_none=True)
    parent_task_id = fields.UUID(allow_none=True)
    created_by = fields.String(load_default="person")
    cli_tool = fields.String(allow_none=True)
    cli_model = fields.String(allow_none=True)
    ticket_id = fields.String(allow_none=True)


class TaskFilter(PageInput):
    """Which tasks to list."""

    workflow_id = fields.UUID()
    status = fields.String()
    phase_id = query_number()
    parent_task_id = fields.UUID()
