"""The times until trouble is noticed and set right, through a stack with its default settings."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from bench.rows import Row, Target
from bench.second_host import end_agents, second_host, wait
from bench.surroundings import Stack, running_stack, temporary_folder
from hephaestus_core.contract.home import HomeLayout
from hephaestus_core.settings.config import Settings
from hephaestus_sdk import Phase, WorkflowDefinition
from hephaestus_sdk.api.agent_views import Agent
from hephaestus_worker.terminal.enclosures import KEEPER
from hephaestus_worker.terminal.process_tree import processes_of
from tests.agent_packages import claude_code
from tests.model_server import Fault, ModelServer, Request

SAMPLES = 3
_TASKS = 4
_NAME = "gone"
_STAYS = "Stay at work, number {number}.\n\n```script\n- run: touch begun\n- sleep: 600\n```\n"
_ASKS = "Ask, number {number}.\n\n```script\n- run: touch begun\n- waits: Which one?\n```\n"
_LEASE_SECONDS = Settings().lease_seconds
_CHAIN = WorkflowDefinition(
    id="chain",
    name="Chain",
    phases=[
        Phase(
            id=1,
            name="work",
            description="Work.",
            cli_tool="claude",
            cli_fallback=["scripted"],
        )
    ],
)


def measure() -> dict[str, Row]:
    """Return the rows about a killed program, a question at a terminal, and a host that is gone."""
    with running_stack() as stack:
        killed = [_kill(stack, number) for number in range(SAMPLES)]
        asked = [_ask(stack, number) for number in range(SAMPLES)]
        lost = _lose(stack)
    noticed, resumed = (max(times) for times in zip(*killed, strict=True))
    return {
        "killed_noticed_seconds": Row(noticed, "s", Target(10), SAMPLES, {"seconds": killed}),
        "killed_resumed_seconds": Row(resumed, "s", Target(20), SAMPLES, {"seconds": killed}),
        "question_inbox_seconds": Row(max(asked), "s", Target(5), SAMPLES, {"seconds": asked}),
        "lost_host_seconds": Row(
            lost, "s", Target(_LEASE_SECONDS + 15), _TASKS, {"lease_seconds": _LEASE_SECONDS}
        ),
    }


def measure_refused() -> dict[str, Row]:
    """Return the row ``refused_key_seconds``, measured with the real Claude Code."""
    refused: list[float] = []

    def refuse(_request: Request) -> Fault:
        refused.append(time.perf_counter())
        return Fault(401, "Incorrect API key provided.")

    with ModelServer(refuse) as model, _claude(model), running_stack() as stack:
        stack.sdk.client.register(_CHAIN)
        task_id = _start(stack, "Do it.", "chain")
        wait(lambda: refused, "Claude Code asks its model")
        wait(lambda: _working(stack, task_id, attempt=2), "the next program runs")
        seconds = time.perf_counter() - refused[0]
    return {"refused_key_seconds": Row(seconds, "s", Target(15), 1, {"refusals": len(refused)})}


def _kill(stack: Stack, number: int) -> tuple[float, float]:
    """Kill an agent's program; return the seconds until that is noticed, and until it runs on."""
    task_id = _start(stack, _STAYS.format(number=number))
    first = _begun(stack, task_id)
    began = time.perf_counter()
    for process in _programs(first.id):
        process.kill()
    wait(lambda: _agent(stack, first.id).status != "working", "it is noticed")
    noticed = time.perf_counter() - began
    wait(lambda: _working(stack, task_id, attempt=2), "it runs again")
    resumed = time.perf_counter() - began
    if _working(stack, task_id, attempt=2)[0].resumes_id != first.id:
        raise RuntimeError("It runs again without its conversation.")
    stack.sdk.cancel_task(task_id)
    return noticed, resumed


def _ask(stack: Stack, number: int) -> float:
    """Return the seconds from an agent's question at its terminal to a person's inbox."""
    task_id = _start(stack, _ASKS.format(number=number))
    _begun(stack, task_id)
    return wait(
        lambda: [i for i in stack.sdk.client.inbox().items if i.task_id == task_id], "the question"
    )


def _lose(stack: Stack) -> float:
    """Return the seconds from a host's death until its tasks run elsewhere."""
    own = stack.host
    with temporary_folder() as home:
        with second_host(stack, home, _NAME) as worker:
            stack.sdk.client.drain_host(own)
            tasks = [_start(stack, _STAYS.format(number=100 + n)) for n in range(_TASKS)]
            wait(lambda: all(_working(stack, each, attempt=1) for each in tasks), "all work")
            stack.sdk.client.drain_host(own, drain=False)
            worker.kill()
            seconds = wait(
                lambda: all(_working(stack, each, attempt=2) for each in tasks), "all work again"
            )
        end_agents(stack, home, _NAME)
    return seconds


def _start(stack: Stack, description: str, definition: str = "bench") -> str:
    workflow_id = stack.sdk.start_workflow(definition, description="recovering")
    return stack.sdk.create_task_in_workflow(workflow_id, description, 1)


def _begun(stack: Stack, task_id: str) -> Agent:
    """Wait until a task's agent plays its script; return it."""
    wait(lambda: _working(stack, task_id, attempt=1), "the agent works")
    [agent] = _working(stack, task_id, attempt=1)
    file = HomeLayout(stack.home).worktrees / str(agent.worktree_id) / "begun"
    wait(file.exists, "the agent plays its script")
    return agent


def _working(stack: Stack, task_id: str, *, attempt: int) -> list[Agent]:
    found = stack.sdk.client.agents()
    wanted = [a for a in found if (a.task_id, a.attempt) == (task_id, attempt)]
    return [agent for agent in wanted if agent.status == "working"]


def _agent(stack: Stack, agent_id: str) -> Agent:
    return next(a for a in stack.sdk.client.agents(live=False) if a.id == agent_id)


def _programs(agent_id: str) -> list[psutil.Process]:
    """Return the processes that play an agent's script, without those around them."""
    return [
        process
        for process in processes_of(agent_id)
        if "scripted_agent" in " ".join(process.cmdline()) and KEEPER not in process.environ()
    ]


@contextmanager
def _claude(model: ModelServer) -> Iterator[None]:
    """Let this process' environment lead to Claude Code, and Claude Code to the model."""
    with temporary_folder() as home:
        given = {
            "HOME": str(home),
            "PATH": os.pathsep.join([str(claude_code()), os.environ["PATH"]]),
            "ANTHROPIC_BASE_URL": model.url,
            "ANTHROPIC_API_KEY": "sk-ant-refused",
        }
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
