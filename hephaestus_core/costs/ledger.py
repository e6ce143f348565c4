"""The ledger of what agents use: each turn once, whoever reads it and however often."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hephaestus_core.costs.models import UsedSum, UsedTurn
from hephaestus_core.costs.prices import OwnPrices, price
from hephaestus_core.costs.rules import MOST_TURNS, by_key, latest
from hephaestus_core.costs.views import TOKENS, PriceSource, Tokens, Turn
from hephaestus_core.db.engine import Database, database_now

#: First key of the advisory locks under which the turns of one task are recorded; the second is a
#: hash of its id. No other lock is taken while one is held.
_LOCK_KEY: Final = 0x1ED6E4
#: Most turns that one transaction records.
_BATCH: Final = 500
_SUMS: Final = ("turns", *TOKENS, "unpriced_tokens", "dollars")

_ATTEMPT: Final = text("SELECT task_id, workflow_id, model FROM agents WHERE id = :id")


@dataclass(frozen=True)
class _Attempt:
    id: UUID
    task_id: UUID
    workflow_id: UUID
    model: str | None


@dataclass(frozen=True)
class _Priced:
    """A turn, with what it is booked on."""

    turn: Turn
    agent_id: UUID
    day: date
    dollars: Decimal | None
    source: PriceSource | None

    def sums(self) -> dict[str, Any]:
        """Return what it adds to the sum of its attempt, day and model."""
        tokens = self.turn.tokens
        return {
            "turns": 1,
            **{name: getattr(tokens, name) for name in TOKENS},
            "unpriced_tokens": tokens.total if self.dollars is None else 0,
            "dollars": self.dollars or Decimal(0),
        }


def record_turns(
    db: Database, agent_id: UUID, turns: Sequence[Turn], own_prices: OwnPrices
) -> bool:
    """Record turns that an attempt's program has noted; those that are known only grow.

    An attempt beyond its most turns adds none. Turns of an unknown attempt are left out. Returns
    whether any of it was news.
    """
    believable = list(by_key(turns).values())
    news = False
    for start in range(0, len(believable), _BATCH):
        some = believable[start : start + _BATCH]
        with db.transaction() as session:
            row = session.execute(_ATTEMPT, {"id": agent_id}).one_or_none()
            if row is not None:
                news |= _record(session, _Attempt(agent_id, *row), some, own_prices)
    return news


def _record(
    session: Session, attempt: _Attempt, turns: Sequence[Turn], own_prices: OwnPrices
) -> bool:
    task_key = func.hashtext(str(attempt.task_id))
    session.execute(select(func.pg_advisory_xact_lock(_LOCK_KEY, task_key)))
    known = _known(session, attempt.task_id, [turn.key for turn in turns])
    room = max(0, MOST_TURNS - _turns_of(session, attempt.id))
    today = database_now(session).date()
    changed: list[tuple[_Priced | None, _Priced]] = []
    for turn in turns:
        before = known.get(turn.key)
        if before is None:
            if room == 0:
                continue
            room -= 1
        merged = turn if before is None else latest(before.turn, turn)
        if before is None or merged != before.turn:
            agent_id, day = (attempt.id, today) if before is None else (before.agent_id, before.day)
            changed.append((before, _priced(merged, agent_id, day, attempt.model, own_prices)))
    _write_turns(session, attempt.task_id, [after for _, after in changed])
    _write_sums(session, attempt, changed)
    return bool(changed)


def _priced(
    turn: Turn, agent_id: UUID, day: date, model: str | None, own_prices: OwnPrices
) -> _Priced:
    """Return the turn with its price; a program that names no model has the one it was given."""
    chosen = turn if turn.model or model is None else Turn(turn.key, turn.tokens, model, turn.cost)
    return _Priced(chosen, agent_id, day, *price(chosen, own_prices))


def _known(session: Session, task_id: UUID, keys: list[str]) -> dict[str, _Priced]:
    query = select(UsedTurn).where(UsedTurn.task_id == task_id, UsedTurn.key.in_(keys))
    return {row.key: _booked(row) for row in session.scalars(query)}


def _booked(row: UsedTurn) -> _Priced:
    tokens = Tokens(*(getattr(row, name) for name in TOKENS))
    turn = Turn(row.key, tokens, row.model, row.program_dollars)
    source = PriceSource(row.price_source) if row.price_source else None
    return _Priced(turn, row.agent_id, row.day, row.dollars, source)


def _turns_of(session: Session, agent_id: UUID) -> int:
    query = select(func.coalesce(func.sum(UsedSum.turns), 0)).where(UsedSum.agent_id == agent_id)
    return int(session.scalars(query).one())


def _write_turns(session: Session, task_id: UUID, turns: list[_Priced]) -> None:
    if not turns:
        return
    rows = [
        {
            "task_id": task_id,
            "key": each.turn.key,
            "agent_id": each.agent_id,
            "day": each.day,
            "model": each.turn.model,
            **{name: getattr(each.turn.tokens, name) for name in TOKENS},
            "program_dollars": each.turn.cost,
            "dollars": each.dollars,
            "price_source": each.source,
        }
        for each in turns
    ]
    statement = insert(UsedTurn)
    fresh = {
        name: statement.excluded[name]
        for name in ("model", *TOKENS, "program_dollars", "dollars", "price_source")
    }
    keys = [UsedTurn.task_id, UsedTurn.key]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh), rows)


def _write_sums(
    session: Session, attempt: _Attempt, changed: list[tuple[_Priced | None, _Priced]]
) -> None:
    added: dict[tuple[UUID, date, str], dict[str, Any]] = defaultdict(
        lambda: dict.fromkeys(_SUMS, 0)
    )
    for before, after in changed:
        for priced, sign in ((before, -1), (after, 1)):
            if priced is not None:
                sums = added[priced.agent_id, priced.day, priced.turn.model or ""]
                for name, number in priced.sums().items():
                    sums[name] += sign * number
    if not added:
        return
    rows = [
        {
            "agent_id": agent_id,
            "day": day,
            "model": model,
            "task_id": attempt.task_id,
            "workflow_id": attempt.workflow_id,
            **sums,
        }
        for (agent_id, day, model), sums in sorted(added.items(), key=lambda item: str(item[0]))
    ]
    statement = insert(UsedSum)
    grown = {name: getattr(UsedSum, name) + statement.excluded[name] for name in _SUMS}
    keys = [UsedSum.agent_id, UsedSum.day, UsedSum.model]
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=grown), rows)
