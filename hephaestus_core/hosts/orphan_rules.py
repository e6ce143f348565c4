"""Pure rules about orphans: what is on a host though no live row of the database claims it.

No clock decides here. ``waited`` counts only seconds in which one worker looked twice and found the
same, so neither a clock that is set nor a machine that slept makes anything older.
"""

from collections.abc import Mapping
from typing import Final, Literal

from hephaestus_core.contract.statuses import OrphanKind, OrphanStatus

#: Where a thing is: at its own place, moved aside, nowhere; or nobody could look.
Place = Literal["here", "aside", "gone", "unknown"]
Step = Literal["leave", "sight", "quarantine", "remove", "forget"]

#: Seconds for which a thing must have been without a row: a start in progress is never touched.
GRACE: Final = 600.0
_DAY: Final = 86_400.0
#: The most seconds that count between two looks. What lies longer apart says nothing of between.
MOST_BETWEEN_LOOKS: Final = 900.0


def next_step(
    status: OrphanStatus | None,
    place: Place,
    *,
    claimed: bool,
    waited: float,
    grace: float,
    retention: float,
) -> Step:
    """Decide what a host does about a thing.

    Args:
        status: of its row; None: it has none.
        claimed: a live row of the database stands for it, or may.
        waited: seconds since the row has this status.
        grace: seconds before it is quarantined.
        retention: seconds before it is removed.
    """
    if place == "unknown":
        return "leave"
    if status == OrphanStatus.QUARANTINED:
        over = place == "gone" or (waited >= retention and not claimed)
        return "remove" if over else "leave"
    if claimed or place == "gone":
        return "leave" if status is None else "forget"
    if status is None:
        return "sight"
    # What is aside without having been recorded so was being moved when the worker was killed.
    return "quarantine" if place == "aside" or waited >= grace else "leave"


def grace_of(kind: OrphanKind, retention: float) -> float:
    """Return the grace of a kind. A mirror is a cache for the next workflow on its repository."""
    return retention if kind == OrphanKind.MIRROR else GRACE


def retention_of(days: float) -> float:
    """Return the seconds for which quarantined things are kept."""
    return days * _DAY


def since_last_look(now: float, looked_at: float | None) -> float:
    """Return the seconds that count since the last look of this worker, on its steady clock."""
    return 0.0 if looked_at is None else min(max(0.0, now - looked_at), MOST_BETWEEN_LOOKS)


WHY: Final[Mapping[OrphanKind, str]] = {
    OrphanKind.SESSION: "A tmux session bears the name of an agent that no live attempt is.",
    OrphanKind.PROCESS: "Processes bear the mark of an agent that no live attempt is.",
    OrphanKind.WORKTREE: "A worktree belongs to no live attempt.",
    OrphanKind.BRANCH: "A branch of a mirror belongs to no attempt of an open workflow.",
    OrphanKind.MIRROR: "A mirror is of a repository that no open workflow works on.",
}
