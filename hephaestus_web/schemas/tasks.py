"""Requests about tasks."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input, PageInput, Word, number, query_number


class TaskInput(Input):
    """A task to create."""

    workflow_id = fields.UUID(required=True)
    description = fields.String(required=True)
    title = fields.String(
        allow_none=True, metadata={"description": "Default: the first line of the description."}
    )
    phase_id = number(required=True)
    priority = Word(load_default="medium")
    done_definition = fields.String(allow_none=True)
    parent_task_id = fields.UUID(allow_none=True)
    created_by = fields.String(
        metadata={"description": "For the record, behind the name of the token, which comes first."}
    )
    cli_tool = Word(allow_none=True)
    cli_model = Word(allow_none=True)
    ticket_id = Word(allow_none=True)
    after = fields.List(
        fields.UUID(),
        metadata={"description": "Tasks of the workflow; it starts once all of them are done."},
    )
    beyond_limit = fields.Boolean(
        load_default=False,
        metadata={"description": "Create it though its phase has `most_tasks` already."},
    )


class DuplicateInput(Input):
    """The task that does the work."""

    of = fields.UUID(required=True, metadata={"description": "A task of the same workflow."})
    reason = fields.String()


class TaskFilter(PageInput):
    """Which tasks to list."""

    workflow_id = fields.UUID()
    status = Word()
    phase_id = query_number()
    parent_task_id = fields.UUID()
