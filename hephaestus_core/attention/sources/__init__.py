"""The registry of sources: each kind of thing that calls for a person is one small file.

A source is a function that returns what it finds in an open session. It reads open rows alone,
through an index, and at most :data:`MOST` of them, the oldest first.
"""

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy.orm import Session

from hephaestus_core.attention.sources import (
    agents,
    budgets,
    coherence,
    conflicts,
    deliveries,
    diagnoses,
    failed_tasks,
    hosts,
    llm,
    merges,
    notifications,
    questions,
    reviews,
    unsaved,
    workflows,
)
from hephaestus_core.attention.sources.bounds import MOST
from hephaestus_core.attention.views import Found

__all__ = ["MOST", "SOURCES", "Source"]

Source = Callable[[Session], Iterable[Found]]

SOURCES: Final[tuple[Source, ...]] = (
    questions.find,
    budgets.find,
    reviews.find,
    deliveries.find,
    merges.find,
    conflicts.find,
    failed_tasks.find,
    workflows.find,
    diagnoses.find,
    coherence.find,
    unsaved.find,
    hosts.find,
    llm.find,
    agents.find,
    notifications.find,
)
