"""Requests about questions."""

from marshmallow import fields

from hephaestus_web.schemas.base import Input, PageInput, Word, number


class QuestionFilter(PageInput):
    """Which questions to list."""

    workflow_id = fields.UUID()
    task_id = fields.UUID()
    status = Word()


class AnswerInput(Input):
    """An answer: one of the two."""

    answer = fields.String(metadata={"description": "In words; any, whatever the options."})
    option = number(metadata={"description": "Or the number of an option, from 1."})
