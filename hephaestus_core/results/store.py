"""Result rows; every function joins the open transaction."""

from typing import Any, Final

from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.statuses import ResultStatus
from hephaestus_core.events.log import emit
from hephaestus_core.results.models import Result
from hephaestus_core.results.states import MACHINE

_EVENTS: Final = {
    ResultStatus.ACCEPTED: EventType.RESULT_ACCEPTED,
    ResultStatus.REJECTED: EventType.RESULT_REJECTED,
}


def move(session: Session, result: Result, status: ResultStatus, **reported: Any) -> None:
    """Turn a result of a locked workflow to ``status`` and say so.

    Args:
        reported: values that go into the event, JSON only.

    Raises:
        TransitionRefused: the table of states has no such edge.
    """
    MACHINE.check(result.id, result.status, status)
    result.status = status
    tell(session, result, _EVENTS[status], **reported)


def tell(session: Session, result: Result, type_: EventType, **data: Any) -> None:
    """Record an event of the result, with its attempt, task and workflow; see :func:`emit`."""
    emit(
        session,
        type_,
        workflow_id=result.workflow_id,
        task_id=result.task_id,
        agent_id=result.agent_id,
        result_id=str(result.id),
        **data,
    )
