"""Pure decisions about vectors: which model answers, which text is read, which vector is sound."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from hephaestus_core.contract.errors import InvalidInput
from hephaestus_core.settings.embedding_settings import MOST_DIMENSIONS, EmbedderChoice

#: Characters of a text that are read: enough for its meaning, and not too much for any model.
TEXT_LIMIT: Final = 4000

#: What can be made anew.
TARGETS: Final = ("all", "vectors", "copy")

Vector = Sequence[float]


class CopyAway(Exception):
    """Qdrant did not do what it was asked for; the text is for people and holds no key."""


@dataclass(frozen=True)
class Model:
    """A model as the database knows it."""

    id: int
    choice: EmbedderChoice
    dimension: int | None
    wanted_at: datetime
    complete_at: datetime | None
    trouble: str | None = None


@dataclass(frozen=True)
class QueryVector:
    """The vector of a question, which is compared with vectors of the same model only."""

    model_id: int
    values: Vector


@dataclass(frozen=True)
class Pending:
    """A text that the wanted model has not read."""

    collection: str
    item_id: UUID
    text: str
    text_hash: str


def checked_target(target: str, *, with_copy: bool) -> None:
    """Check what is to be made anew.

    Raises:
        InvalidInput: there is no such target, or no copy.
    """
    if target not in TARGETS:
        raise InvalidInput(
            f"There is nothing called {target!r} to make anew; known: {', '.join(TARGETS)}.",
            field="target",
        )
    if target == "copy" and not with_copy:
        raise InvalidInput(
            "There is no copy to make anew; it takes the setting 'qdrant_url'.", field="target"
        )


def read_part(text: str) -> str:
    """Return the part of a text that vectors are made of."""
    return text[:TEXT_LIMIT]


def hash_of(text: str) -> str:
    """Return the hash that tells whether a text has changed."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def wanted(models: Sequence[Model]) -> Model | None:
    """Return the model that makes vectors: the one that was wanted last."""
    return max(models, key=lambda model: (model.wanted_at, model.id), default=None)


def answering(models: Sequence[Model]) -> Model | None:
    """Return the model whose vectors are searched.

    It is the wanted one once it has read every text, until then the newest before it that has.
    """
    complete = [model for model in models if model.complete_at is not None]
    return wanted(complete) or wanted(models)


def sound(vectors: Sequence[Any], count: int) -> list[list[float]] | None:
    """Return the vectors of an embedder as unit vectors; None: they are not what was asked for.

    A text without any known word has a vector of zeros, which is near to nothing.
    """
    if len(vectors) != count:
        return None
    lengths = {len(vector) if isinstance(vector, list | tuple) else 0 for vector in vectors}
    if len(lengths) != 1 or not 0 < max(lengths) <= MOST_DIMENSIONS:
        return None
    units = [_unit(vector) for vector in vectors]
    return [unit for unit in units if unit is not None] if None not in units else None


def _unit(vector: Sequence[Any]) -> list[float] | None:
    if not all(isinstance(each, int | float) and math.isfinite(each) for each in vector):
        return None
    length = math.sqrt(sum(each * each for each in vector))
    return [each / length for each in vector] if length > 0 else [0.0 for _ in vector]
