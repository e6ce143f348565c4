"""Views of the inbox: immutable snapshots of the server's at the moment of the call."""

from dataclasses import dataclass, field
from datetime import datetime

from hephaestus_core.contract.signs import Sign


@dataclass(frozen=True, kw_only=True)
class PossibleAct:
    """An act that is possible now, with the token of the call."""

    name: str
    target: str = ""
    """Id of the question, task, workflow or item that it is done to."""
    options: tuple[str, ...] = ()
    """The answers to choose from; empty: any text, where one is needed."""
    commit: str | None = None
    """The commit that the act is about."""
    command: str = ""
    """The same as a command line."""


@dataclass(frozen=True, kw_only=True)
class AttentionItem:
    """One thing that waits for a person or stands still."""

    id: str
    """Of this occurrence."""
    kind: str = ""
    condition: str = ""
    """waits_for_you or stands_still."""
    severity: str = ""
    """blocker, warning or notice."""
    since: datetime | None = None
    until: datetime | None = None
    """When it goes on by itself, where that is known."""
    title: str = ""
    evidence: str = ""
    """One line that says why."""
    workflow_id: str | None = None
    task_id: str | None = None
    agent_id: str | None = None
    host: str | None = None
    acts: tuple[PossibleAct, ...] = ()
    link: str = ""
    """Path of the page that shows more."""
    set_aside_by: str | None = None
    """Who has snoozed or dismissed it."""
    set_aside_until: datetime | None = None
    """Until when; None with a name above: for good."""


@dataclass(frozen=True, kw_only=True)
class InboxCounts:
    """How much waits, stands still, and is at work."""

    waits_for_you: int = 0
    stands_still: int = 0
    at_work: int = 0
    """Live agents."""
    queued: int = 0
    """Tasks that wait their turn."""
    set_aside: int = 0
    """Things that somebody has snoozed or dismissed."""
    more: bool = False
    """There is more of a kind than is counted here."""

    @property
    def words(self) -> str:
        """The numbers in one line, each with its glyph and its words."""
        more = "+" if self.more else ""
        stand = "stands" if self.stands_still == 1 else "stand"
        return " · ".join(
            (
                f"{Sign.WAITS_FOR_YOU.glyph} {self.waits_for_you}{more} for you",
                f"{Sign.STANDS_STILL.glyph} {self.stands_still}{more} {stand} still",
                f"{Sign.AT_WORK.glyph} {self.at_work} at work",
                f"{Sign.WAITS_ITS_TURN.glyph} {self.queued} queued",
            )
        )


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """Everything that waits for a person or stands still, the oldest blocker first."""

    items: tuple[AttentionItem, ...] = ()
    counts: InboxCounts = InboxCounts()
    kinds: dict[str, int] = field(default_factory=dict)
    """How many there are of each kind."""
