"""Agents that change the same lines are told of each other, by what git shows of their work."""

from pathlib import Path

from tests.e2e.scripts import create, task, wait_at
from tests.e2e.stack import DEFINITION, running_stack
from tests.waiting import wait_until


def test_agents_that_change_the_same_lines_are_told(tmp_path: Path) -> None:
    with running_stack(tmp_path, monitoring_interval=1) as stack:
        client, gate = stack.sdk.client, tmp_path / "gate"
        workflow_id = stack.sdk.start_workflow(DEFINITION.id)
        for words in ("Name the project.", "Translate the heading."):
            # A creation has the work saved so far saved at once.
            script = task(
                words,
                f"write: {{path: README.md, content: '{words}'}}",
                create(f"Follow up: {words}", "done: followed up"),
                wait_at(gate),
                "done: written",
            )
            stack.sdk.create_task_in_workflow(workflow_id, script, phase_id=1)

        found = wait_until(
            lambda: (seen := client.coherence(workflow_id)).findings and seen,
            timeout=120,
            what="the Conductor has found the two",
        )

        [finding] = [each for each in found.findings if each.kind == "contention"]
        assert "README.md" in finding.detail
        messages = client.messages(workflow_id=workflow_id)
        assert {m.recipient_agent_id for m in messages} == set(finding.agent_ids)
        gate.touch()
        stack.sdk.wait_for_completion(workflow_id, timeout=120)
