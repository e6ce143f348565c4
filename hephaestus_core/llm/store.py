"""Rows of calls, and the budgets they count against; functions join the open transaction."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, func, select, text, update
from sqlalchemy.orm import Session

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.models import LlmCall
from hephaestus_core.llm.views import Usage

#: Key of the advisory lock under which calls are counted and added. No other lock is taken in it.
_LOCK_KEY: Final = 0x11A_B0D6E7
_HOUR: Final = text("llm_calls.started_at > now() - interval '1 hour'")
#: Whether a call is known, and what counts against each budget of it. One statement, also because a
#: sweep turns calls into sums meanwhile.
_USED: Final = text("""
    SELECT EXISTS (SELECT FROM llm_calls WHERE id = :id),
           coalesce(sum(counted_tokens) FILTER (WHERE recent), 0)::bigint,
           count(*) FILTER (WHERE recent AND kind = :kind),
           coalesce(sum(counted_tokens) FILTER (WHERE mine), 0)::bigint
               + (SELECT coalesce(sum(tokens), 0) FROM llm_sums WHERE workflow_id = :of)::bigint
    FROM (
        SELECT kind, counted_tokens, started_at > now() - interval '1 hour' AS recent,
               workflow_id = :of AS mine
        FROM llm_calls WHERE started_at > now() - interval '1 hour' OR workflow_id = :of
    ) AS counted
""").bindparams(bindparam("id", type_=Uuid()), bindparam("of", type_=Uuid()))


@dataclass(frozen=True, kw_only=True)
class Order:
    """A call that is about to be sent."""

    id: UUID
    kind: str
    workflow_id: UUID | None
    provider: str
    model: str
    tokens: int
    """The most that it can use."""
    calls_per_hour: int | None = None
    """Most calls of this kind within an hour; None: any number."""


@dataclass(frozen=True)
class Limits:
    """The most tokens of all calls within an hour, and of those for one workflow."""

    per_hour: int
    per_workflow: int


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The outcome of a call, and what it used."""

    outcome: LlmOutcome
    tries: int
    counted_tokens: int | None
    """What the budgets count; None: the reservation stays."""
    usage: Usage | None
    cost: float | None


def reserve(session: Session, order: Order, limits: Limits) -> str | None:
    """Add the call with its reservation, or return a sentence that says which budget is used up.

    A call that has been added already is not counted again.
    """
    session.execute(select(func.pg_advisory_xact_lock(_LOCK_KEY)))
    # All calls of the system wait here for each other.
    used = session.execute(_USED, {"id": order.id, "kind": order.kind, "of": order.workflow_id})
    is_known, in_hour, calls, by_workflow = used.one()
    if is_known:
        return None
    if in_hour + order.tokens > limits.per_hour:
        return f"The last hour's calls leave no room in llm_tokens_per_hour ({limits.per_hour:,})."
    most = order.calls_per_hour
    if most is not None and calls >= most:
        return f"The last hour's calls for '{order.kind}' have used up their budget of {most:,}."
    if order.workflow_id is not None and by_workflow + order.tokens > limits.per_workflow:
        return (
            f"The workflow's calls have used {by_workflow:,} of llm_tokens_per_workflow "
            f"({limits.per_workflow:,}), and this one may need {order.tokens:,}."
        )
    session.add(
        LlmCall(
            id=order.id,
            kind=order.kind,
            workflow_id=order.workflow_id,
            provider=order.provider,
            model=order.model,
            counted_tokens=order.tokens,
        )
    )
    return None


def settle(session: Session, call_id: UUID, settled: Settled) -> None:
    """Record the outcome of a call; a second time changes nothing."""
    values: dict[str, Any] = {
        "outcome": settled.outcome,
        "tries": settled.tries,
        "cost": settled.cost,
        "ended_at": func.clock_timestamp(),
    }
    if settled.usage is not None:
        values |= {
            "input_tokens": settled.usage.input_tokens,
            "output_tokens": settled.usage.output_tokens,
            "cache_read_tokens": settled.usage.cache_read_tokens,
            "cache_write_tokens": settled.usage.cache_write_tokens,
        }
    if settled.counted_tokens is not None:
        values["counted_tokens"] = settled.counted_tokens
    session.execute(
        update(LlmCall).where(LlmCall.id == call_id, LlmCall.outcome.is_(None)).values(values)
    )


def used_in_hour(session: Session) -> int:
    """Return the tokens that count in the hour up to now."""
    return int(session.scalars(_sum().where(_HOUR)).one())


def outcomes_of_hour(session: Session) -> dict[str, int]:
    """Return how many calls of the last hour had each outcome; those under way are left out."""
    query = (
        select(LlmCall.outcome, func.count())
        .where(_HOUR, LlmCall.outcome.is_not(None))
        .group_by(LlmCall.outcome)
    )
    return {str(outcome): count for outcome, count in session.execute(query)}


def cost_of_hour(session: Session) -> float:
    """Return the dollars of the last hour's calls, as far as they are known."""
    query = select(func.coalesce(func.sum(LlmCall.cost), 0.0)).where(_HOUR)
    return float(session.scalars(query).one() or 0.0)


def _sum() -> Select[int]:
    return select(func.coalesce(func.sum(LlmCall.counted_tokens), 0))
