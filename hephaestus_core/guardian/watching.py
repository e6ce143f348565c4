"""What is kept of a look at an agent: pure functions, ``now`` passed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from hephaestus_core.agents.views import Trouble, Watch
from hephaestus_core.guardian.observation import Label, Verdict

#: Looks that are kept of each agent.
MOST_LOOKS: Final = 30
#: Seconds without anything new after which an agent counts as silent.
SILENT_AFTER: Final = 60.0

Process = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class Glimpse:
    """What a host saw of an agent in one look. Ages are in seconds; None: nobody knows."""

    process: Process
    waiting: bool | None = None
    """It waits at its prompt."""
    trouble: Trouble | None = None
    """The program's own reason for not going on."""
    refused: bool = False
    """Its program told that the model's server refuses its key, again and again."""
    verdict: Verdict | None = None
    """By the rules; None: they could not judge."""
    question: str | None = None
    """The question at which it waits at its terminal; None: it does not."""
    output_age: float | None = None
    tool: str | None = None
    tool_age: float | None = None
    repeats: int = 0
    """How often it has taken this action in a row."""
    line: str | None = None
    """The last line of its screen that says something."""
    screen: str | None = None
    """Its screen with the sequences of its colours; None: it was not read."""


def watched(
    before: Watch | None,
    looks: Sequence[Mapping[str, Any]],
    seen: Glimpse,
    *,
    commit: str | None,
    now: datetime,
) -> tuple[Watch, list[Mapping[str, Any]]]:
    """Return what is known of an agent after one more look, and its last looks.

    Args:
        before: what was known before.
        looks: the looks before, oldest first.
        commit: its newest saved commit.
    """
    changed = bool(looks) and looks[-1].get("commit") != commit
    watch = Watch(
        looked_at=now,
        last_output_at=_moment(now, seen.output_age),
        last_tool=seen.tool or (before.last_tool if before else None),
        last_tool_at=_moment(now, seen.tool_age) or (before.last_tool_at if before else None),
        last_change_at=now if changed else (before.last_change_at if before else None),
        repeats=seen.repeats or (before.repeats if before else 0),
        last_line=seen.line or (before.last_line if before else None),
        verdict=seen.verdict.label if seen.verdict else None,
        evidence=list(seen.verdict.evidence) if seen.verdict else [],
    )
    look = {
        "at": now.timestamp(),
        "process": seen.process,
        "waiting": seen.waiting,
        "output_age": seen.output_age,
        "tool": seen.tool,
        "repeats": seen.repeats,
        "commit": commit,
    }
    return replace(watch, silent_since=_silent_since(watch, seen.verdict)), [*looks, look][
        -MOST_LOOKS:
    ]


def _silent_since(watch: Watch, verdict: Verdict | None) -> datetime | None:
    known = (watch.last_output_at, watch.last_tool_at, watch.last_change_at)
    newest = max((moment for moment in known if moment), default=None)
    if verdict is not None and verdict.label is Label.HUNG:
        # A clock or an animation of its program is output, and goes on while the agent hangs.
        still = watch.looked_at - timedelta(seconds=verdict.silence)
        newest = still if newest is None else min(newest, still)
    if newest is None or watch.looked_at - newest < timedelta(seconds=SILENT_AFTER):
        return None
    return newest


def _moment(now: datetime, age: float | None) -> datetime | None:
    return None if age is None else now - timedelta(seconds=max(0.0, age))
