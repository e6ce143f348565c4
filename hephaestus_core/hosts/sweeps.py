"""The Guardian's sweeps of hosts; the functions join the open transaction."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hephaestus_core.contract.events import EventType
from hephaestus_core.contract.llm import LlmOutcome
from hephaestus_core.contract.statuses import HostStatus
from hephaestus_core.db.engine import database_now
from hephaestus_core.events.log import emit
from hephaestus_core.hosts import rules, store
from hephaestus_core.hosts.models import Host


def note(session: Session, name: str, alarm: str | None) -> None:
    """Record the end of a host's sweep.

    Args:
        alarm: why the sweep did not do what it should; None: it did.
    """
    host = store.get(session, name, lock=True)
    host.swept_at = database_now(session)
    _set_alarm(session, host, alarm)


def note_judging(session: Session, name: str, outcome: LlmOutcome, detail: str | None) -> None:
    """Record what came of a host's last calls by which a model judges agents.

    Args:
        detail: why not all of them were answered; None: they were.
    """
    host = store.get(session, name, lock=True)
    host.judge_outcome, host.judge_detail = outcome, detail


def judging_of(session: Session, name: str) -> tuple[LlmOutcome | None, str | None]:
    """Return what :func:`note_judging` has recorded last."""
    host = store.get(session, name)
    return host.judge_outcome, host.judge_detail


def find_late(session: Session, interval: float) -> list[str]:
    """Raise the alarm for each live host whose agents nobody has looked at for too long.

    Returns the names of these hosts.

    Args:
        interval: seconds between two sweeps.
    """
    patience = timedelta(seconds=rules.sweep_patience(interval))
    begun = func.coalesce(Host.swept_at, Host.registered_at)
    late = select(Host).where(
        Host.status == HostStatus.ACTIVE,
        Host.lease_expires_at > func.now(),
        begun < func.now() - patience,
    )
    found = list(session.scalars(late.order_by(Host.name).with_for_update(key_share=True)))
    for host in found:
        _set_alarm(session, host, rules.late_sweep(interval))
    return [host.name for host in found]


def _set_alarm(session: Session, host: Host, alarm: str | None) -> None:
    """Store the alarm; its beginning, another reason and its end are events."""
    if host.sweep_alarm == alarm:
        return
    host.sweep_alarm = alarm
    if alarm is None or host.sweep_alarm_since is None:
        host.sweep_alarm_since = None if alarm is None else database_now(session)
    if alarm is None:
        emit(session, EventType.HOST_WATCHED, host=host.name)
    else:
        emit(session, EventType.HOST_UNWATCHED, host=host.name, reason=alarm)
