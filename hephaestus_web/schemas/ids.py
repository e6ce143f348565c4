"""Requests about ids."""

from marshmallow import fields, validate

from hephaestus_core.contract.ids import IdKind
from hephaestus_web.schemas.base import Input, ShortList


class IdFilter(Input):
    """Of which kinds the thing may be."""

    kind = ShortList(
        fields.Enum(IdKind, by_value=True),
        load_default=list(IdKind),
        validate=validate.Length(1, len(IdKind)),
        metadata={"description": "May be repeated; default: any."},
    )
