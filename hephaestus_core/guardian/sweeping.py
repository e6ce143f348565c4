"""Use cases of the Guardian's sweeps."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from hephaestus_core.agents import store as agents
from hephaestus_core.agents import watches
from hephaestus_core.agents.views import Watch
from hephaestus_core.contract.errors import (
    Conflict,
    LimitReached,
    StaleAttempt,
    TransitionRefused,
)
from hephaestus_core.contract.events import EventType
from hephaestus_core.db.engine import Database, database_now
from hephaestus_core.guardian.observation import Label
from hephaestus_core.guardian.watching import Glimpse, watched
from hephaestus_core.hosts import sweeps
from hephaestus_core.questions.asking import ask
from hephaestus_core.terminals import keyboards

_AT_TERMINAL: Final = "The agent's program asks at its terminal, where nobody answers:"
_LONGEST_QUESTION: Final = 3000


def record_looks(db: Database, seen: Mapping[UUID, Glimpse]) -> None:
    """Keep what a host saw of its agents."""
    if not seen:
        return
    with db.transaction() as session:
        known = watches.watches_of(session, seen)
        looks = watches.histories_of(session, seen)
        commits = agents.checkpoints_of(session, seen)
        now = database_now(session)
        found = {
            agent_id: watched(
                known.get(agent_id),
                looks.get(agent_id, []),
                glimpse,
                commit=commits[agent_id],
                now=now,
            )
            for agent_id, glimpse in seen.items()
            if agent_id in commits
        }
        watches.record(session, found, {each: glimpse.screen for each, glimpse in seen.items()})
        for agent_id, (watch, _) in found.items():
            _tell_verdict(session, agent_id, known.get(agent_id), watch)


def _tell_verdict(session: Session, agent_id: UUID, before: Watch | None, now: Watch) -> None:
    """Say that the verdict is another one; that an agent works from the start on is no news."""
    was = before.verdict if before else None
    if now.verdict in {None, was} or (was is None and now.verdict == Label.WORKING):
        return
    told = {"from": was, "to": now.verdict, "evidence": now.evidence}
    agents.tell(session, agents.get(session, agent_id), EventType.AGENT_ASSESSED, **told)


def ask_person(db: Database, agent_id: UUID, question: str, *, hours: float) -> bool:
    """Make a question at an agent's terminal, where nobody sits, the question of a person.

    The agent ends until the answer, with its work and its conversation kept. Returns False if it
    cannot ask now, or somebody sits there after all: a person who has taken over its keyboard.

    Args:
        question: in its program's words, or what its screen shows.
        hours: until the question expires.
    """
    if keyboards.is_held(db, agent_id):
        return False
    words = f"{_AT_TERMINAL}\n\n{question[:_LONGEST_QUESTION]}"
    try:
        # A program that stands at its terminal again cannot go on by the answer that it got.
        ask(db, agent_id, words, wait=True, hours=hours, anew=True)
    except (StaleAttempt, TransitionRefused, Conflict, LimitReached):
        return False
    return True


def record_sweep(db: Database, host: str, alarm: str | None) -> None:
    """Record the end of a host's sweep.

    Args:
        alarm: why it did not see all agents; None: it did.
    """
    with db.transaction() as session:
        sweeps.note(session, host, alarm)


def find_late_sweeps(db: Database, *, interval: float) -> list[str]:
    """Raise the alarm for each host whose sweep is late; returns their names.

    Args:
        interval: seconds between two sweeps.
    """
    with db.transaction() as session:
        return sweeps.find_late(session, interval)
