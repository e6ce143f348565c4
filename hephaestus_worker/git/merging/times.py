"""When work was done, as far as the dates of commits can be believed.

An agent can give its commits any date. No commit counts as newer than this moment, nor than the
end of the attempt whose work it is, where that is known: a merge by Hephaestus has it as its
author's date.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hephaestus_worker.git import command as git
from hephaestus_worker.git.objects.object_store import ObjectStore

#: Digits of the longest date that a calendar holds, in seconds since 1970.
_MOST_DIGITS: Final = 12
_DIGITS: Final = re.compile(r"[0-9]+")
#: The last lines of the messages of merges by Hephaestus.
_OUR_MERGES: Final = r"^Hephaestus-\(Task\|Workflow\): "


@dataclass(frozen=True)
class Ends:
    """The latest times, in seconds since 1970, at which commits can have been made.

    Args:
        now: of any commit.
        theirs: of the commits that are merged; the end of their attempt, or `now`.
    """

    now: int
    theirs: int

    @classmethod
    def at(cls, now: float, attempt_end: int | None = None) -> "Ends":
        return cls(int(now), int(now) if attempt_end is None else min(int(now), attempt_end))


def seconds(text: str, latest: int) -> int:
    """Return a date as git prints it (`%ct`), at most `latest`; 0 for one that is no number."""
    if not _DIGITS.fullmatch(text):
        return 0
    return latest if len(text) > _MOST_DIGITS else min(int(text), latest)


def attempt_ends(store: ObjectStore, other: str, side: str, latest: int) -> Mapping[str, int]:
    """Return the end of the attempt of each commit that is in `side` and not in `other`.

    Only those that a merge by Hephaestus brought in are known. None is later than `latest`.
    """
    merges = _our_merges(store, other, side, latest)
    if not merges:
        return {}
    parents = _parents(store, other, side)
    ends: dict[str, int] = {}
    seen: set[str] = set()
    for commit in reversed(_line(parents, side)):
        seen.add(commit)
        brought = _unseen(parents, parents[commit][1:], seen)
        if commit in merges:
            ends |= dict.fromkeys(brought, merges[commit])
    return ends


def _our_merges(store: ObjectStore, other: str, side: str, latest: int) -> dict[str, int]:
    """Return the merges by Hephaestus on the first-parent line, and their authors' dates."""
    listed = store.git(
        *("log", "--first-parent", "--merges", f"--grep={_OUR_MERGES}", "--format=%H %at"),
        f"{other}..{side}",
        doing=f"find the merges in {side[:12]}",
        timeout=git.NETWORK,
    )
    pairs = (line.partition(" ") for line in listed.text.splitlines())
    return {commit: seconds(date, latest) for commit, _, date in pairs}


def _parents(store: ObjectStore, other: str, side: str) -> dict[str, list[str]]:
    listed = store.git(
        *("rev-list", "--parents", f"{other}..{side}"),
        doing=f"list the commits of {side[:12]}",
        timeout=git.NETWORK,
    )
    lines = (line.split(" ") for line in listed.text.splitlines())
    return {commit: above for commit, *above in lines}


def _line(parents: Mapping[str, list[str]], tip: str) -> list[str]:
    """Return the first-parent line of the tip, newest first."""
    line = []
    commit = tip
    while commit in parents:
        line.append(commit)
        commit = next(iter(parents[commit]), "")
    return line


def _unseen(parents: Mapping[str, list[str]], tips: list[str], seen: set[str]) -> list[str]:
    """Return the commits that lead to these tips and were not seen before; mark them as seen."""
    found = []
    waiting = list(tips)
    while waiting:
        commit = waiting.pop()
        if commit in parents and commit not in seen:
            seen.add(commit)
            found.append(commit)
            waiting += parents[commit]
    return found
