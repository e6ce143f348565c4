"""Requests about workflows."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input, PageInput, Word, number
from hephaestus_web.schemas.budgets import LaunchBudgetInput


class WorkflowInput(Input):
    """A workflow to start."""

    definition_id = Word(required=True)
    title = fields.String(
        allow_none=True,
        metadata={
            "description": "Default: the first line of the description, else of the first text "
            "among the launch parameters, else the definition's name."
        },
    )
    description = fields.String(allow_none=True)
    launch_params = fields.Dict(keys=fields.String(), allow_none=True)
    main_repo_path = Word(allow_none=True)
    base_branch = Word(allow_none=True)
    working_directory = Word(allow_none=True)
    auto_merge = fields.Boolean(allow_none=True)
    conflict_resolution = Word(allow_none=True)
    max_agents = number(allow_none=True)
    budget = fields.Nested(
        LaunchBudgetInput,
        allow_none=True,
        metadata={"description": "The most that its agents may use together."},
    )
    setup_command = fields.String(
        allow_none=True,
        metadata={
            "description": "Makes a fresh worktree ready, such as `npm ci`. Default, as for the "
            "next two: the definition's command, else the repository's setting."
        },
    )
    test_command = fields.String(
        allow_none=True, metadata={"description": "Runs all tests; else agents record it."}
    )
    lint_command = fields.String(
        allow_none=True, metadata={"description": "Checks style; else agents record it."}
    )
    task = fields.String(
        allow_none=True,
        metadata={
            "description": "The first task, where the definition has no prompt for one; it or "
            "`tasks_follow` is needed then."
        },
    )
    tasks_follow = fields.Boolean(
        allow_none=True,
        metadata={"description": "Without a first task: they are created afterwards."},
    )


class ApprovalInput(Input):
    """The approval of a delivery."""

    expected_commit = fields.String(
        metadata={"description": "Commit of the diff that was looked at, or its first characters."}
    )


class DeletionInput(Input):
    """How much of a workflow goes."""

    drop_unmerged = fields.Boolean(
        load_default=False,
        metadata={"description": "Delete its branches even if nothing else holds their commits."},
    )


class SendBackInput(ApprovalInput):
    """What is to be mended before the delivery."""

    feedback = fields.String(required=True)


class LimitsInput(Input):
    """The limits to change; the others stay."""

    tasks_per_workflow = number()
    tasks_per_attempt = number()
    task_depth = number()
    messages_per_minute = number()
    tasks_per_diagnosis = number()
    diagnoses_per_workflow = number()


class FactsInput(Input):
    """The facts to record; an empty text takes one back, and the others stay."""

    setup_command = fields.String()
    test_command = fields.String()
    lint_command = fields.String()
    build_command = fields.String()
    notes = fields.String()


class FilesFilter(Input):
    """Whose files, and which."""

    task_id = fields.UUID(metadata={"description": "Only what this task changed."})
    agent_id = fields.UUID(metadata={"description": "Only what this attempt changed."})
    path = Word(metadata={"description": "Only this file, or what lies below this folder."})


class WorkflowFilter(PageInput):
    """Which workflows to list."""

    status = Word()
    condition = Word(
        metadata={"description": "One of at_work, waits_for_you, stands_still, quiet and over."}
    )
