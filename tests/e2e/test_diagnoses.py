"""A workflow that stands still is diagnosed by an agent whose tasks lead it to its goal."""

import json
import subprocess
import sys
from pathlib import Path

from hephaestus_sdk.models import Phase, WorkflowConfig, WorkflowDefinition
from tests.e2e.scripts import task
from tests.e2e.stack import assert_settled, commit_files, git, running_stack
from tests.waiting import wait_until

DIAGNOSIS = """
- run: 'until [ -e {gate} ]; do sleep 0.05; done'
- write: {{path: never-kept.txt, content: x}}
- create_task:
    phase_id: 2
    description: |
      Write the answer and hand it in.

      ```script
      - run: test ! -e never-kept.txt
      - write: {{path: answer.txt, content: "42"}}
      - submit_result: {{explanation: The answer is there.}}
      - done: handed in
      ```
- done: nobody had written the answer
"""
JUDGE = """The answer is 42.

```script
- run: grep -q 42 answer.txt
- review_result: pass
```
"""
DEFINITION = WorkflowDefinition(
    id="forgetful",
    name="Forgetful",
    phases=[
        Phase(id=1, name="think", description="Think."),
        Phase(id=2, name="write", description="Write."),
    ],
    config=WorkflowConfig(has_result=True, result_criteria=JUDGE, on_result_found="complete"),
)
AS_FILE = {
    "id": "forgetful-file",
    "name": "Forgetful",
    "phases": [
        {"id": phase.id, "name": phase.name, "description": phase.description}
        for phase in DEFINITION.phases
    ],
    "config": {"has_result": True, "result_criteria": JUDGE, "on_result_found": "complete"},
}
SOON = {
    "monitoring_interval": 1,
    "diagnostic_min_stuck_time_seconds": 0,
    "diagnostic_cooldown_seconds": 0,
}


def test_a_diagnosis_leads_a_workflow_to_its_goal_though_the_first_agent_is_stopped(
    tmp_path: Path,
) -> None:
    with running_stack(tmp_path, **SOON) as stack:
        client = stack.sdk.client
        gate = tmp_path / "gate"
        script = DIAGNOSIS.format(gate=gate)
        commit_files(stack.repository, {"agents/diagnosis.yaml": script})
        client.register(DEFINITION)
        workflow_id = stack.sdk.start_workflow(DEFINITION.id)
        stack.sdk.create_task_in_workflow(workflow_id, task("Think.", "done: thought"), phase_id=1)
        wait_until(
            lambda: client.diagnoses(workflow_id).items,
            timeout=90,
            what="the first diagnosis has begun",
        )
        agent = wait_until(
            lambda: next(
                (a for a in client.agents(workflow_id=workflow_id) if a.status == "working"), None
            ),
            timeout=60,
            what="its agent works",
        )

        client.stop_agent(agent.id)
        wait_until(
            lambda: client.diagnoses(workflow_id).items[-1].status == "failed",
            timeout=60,
            what="the first diagnosis has failed",
        )
        gate.touch()
        wait_until(
            lambda: client.workflow(workflow_id).delivery.status == "delivered",
            timeout=150,
            what="the next diagnosis has led to the goal, and the work is delivered",
        )

        wait_until(
            lambda: client.diagnoses(workflow_id).items[0].status == "completed",
            timeout=60,
            what="the second diagnosis has ended",
        )
        assert_settled(stack)
        assert git(stack.repository, "show", "main:answer.txt") == "42"
        command = [sys.executable, "-m", "hephaestus_sdk.cli.main", "diagnoses", workflow_id]
        shown = subprocess.run(
            [*command, "--json", "--home", stack.home], check=True, capture_output=True, text=True
        )
        second, first = json.loads(shown.stdout)["items"]
        assert (first["status"], first["tasks_created"]) == ("failed", 0)
        assert (second["status"], second["tasks_created"]) == ("completed", 1)
        assert second["report"] == "nobody had written the answer"


def test_a_run_waits_for_the_diagnosis_and_ends_with_the_goal_that_it_led_to(
    tmp_path: Path,
) -> None:
    with running_stack(tmp_path, **SOON) as stack:
        gate = tmp_path / "gate"
        gate.touch()
        commit_files(stack.repository, {"agents/diagnosis.yaml": DIAGNOSIS.format(gate=gate)})
        file = tmp_path / "forgetful.json"
        file.write_text(json.dumps(AS_FILE))
        command = [sys.executable, "-m", "hephaestus_sdk.cli.main", "run", str(file)]
        place = ("--home", str(stack.home), "--repo", str(stack.repository))
        ended = subprocess.run(
            [*command, *place, "--task", task("Think.", "done: thought"), "--timeout", "180"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "An agent is to find out why" in ended.stderr
        assert "result accepted" in ended.stdout
        [workflow] = stack.sdk.list_workflows()
        diagnoses = lambda: stack.sdk.client.diagnoses(workflow.id).items  # noqa: E731
        wait_until(
            lambda: (
                [(each.status, each.tasks_created) for each in diagnoses()] == [("completed", 1)]
            ),
            timeout=60,
            what="the diagnosis, which led to the goal, has ended",
        )
        assert_settled(stack)
        assert git(stack.repository, "show", "main:answer.txt") == "42"
