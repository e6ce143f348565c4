"""A stack on which real programs work at tasks of their own, with a planned model behind them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.planned import Planned, is_about, one_phase
from tests.e2e.program_stack import running_programs
from tests.e2e.stack import Stack, assert_settled
from tests.integration.agents.conformance.cases import ModelCase
from tests.model_server import ModelServer, Request


@dataclass(frozen=True)
class Floor:
    """The stack, the model behind its programs, and the tasks that were begun."""

    stack: Stack
    server: ModelServer
    planned: Planned
    tasks: dict[str, str] = field(default_factory=dict)
    """The ids of tasks, by their descriptions."""
    workflows: dict[str, str] = field(default_factory=dict)
    """The ids of their workflows, likewise."""

    def begin(
        self, case: ModelCase, task: str, *, repository: Path | None = None, **phase: Any
    ) -> None:
        """Have a program begin a task in a workflow of its own; ``phase`` sets up its phase."""
        sdk = self.stack.sdk
        sdk.client.register(one_phase(case, **phase))
        path = str(repository or self.stack.repository)
        workflow = sdk.start_workflow(f"of-{case.name}", main_repo_path=path)
        self.workflows[task] = workflow
        self.tasks[task] = sdk.create_task_in_workflow(workflow, task, phase_id=1)

    def talks(self, task: str) -> list[Request]:
        """Return the requests about a task, oldest first."""
        return [r for r in self.server.conversations() if is_about(r, task)]

    def told(self, task: str) -> str:
        """Return all that the last conversation about a task has told its model."""
        return "\n".join(self.talks(task)[-1].texts("user"))


@contextmanager
def floor_of(
    cases: Sequence[ModelCase], planned: Planned, folder: Path, *, slots: int, **settings: Any
) -> Iterator[Floor]:
    """Run a stack of these programs for the block; at its end nothing of a task may be left."""
    settings |= {"host_slots": slots, "max_concurrent_agents": slots}
    with (
        ModelServer(planned) as server,
        running_programs(cases, server, folder, **settings) as stack,
    ):
        yield Floor(stack, server, planned)
        assert_settled(stack)
