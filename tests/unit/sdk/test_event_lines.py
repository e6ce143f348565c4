"""Events as sentences."""

from typing import Any

import pytest

from hephaestus_core.contract.events import EventType
from hephaestus_sdk.api.views import Event
from hephaestus_sdk.cli.event_lines import sentence

TASK = "7cb4371b-0000-4000-8000-000000000000"
AGENT = "1b996377-0000-4000-8000-000000000000"
WORKFLOW = "0de76183-0000-4000-8000-000000000000"


class Known:
    """Knows the title of everything."""

    def task(self, _: str) -> str:
        return "Fix tax"

    def workflow(self, _: str) -> str:
        return "Mend the shop"


def told(type_: str, **data: Any) -> str:
    event = Event(seq=1, type=type_, workflow_id=WORKFLOW, task_id=TASK, agent_id=AGENT, data=data)
    return sentence(event, Known())


@pytest.mark.parametrize(
    ("type_", "data", "words"),
    [
        ("task.created", {}, "'Fix tax' is created"),
        (
            "task.status_changed",
            {"from": "pending", "to": "queued"},
            "'Fix tax' is queued",
        ),
        (
            "task.status_changed",
            {"from": "in_progress", "to": "queued", "reason": "host a fell silent"},
            "'Fix tax' is queued again: host a fell silent",
        ),
        (
            "task.status_changed",
            {"from": "queued", "to": "assigned", "host": "a", "program": "codex"},
            "'Fix tax' goes to codex on host a",
        ),
        (
            "merge.conflicted",
            {"paths": ["a", "b"]},
            "the work of 'Fix tax' conflicts in a, b",
        ),
        ("merge.recorded", {"status": "nothing"}, "'Fix tax' has left nothing to merge"),
        (
            "merge.status_changed",
            {"from": "pending", "to": "nothing"},
            "the merge of 'Fix tax' has nothing to do",
        ),
        ("merge.status_changed", {"to": "merged"}, "the merge of 'Fix tax' is merged"),
        ("definition.saved", {"definition_id": "review"}, "definition review is registered"),
        ("definition.deleted", {"definition_id": "review"}, "definition review is deleted"),
        (
            "workflow.started",
            {"definition_id": "review"},
            "'Mend the shop' is started from definition review",
        ),
        ("workflow.quiet", {}, "'Mend the shop' has nothing left to do"),
        (
            "host.clock_wrong",
            {"host": "a", "ahead_seconds": -3600.2},
            "the clock of host a is 3600 s behind the database's",
        ),
        ("host.lost", {"host": "a"}, "host a is lost"),
        ("result.rejected", {"feedback": "no test"}, "the result is rejected: no test"),
        (
            "question.asked",
            {"question_id": AGENT, "text": "A?", "options": ["x"]},
            "the agent of 'Fix tax' asks: A? [1] x (hephaestus answer 1b996377)",
        ),
        (
            "budget.status_changed",
            {"scope": "day", "dollars": 8.0, "tokens": 9000, "to": "spent", "reason": "all used"},
            "the budget of $8.00 and 9,000 tokens for the day has changed to spent: all used",
        ),
        (
            "coherence.changed",
            {"findings": ["two edit a.py"]},
            "the agents of 'Mend the shop' are in each other's way: two edit a.py",
        ),
        ("task.newly_invented", {"by": "a"}, "task newly invented 'Fix tax': by a"),
    ],
)
def test_an_event_is_a_sentence(type_: str, data: dict[str, Any], words: str) -> None:
    assert told(type_, **data) == words


def test_every_type_of_event_has_a_sentence_of_its_own() -> None:
    generic = {t for t in EventType if told(t).startswith(t.replace(".", " ").replace("_", " "))}
    assert generic == set()


def test_nothing_in_it_can_command_a_terminal_or_begin_a_line() -> None:
    said = told("task.status_changed", to="failed", reason="a\x1b[2J\nb\u202e")
    assert said.isprintable()
