"""Sums of the ledger; functions join the open session."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, func, select
from sqlalchemy.orm import Session

from hephaestus_core.costs.models import UsedSum
from hephaestus_core.costs.views import TOKENS, Spent

_COLUMNS = ("turns", *TOKENS, "dollars", "unpriced_tokens")


def of_agent(session: Session, agent_id: UUID) -> Spent:
    """Return what one attempt has used."""
    return _one(session, UsedSum.agent_id == agent_id)


def of_task(session: Session, task_id: UUID) -> Spent:
    """Return what all attempts at a task have used."""
    return _one(session, UsedSum.task_id == task_id)


def of_workflow(session: Session, workflow_id: UUID) -> Spent:
    """Return what all agents of a workflow have used."""
    return _one(session, UsedSum.workflow_id == workflow_id)


def of_day(session: Session, day: date) -> Spent:
    """Return what all agents have used on a day, in UTC."""
    return _one(session, UsedSum.day == day)


def of_agents(session: Session, agent_ids: list[UUID]) -> dict[UUID, Spent]:
    """Return what each of these attempts has used; those without a turn are left out."""
    return _each(session, UsedSum.agent_id, agent_ids)


def of_tasks(session: Session, task_ids: list[UUID]) -> dict[UUID, Spent]:
    """Return what was used on each of these tasks; those without a turn are left out."""
    return _each(session, UsedSum.task_id, task_ids)


def of_workflows(session: Session, workflow_ids: list[UUID]) -> dict[UUID, Spent]:
    """Return what each of these workflows has used; those without a turn are left out."""
    return _each(session, UsedSum.workflow_id, workflow_ids)


def _each(session: Session, key: Any, ids: list[UUID]) -> dict[UUID, Spent]:
    if not ids:
        return {}
    # One array: a list of a hundred names costs more to write out than the sums to read.
    among = key == any_(bindparam("ids", ids, type_=ARRAY(Uuid())))
    rows = session.execute(_summed(key).where(among).group_by(key))
    return {row[0]: _spent(row[1:]) for row in rows}


def _one(session: Session, wanted: ColumnElement[bool]) -> Spent:
    return _spent(session.execute(_summed().where(wanted)).one())


def _summed(*keys: Any) -> Select[Any]:
    sums = (func.coalesce(func.sum(getattr(UsedSum, name)), 0) for name in _COLUMNS)
    models = func.array_agg(UsedSum.model.distinct()).filter(UsedSum.model != "")
    return select(*keys, *sums, models)


def _spent(row: Any) -> Spent:
    *numbers, models = row
    counted = dict(zip(_COLUMNS, numbers, strict=True))
    dollars = float(Decimal(counted.pop("dollars")))
    whole = {name: int(number) for name, number in counted.items()}
    return Spent(**whole, dollars=dollars, models=tuple(models or ()))
