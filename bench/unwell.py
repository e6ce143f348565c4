"""The time until tasks run on another host when their own host cannot start agents."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.rows import Row, Target
from bench.second_host import second_host, wait
from bench.surroundings import Stack, running_stack, temporary_folder
from hephaestus_core.contract.home import HomeLayout
from hephaestus_sdk.models import Task

_TASKS = 8
_NAME = "broken"
_WORK = "Stay at work, number {number}.\n\n```script\n- sleep: 120\n```\n"


def measure() -> dict[str, Row]:
    """Return the row ``broken_host_seconds``; its value is infinite if a task failed."""
    with running_stack() as stack, temporary_folder() as home:
        own = stack.host
        with second_host(stack, home, _NAME), _unable_to_start(home):
            # All tasks go to the broken host first: it is the only one.
            stack.sdk.client.drain_host(own)
            began = time.perf_counter()
            workflow_id = stack.sdk.start_workflow("bench", description="a broken host")
            for number in range(_TASKS):
                stack.sdk.create_task_in_workflow(workflow_id, _WORK.format(number=number), 1)
            wait(lambda: _failed_starts(stack) > 0, "a start fails")
            stack.sdk.client.drain_host(own, drain=False)
            wait(lambda: len(_running_on(stack, own)) == _TASKS, "all run elsewhere")
            seconds = time.perf_counter() - began
        failed = [task.id for task in _tasks(stack) if task.status == "failed"]
    raw = {"seconds": seconds, "tasks_failed": len(failed)}
    value = float("inf") if failed else seconds
    return {"broken_host_seconds": Row(value, "s", Target(15.0), _TASKS, raw)}


def _tasks(stack: Stack) -> list[Task]:
    return stack.sdk.get_tasks()


def _failed_starts(stack: Stack) -> int:
    return sum(task.failure_class == "host" for task in _tasks(stack))


def _running_on(stack: Stack, host: str) -> list[str]:
    agents = stack.sdk.client.agents()
    return [agent.id for agent in agents if agent.host == host and agent.status == "working"]


@contextmanager
def _unable_to_start(home: Path) -> Iterator[None]:
    """Put a file in the place of the folder in which a host keeps what agents start with."""
    folder = HomeLayout(home).agents
    away = folder.rename(folder.with_name("agents.away"))
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        away.rename(folder)
