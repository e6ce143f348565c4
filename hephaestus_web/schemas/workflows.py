"""Requests about workflows."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input, PageInput, number


class WorkflowInput(Input):
    """A workflow to start."""

    definition_id = fields.String(required=True)
    description = fields.String(allow_none=True)
    launch_params = fields.Dict(keys=fields.String(), allow_none=True)
    main_repo_path = fields.String(allow_none=True)
    base_branch = fields.String(allow_none=True)
    working_directory = fields.String(allow_none=True)
    auto_merge = fields.Boolean(allow_none=True)
    conflict_resolution = fields.String(allow_none=True)
    max_agents = number(allow_none=True)


class WorkflowFilter(PageInput):
    """Which workflows to list."""

    status = fields.String()
