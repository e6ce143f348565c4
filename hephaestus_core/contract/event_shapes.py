"""The shape of a type of event: a name with a sentence and fields."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from hephaestus_core.contract.event_fields import Field


class TypeWithFields(StrEnum):
    """A type of event; its members are those of ``EventType``."""

    sentence: str
    fields: tuple[Field, ...]

    def __new__(cls, value: str, sentence: str = "", *fields: Field) -> Self:
        event = str.__new__(cls, value)
        event._value_ = value
        event.sentence = sentence
        event.fields = fields
        return event

    def check(self, data: Mapping[str, Any]) -> None:
        """Check the values for an event of this type.

        Raises:
            ValueError: a value is missing, unknown or of another type, a fault of the caller.
        """
        known = {field.name: field for field in self.fields}
        wrong = [n for n, value in data.items() if n not in known or not known[n].takes(value)]
        missing = [n for n, field in known.items() if not field.optional and n not in data]
        if wrong or missing:
            raise ValueError(f"{self}: wrong {wrong}, missing {missing}")
