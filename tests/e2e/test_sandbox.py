"""A workflow whose agents run in sandboxes: they work as others do, and see no other."""

from pathlib import Path

from tests.e2e.scripts import create, task, write
from tests.e2e.stack import DEFINITION, assert_settled, git, running_stack


def test_a_workflow_of_agents_in_sandboxes_is_delivered(tmp_path: Path) -> None:
    with running_stack(tmp_path, agent_sandbox="bubblewrap") as stack:
        [host] = stack.sdk.client.hosts()
        assert host.containment == "sandbox"
        workflow = stack.sdk.start_workflow(DEFINITION.id)
        unseen = f"run: 'test ! -e {stack.home}/secrets && test ! -e {stack.repository}'"
        stack.sdk.create_task_in_workflow(
            workflow,
            task(
                "Begin.",
                write("made/first", "first"),
                unseen,
                create(
                    "Go on.",
                    "run: grep first made/first",
                    write("made/second", "second"),
                    "done: x",
                ),
                "done: begun",
            ),
        )
        summary = stack.sdk.wait_for_completion(workflow, timeout=90)
        assert summary.workflows[0].tasks["done"] == 2
        names = git(stack.repository, "ls-tree", "--name-only", "main", "made/")
        assert names.split() == ["made/first", "made/second"]
        assert_settled(stack)
