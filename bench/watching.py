"""Processor time that 40 live agents cost their host between two sweeps of the Guardian.

The stack is a real one, and the agents are real programs in tmux, which stand still. What the same
stack needs without agents is measured first, and taken away. Signs are read, leases renewed and
work is saved meanwhile as always.
"""

import time
from collections.abc import Mapping
from typing import Final

from bench import consumption
from bench.rows import Row, Target
from bench.surroundings import Stack, running_stack

AGENTS: Final = 40
#: Saves of work come once a minute, so each agent has one of them in it.
SECONDS: Final = 60.0
#: Far beyond the measure, so that no sweep falls into it.
_INTERVAL: Final = 3600
#: The pause before each part of the measure: what begins or ends is over.
_SETTLE_SECONDS: Final = 10.0
_PATIENCE: Final = 300.0
_STAY: Final = "Stay at work {number}.\n\n```script\n- sleep: 3600\n```\n"


def measure() -> dict[str, Row]:
    """Return the row ``supervision_cpu``."""
    with running_stack(max_concurrent_agents=AGENTS, monitoring_interval=_INTERVAL) as stack:
        _begin(stack, 2)  # This loads what is loaded on first use.
        stack.sdk.stop_workflow(stack.sdk.list_workflows()[0].id)
        _wait_for(stack, 0)
        alone = _percent(stack)
        _begin(stack, AGENTS)
        watched = _percent(stack)
        live = len(stack.sdk.client.agents())
    if live != AGENTS:
        raise RuntimeError(f"{live} of {AGENTS} agents are live at the end.")
    more = consumption.growth(alone, watched, per=1.0)
    figures = {"percent_without_agents": alone, "percent_with_agents": watched}
    return {"supervision_cpu": Row(sum(more.values()), "% of a core", Target(3.0), AGENTS, figures)}


def _percent(stack: Stack) -> Mapping[str, float]:
    return consumption.percent(stack, settle=_SETTLE_SECONDS, seconds=SECONDS)


def _begin(stack: Stack, number: int) -> None:
    """Start so many agents, and wait until all are at work."""
    workflow_id = stack.sdk.start_workflow("bench", description="watching")
    for each in range(number):
        stack.sdk.create_task_in_workflow(workflow_id, _STAY.format(number=each), 1)
    _wait_for(stack, number)


def _wait_for(stack: Stack, number: int) -> None:
    """Wait until so many agents are at work, and no other is live."""
    deadline = time.monotonic() + _PATIENCE
    while [agent.status for agent in stack.sdk.client.agents()] != ["working"] * number:
        if time.monotonic() > deadline:
            raise RuntimeError(f"There are not {number} agents at work.")
        time.sleep(0.5)
