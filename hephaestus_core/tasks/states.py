"""The state machine of a task: the only edges there are."""

from typing import Final

#: status → the states that may follow it. The comment says what happened.
TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    # created by a live agent: waits until that agent's work is saved, so that it starts from it
    "pending": frozenset({"queued", "blocked", "duplicated", "failed", "cancelled"}),
    # its ticket is blocked
    "blocked": frozenset({"queued", "cancelled"}),
    # waits for a slot, or for its retry to fall due; what an earlier attempt of it has saved may be
    # judged and wanted meanwhile
    "queued": frozenset({"assigned", "blocked", "under_review", "failed", "cancelled"}),
    # claimed: an attempt exists, its agent is being started
    "assigned": frozenset({"in_progress", "queued", "under_review", "failed", "cancelled"}),
    # its agent has the prompt
    "in_progress": frozenset({"under_review", "queued", "failed", "cancelled"}),
    # reported done: being saved, checked and merged
    "under_review": frozenset({"done", "needs_work", "queued", "failed", "cancelled"}),
    # a review or a merge asks the same agent for more
    "needs_work": frozenset({"in_progress", "under_review", "queued", "failed", "cancelled"}),
    "done": frozenset({"queued"}),
    "failed": frozenset({"queued", "under_review"}),
    "cancelled": frozenset({"queued"}),
    "duplicated": frozenset(),
}

#: A task in one of these is over unless a person restarts it.
ENDED: Final = frozenset({"done", "failed", "cancelled", "duplicated"})

#: A task in one of these keeps its workflow from being quiet.
LIVE: Final = frozenset(TRANSITIONS) - ENDED

#: An agent holds the task.
HELD: Final = frozenset({"assigned", "in_progress", "under_review", "needs_work"})


def allowed(before: str, after: str) -> bool:
    """Say whether the table has the edge."""
    return after in TRANSITIONS[before]
