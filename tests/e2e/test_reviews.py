"""A review that fails in its checks, then at its judge, and passes on the third report."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hephaestus_sdk.models import Check, Phase, ValidationCriteria, WorkflowDefinition
from tests.e2e.stack import Stack, assert_settled, git, running_stack
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)

JUDGE = """\
Judge like this:

```script
- run: 'if grep -q better answer.txt; then printf pass; else printf fail; fi'
  save: verdict
- review_task: {verdict: "{{verdict}}", feedback: It could be better.}
```
"""
AUTHOR = """\
Write an answer.

```script
steps:
  - write: {path: answer.txt, content: "bad\\n"}
  - done: {summary: wrote an answer, proof: {command: cat answer.txt}}
on_message:
  - run: 'if grep -q good answer.txt; then echo better; else echo good; fi >> answer.txt'
  - done: wrote it again
```
"""
DEFINITION = WorkflowDefinition(
    id="reviewed",
    name="Reviewed",
    phases=[
        Phase(
            id=1,
            name="answer",
            description="Write an answer.",
            done_definitions=["The answer is good."],
            validation=ValidationCriteria(
                enabled=True,
                criteria=[
                    Check(check_type="command_success", command="grep good answer.txt"),
                    "The answer is as good as can be.",
                ],
                validator_instructions=JUDGE,
            ),
        )
    ],
)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with running_stack(tmp_path) as running:
        running.sdk.client.register(DEFINITION)
        yield running


def test_work_is_merged_only_once_its_checks_and_its_judge_pass_it(stack: Stack) -> None:
    workflow_id = stack.sdk.start_workflow(DEFINITION.id)
    task_id = stack.sdk.create_task_in_workflow(workflow_id, AUTHOR, phase_id=1)
    try:
        wait_until(
            lambda: stack.sdk.get_task(task_id).finished, timeout=120, what="the task has ended"
        )
    finally:
        reviews = stack.sdk.client.reviews(task_id=task_id)[::-1]
    assert [(r.iteration, r.status, r.decided_by == "checks") for r in reviews] == [
        (1, "failed", True),
        (2, "failed", False),
        (3, "passed", False),
    ]
    assert stack.sdk.get_task(task_id).status == "done"
    assert reviews[0].checks[0].exit_status == 1
    assert reviews[0].proof == {"command": "cat answer.txt"}
    attempts = stack.sdk.get_task(task_id).attempts
    assert [a.host for a in attempts] == ["one", "one"], "the same conversation went on"
    wait_until(
        lambda: stack.sdk.get_workflow(workflow_id).condition.finished, timeout=60, what="its end"
    )
    shown = git(stack.repository, "show", "main:answer.txt")
    assert shown == "bad\ngood\nbetter"
    asked = "SELECT count(*) FROM agents WHERE task_id = :task AND asked_done_at IS NOT NULL"
    assert stack.one(asked, task=task_id) == len(attempts), "the first done was a question"
    assert_settled(stack)
