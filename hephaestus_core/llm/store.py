"""Rows of calls, and the budgets they count against; functions join the open transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, insert, select, text
from sqlalchemy.orm import Session

from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.llm.models import LlmCall
from hephaestus_core.llm.reservations import Limits, Order, Used, refusals
from hephaestus_core.llm.views import Usage

#: Key of the advisory lock under which calls are counted and added. No other lock is taken in it.
_LOCK_KEY: Final = 0x11A_B0D6E7
_LOCK: Final = select(func.pg_advisory_xact_lock(_LOCK_KEY))
_HOUR: Final = text("llm_calls.started_at > now() - interval '1 hour'")
#: What counts against the budgets of some calls. One statement, also because a sweep turns calls
#: into sums meanwhile.
_USED: Final = text("""
    SELECT 'kind' AS of, kind AS name, sum(counted_tokens)::bigint AS tokens, count(*) AS calls
    FROM llm_calls WHERE started_at > now() - interval '1 hour' GROUP BY kind
    UNION ALL
    SELECT 'workflow', workflow_id::text, sum(tokens)::bigint, 0
    FROM (
        SELECT workflow_id, counted_tokens AS tokens FROM llm_calls
        WHERE workflow_id = ANY (:workflows)
        UNION ALL
        SELECT workflow_id, tokens FROM llm_sums WHERE workflow_id = ANY (:workflows)
    ) AS counted GROUP BY workflow_id
""").bindparams(bindparam("workflows", type_=ARRAY(Uuid())))
#: Written out: to build it for each call takes longer than to send it.
_SETTLE: Final = text("""
    UPDATE llm_calls SET
        outcome = :outcome, tries = :tries, cost = :cost, ended_at = clock_timestamp(),
        counted_tokens = coalesce(:counted_tokens, counted_tokens),
        input_tokens = :input_tokens, output_tokens = :output_tokens,
        cache_read_tokens = :cache_read_tokens, cache_write_tokens = :cache_write_tokens
    WHERE id = :id AND outcome IS NULL
""").bindparams(bindparam("id", type_=Uuid()))


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The outcome of a call, and what it used."""

    outcome: LlmOutcome
    tries: int
    counted_tokens: int | None
    """What the budgets count; None: the reservation stays."""
    usage: Usage | None
    cost: float | None


def reserve(session: Session, orders: Sequence[Order], limits: Limits) -> list[str | None]:
    """Add calls with their reservations, in their order, as far as the budgets allow.

    Returns for each a sentence that says which budget is used up, or None.
    """
    session.execute(_LOCK)
    # All calls of the system wait here for each other.
    refused = refusals(orders, _used(session, orders), limits)
    added = [
        {
            "id": order.id,
            "kind": order.kind,
            "workflow_id": order.workflow_id,
            "provider": order.provider,
            "model": order.model,
            "counted_tokens": order.tokens,
        }
        for order, reason in zip(orders, refused, strict=True)
        if reason is None
    ]
    if added:
        session.execute(insert(LlmCall), added)
    return refused


def _used(session: Session, orders: Sequence[Order]) -> Used:
    of = {order.workflow_id for order in orders if order.workflow_id is not None}
    used = Used()
    for what, name, tokens, calls in session.execute(_USED, {"workflows": sorted(of)}):
        if what == "kind":
            used.tokens += tokens
            used.calls[name] = calls
        else:
            used.by_workflow[UUID(name)] = tokens
    return used


def settle(session: Session, call_id: UUID, settled: Settled) -> None:
    """Record the outcome of a call; a second time changes nothing."""
    usage = settled.usage
    values = {
        "id": call_id,
        "outcome": str(settled.outcome),
        "tries": settled.tries,
        "counted_tokens": settled.counted_tokens,
        "cost": settled.cost,
        "input_tokens": None if usage is None else usage.input_tokens,
        "output_tokens": None if usage is None else usage.output_tokens,
        "cache_read_tokens": None if usage is None else usage.cache_read_tokens,
        "cache_write_tokens": None if usage is None else usage.cache_write_tokens,
    }
    session.execute(_SETTLE, values)


def used_in_hour(session: Session) -> int:
    """Return the tokens that count in the hour up to now."""
    query = select(func.coalesce(func.sum(LlmCall.counted_tokens), 0)).where(_HOUR)
    return session.scalars(query).one()


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
    return session.scalars(query).one() or 0.0
