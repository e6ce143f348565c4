"""Whether a mistake was caught, and whether its honest twin got through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.behaviours.folders import Behaviour
from bench.behaviours.plays import Ended


@dataclass(frozen=True)
class Verdict:
    """What became of a behaviour's two plays."""

    name: str
    found: Mapping[str, str]
    """Where the mistake was caught, each with the words that people see."""
    missing: Sequence[str]
    """Where it should have been caught too, and what went wrong otherwise."""
    blocked: str
    """What kept the honest twin from the base branch; empty: nothing."""

    @property
    def caught(self) -> str:
        if not self.missing:
            return "caught"
        return "in part" if self.found else "not caught"

    @property
    def lines(self) -> list[str]:
        """The account for people."""
        twin = f"honest twin BLOCKED: {self.blocked}" if self.blocked else "honest twin passed"
        return [
            f"{self.name}: {self.caught}, {twin}",
            *(f"    by {place}: {says}" for place, says in self.found.items()),
            *(f"    missing: {each}" for each in self.missing),
        ]


def verdict(behaviour: Behaviour, mistake: Ended, honest: Ended) -> Verdict:
    """Judge the two plays of a behaviour by what the API and git say."""
    asked = [(catch, catch.found_in(mistake.seen)) for catch in behaviour.caught]
    found = {catch.name: says for catch, says in asked if says is not None}
    missing = [
        f"{catch.name} {' … '.join(catch.says)}".strip() for catch, says in asked if says is None
    ]
    return Verdict(
        name=behaviour.name,
        found=found,
        missing=missing + _end_of(behaviour, mistake),
        blocked=_blocked(behaviour, honest),
    )


def _end_of(behaviour: Behaviour, mistake: Ended) -> list[str]:
    """Return what is wrong with the base branch after the mistake."""
    wrong = [] if mistake.rested else ["it did not come to rest in time"]
    if not behaviour.delivers:
        return [*wrong, "main moved"] if mistake.moved else wrong
    if not mistake.moved:
        return [*wrong, f"nothing was delivered: {_standing(mistake)}"]
    return wrong if mistake.right else [*wrong, "main has other than the right work"]


def _blocked(behaviour: Behaviour, honest: Ended) -> str:
    for catch in behaviour.spared:
        if (says := catch.found_in(honest.seen)) is not None:
            return f"it was taken for the mistake, {catch.name}: {says}"
    if honest.moved and honest.right:
        return ""
    if honest.moved:
        return "main has other than the right work"
    return _standing(honest)


def _standing(play: Ended) -> str:
    workflow = play.seen.workflow
    return f"{workflow.condition.words}, {workflow.condition.reason or workflow.status}"
