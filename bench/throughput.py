"""The number of agents that one host starts per second, and of short tasks that it does per hour.

Agents start as many at once as the host has slots, and then stay at work.
"""

import time
from collections.abc import Callable
from typing import Final

from bench import consumption
from bench.raw_starts import acknowledged
from bench.rows import Row, Target, p50
from bench.surroundings import Stack, running_stack
from hephaestus_core.contract.home import HomeLayout

AT_ONCE: Final = 40
ROUNDS: Final = 3
SLOTS: Final = 10
TASKS: Final = 120
_PATIENCE: Final = 120.0
_LOOK_SECONDS: Final = 0.1
# JSON, which the scripted agent reads without PyYAML: the figure is the engine's, not the agent's.
_STAY = 'Stay at work {number}.\n\n```script\n[{{"sleep": 600}}]\n```\n'
_SHORT = """Add one file.

```script
- write: {{path: done/{number}, content: '{number}'}}
- done: added
```
"""


def measure_starts() -> dict[str, Row]:
    """Return the row ``starts_per_second``."""
    with running_stack(max_concurrent_agents=AT_ONCE) as stack:
        _started_per_second(stack, 2)  # This makes the mirror and starts the tmux server.
        before = consumption.cpu_seconds(stack)
        rates = [_started_per_second(stack, AT_ONCE) for _ in range(ROUNDS)]
        after = consumption.cpu_seconds(stack)
    per = ROUNDS * AT_ONCE / 1000
    figures = {
        "rates": rates,
        "cpu_ms_per_agent_from_start_to_release": consumption.growth(before, after, per=per),
    }
    target = Target(12, at_least=True)
    return {"starts_per_second": Row(p50(rates), "agents/s", target, ROUNDS, figures)}


def measure_tasks() -> dict[str, Row]:
    """Return the row ``tasks_per_hour``."""
    with running_stack(max_concurrent_agents=SLOTS) as stack:
        _seconds_for(stack, SLOTS)  # This makes the mirror and starts the tmux server.
        before = consumption.cpu_seconds(stack)
        seconds = _seconds_for(stack, TASKS)
        cpu = consumption.growth(before, consumption.cpu_seconds(stack), per=TASKS / 1000)
    figures = {"seconds": seconds, "cpu_ms_per_task": cpu}
    target = Target(12_000, at_least=True)
    return {"tasks_per_hour": Row(TASKS / seconds * 3600, "tasks/h", target, TASKS, figures)}


def _started_per_second(stack: Stack, number: int) -> float:
    """Start so many agents at once; return how many per second had read their prompt."""
    agents = HomeLayout(stack.home).agents
    before = set(agents.iterdir()) if agents.exists() else set()
    workflow_id = _queued(stack, [_STAY.format(number=each) for each in range(number)])
    began = time.perf_counter()
    stack.sdk.client.drain_host(stack.host, drain=False)
    _wait(lambda: sum(acknowledged(each) for each in set(agents.iterdir()) - before) == number)
    taken = time.perf_counter() - began
    stack.sdk.stop_workflow(workflow_id)
    _wait(lambda: not any(a.status != "finished" for a in stack.sdk.client.agents()))
    return number / taken


def _seconds_for(stack: Stack, number: int) -> float:
    """Return the seconds until so many tasks are done and merged."""
    workflow_id = _queued(stack, [_SHORT.format(number=each) for each in range(number)])
    began = time.perf_counter()
    stack.sdk.client.drain_host(stack.host, drain=False)
    _wait(lambda: stack.sdk.get_workflow(workflow_id).task_counts.get("done", 0) == number)
    return time.perf_counter() - began


def _queued(stack: Stack, descriptions: list[str]) -> str:
    """Create the tasks while the host takes none; return their workflow."""
    stack.sdk.client.drain_host(stack.host)
    workflow_id = stack.sdk.start_workflow("bench", description="throughput")
    for description in descriptions:
        stack.sdk.create_task_in_workflow(workflow_id, description, 1)
    return workflow_id


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("The tasks did not get on.")
        time.sleep(_LOOK_SECONDS)
