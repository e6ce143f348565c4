"""Requests about vectors."""

from marshmallow import fields, validate

from hephaestus_core.vectors.rules import TARGETS
from hephaestus_web.schemas.base import Input


class ReindexInput(Input):
    """``vectors``: all texts are read again; ``copy``: that in Qdrant is made anew; ``all``."""

    target = fields.String(load_default="all", validate=validate.OneOf(TARGETS))
