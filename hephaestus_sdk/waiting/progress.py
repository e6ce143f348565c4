"""Progress bars for waits, on stderr if it is a terminal: tasks per phase, and live agents."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from hephaestus_core.contract.statuses import TaskStatus, work_of
from hephaestus_core.contract.texts import first_line
from hephaestus_sdk.api.agent_views import Agent
from hephaestus_sdk.api.views import Workflow

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_MOST_AGENTS = 8


class Display(Protocol):
    """The display of a workflow during a wait; used in ``with``."""

    visible: bool

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def show(self, workflow: Workflow, agents: list[Agent]) -> None:
        """Show the present workflow."""
        ...


class NoDisplay:
    """Shows nothing."""

    visible = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, workflow: Workflow, agents: list[Agent]) -> None:
        """Show nothing."""


class Bars:
    """A bar per phase and a line per agent, removed at the end of the wait."""

    visible = True

    def __init__(self, console: "Console") -> None:
        from rich.live import Live  # imported late: only a terminal needs it

        self._live = Live(console=console, transient=True, refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, workflow: Workflow, agents: list[Agent]) -> None:
        """Draw the present workflow."""
        self._live.update(_picture(workflow, agents))


def open_display() -> Display:
    """Return bars if stderr is a terminal, else an invisible display."""
    if not sys.stderr.isatty():
        return NoDisplay()
    from rich.console import Console

    return Bars(Console(stderr=True))


def _picture(workflow: Workflow, agents: list[Agent]) -> "RenderableType":
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for phase in workflow.phases:
        total = work_of(phase.task_counts)
        done = phase.task_counts.get(TaskStatus.DONE, 0)
        failed = phase.task_counts.get(TaskStatus.FAILED, 0)
        table.add_row(
            Text(f"{phase.id} {phase.name}"),
            ProgressBar(total=max(total, 1), completed=done, width=30),
            Text(f"{done}/{total}" + (f", {failed} failed" if failed else "")),
        )
    lines = [Text(agent_line(agent), style="dim") for agent in agents[:_MOST_AGENTS]]
    if len(agents) > _MOST_AGENTS:
        lines.append(Text(f"… and {len(agents) - _MOST_AGENTS} more", style="dim"))
    return Group(
        Text(f"{workflow.standing}: {first_line(workflow.title)}", style="bold"),
        table,
        *lines,
    )


def agent_line(agent: Agent) -> str:
    """Return an agent as one line of plain text: how it stands, and at which task."""
    task = first_line(agent.task_title, 50) or f"task {agent.task_id[:8]}"
    attempt = f", attempt {agent.attempt}" if agent.attempt > 1 else ""
    return f"{agent.sign.shown}: {task} ({agent.program} on {agent.host}{attempt})"
