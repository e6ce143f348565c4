"""The doors and checks by which a mistake is caught, each with the words that people see there."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from bench.behaviours.seen import Seen
from hephaestus_core.contract.statuses import TaskStatus

#: Most characters of a reason that is printed, and those before the words looked for.
_SHOWN: Final = 160
_BEFORE: Final = 60
#: Lines that outputs draw.
_RULED: Final = re.compile(r"([-=^_])\1{4,}")


@dataclass(frozen=True)
class Catch:
    """One place at which a mistake must have been caught, with the right reason."""

    door: str
    """One of :data:`DOORS`."""
    which: str
    """Which of the door's entries, such as the type of a check."""
    says: tuple[str, ...]
    """Texts that one and the same entry shows to people, letter by letter."""

    @classmethod
    def read(cls, item: Any) -> Self:
        """Build from ``{<door>: <which>, says: [<text>]}``.

        Raises:
            ValueError: the item has another form.
        """
        given = item if isinstance(item, Mapping) else {}
        doors = [name for name in given if name != "says"]
        if len(doors) != 1 or doors[0] not in DOORS:
            raise ValueError(f"one of {', '.join(DOORS)} belongs into {item!r}")
        says = given.get("says") or []
        texts = [says] if isinstance(says, str) else says
        return cls(doors[0], str(given[doors[0]]), tuple(map(str, texts)))

    @property
    def name(self) -> str:
        return f"{self.door} {self.which}"

    def found_in(self, seen: Seen) -> str | None:
        """Return the words with which people see the catch; None: it was not caught here."""
        for text in DOORS[self.door](seen, self.which):
            if text.strip() and all(part in text for part in self.says):
                return _excerpt(text, self.says)
        return None


def _excerpt(text: str, says: Sequence[str]) -> str:
    """Return the part of a text with the first of the words."""
    flat = " ".join(_RULED.sub("", text).split())
    found = max(0, flat.find(" ".join(says[0].split()))) if says else 0
    begin = max(0, found - _BEFORE)
    return flat[begin : begin + _SHOWN]


def _checks(seen: Seen, which: str) -> list[str]:
    """Return what failed checks of a type say."""
    return [
        f"{check.says}\n{check.output}"
        for review in seen.reviews
        for check in review.checks
        if check.check_type == which and check.status != "passed"
    ]


def _reviews(seen: Seen, which: str) -> list[str]:
    """Return the feedback of failed reviews: of a judge, or of one that nobody reported."""
    found = [review for review in seen.reviews if review.status in {"failed", "person_review"}]
    if which == "unreported":
        found = [review for review in found if review.unreported]
    else:
        found = [r for r in found if all(check.status == "passed" for check in r.checks)]
    return [f"{review.feedback or ''}\n{review.reason or ''}" for review in found]


def _results(seen: Seen, which: str) -> list[str]:
    return [result.feedback or "" for result in seen.results if result.status == which]


def _conditions(seen: Seen, which: str) -> list[str]:
    condition = seen.workflow.condition
    return [condition.reason] if condition.cause == which else []


def _deliveries(seen: Seen, which: str) -> list[str]:
    """Return the reasons for which the delivery was held, or ended in a conflict."""
    wanted = f"workflow.delivery_{which}"
    return [str(event.data.get("reason", "")) for event in seen.events if event.type == wanted]


def _tasks(seen: Seen, which: str) -> list[str]:
    """Return titles, texts and reasons of tasks of a kind, of a creator, or in a status."""
    return [
        f"{task.title}\n{task.similarity_reason or task.failure_reason or ''}\n{task.description}"
        for task in seen.tasks
        if which in {task.kind, task.status, task.created_by}
    ]


def _attempts(seen: Seen, which: str) -> list[str]:
    """Return the reasons for which attempts of a phase or a kind ended."""
    return [
        attempt.failure_reason or ""
        for task in seen.tasks
        if which in {task.phase_name, task.kind}
        for attempt in task.attempts
    ]


def _left_out(seen: Seen, which: str) -> list[str]:
    """Return the reasons for which a file was not committed unasked."""
    return [
        f"{each.path}: {each.reason or f'{each.bytes:,} bytes'}"
        for task in seen.tasks
        for attempt in task.attempts
        for each in attempt.left_out
        if each.path == which
    ]


def _messages(seen: Seen, which: str) -> list[str]:
    """Return the messages to agents from a sender, such as ``the Guardian``."""
    return [each.text for each in seen.messages if each.sender == which]


def _screens(seen: Seen, which: str) -> list[str]:
    """Return the screens of the agents of a phase or a kind, as people read them."""
    return [
        seen.outputs[attempt.id]
        for task in seen.tasks
        if which in {task.phase_name, task.kind}
        for attempt in task.attempts
    ]


def _interventions(seen: Seen, which: str) -> list[str]:
    """Return what the acts of the Guardian for a cause were based on, with its words."""
    return [
        "\n".join([*each.evidence, each.text or ""])
        for each in seen.interventions
        if each.cause == which
    ]


def _counts(seen: Seen, which: str) -> list[str]:
    """Return how many tasks there are of a phase or a kind that run, or in a status."""
    run = [task for task in seen.tasks if task.status != TaskStatus.DUPLICATED]
    count = sum(which in {task.phase_name, task.kind} for task in run)
    count += sum(which == task.status for task in seen.tasks)
    return [f"exactly {count} {'task' if count == 1 else 'tasks'}"]


DOORS: Final[Mapping[str, Callable[[Seen, str], list[str]]]] = {
    "check": _checks,
    "review": _reviews,
    "result": _results,
    "condition": _conditions,
    "delivery": _deliveries,
    "task": _tasks,
    "attempt": _attempts,
    "left_out": _left_out,
    "message": _messages,
    "screen": _screens,
    "intervention": _interventions,
    "count": _counts,
}
