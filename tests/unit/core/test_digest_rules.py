"""What happened, in words."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from hephaestus_core.contract.statuses import InterventionAction
from hephaestus_core.digests import rules
from hephaestus_core.visits.rules import PAUSE, last_ended

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ended", "branch", "words"),
    [
        ({}, None, "no task ended"),
        ({"done": 1}, None, "1 task done"),
        ({"done": 5, "failed": 1}, "main", "5 tasks done, 1 failed, delivered to main"),
        ({"failed": 2, "cancelled": 1}, None, "2 tasks failed, 1 task cancelled"),
    ],
)
def test_outcomes(ended: dict[str, int], branch: str | None, words: str) -> None:
    assert rules.outcome(ended, delivered_to=branch, launched=False) == words


def test_a_new_workflow_in_which_no_task_ended_is_launched() -> None:
    new: dict[str, Any] = {"delivered_to": None, "launched": True}
    assert rules.outcome({}, **new) == "launched, no task ended yet"
    assert rules.outcome({"done": 1}, **new) == "1 task done"


@pytest.mark.parametrize("action", list(InterventionAction))
def test_every_act_of_the_guardian_has_words(action: InterventionAction) -> None:
    row = SimpleNamespace(action=action, title="Paint", cause="failing_repeatedly")
    told = rules.intervention(SimpleNamespace(**vars(row), at=NOW, task_id=None))
    assert told.text.endswith("the agent of “Paint”: failing repeatedly")


def test_the_version_that_is_kept_is_named() -> None:
    row = SimpleNamespace(
        kept="ours", ours="a" * 40, theirs="b" * 40, files=3, path="x.py", title="t", at=NOW
    )
    told = rules.conflict(SimpleNamespace(**vars(row), task_id=None)).text
    assert told == "Kept the version merged before of x.py and 2 more; the other is in commit " + (
        "b" * 8
    )


def test_a_visit_is_over_after_a_pause() -> None:
    earlier = NOW - timedelta(days=1)
    assert last_ended(NOW - PAUSE, earlier, NOW) == earlier
    assert last_ended(NOW - PAUSE, None, NOW) is None
    seen = NOW - PAUSE - timedelta(seconds=1)
    assert last_ended(seen, earlier, NOW) == seen
