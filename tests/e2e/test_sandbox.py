"""Agents on a stack that nobody has configured: they do their work, and reach no other agent."""

import json
import os
import socket
from pathlib import Path

import pytest

from hephaestus_core.contract.home import HomeLayout
from hephaestus_sdk import Phase, WorkflowConfig, WorkflowDefinition
from hephaestus_sdk.models import Check, ValidationCriteria
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

#: The same for what the host runs for an agent. It has no pid and no worktree by which to be named.
ATTACKS_OF_COMMANDS = {
    "the stack's secrets": "cat {home}/secrets/*",
    "the person's home": "cat {person}/.ssh/id_ed25519",
    "the person's SSH agent": '[ -n "$SSH_AUTH_SOCK" ] || [ -e {agent} ]',
    "another agent's worktree": "[ ! -e other.txt ] && cat {home}/host/worktrees/*/other.txt",
    "tokens of agents": "cat {home}/host/agents/*/token",
    "the mirror": "touch {home}/host/mirrors/*/config",
    "the user's repository": "cat {repository}/attack.sh",
    "the database's password": "cat /proc/[0-9]*/environ | grep -a postgresql:/[/]",
    "processes": "cat /proc/[0-9]*/cmdline | grep -a hephaestus_worke[r]",
    "what an earlier command has left": "ls /tmp/left-by-a-command",
}
COMMANDS = WorkflowDefinition(
    id="commands",
    name="Commands",
    phases=[
        Phase(
            id=1,
            name="only",
            description="Write a file.",
            validation=ValidationCriteria(
                enabled=True,
                criteria=[Check(check_type="command_success", command="sh attack.sh")],
            ),
        )
    ],
    config=WorkflowConfig(
        has_result=False, setup_command="sh attack.sh", test_command="sh attack.sh"
    ),
)


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


def test_commands_that_run_for_agents_reach_nothing_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, agent = tmp_path / "person", tmp_path / "agent"
    (person / ".ssh").mkdir(parents=True)
    (person / ".ssh" / "id_ed25519").write_text("a key")
    monkeypatch.setenv("HOME", str(person))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(agent))
    hook = "sh attack.sh; exit 7"  # so that what it says is told
    hooks = {"after_create": hook, "before_remove": hook}
    repository = tmp_path / "repository"
    with (
        socket.socket(socket.AF_UNIX) as listener,
        running_stack(tmp_path, agent_readable=[], repositories={str(repository): hooks}) as stack,
    ):
        listener.bind(str(agent))
        commit_attack(stack, person, agent)
        stack.sdk.client.register(COMMANDS)
        workflow = stack.sdk.start_workflow(COMMANDS.id)
        wait = "run: until [ -e go ]; do sleep 0.05; done"
        stack.sdk.create_task_in_workflow(
            workflow, task("Other.", write("other.txt", "1"), wait, "done: x"), phase_id=1
        )
        [other] = wait_until(
            lambda: list(stack.home.glob("host/worktrees/*/other.txt")), what="another's work"
        )
        work = task("Work.", write("work.txt", "2"), "done: x")
        task_id = stack.sdk.create_task_in_workflow(workflow, work, phase_id=1)
        wait_until(lambda: stack.sdk.get_task(task_id).finished, timeout=60, what="the work")
        (other.parent / "go").touch()
        stack.sdk.wait_for_completion(workflow, timeout=90)

        found = stack.sdk.get_workflow(workflow)
        [review] = stack.sdk.client.reviews(task_id=task_id)
        [attempt] = stack.sdk.get_task(task_id).attempts
        told = "SELECT data->>'reason' FROM events WHERE type = 'agent.hook_failed'"
        said = {
            "set-up": attempt.setup.output,
            "check": review.checks[0].output,
            "delivery check": found.delivery.check.output,
            **{f"hook {n}": next(iter(row.values())) for n, row in enumerate(stack.rows(told))},
        }
        assert len(said) == 3 + 4, "both hooks of both agents"
        assert {words.rpartition(": ")[2].strip() for words in said.values()} == {"over"}, said
        assert git(stack.repository, "show", "main:work.txt") == "2"
        assert_settled(stack)


def commit_attack(stack: Stack, person: Path, agent: Path) -> None:
    """Commit a shell script that prints which attacks succeed."""
    places = {"home": stack.home, "repository": stack.repository, "person": person, "agent": agent}
    lines = [
        f'if {{ {command.format(**places)}; }} > /dev/null 2>&1; then echo "{name}"; fi'
        for name, command in ATTACKS_OF_COMMANDS.items()
    ]
    script = "\n".join([*lines, "touch /tmp/left-by-a-command", "echo over", ""])
    (stack.repository / "attack.sh").write_text(script)
    git(stack.repository, "add", "-A")
    identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
    git(stack.repository, *identity, "commit", "-q", "-m", "Attack")


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
