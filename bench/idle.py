"""Memory and processor time of a whole stack that is idle after some work."""

from bench import consumption
from bench.rows import Row, Target
from bench.surroundings import Stack, running_stack

SECONDS = 30.0
#: The pause after the work: its after-effects end, and periodic passes find nothing to do.
_SETTLE_SECONDS = 10.0
_TASKS = 6


def measure() -> dict[str, Row]:
    """Return the rows ``idle_memory`` and ``idle_cpu``."""
    with running_stack() as stack:
        _work(stack)
        percent = consumption.percent(stack, settle=_SETTLE_SECONDS, seconds=SECONDS)
        memory = consumption.memory(stack)
    return {
        "idle_memory": Row(
            sum(memory.pss.values()),
            "MiB",
            Target(500),
            1,
            {"pss_mib": memory.pss, "rss_sum_mib": memory.rss_sum},
        ),
        "idle_cpu": Row(sum(percent.values()), "% of a core", Target(3.0), 1, {"percent": percent}),
    }


def _work(stack: Stack) -> None:
    """Run some agents to their end, so that everything loaded on first use is loaded."""
    workflow_id = stack.sdk.start_workflow("bench", description="before idling")
    for number in range(_TASKS):
        stack.sdk.create_task_in_workflow(workflow_id, f"Task {number}: report done.", 1)
    stack.sdk.wait_for_completion(workflow_id, timeout=60)
