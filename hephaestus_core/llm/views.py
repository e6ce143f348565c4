"""A call to a model, its parts and its outcome, as values."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from hephaestus_core.contract.llm import CallKind, LlmOutcome


class Answer(BaseModel):
    """Base of the schemas of answers: every field is required, and no other is taken.

    Bounds of a field, such as ``max_length``, are told to the model and checked in its answer.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


T = TypeVar("T", bound=Answer)


@dataclass(frozen=True, kw_only=True)
class Question(Generic[T]):
    """A question to a model."""

    kind: CallKind | None
    """None: a trial of the configuration, with the default model."""
    instructions: str
    """The part that is the same in every call of this kind, so that providers cache it."""
    material: dict[str, str]
    """By title, what the question is about. It may be written by strangers: it is fenced as data,
    and cut to :data:`MATERIAL_LIMIT` characters each."""
    answer: type[T]
    background: dict[str, str] = field(default_factory=dict)
    """Material too, which stays the same over several questions: it comes first, so that providers
    cache it."""
    workflow_id: UUID | None = None
    calls_per_hour: int | None = None
    """Most calls of this kind within any hour; None: only tokens are counted."""
    seconds: float | None = None
    """Most seconds for the answer; None: those of the assignment."""


@dataclass(frozen=True)
class Usage:
    """The tokens of an answer, as the provider counts them."""

    input_tokens: int = 0
    """Without those of the cache."""
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost: float | None = None
    """Dollars, if the provider says it."""

    @property
    def tokens(self) -> int:
        """Return the sum, which is what budgets count."""
        return (
            self.input_tokens
            + self.output_tokens
            + self.cache_read_tokens
            + self.cache_write_tokens
        )


@dataclass(frozen=True)
class Prompt:
    """The texts of one call, as a provider takes them."""

    system: str
    user: str
    schema: dict[str, object] = field(default_factory=dict)
    background: str = ""
    """The beginning of the user's message, which is the same in several calls."""

    @property
    def message(self) -> str:
        """Return the user's whole message."""
        return "\n\n".join(filter(None, (self.background, self.user)))


@dataclass(frozen=True)
class Sent:
    """The provider's answer to one try."""

    text: str
    usage: Usage | None
    """None: the provider does not say."""
    outcome: LlmOutcome = LlmOutcome.ANSWERED
    """``refused`` or ``truncated`` where the provider says so."""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply(Generic[T]):
    """The outcome of a question; a caller goes on without an answer."""

    outcome: LlmOutcome
    detail: str
    """A sentence for people, with the remedy; never with a key or a prompt."""
    answer: T | None = None
    provider: str | None = None
    model: str | None = None
    seconds: float = 0.0
