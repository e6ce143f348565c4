"""A result that fails its checks, is mended, and is judged with what it hands in."""

import subprocess
import sys
from pathlib import Path

from hephaestus_sdk.models import Check, Phase, WorkflowConfig, WorkflowDefinition
from tests.e2e.scripts import task
from tests.e2e.stack import assert_settled, git, running_stack

MEND = """Mend what was found.

```script
- write: {path: answer.txt, content: "42\\n"}
- run: 'mkdir -p out; printf "<script>alert(1)</script>" > out/page.html'
- run: 'ln -s /etc/passwd link; mkfifo pipe; ln answer.txt second; echo out > .gitignore'
- submit_result: {explanation: No., files: [out/page.html, link]}
  may_fail: true
- submit_result: {explanation: No., files: [pipe]}
  may_fail: true
- submit_result: {explanation: No., files: [second]}
  may_fail: true
- submit_result: {explanation: The answer is there now., files: [out/page.html]}
- done: mended
```
"""
JUDGE = """The answer is 42.

```script
- run: grep -q 42 answer.txt && test ! -e out
- review_result: pass
```
"""
#: Kept by the system: the repository ignores its folder, and the worktree is gone.
PAGE = b"<script>alert(1)</script>"
DEFINITION = WorkflowDefinition(
    id="checked-result",
    name="Checked result",
    phases=[
        Phase(id=1, name="answer", description="Answer."),
        Phase(id=2, name="mend", description=MEND),
    ],
    config=WorkflowConfig(
        has_result=True,
        result_criteria=JUDGE,
        result_checks=[Check(check_type="command_success", command="cat answer.txt")],
        on_result_rejected=2,
        on_result_found="complete",
    ),
)


def test_a_result_is_checked_by_the_system_before_it_is_judged(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        stack.sdk.client.register(DEFINITION)
        workflow_id = stack.sdk.start_workflow(DEFINITION.id)
        hasty = task(
            "Answer.",
            "submit_result: {explanation: Everything is answered.}",
            "done: answered",
        )
        stack.sdk.create_task_in_workflow(workflow_id, hasty, phase_id=1)

        summary = stack.sdk.wait_for_completion(workflow_id, timeout=150)

        assert summary.succeeded, str(summary)
        assert_settled(stack)
        first, second = stack.sdk.client.results(workflow_id)
        assert (first.status, first.judged_by_agent_id) == ("rejected", None)
        assert "answer.txt" in first.checks[0].output
        assert "No such file" in (first.feedback or "")
        assert (second.status, second.checks[0].status) == ("accepted", "passed")
        assert second.checked_commit is not None
        assert git(stack.repository, "show", "main:answer.txt") == "42"
        [page] = second.files
        assert (page.path, page.size) == ("out/page.html", len(PAGE))
        assert stack.sdk.client.result_file(page.id) == PAGE
        saved = tmp_path / "saved"
        command = [sys.executable, "-m", "hephaestus_sdk.cli.main", "results", workflow_id]
        subprocess.run([*command, "--save", saved, "--home", stack.home], check=True)
        assert (saved / str(second.id) / "out/page.html").read_bytes() == PAGE
