"""Requests about memories."""

from marshmallow import fields, validate

from hephaestus_web.schemas.base import Input, PageInput, ShortList, Word

#: Most memories that a search answers with.
_MOST_FOUND = 20


class MemoryFilter(PageInput):
    """Which memories to list."""

    repository = Word()
    type = Word()
    forgotten = fields.Boolean(
        metadata={"description": "Only forgotten ones, or only the others; default: both."}
    )


class ExportFilter(Input):
    """Which memories to download."""

    repository = Word()
    forgotten = fields.Boolean(
        load_default=False,
        metadata={"description": "Forgotten ones in place of the others."},
    )


class ImportPlace(Input):
    """Where imported memories count as learned."""

    repository = Word(metadata={"description": "Of all of them; default: as each line says."})


class MemoryQuestion(Input):
    """What is searched, and where."""

    repository = Word(required=True, metadata={"description": "Global memories are found too."})
    question = fields.String(required=True)
    limit = fields.Integer(load_default=5, validate=validate.Range(1, _MOST_FOUND))


class _Told(Input):
    type = Word(required=True)
    text = fields.String(required=True)
    tags = ShortList(fields.String(), load_default=list)
    files = ShortList(fields.String(), load_default=list)


class MemoryInput(_Told):
    """A memory to add."""

    repository = Word(required=True)
    is_global = fields.Boolean(
        load_default=False,
        metadata={"description": "Whether agents in all repositories are told it."},
    )


class EditInput(_Told):
    """What a memory says from now on."""

    is_global = fields.Boolean(
        load_default=False,
        metadata={"description": "Whether agents in all repositories are told it."},
    )


class RatingInput(Input):
    """What a person thinks of a memory."""

    rating = Word(required=True, metadata={"description": "useful, useless or wrong."})
