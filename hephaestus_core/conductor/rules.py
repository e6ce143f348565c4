"""How the agents of one workflow get along: pure rules on facts, without a model."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final
from uuid import UUID

from hephaestus_core.contract.statuses import FindingKind
from hephaestus_core.contract.touched import TouchedFile
from hephaestus_core.guardian.observation import Label

#: From this share of common words on, two tasks that are no duplicates are told of each other.
ALIKE: Final = 0.8
#: Below this a person is told.
LOW: Final = 0.5
#: Weights of an agent's share in what is wrong: work done twice is lost, the rest costs time.
_TWICE: Final = 1.0
_IN_THE_WAY: Final = 0.5
_IN_TROUBLE: Final = 0.5
#: Verdicts of the Guardian on agents that do not get on.
TROUBLE: Final = frozenset(
    {Label.IDLE, Label.FAILING, Label.LOOPING, Label.HUNG, Label.DRIFTING, Label.CONTEXT_FULL}
)
#: Findings that are kept of a workflow.
_MOST_FINDINGS: Final = 50
#: Files that a finding names.
_MOST_FILES: Final = 3
_PATH_LIMIT: Final = 120


@dataclass(frozen=True, kw_only=True)
class Member:
    """A live agent of the workflow."""

    agent_id: UUID
    task_id: UUID
    title: str
    phase_id: int | None
    compared: bool
    """Its task is work, which another task may do as well; that of a reviewer is not."""
    keeps_changes: bool
    """What it changes is merged."""
    related_to: UUID | None
    """Task that its task was found to be like, and yet another."""
    similarity: float | None
    verdict: str | None
    """The Guardian's."""
    touched: Sequence[TouchedFile] = ()

    @property
    def lines(self) -> int:
        """Changed lines, by which two agents at the same work are told apart."""
        return sum(last - first + 1 for file in self.touched for first, last in file.ranges)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Two agents that are in each other's way."""

    kind: FindingKind
    pair: tuple[Member, Member]
    """The older first."""
    detail: str
    recommendation: str
    stops: Member | None = None
    """The one whose task is withdrawn by the policy *act*."""

    @property
    def key(self) -> str:
        """Its identity: nobody is told twice of the same."""
        return f"{self.kind} {self.pair[0].agent_id} {self.pair[1].agent_id}"


@dataclass(frozen=True)
class Assessment:
    """How the agents get along."""

    coherence: float
    findings: tuple[Finding, ...]


def assess(members: Sequence[Member], same: Sequence[tuple[UUID, UUID]]) -> Assessment:
    """Say how the agents of a workflow get along.

    Args:
        members: its live agents, the oldest first.
        same: pairs of tasks whose texts ask for the same work.
    """
    by_task = {member.task_id: member for member in members}
    found = (*_duplicates(by_task, same), *_alike(by_task), *_contention(members))
    findings = found[:_MOST_FINDINGS]
    return Assessment(_coherence(members, found), findings)


def may_be_same(members: Sequence[Member]) -> list[tuple[Member, Member]]:
    """Return the pairs whose texts are worth a comparison.

    Not those that were found to be no duplicates when one of them was created, or by a person.
    """
    return [
        (one, other)
        for one, other in combinations(members, 2)
        if one.compared and other.compared and one.phase_id == other.phase_id
        if one.related_to != other.task_id and other.related_to != one.task_id
    ]


def _duplicates(
    by_task: Mapping[UUID, Member], same: Sequence[tuple[UUID, UUID]]
) -> Iterator[Finding]:
    for one_id, other_id in same:
        if one_id in by_task and other_id in by_task:
            one, other = by_task[one_id], by_task[other_id]
            # The younger one, unless it has done more.
            less = one if one.lines < other.lines else other
            yield Finding(
                kind=FindingKind.DUPLICATE,
                pair=(one, other),
                detail="Their tasks ask for the same work.",
                recommendation=f"Withdraw task {less.task_id}, which has less to show.",
                stops=less,
            )


def _alike(by_task: Mapping[UUID, Member]) -> Iterator[Finding]:
    for member in by_task.values():
        other = by_task.get(member.related_to) if member.related_to else None
        share = member.similarity or 0.0
        if other is not None and share >= ALIKE:
            yield Finding(
                kind=FindingKind.ALIKE,
                pair=(other, member),
                detail=f"Their tasks share {share:.0%} of their words.",
                recommendation="See that they do not do the same; withdraw one if they do.",
            )


def _contention(members: Sequence[Member]) -> Iterator[Finding]:
    """Yield the pairs of branches that change the same lines of the same version of a file."""
    place = {member.agent_id: index for index, member in enumerate(members)}
    common: dict[tuple[UUID, UUID], list[str]] = defaultdict(list)
    changing: dict[tuple[str, str], list[tuple[Member, TouchedFile]]] = defaultdict(list)
    for member in members:
        for file in member.touched if member.keeps_changes else ():
            changing[file.path, file.blob].append((member, file))
    for (path, _), touching in changing.items():
        for (one, mine), (other, theirs) in combinations(touching, 2):
            if overlap(mine.ranges, theirs.ranges):
                common[one.agent_id, other.agent_id].append(path)
    for (one_id, other_id), paths in sorted(common.items(), key=lambda each: (each[1], each[0])):
        more = f" and {len(paths) - _MOST_FILES} more" if len(paths) > _MOST_FILES else ""
        listed = ", ".join(path[:_PATH_LIMIT] for path in sorted(paths)[:_MOST_FILES])
        yield Finding(
            kind=FindingKind.CONTENTION,
            pair=(members[place[one_id]], members[place[other_id]]),
            detail=f"Both branches change the same lines of {listed}{more}.",
            recommendation="Let one of them leave these lines to the other.",
        )


def overlap(some: Sequence[Sequence[int]], others: Sequence[Sequence[int]]) -> bool:
    """Say whether a range of the one and a range of the other share a line."""
    mine, theirs = sorted(map(tuple, some)), sorted(map(tuple, others))
    i = j = 0
    while i < len(mine) and j < len(theirs):
        if mine[i][0] <= theirs[j][1] and theirs[j][0] <= mine[i][1]:
            return True
        if mine[i][1] < theirs[j][1]:
            i += 1
        else:
            j += 1
    return False


def _coherence(members: Sequence[Member], findings: Sequence[Finding]) -> float:
    if not members:
        return 1.0
    twice = {f.stops.agent_id for f in findings if f.stops is not None}
    contending = {
        member.agent_id
        for finding in findings
        if finding.kind is FindingKind.CONTENTION
        for member in finding.pair
    }
    troubled = {member.agent_id for member in members if member.verdict in TROUBLE}
    lost = _TWICE * len(twice) + _IN_THE_WAY * len(contending) + _IN_TROUBLE * len(troubled)
    return max(0.0, 1.0 - lost / len(members))
