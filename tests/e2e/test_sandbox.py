"""Agents on a stack that nobody has configured: they do their work, and reach no other agent."""

import json
import os
from pathlib import Path

from hephaestus_core.contract.home import HomeLayout
from tests.e2e.scripts import create, task, write
from tests.e2e.stack import DEFINITION, Stack, assert_settled, git, running_stack
from tests.waiting import wait_until

#: Each succeeds only where an agent reaches more than its own, and then its name is noted.
ATTACKS = {
    "the stack's secrets": "cat {home}/secrets/admin.token",
    "another agent's worktree": "cat {other}/work.txt",
    "work of another agent": "touch {other}/planted",
    "another agent's repository": "cat {other_repository}/config",
    "the mirror": "touch {mirror}/objects/planted",
    "the user's repository": "cat {repository}/README.md",
    "the person's home": "ls {person}/.cache",
    "tmux": "tmux -S {tmux} list-sessions",
    "the worker's environment": "cat /proc/{worker}/environ",
    "the worker's life": "kill -0 {worker}",
    "other processes": 'test "$(ls -d /proc/[0-9]* | wc -l)" -gt 12',
}


def test_agents_reach_nothing_of_others_and_their_work_is_delivered(tmp_path: Path) -> None:
    with running_stack(tmp_path, agent_readable=[]) as stack:
        [host] = stack.sdk.client.hosts()
        assert (host.containment, host.agents_contained) == ("sandbox", True)
        workflow = stack.sdk.start_workflow(DEFINITION.id)
        wait = "run: until [ -e go ]; do sleep 0.05; done"
        stack.sdk.create_task_in_workflow(
            workflow, task("Other.", write("work.txt", "1"), wait, "done: x")
        )
        [other] = wait_until(
            lambda: list(stack.home.glob("host/worktrees/*/work.txt")), what="another agent's work"
        )
        steps = [
            "run: " + json.dumps(attack(stack, other.parent)),
            create("Go on.", "run: test -e got", write("second", "2"), "done: x"),
        ]
        stack.sdk.create_task_in_workflow(workflow, task("Attack.", *steps, "done: x"))
        done = "SELECT id FROM tasks WHERE status = 'done'"
        wait_until(lambda: len(stack.rows(done)) == 2, timeout=60, what="the attacker's work")
        (other.parent / "go").touch()
        stack.sdk.wait_for_completion(workflow, timeout=90)
        assert git(stack.repository, "show", "main:got") == "begun"
        assert git(stack.repository, "show", "main:second") == "2"
        assert git(stack.repository, "show", "main:work.txt") == "1"
        assert_settled(stack)


def attack(stack: Stack, other: Path) -> str:
    """Return a shell script that notes in the file `got` which attacks succeed."""
    [mirror] = stack.home.glob("host/mirrors/*.git")
    places = {
        "home": stack.home,
        "other": other,
        "other_repository": other.with_name(f".{other.name}.git"),
        "mirror": mirror,
        "repository": stack.repository,
        "person": Path.home(),
        "tmux": f"/tmp/tmux-{os.getuid()}/{HomeLayout(stack.home).tmux_socket}",
        "worker": stack.pid("worker"),
    }
    lines = [
        f'if {command.format(**places)} > /dev/null 2>&1; then echo "{name}" >> got; fi'
        for name, command in ATTACKS.items()
    ]
    return "\n".join(["echo begun > got", *lines])
