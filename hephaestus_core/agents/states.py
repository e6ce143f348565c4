"""The state machine of an agent: the only edges there are."""

from typing import Final

TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    # the row exists, its host prepares worktree and session
    "starting": frozenset({"working", "stopping", "finished", "lost"}),
    "working": frozenset({"idle", "stuck", "stopping", "finished", "lost"}),
    "idle": frozenset({"working", "stuck", "stopping", "finished", "lost"}),
    "stuck": frozenset({"working", "idle", "stopping", "finished", "lost"}),
    # somebody asked for its end; its host saves what it did and ends it
    "stopping": frozenset({"finished", "lost"}),
    "finished": frozenset(),
    # its host fell silent; whatever it still reports is refused
    "lost": frozenset(),
}

ENDED: Final = frozenset({"finished", "lost"})


def allowed(before: str, after: str) -> bool:
    """Say whether the table has the edge."""
    return after in TRANSITIONS[before]
