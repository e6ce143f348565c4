"""What waits for a person or stands still, as readers see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from hephaestus_core.contract.attention import Act, AttentionKind, Severity, command_for
from hephaestus_core.contract.conditions import Condition

_NAMESPACE = UUID("6f0c1f0a-1f3b-4c67-9a55-9a1d0d4a8f11")
#: Characters of texts that others wrote.
TITLE_LIMIT = 160
EVIDENCE_LIMIT = 400


@dataclass(frozen=True, kw_only=True)
class ActView:
    """An act that is possible now."""

    name: Act
    target: str
    """Id of the question, task, workflow or item that it is done to."""
    options: list[str]
    """The answers to choose from; empty: any text, where one is needed."""
    commit: str | None
    """The commit that the act is about; it is refused if that is another by then."""
    command: str
    """The same as a command line."""


@dataclass(frozen=True, kw_only=True)
class AttentionView:
    """One thing that waits for a person or stands still; times are UTC."""

    id: UUID
    """Of this occurrence: stable while it lasts."""
    kind: AttentionKind
    condition: Condition
    """Waits for you, or stands still."""
    severity: Severity
    since: datetime
    until: datetime | None
    """When it goes on by itself, where that is known."""
    title: str
    evidence: str
    """One line that says why."""
    workflow_id: UUID | None
    task_id: UUID | None
    agent_id: UUID | None
    host: str | None
    acts: list[ActView]
    link: str
    """Path of the page that shows more."""
    set_aside_by: str | None = None
    """Who has snoozed or dismissed it."""
    set_aside_until: datetime | None = None
    """Until when; null with a name above: for good."""


@dataclass(frozen=True, kw_only=True)
class CountsView:
    """The numbers of the strip that every page shows."""

    waits_for_you: int
    stands_still: int
    at_work: int
    """Live agents."""
    queued: int
    """Tasks that wait their turn."""
    set_aside: int
    """Things that somebody has snoozed or dismissed."""
    more: bool
    """There is more of a kind than is counted here."""


@dataclass(frozen=True, kw_only=True)
class InboxView:
    """Everything that waits for a person or stands still, the oldest blocker first."""

    items: list[AttentionView]
    counts: CountsView
    kinds: dict[str, int]
    """How many there are of each kind."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a source has found, before it is put in order."""

    kind: AttentionKind
    condition: Condition
    severity: Severity
    subject: str
    """Together with kind and occurrence its identity."""
    occurrence: str = ""
    """Tells it from the next time that the same subject comes up."""
    since: datetime
    until: datetime | None = None
    title: str
    evidence: str
    workflow_id: UUID | None = None
    task_id: UUID | None = None
    agent_id: UUID | None = None
    host: str | None = None
    acts: Mapping[Act, Any] = field(default_factory=dict)
    """Target of each act, beside those that every item has."""
    options: tuple[str, ...] = ()
    commit: str | None = None
    dismissable: bool = False
    link: str | None = None

    @cached_property
    def id(self) -> UUID:
        """The identity of this occurrence."""
        return uuid5(_NAMESPACE, f"{self.kind}|{self.subject}|{self.occurrence}")


def view(found: Found, **set_aside: Any) -> AttentionView:
    """Return what was found as readers see it."""
    own = {Act.SNOOZE: found.id} | ({Act.DISMISS: found.id} if found.dismissable else {})
    return AttentionView(
        id=found.id,
        kind=found.kind,
        condition=found.condition,
        severity=found.severity,
        since=found.since,
        until=found.until,
        title=line(found.title, TITLE_LIMIT),
        evidence=line(found.evidence, EVIDENCE_LIMIT),
        workflow_id=found.workflow_id,
        task_id=found.task_id,
        agent_id=found.agent_id,
        host=found.host,
        acts=[_act(act, str(target), found) for act, target in {**found.acts, **own}.items()],
        link=found.link or (f"/workflows/{found.workflow_id}" if found.workflow_id else "/inbox"),
        **set_aside,
    )


def line(text: str, limit: int) -> str:
    """Return a text that others wrote as one bounded line."""
    words = " ".join(text.split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def _act(act: Act, target: str, found: Found) -> ActView:
    judged = act in {Act.PASS, Act.SEND_BACK, Act.APPROVE}
    return ActView(
        name=act,
        target=target,
        options=list(found.options) if act is Act.ANSWER else [],
        commit=found.commit if judged else None,
        command=command_for(act, target),
    )
