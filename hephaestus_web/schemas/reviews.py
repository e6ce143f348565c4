"""Requests about reviews."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input, PageInput, Word


class ReviewFilter(PageInput):
    """Which reviews to list."""

    workflow_id = fields.UUID()
    task_id = fields.UUID()
    status = Word()


class ResultVerdictInput(Input):
    """A person's verdict on a result."""

    passed = fields.Boolean(required=True, truthy={True}, falsy={False})
    feedback = fields.String(
        load_default="", metadata={"description": "The reason; needed if not passed."}
    )


class VerdictInput(Input):
    """A person's verdict."""

    passed = fields.Boolean(required=True, truthy={True}, falsy={False})
    feedback = fields.String(
        load_default="", metadata={"description": "What is to be done; needed if not passed."}
    )
    commit = Word(
        load_default="",
        metadata={
            "description": "What was looked at, or its beginning; refused if the review is about "
            "another commit by now."
        },
    )
