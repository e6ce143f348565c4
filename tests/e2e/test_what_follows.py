"""A whole workflow whose phases lead on: a failing test, its fix, the join, and the result."""

from pathlib import Path

from hephaestus_sdk import Phase, WorkflowConfig, WorkflowDefinition
from tests.e2e.scripts import task, write
from tests.e2e.stack import git, running_stack

VERIFY = """Verify the merged state.

```script
- run: test -e failing-test -a -e fix
- submit_result: {explanation: The fix is in and its test with it.}
- done: verified
```
"""
CRITERIA = """The test and the fix are there.

```script
- run: test -e failing-test -a -e fix
- review_result: pass
```
"""
DEFINITION = WorkflowDefinition(
    id="leading-on",
    name="Leading on",
    phases=[
        Phase(id=1, name="prove", description="Prove.", leads_to=[2], merge="with_children"),
        Phase(id=2, name="fix", description="Fix."),
        Phase(id=3, name="verify", description=VERIFY, join=[1, 2], leads_to=["result"]),
    ],
    config=WorkflowConfig(has_result=True, result_criteria=CRITERIA, on_result_found="complete"),
)

CREATE = """create_task:
    phase_id: 2
    start: when_i_am_done
    description: |
      Mend it.

      ```script
      - run: test -e failing-test
      - write: {path: fix, content: 'mended'}
      - done: mended
      ```"""


def test_one_phase_leads_to_the_next_up_to_the_validated_result(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        stack.sdk.client.register(DEFINITION)
        workflow_id = stack.sdk.start_workflow("leading-on", description="Mend it")
        proving = task(
            "Prove it.",
            write("failing-test", "it fails"),
            "update_task_status: {status: done, summary: proven}\n  may_fail: true",
            CREATE,
            "done: proven",
        )
        first = stack.sdk.create_task_in_workflow(workflow_id, proving, phase_id=1)
        later = stack.sdk.create_task_in_workflow(
            workflow_id, "Also this.", phase_id=2, after=[first]
        )
        assert stack.sdk.get_task(later).status == "pending"

        summary = stack.sdk.wait_for_completion(workflow_id, timeout=150)

        assert summary.succeeded, str(summary)
        done = {t.title: t for t in stack.sdk.get_tasks(workflow_id=workflow_id)}
        assert {t.status for t in done.values()} == {"done"}
        assert done["verify, round 1"].created_by == "join"
        [result] = stack.sdk.client.results(workflow_id)
        assert (result.status, result.outcome) == ("accepted", "done")
        assert "mended" in git(stack.repository, "show", "main:fix")
        assert "it fails" in git(stack.repository, "show", "main:failing-test")
        statuses = [m["status"] for m in stack.rows("SELECT status FROM merges")]
        assert "waiting" not in statuses
