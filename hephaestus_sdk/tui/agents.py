"""Agents."""

from collections.abc import Iterable, Iterator

from hephaestus_sdk.api.agent_views import Agent
from hephaestus_sdk.tui.fields import Fields
from hephaestus_sdk.tui.rows import Row


def rows(agents: Iterable[Agent]) -> Iterator[Row]:
    """Yield a row for each, newest first; its age is the time since it last did something."""
    for agent in agents:
        watch = agent.watch
        yield Row(
            key=agent.id,
            sign=agent.sign,
            title=agent.task_title or agent.task_id,
            state=_doing(agent),
            since=(watch.silent_since if watch else None) or agent.started_at,
            thing=agent,
            workflow_id=agent.workflow_id,
            task_id=agent.task_id,
            agent_id=agent.id,
        )


def _doing(agent: Agent) -> str:
    if agent.watch and agent.watch.verdict not in {None, "working"}:
        return str(agent.watch.verdict).replace("_", " ")
    return (agent.watch.last_tool if agent.watch else None) or agent.condition


def fields(agent: Agent) -> Fields:
    """Yield how the agent stands, and on what that is based."""
    yield "", agent.task_title
    yield "", f"{agent.sign.shown}: {agent.condition}"
    yield "because", agent.failure_reason
    if agent.watch:
        yield "verdict", agent.watch.verdict
        for line in agent.watch.evidence:
            yield "", line
        yield "last action", agent.watch.last_tool
        yield "silent since", agent.watch.silent_since
    if agent.trajectory:
        yield "focus", agent.trajectory.focus
        yield "progress", agent.trajectory.progress
        for issue in agent.trajectory.issues:
            yield "issue", issue
    yield "attempt", agent.attempt
    yield "program", f"{agent.program} {agent.model or ''}".strip()
    yield "host", agent.host
    yield "branch", agent.branch
    yield "started", agent.started_at
    yield "fine until", agent.fine_until
    yield "id", agent.id
