"""Worker and web are killed at steps of reviews, results, questions: nothing is lost or twice."""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from hephaestus_sdk.models import (
    Check,
    Phase,
    ValidationCriteria,
    WorkflowConfig,
    WorkflowDefinition,
)
from tests.e2e.stack import DEFINITION as STACK_DEFINITION
from tests.e2e.stack import Stack, assert_settled, git, running_stack
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(400)

#: It runs for a while, so that the kill at its beginning strikes it.
CHECK = Check(check_type="command_success", command="sleep 1; grep good answer.txt")
AUTHOR = """\
Write an answer.

```script
steps:
  - write: {path: answer.txt, content: "bad\\n"}
  - done: wrote an answer
on_message:
  - run: echo good >> answer.txt
  - done: wrote it again
```
"""
HANDS_IN = """\
Hand in the result.

```script
- submit_result: {explanation: The answer is good., files: [answer.txt]}
- done: handed in
```
"""
DEFINITION = WorkflowDefinition(
    id="killed",
    name="Killed",
    phases=[
        Phase(
            id=1,
            name="answer",
            description="Write an answer.",
            validation=ValidationCriteria(
                enabled=True,
                criteria=[CHECK, "The answer is good."],
                validator_instructions="Judge.\n\n```script\n- review_task: pass\n```\n",
            ),
        ),
        Phase(id=2, name="hand in", description=HANDS_IN),
    ],
    config=WorkflowConfig(
        has_result=True,
        result_criteria="Judge.\n\n```script\n- review_result: pass\n```\n",
        result_checks=[CHECK],
        on_result_found="complete",
    ),
)
ASKS = """\
Choose one.

```script
- run: echo once >> lines.txt
- ask_person: {question: "Which?", options: [left, right], wait: true}
  save: asked
- write: {path: chosen.txt, content: "{{asked.answer}}"}
- done: went on
```
"""
STEPS = (
    "SELECT seq, type, data FROM events WHERE seq > :seen "
    "AND (type LIKE 'review.%' OR type LIKE 'result.%' OR type LIKE 'question.%') ORDER BY seq"
)


def kill_both(stack: Stack) -> None:
    """Kill worker and web, and wait until new ones have taken their place."""
    killed = {name: _running(stack, name) for name in ("worker", "web")}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    wait_until(
        lambda: all(stack.is_back(name, pid) for name, pid in killed.items()),
        timeout=60,
        what="worker and web are back",
    )


def _running(stack: Stack, name: str) -> int:
    return wait_until(lambda: stack.pid(name), what=f"{name} runs")


def kill_at_each_step(stack: Stack) -> int:
    """Kill both whenever a review or a result has moved; return how often, until the delivery."""
    struck, seen = 0, 0

    def moved_or_over() -> str:
        if stack.rows(STEPS, seen=seen):
            return "moved"
        over = stack.one("SELECT delivery_status FROM workflows") == "delivered"
        return "over" if over else ""

    while wait_until(moved_or_over, timeout=120, what="the next step") == "moved":
        seen = stack.rows(STEPS, seen=seen)[0]["seq"]
        kill_both(stack)
        struck += 1
    return struck


def test_no_step_of_a_review_or_a_result_is_lost_or_done_twice(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        stack.sdk.client.register(DEFINITION)
        workflow_id = stack.sdk.start_workflow(DEFINITION.id)
        task_id = stack.sdk.create_task_in_workflow(workflow_id, AUTHOR, phase_id=1)
        stack.sdk.create_task_in_workflow(workflow_id, "Now.", phase_id=2, after=[task_id])

        struck = kill_at_each_step(stack)

        assert struck >= 6
        reviews = stack.rows("SELECT iteration, status FROM reviews ORDER BY created_at")
        assert [(r["iteration"], r["status"]) for r in reviews] == [(1, "failed"), (2, "passed")]
        results = stack.rows("SELECT status, jsonb_array_length(checks) AS checks FROM results")
        assert results == [{"status": "accepted", "checks": 1}]
        steps = stack.rows(STEPS, seen=0)
        about = Counter(
            (s["type"], s["data"].get("review_id") or s["data"]["result_id"], s["data"].get("to"))
            for s in steps
        )
        assert set(about.values()) == {1}, about
        kinds = "SELECT kind, count(*) AS number FROM tasks GROUP BY kind ORDER BY kind"
        found = {row["kind"]: row["number"] for row in stack.rows(kinds)}
        assert found == {"work": 2, "review": 1, "result_review": 1}
        told = "SELECT count(*) FROM messages WHERE text LIKE 'The review of your work did not%'"
        assert stack.one(told) == 1
        assert git(stack.repository, "show", "main:answer.txt") == "bad\ngood"
        [file] = stack.sdk.client.results(workflow_id)[0].files
        assert stack.sdk.client.result_file(file.id) == b"bad\ngood\n"
        assert_settled(stack)


def test_no_step_of_a_question_is_lost_or_done_twice(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        workflow_id = stack.sdk.start_workflow(STACK_DEFINITION.id)
        task_id = stack.sdk.create_task_in_workflow(workflow_id, ASKS)
        open_ones = "SELECT id FROM questions WHERE status = 'open'"
        wait_until(lambda: stack.rows(open_ones), timeout=60, what="it asks")
        kill_both(stack)
        waits = "SELECT status FROM tasks"
        wait_until(lambda: stack.one(waits) == "blocked", timeout=90, what="its attempt has ended")
        stack.sdk.answer(str(stack.one(open_ones)), option=2)
        kill_both(stack)
        stack.sdk.wait_for_completion(workflow_id, timeout=120)

        types = [step["type"] for step in stack.rows(STEPS, seen=0)]
        assert types == ["question.asked", "question.answered"]
        assert git(stack.repository, "show", "main:chosen.txt") == "right"
        assert git(stack.repository, "show", "main:lines.txt") == "once"
        first, second = stack.sdk.get_task(task_id).attempts
        assert second.resumes_id == first.id
        assert_settled(stack)
